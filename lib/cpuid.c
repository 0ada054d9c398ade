/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/cpuid.h"

/* Registers and bits, a constant each as the manuals spell them. */
#define BIT(n) (UINT32_C(1) << (n))
enum { LEAF_STRUCTURED = 7, LEAF_XSAVE = 0xd, LEAF_TSC = 0x15, LEAF_FREQUENCY = 0x16 };
static const uint32_t LEAF_HYPERVISOR = UINT32_C(0x40000000);
static const uint32_t LEAF_HYPERVISOR_TIMING = UINT32_C(0x40000010);
static const uint32_t LEAF_EXTENDED = UINT32_C(0x80000000);

static const uint32_t CPUID_1_ECX_XSAVE = BIT(26);
static const uint32_t CPUID_1_ECX_AVX = BIT(28);
static const uint32_t CPUID_1_ECX_HYPERVISOR = BIT(31);
static const uint32_t CPUID_1_EDX_PAT = BIT(16);
static const uint32_t CPUID_7_EBX_SMEP = BIT(7);
static const uint32_t CPUID_7_EBX_AVX512F = BIT(16);
static const uint32_t CPUID_7_ECX_UMIP = BIT(2);
static const uint32_t CPUID_80000001_EDX_NX = BIT(20);
static const uint32_t KVM_FEATURE_CLOCKSOURCE2 = BIT(3);

enum {
	XCR0_X87_SSE = 3,
	XCR0_AVX = 1 << 2,
	XCR0_AVX512 = 7 << 5, /* opmask, ZMM_Hi256, Hi16_ZMM: all or none */
	XSAVE_BYTES_MIN = 576 /* legacy region and header */
};

/* Leaf 1 EDX: what the kernel executes or switches on unasked, and what every x86-64 compiler takes for granted. */
static const struct {
	const char *name;
	unsigned bit;
} needed[] = {
	{"FPU", 0},   {"TSC", 4},   {"MSR", 5},  {"PAE", 6},   {"CX8", 8},
	{"CMOV", 15}, {"FXSR", 24}, {"SSE", 25}, {"SSE2", 26},
};

static void append(char *text, size_t capacity, const char *separator, const char *word) {
	size_t used = 0;
	while (used < capacity && text[used] != '\0')
		used++;
	for (const char *part = used != 0 ? separator : ""; *part != '\0' && used + 1 < capacity; part++)
		text[used++] = *part;
	for (; *word != '\0' && used + 1 < capacity; word++)
		text[used++] = *word;
	if (used < capacity)
		text[used] = '\0';
}

static struct cpuid leaf_up_to(cpuid_reader *read, uint32_t last, uint32_t leaf) {
	return leaf <= last ? read(leaf, 0) : (struct cpuid){0};
}

void cpuid_leaves_read(struct cpuid_leaves *leaves, cpuid_reader *read) {
	*leaves = (struct cpuid_leaves){.basic = read(0, 0), .extended = read(LEAF_EXTENDED, 0)};
	uint32_t basic = leaves->basic.eax, extended = leaves->extended.eax;
	leaves->version = leaf_up_to(read, basic, 1);
	leaves->structured = leaf_up_to(read, basic, LEAF_STRUCTURED);
	leaves->xsave = leaf_up_to(read, basic, LEAF_XSAVE);
	leaves->tsc = leaf_up_to(read, basic, LEAF_TSC);
	leaves->frequency = leaf_up_to(read, basic, LEAF_FREQUENCY);
	if (extended >= LEAF_EXTENDED) {
		leaves->extended_version = leaf_up_to(read, extended, LEAF_EXTENDED + 1);
		leaves->power = leaf_up_to(read, extended, LEAF_EXTENDED + 7);
		leaves->sizes = leaf_up_to(read, extended, LEAF_EXTENDED + 8);
	}
	if (!(leaves->version.ecx & CPUID_1_ECX_HYPERVISOR))
		return;
	leaves->hypervisor = read(LEAF_HYPERVISOR, 0);
	uint32_t last = leaves->hypervisor.eax;
	leaves->hypervisor_features = leaf_up_to(read, last, LEAF_HYPERVISOR + 1);
	leaves->hypervisor_timing = leaf_up_to(read, last, LEAF_HYPERVISOR_TIMING);
}

static bool signature_begins(const uint32_t words[3], const char *with) {
	for (unsigned i = 0; with[i] != '\0'; i++) {
		if (i >= 12 || (char)(words[i / 4] >> i % 4 * 8) != with[i])
			return false;
	}
	return true;
}

bool cpuid_hypervisor_is(const struct cpuid_leaves *leaves, const char *signature) {
	const struct cpuid *leaf = &leaves->hypervisor;
	return signature_begins((const uint32_t[]){leaf->ebx, leaf->ecx, leaf->edx}, signature);
}

bool cpuid_suffices(const struct cpuid_leaves *leaves, char *lacks, size_t capacity) {
	bool all = true;
	if (capacity != 0)
		lacks[0] = '\0';
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		if (leaves->version.edx & BIT(needed[i].bit))
			continue;
		all = false;
		append(lacks, capacity, ", ", needed[i].name);
	}
	if (cpuid_nx_absent(leaves) && !cpuid_nx_may_be_hidden(leaves)) {
		all = false;
		append(lacks, capacity, ", ", cpuid_nx_name);
	}
	return all;
}

const char cpuid_nx_name[] = "NX (\"Execute Disable\" in the firmware's setup)";

bool cpuid_nx_absent(const struct cpuid_leaves *leaves) {
	return leaves->extended.eax > LEAF_EXTENDED && !(leaves->extended_version.edx & CPUID_80000001_EDX_NX);
}

bool cpuid_nx_may_be_hidden(const struct cpuid_leaves *leaves) {
	const struct cpuid *leaf = &leaves->basic;
	unsigned family = leaves->version.eax >> 8 & 0xf;
	return cpuid_nx_absent(leaves) && (family == 6 || family == 15) &&
	       signature_begins((const uint32_t[]){leaf->ebx, leaf->edx, leaf->ecx}, "GenuineIntel");
}

void cpuid_choose(const struct cpuid_leaves *leaves, struct cpuid_choice *choice) {
	const struct cpuid *state = &leaves->xsave;
	*choice = (struct cpuid_choice){
		.smep = leaves->structured.ebx & CPUID_7_EBX_SMEP,
		.umip = leaves->structured.ecx & CPUID_7_ECX_UMIP,
		.pat = leaves->version.edx & CPUID_1_EDX_PAT,
	};
	/* Without XSAVE nothing of it is claimed: where this ring is emulated, ring 3 may have it all the same. */
	if (!(leaves->version.ecx & CPUID_1_ECX_XSAVE))
		return;
	char *off = choice->left_off;
	if ((state->eax & XCR0_X87_SSE) != XCR0_X87_SSE || state->ecx < XSAVE_BYTES_MIN) {
		append(off, sizeof(choice->left_off), ", ",
		       "XSAVE and what needs it (CPUID 0xd has no state of x87 and SSE)");
		return;
	}
	choice->xcr0 = XCR0_X87_SSE;
	bool avx = leaves->version.ecx & CPUID_1_ECX_AVX, avx512 = leaves->structured.ebx & CPUID_7_EBX_AVX512F;
	if (avx && state->eax & XCR0_AVX)
		choice->xcr0 |= XCR0_AVX;
	else if (avx)
		append(off, sizeof(choice->left_off), ", ", "AVX (CPUID 0xd has no state for it)");
	if (avx512 && choice->xcr0 & XCR0_AVX && (state->eax & XCR0_AVX512) == XCR0_AVX512)
		choice->xcr0 |= XCR0_AVX512;
	else if (avx512)
		append(off, sizeof(choice->left_off), ", ", "AVX-512 (CPUID 0xd has no state for it)");
}

/* Leaf 40000010H is only these two's: another's leaf of that number says something else. */
static uint64_t hypervisor_hz(const struct cpuid_leaves *leaves) {
	bool says = cpuid_hypervisor_is(leaves, "KVMKVMKVM") || cpuid_hypervisor_is(leaves, "VMwareVMware");
	return says ? leaves->hypervisor_timing.eax * UINT64_C(1000) : 0;
}

bool cpuid_has_kvmclock(const struct cpuid_leaves *leaves) {
	return cpuid_hypervisor_is(leaves, "KVMKVMKVM") && leaves->hypervisor_features.eax & KVM_FEATURE_CLOCKSOURCE2;
}

uint64_t cpuid_tsc_hz(const struct cpuid_leaves *leaves, uint64_t (*kvmclock)(void), const char **source) {
	const char *from = "CPUID 0x40000010";
	uint64_t hz = hypervisor_hz(leaves);
	if (hz == 0 && kvmclock != NULL && cpuid_has_kvmclock(leaves)) {
		from = "kvmclock";
		hz = kvmclock();
	}
	const struct cpuid *tsc = &leaves->tsc; /* TSC = crystal (ECX) * EBX / EAX; both products fit 64 bits */
	if (hz == 0 && tsc->eax != 0) {
		from = "CPUID 0x15";
		hz = (uint64_t)tsc->ecx * tsc->ebx / tsc->eax;
	}
	if (hz != 0)
		*source = from;
	return hz;
}

uint64_t cpuid_nominal_hz(const struct cpuid_leaves *leaves) {
	return (leaves->frequency.eax & 0xffff) * UINT64_C(1000000);
}
