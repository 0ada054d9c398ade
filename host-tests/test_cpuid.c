/* SPDX-License-Identifier: Apache-2.0
 *
 * CPUID's leaves of real processors and of hypervisors that cut or contradict them; what may be switched on, what is
 * missing, and who says how fast the TSC counts. Expected bits: Intel SDM volume 1, 13.3; volume 2A, CPUID.
 */
#include "lib/cpuid.h"

#include <criterion/criterion.h>
#include <string.h>

enum { X87_SSE = 0x3, AVX = 0x4, AVX512 = 0xe0 };
static const uint32_t NEEDED_EDX = 0x07008171; /* FPU TSC MSR PAE CX8 CMOV FXSR SSE SSE2 */
static const uint32_t XSAVE = 1u << 26, AVX_ECX = 1u << 28, HYPERVISOR = 1u << 31, NX = 1u << 20, AVX512F = 1u << 16;

/* A Cascade Lake in its essentials, on no hypervisor. */
static struct cpuid_leaves plain(void) {
	struct cpuid_leaves leaves = {
		.basic = {0x16, 0x756e6547, 0x6c65746e, 0x49656e69}, /* GenuineIntel */
		.version = {.eax = 0x50657, .ecx = XSAVE | AVX_ECX, .edx = NEEDED_EDX | 1u << 16},
		.structured = {.ebx = AVX512F | 1u << 7, .ecx = 1u << 2},
		.xsave = {X87_SSE | AVX | AVX512, 2696, 2696, 0},
		.extended = {.eax = 0x80000008},
		.extended_version = {.edx = NX | 1u << 29},
	};
	return leaves;
}

static void hypervisor_set(struct cpuid_leaves *leaves, const char signature[12], uint32_t last) {
	leaves->version.ecx |= HYPERVISOR;
	leaves->hypervisor.eax = last;
	memcpy(&leaves->hypervisor.ebx, signature, 12);
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static uint32_t fake_last, fake_extended_last, fake_ecx;

/* As Intel's processors answer: beyond the last leaf comes the last one's data, here all ones. */
static struct cpuid fake_read(uint32_t leaf, uint32_t subleaf) {
	cr_assert_eq(subleaf, 0);
	if (leaf == 0)
		return (struct cpuid){.eax = fake_last};
	if (leaf == 0x80000000)
		return (struct cpuid){.eax = fake_extended_last};
	if (leaf == 0x40000000)
		return (struct cpuid){.eax = 0x40000001};
	bool there = leaf < 0x40000000 ? leaf <= fake_last : leaf < 0x80000000 || leaf <= fake_extended_last;
	if (there && leaf == 1)
		return (struct cpuid){.ecx = fake_ecx};
	return there ? (struct cpuid){leaf, leaf, leaf, leaf} : (struct cpuid){~0u, ~0u, ~0u, ~0u};
}

Test(cpuid, leaves_beyond_the_last_are_zero) {
	static const struct cpuid zero;
	struct cpuid_leaves leaves;
	fake_last = 7;
	fake_extended_last = 0; /* as pc-i440fx-2.1 has it: leaf 7's data for every extended one */
	cpuid_leaves_read(&leaves, fake_read);
	cr_expect_eq(leaves.structured.eax, 7);
	const struct cpuid *beyond[] = {
		&leaves.xsave, &leaves.tsc,  &leaves.frequency, &leaves.hypervisor, &leaves.extended_version,
		&leaves.power, &leaves.sizes};
	for (size_t i = 0; i < sizeof(beyond) / sizeof(beyond[0]); i++)
		cr_expect_eq(memcmp(beyond[i], &zero, sizeof(zero)), 0, "%zu", i);
	fake_last = 0x15;
	fake_extended_last = 0x80000007;
	fake_ecx = HYPERVISOR;
	cpuid_leaves_read(&leaves, fake_read);
	cr_expect_eq(leaves.tsc.eax, 0x15);
	cr_expect_eq(leaves.power.eax, 0x80000007);
	cr_expect_eq(leaves.hypervisor_features.eax, 0x40000001);
	cr_expect_eq(leaves.frequency.eax | leaves.sizes.eax | leaves.hypervisor_timing.eax, 0);
}

/* ---- what is needed ---------------------------------------------------------------------------------------------- */

Test(cpuid, names_what_is_missing) {
	char lacks[128];
	struct cpuid_leaves leaves = plain();
	cr_expect(cpuid_suffices(&leaves, lacks, sizeof(lacks)));
	cr_expect_str_eq(lacks, "");
	leaves.version.edx &= ~(1u << 26);
	cr_expect_not(cpuid_suffices(&leaves, lacks, sizeof(lacks)));
	cr_expect_str_eq(lacks, "SSE2");
	leaves.version.edx &= ~(1u << 5);
	cr_expect_not(cpuid_suffices(&leaves, lacks, sizeof(lacks)));
	cr_expect_str_eq(lacks, "MSR, SSE2");
	cr_expect_not(cpuid_suffices(&leaves, lacks, 7));
	cr_expect_str_eq(lacks, "MSR, S", "cut off and terminated");
	cr_expect_not(cpuid_suffices(&leaves, lacks, 0));
	for (unsigned bit = 0; bit < 32; bit++) {
		leaves = plain();
		leaves.version.edx = NEEDED_EDX & ~(1u << bit);
		cr_expect_eq(cpuid_suffices(&leaves, lacks, sizeof(lacks)), !(NEEDED_EDX >> bit & 1), "bit %u", bit);
	}
}

Test(cpuid, nx_is_there_absent_hidden_or_unsaid) {
	char lacks[128];
	struct cpuid_leaves leaves = plain();
	cr_expect_not(cpuid_nx_absent(&leaves));
	leaves.extended_version.edx &= ~NX;
	cr_expect(cpuid_nx_absent(&leaves));
	cr_expect(cpuid_nx_may_be_hidden(&leaves), "family 6 of Intel's");
	cr_expect(cpuid_suffices(&leaves, lacks, sizeof(lacks)), "not before the MSR was asked");
	leaves.version.eax = 0xf43; /* Pentium 4 */
	cr_expect(cpuid_nx_may_be_hidden(&leaves));
	leaves.version.eax = 0x543;
	cr_expect_not(cpuid_nx_may_be_hidden(&leaves));
	leaves.version.eax = 0x50657;
	leaves.basic.ebx = 0x68747541; /* "Auth" */
	cr_expect_not(cpuid_nx_may_be_hidden(&leaves));
	cr_expect_not(cpuid_suffices(&leaves, lacks, sizeof(lacks)));
	cr_expect_str_eq(lacks, cpuid_nx_name);
	leaves.extended = leaves.extended_version = (struct cpuid){0};
	cr_expect_not(cpuid_nx_absent(&leaves), "no leaf to say it with");
	cr_expect(cpuid_suffices(&leaves, lacks, sizeof(lacks)));
}

/* ---- what is switched on ----------------------------------------------------------------------------------------- */

static void expect_choice(const struct cpuid_leaves *leaves, uint64_t xcr0, const char *off) {
	struct cpuid_choice choice;
	cpuid_choose(leaves, &choice);
	cr_expect_eq(choice.xcr0, xcr0, "XCR0 %lx, wanted %lx", (unsigned long)choice.xcr0, (unsigned long)xcr0);
	if (off[0] == '\0')
		cr_expect_str_eq(choice.left_off, "");
	else
		cr_expect_not_null(strstr(choice.left_off, off), "'%s' says nothing of %s", choice.left_off, off);
}

Test(cpuid, switches_on_what_every_leaf_agrees_on) {
	struct cpuid_leaves leaves = plain();
	struct cpuid_choice choice;
	cpuid_choose(&leaves, &choice);
	cr_expect(choice.smep && choice.umip && choice.pat);
	expect_choice(&leaves, X87_SSE | AVX | AVX512, "");
	leaves.xsave.eax |= 0x60218; /* MPX, PKRU, AMX: nobody's here */
	expect_choice(&leaves, X87_SSE | AVX | AVX512, "");
	leaves.structured.ebx = 0;
	expect_choice(&leaves, X87_SSE | AVX, "");
	leaves.version.ecx = XSAVE;
	expect_choice(&leaves, X87_SSE, "");
	leaves.version.ecx = 0;
	expect_choice(&leaves, 0, "");
	cpuid_choose(&(struct cpuid_leaves){0}, &choice);
	cr_expect_not(choice.smep || choice.umip || choice.pat || choice.xcr0);
}

Test(cpuid, what_is_in_doubt_stays_off_and_is_named) {
	struct cpuid_leaves leaves = plain();
	leaves.xsave = (struct cpuid){0}; /* the last basic leaf is below 0xd */
	expect_choice(&leaves, 0, "XSAVE");
	leaves = plain();
	leaves.xsave.eax = AVX | 1;
	expect_choice(&leaves, 0, "XSAVE");
	leaves = plain();
	leaves.xsave.ecx = 512;
	expect_choice(&leaves, 0, "XSAVE");
	leaves = plain();
	leaves.xsave.eax = X87_SSE;
	expect_choice(&leaves, X87_SSE, "AVX (");
	expect_choice(&leaves, X87_SSE, "AVX-512 (");
	for (uint32_t part = 0x20; part <= 0x80; part <<= 1) {
		leaves = plain();
		leaves.xsave.eax &= ~part;
		expect_choice(&leaves, X87_SSE | AVX, "AVX-512 (");
	}
	leaves = plain();
	leaves.version.ecx &= ~AVX_ECX; /* AVX-512 without AVX */
	expect_choice(&leaves, X87_SSE, "AVX-512 (");
	leaves = plain();
	leaves.version.ecx &= ~XSAVE; /* AVX without XSAVE: nothing is ours to switch */
	expect_choice(&leaves, 0, "");
}

/* Whatever the leaves: never a value that XSETBV refuses (SDM volume 1, 13.3), never one beyond leaf 0xd. */
Test(cpuid, no_set_of_leaves_makes_an_illegal_xcr0) {
	for (uint32_t i = 0; i < 1u << 14; i++) {
		struct cpuid_leaves leaves = plain();
		leaves.version.ecx = (i & 1 ? XSAVE : 0) | (i & 2 ? AVX_ECX : 0);
		leaves.structured.ebx = i & 4 ? AVX512F : 0;
		leaves.xsave.eax = i >> 3 & 0xff;
		leaves.xsave.ecx = (i >> 11) * 576;
		struct cpuid_choice choice;
		cpuid_choose(&leaves, &choice);
		if (choice.xcr0 == 0)
			continue;
		cr_assert_eq(choice.xcr0 & ~(uint64_t)leaves.xsave.eax, 0);
		cr_assert_eq(choice.xcr0 & X87_SSE, X87_SSE);
		cr_assert((choice.xcr0 & AVX512) == 0 || (choice.xcr0 & (AVX | AVX512)) == (AVX | AVX512));
		cr_assert(leaves.version.ecx & XSAVE);
	}
}

/* ---- the TSC ----------------------------------------------------------------------------------------------------- */

static unsigned kvmclock_asked;
static uint64_t kvmclock_answer;

static uint64_t kvmclock(void) {
	kvmclock_asked++;
	return kvmclock_answer;
}

static void expect_hz(const struct cpuid_leaves *leaves, uint64_t hz, const char *source) {
	const char *from = "nobody";
	cr_expect_eq(cpuid_tsc_hz(leaves, kvmclock, &from), hz);
	cr_expect_str_eq(from, source);
}

Test(cpuid, the_hypervisor_speaks_before_leaf_15) {
	struct cpuid_leaves leaves = plain();
	leaves.frequency.eax = 2100;
	expect_hz(&leaves, 0, "nobody");
	cr_expect_eq(cpuid_nominal_hz(&leaves), 2100000000u);
	leaves.tsc = (struct cpuid){2, 168, 25000000, 0};
	expect_hz(&leaves, 2100000000u, "CPUID 0x15");
	hypervisor_set(&leaves, "KVMKVMKVM\0\0\0", 0x40000001);
	kvmclock_answer = 2500000000u;
	expect_hz(&leaves, 2100000000u, "CPUID 0x15");
	cr_expect_eq(kvmclock_asked, 0, "KVM does not offer it");
	leaves.hypervisor_features.eax = 1u << 3;
	expect_hz(&leaves, 2500000000u, "kvmclock");
	const char *from = "nobody";
	cr_expect_eq(cpuid_tsc_hz(&leaves, NULL, &from), 2100000000u, "who cannot ask kvmclock");
	kvmclock_answer = 0;
	expect_hz(&leaves, 2100000000u, "CPUID 0x15");
	kvmclock_asked = 0;
	leaves.hypervisor_timing.eax = 2499998;
	expect_hz(&leaves, 2499998000u, "CPUID 0x40000010");
	cr_expect_eq(kvmclock_asked, 0, "nothing is asked of it in vain");
}

Test(cpuid, timing_leaf_of_those_who_have_one) {
	struct cpuid_leaves leaves = plain();
	leaves.hypervisor_timing.eax = 3000000;
	hypervisor_set(&leaves, "VMwareVMware", 0x40000010);
	expect_hz(&leaves, 3000000000u, "CPUID 0x40000010");
	hypervisor_set(&leaves, "Microsoft Hv", 0x40000082);
	leaves.hypervisor_features.eax = 1u << 3;
	expect_hz(&leaves, 0, "nobody");
	cr_expect_eq(kvmclock_asked, 0);
	cr_expect(cpuid_hypervisor_is(&leaves, "Microsoft Hv"));
	cr_expect_not(cpuid_hypervisor_is(&leaves, "Microsoft Hvx"));
}

Test(cpuid, leaf_15_without_a_crystal_says_nothing) {
	struct cpuid_leaves leaves = plain();
	leaves.tsc = (struct cpuid){2, 168, 0, 0};
	expect_hz(&leaves, 0, "nobody");
	leaves.tsc = (struct cpuid){0, 168, 25000000, 0};
	expect_hz(&leaves, 0, "nobody");
	leaves.tsc = (struct cpuid){1, ~0u, ~0u, 0};
	expect_hz(&leaves, (uint64_t)~0u * ~0u, "CPUID 0x15");
}
