/* SPDX-License-Identifier: Apache-2.0
 *
 * Which prefetchers may be switched off, from CPUID's answers of processors, cut to the leaves that are asked for, and
 * the switching over fake MSRs: ones that refuse, that forget what is written, that fail in the middle, and that the
 * firmware changes meanwhile.
 */
#include "kernel/console/console.h"
#include "kernel/x86_64/x86_64.h"
#include "lib/prefetchers.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

/* ---- processors -------------------------------------------------------------------------------------------------- */

struct answer {
	uint32_t leaf;
	struct cpuid registers;
};
#define INTEL_0(last)                                            \
	{                                                        \
		0, {                                             \
			last, 0x756e6547, 0x6c65746e, 0x49656e69 \
		}                                                \
	}
#define AMD_0(last)                                              \
	{                                                        \
		0, {                                             \
			last, 0x68747541, 0x444d4163, 0x69746e65 \
		}                                                \
	}
#define HYBRID                                                \
	{                                                     \
		7, {                                          \
			2, 0x239c27eb, 0x984007ac, 0xfc18c410 \
		}                                             \
	}
enum { ANSWERS_MAX = 6, HYPERVISOR = 31 };

static struct answer cascade_lake[ANSWERS_MAX] = {
	INTEL_0(0x16), {1, {0x50657, 0, 0x7ffefbff, 0xbfebfbff}}, {7, {0, 0xd39ffffb, 0x808, 0xbc000400}}};
static struct answer i9_12900k_p[ANSWERS_MAX] = {
	INTEL_0(0x20), {1, {0x90672, 0, 0x7ffafbff, 0xbfebfbff}}, HYBRID, {0x1a, {0x40000001, 0, 0, 0}}};
static struct answer i9_12900k_e[ANSWERS_MAX] = {
	INTEL_0(0x20), {1, {0x90672, 0, 0x7ffafbff, 0xbfebfbff}}, HYBRID, {0x1a, {0x20000001, 0, 0, 0}}};
static struct answer goldmont[ANSWERS_MAX] = {INTEL_0(0x15), {1, {0x506c9, 0, 0x4ff8ebbf, 0xbfebfbff}}};
static struct answer knights_landing[ANSWERS_MAX] = {INTEL_0(0xd), {1, {0x50671, 0, 0x7ff8f3bf, 0xbfebfbff}}};
static struct answer pentium_4[ANSWERS_MAX] = {INTEL_0(5), {1, {0xf43, 0, 0x649d, 0xbfebfbff}}};
static struct answer zen_5[ANSWERS_MAX] = {AMD_0(0x10),
					   {1, {0xb00f21, 0, 0x7efa320b, 0x178bfbff}},
					   {0x80000000, {0x80000028, 0, 0, 0}},
					   {0x80000021, {0x062fffcf, 0x15c, 0, 0}}};
static struct answer zen_2[ANSWERS_MAX] = {
	AMD_0(0x10), {1, {0x830f10, 0, 0x7ed8320b, 0x178bfbff}}, {0x80000000, {0x80000020, 0, 0, 0}}};

static const struct answer *processor;

/* As Intel's answer beyond the last leaf of a range: all ones, which must not be taken for a feature. */
struct cpuid cpu_leaf_read(uint32_t leaf, uint32_t subleaf) {
	cr_assert_eq(subleaf, 0);
	for (unsigned i = 0; i < ANSWERS_MAX; i++)
		if (processor[i].leaf == leaf && (leaf == 0 || processor[i].registers.eax != 0))
			return processor[i].registers;
	uint32_t last = leaf < 0x80000000 ? processor[0].registers.eax : 0;
	uint32_t beyond = leaf != 0x80000000 && leaf > last ? ~0u : 0;
	return (struct cpuid){beyond, beyond, beyond, beyond};
}

static const char *plan_of(const struct answer *of, struct prefetch_plan *plan) {
	processor = of;
	return prefetch_plan_make(cpu_leaf_read, plan);
}

/* "name MSR:bit" of each, in their order. */
static void expect_plan(const struct answer *of, const char *wanted) {
	struct prefetch_plan plan;
	char text[256] = "";
	const char *reason = plan_of(of, &plan);
	cr_assert_null(reason, "%s", reason);
	cr_assert_leq(plan.count, PREFETCH_SWITCHES_MAX);
	for (unsigned i = 0; i < plan.count; i++) {
		size_t used = strlen(text);
		cr_assert_lt(strlen(plan.switches[i].name), sizeof(((struct platform_prefetchers *)NULL)->names[0]));
		snprintf(text + used, sizeof(text) - used, "%s%s %x:%u", i != 0 ? ", " : "", plan.switches[i].name,
			 plan.switches[i].msr, plan.switches[i].bit);
	}
	cr_expect_str_eq(text, wanted);
}

static void expect_none(const struct answer *of, const char *wanted) {
	struct prefetch_plan plan;
	const char *reason = plan_of(of, &plan);
	cr_expect_eq(plan.count, 0);
	cr_assert_not_null(reason);
	cr_expect_not_null(strstr(reason, wanted), "%s", reason);
	cr_expect_lt(strlen(reason), sizeof(((struct platform_prefetchers *)NULL)->reason));
}

Test(prefetchers, each_processor_has_the_switches_of_its_manual) {
	expect_plan(cascade_lake, "l2_stream 1a4:0, l2_adjacent 1a4:1, l1_next_line 1a4:2, l1_ip 1a4:3");
	expect_plan(i9_12900k_p, "l2_stream 1a4:0, l2_adjacent 1a4:1, l1_next_line 1a4:2, l1_ip 1a4:3, l2_amp 1a4:5");
	expect_plan(i9_12900k_e, "l2_stream 1a4:0, l1_next_line 1a4:2, l1_ip 1a4:3, l1_next_page 1a4:4, l2_amp 1a4:5, "
				 "llc_stream 1320:43, l2_next_line 1321:40");
	expect_plan(goldmont, "l2_stream 1a4:0, l1_next_line 1a4:2");
	expect_plan(knights_landing, "l1_next_line 1a4:0, l2_stream 1a4:1");
	expect_plan(zen_5, "l1_stream c0000108:0, l1_stride c0000108:1, l1_region c0000108:2, l2_stream c0000108:3, "
			   "l2_up_down c0000108:5");
}

Test(prefetchers, what_no_manual_names_has_none) {
	expect_none(pentium_4, "of this model");
	expect_none(zen_2, "does not claim PrefetchControl");
	static struct answer lion_cove[ANSWERS_MAX] = {INTEL_0(0x23), {1, {0xc0662, 0, 0, 0}}};
	expect_none(lion_cove, "of this model");
	static struct answer hygon[ANSWERS_MAX] = {{0, {0xd, 0x6f677948, 0x656e6975, 0x6e65476e}}};
	expect_none(hygon, "of this vendor");
}

Test(prefetchers, a_guest_has_none) {
	struct answer *all[] = {cascade_lake, i9_12900k_p, i9_12900k_e, goldmont, zen_5, zen_2};
	for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct answer guest[ANSWERS_MAX];
		memcpy(guest, all[i], sizeof(guest));
		guest[1].registers.ecx |= UINT32_C(1) << HYPERVISOR;
		expect_none(guest, "hypervisor");
	}
}

/* ---- their registers --------------------------------------------------------------------------------------------- */

enum { MSRS = 3 };
static const uint32_t names[MSRS] = {0x1a4, 0x1320, 0x1321};
static const uint64_t FOUND[MSRS] = {0x2, UINT64_C(0x700007e041000018), UINT64_C(0x240122000001)};
static uint64_t values[MSRS];
static bool there[MSRS];
static uint64_t forgets[MSRS], refuses[MSRS]; /* bits */
static unsigned writes, console_lines;

static unsigned msr_of(uint32_t msr) {
	unsigned i = 0;
	while (i < MSRS && names[i] != msr)
		i++;
	cr_assert_lt(i, MSRS, "MSR %x is nobody's", msr);
	return i;
}

bool guarded_msr_read(uint32_t msr, uint64_t *value) {
	unsigned i = msr_of(msr);
	*value = values[i];
	return there[i];
}

bool guarded_msr_write(uint32_t msr, uint64_t value) {
	unsigned i = msr_of(msr);
	if (!there[i] || (value & refuses[i]) != 0)
		return false;
	writes++;
	values[i] = value & ~forgets[i];
	return true;
}

void console_print(const char *format, ...) {
	(void)format;
	console_lines++;
}

static void start(void) {
	processor = i9_12900k_e;
	memcpy(values, FOUND, sizeof(values));
	for (unsigned i = 0; i < MSRS; i++)
		there[i] = true;
}

static void expect_found(void) {
	for (unsigned i = 0; i < MSRS; i++)
		cr_expect_eq(values[i], FOUND[i], "MSR %x: %lx", names[i], (unsigned long)values[i]);
}

enum { L2_STREAM = 1 << 0, L1_IP = 1 << 2, LLC_STREAM = 1 << 5, L2_NEXT_LINE = 1 << 6, ALL = 0x7f };

TestSuite(switching, .init = start);

Test(switching, tells_what_there_is_and_touches_nothing) {
	struct platform_prefetchers now;
	cr_assert_eq(arch_prefetchers_switch(0, &now), 0);
	cr_expect_eq(now.count, 7);
	cr_expect_str_eq(now.names[6], "l2_next_line");
	cr_expect_str_empty(now.reason);
	cr_expect_eq(writes, 0);
}

Test(switching, only_the_bits_that_are_named_change_and_come_back) {
	struct platform_prefetchers now;
	cr_assert_eq(arch_prefetchers_switch(ALL, &now), 0);
	cr_expect_str_empty(now.reason);
	cr_expect_eq(now.off, ALL);
	cr_expect_eq(values[0], FOUND[0] | 0x3d);
	cr_expect_eq(values[1], FOUND[1] | UINT64_C(1) << 43);
	cr_expect_eq(values[2], FOUND[2] | UINT64_C(1) << 40);
	cr_assert_eq(arch_prefetchers_switch(L1_IP, &now), 0);
	cr_expect_eq(now.off, L1_IP);
	cr_expect_eq(values[0], FOUND[0] | 0x8, "the others are on again");
	cr_expect_eq(values[1], FOUND[1]);
	arch_prefetchers_put_back();
	expect_found();
	unsigned before = writes;
	arch_prefetchers_put_back();
	cr_expect_eq(writes, before, "there is nothing more to put back");
}

/* The firmware of some has the next-line prefetcher of the second level off. */
Test(switching, what_was_off_stays_off) {
	struct platform_prefetchers now;
	values[2] |= UINT64_C(1) << 40;
	uint64_t found = values[2];
	cr_assert_eq(arch_prefetchers_switch(L2_NEXT_LINE, &now), 0);
	cr_expect_eq(now.off, L2_NEXT_LINE);
	arch_prefetchers_put_back();
	cr_expect_eq(values[2], found);
	cr_expect_eq(writes, 0);
}

Test(switching, a_bit_that_is_not_kept_is_named_and_all_is_as_found) {
	struct platform_prefetchers now;
	forgets[1] = UINT64_C(1) << 43;
	cr_assert_eq(arch_prefetchers_switch(ALL, &now), 0);
	cr_expect_eq(now.off, 0);
	cr_expect_str_eq(now.reason, "llc_stream: bit 43 of MSR 1320 does not keep what is written");
	expect_found();
}

Test(switching, a_refusal_in_the_middle_is_named_and_all_is_as_found) {
	struct platform_prefetchers now;
	refuses[2] = UINT64_C(1) << 40;
	cr_assert_eq(arch_prefetchers_switch(ALL, &now), 0);
	cr_expect_eq(now.off, 0);
	cr_expect_str_eq(now.reason, "l2_next_line: WRMSR of 1321 is refused");
	expect_found();
	there[1] = false;
	cr_assert_eq(arch_prefetchers_switch(ALL, &now), 0);
	cr_expect_str_eq(now.reason, "llc_stream: RDMSR of 1320 is refused");
	there[1] = true;
	expect_found();
	cr_expect_eq(console_lines, 0);
}

Test(switching, the_firmware_finds_its_own_and_keeps_what_it_changes) {
	struct platform_prefetchers now;
	cr_assert_eq(arch_prefetchers_switch(L2_STREAM | LLC_STREAM, &now), 0);
	prefetchers_leave();
	expect_found();
	values[0] |= 0x8; /* the firmware's own affair */
	prefetchers_take_up();
	cr_expect_eq(values[0], FOUND[0] | 0x9);
	cr_expect_eq(values[1], FOUND[1] | UINT64_C(1) << 43);
	cr_expect_not(arch_prefetchers_lost());
	arch_prefetchers_put_back();
	cr_expect_eq(values[0], FOUND[0] | 0x8);
	unsigned before = writes;
	prefetchers_leave();
	prefetchers_take_up();
	cr_expect_eq(writes, before, "no longer wanted");
}

Test(switching, one_that_does_not_go_off_again_is_known) {
	struct platform_prefetchers now;
	cr_assert_eq(arch_prefetchers_switch(L2_STREAM | LLC_STREAM, &now), 0);
	prefetchers_leave();
	forgets[1] = UINT64_C(1) << 43;
	prefetchers_take_up();
	cr_expect(arch_prefetchers_lost());
	cr_expect_eq(console_lines, 1);
	expect_found();
	arch_prefetchers_put_back();
	cr_expect_not(arch_prefetchers_lost());
}

Test(switching, one_that_is_not_there_is_an_error) {
	struct platform_prefetchers now;
	cr_expect_eq(arch_prefetchers_switch(1 << 7, &now), PLATFORM_EINVAL);
	cr_expect_eq(arch_prefetchers_switch(UINT64_MAX, &now), PLATFORM_EINVAL);
	cr_expect_eq(writes, 0);
}

Test(switching, a_guest_is_refused_and_its_registers_are_not_touched) {
	struct platform_prefetchers now;
	struct answer guest[ANSWERS_MAX];
	memcpy(guest, cascade_lake, sizeof(guest));
	guest[1].registers.ecx |= UINT32_C(1) << HYPERVISOR;
	processor = guest;
	memset(there, 0, sizeof(there));
	cr_assert_eq(arch_prefetchers_switch(1, &now), 0);
	cr_expect_eq(now.count, 0);
	cr_expect_not_null(strstr(now.reason, "hypervisor"), "%s", now.reason);
	cr_expect_eq(writes, 0);
}
