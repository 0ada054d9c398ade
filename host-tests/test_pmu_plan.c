/* SPDX-License-Identifier: Apache-2.0
 *
 * The core's counters over published layouts of CPUID and a file of fake MSRs, some of which refuse. Leaf 0AH: Haswell
 * to Sapphire Rapids as Intel SDM volume 3B, 20.2 lays it out; AMD APM volume 3, E.4.
 */
#include "kernel/x86_64/pmu_plan.h"

#include "kernel/x86_64/x86_64.h"

#include <criterion/criterion.h>
#include <string.h>

/* ---- the processor ----------------------------------------------------------------------------------------------- */

static struct cpuid basic, pmu, extended, amd_features, amd_pmu;
static unsigned asked_beyond;

static struct cpuid fake_cpuid(uint32_t leaf, uint32_t subleaf) {
	(void)subleaf;
	asked_beyond += leaf < 0x80000000 ? leaf > basic.eax : leaf > extended.eax && leaf != 0x80000000;
	switch (leaf) {
	case 0:
		return basic;
	case 0xa:
		return pmu;
	case 0x80000000:
		return extended;
	case 0x80000001:
		return amd_features;
	case 0x80000022:
		return amd_pmu;
	default:
		return (struct cpuid){0};
	}
}

static void intel(uint32_t eax, uint32_t ebx, uint32_t ecx, uint32_t edx) {
	basic.eax = 0x16;
	pmu = (struct cpuid){eax, ebx, ecx, edx};
}

static void amd(bool version2, unsigned counters) {
	basic.eax = 0x10;
	pmu = (struct cpuid){0};
	extended.eax = version2 ? 0x80000028 : 0x8000001f;
	amd_features.ecx = 1u << 23;
	amd_pmu = (struct cpuid){.eax = version2, .ebx = counters};
}

static struct pmu_layout layout;
static const char *reason;

static void read(void) {
	pmu_layout_read(fake_cpuid, &layout, &reason);
	cr_expect_eq(asked_beyond, 0, "a leaf that is not there answers with another's");
}

/* ---- its MSRs ---------------------------------------------------------------------------------------------------- */

enum { MSRS = 64, ORDERS = 256 };
static struct {
	uint32_t msr;
	uint64_t value;
} msrs[MSRS];
static uint32_t refuses_read, refuses_write;
static uint32_t loses; /* the MSR that takes a write and does not keep these: */
static uint64_t loses_bits;
static uint32_t order[ORDERS];
static unsigned orders;

static uint64_t as_found(uint32_t msr) {
	return 0x5a00 + msr % 256;
}

static uint64_t *msr_at(uint32_t msr) {
	for (unsigned i = 0; i < MSRS; i++) {
		if (msrs[i].msr == 0) {
			msrs[i].msr = msr;
			msrs[i].value = as_found(msr);
		}
		if (msrs[i].msr == msr)
			return &msrs[i].value;
	}
	cr_assert_fail("more MSRs than there are counters");
	return NULL;
}

bool guarded_msr_read(uint32_t msr, uint64_t *value) {
	if (msr == refuses_read)
		return false;
	*value = *msr_at(msr);
	return true;
}

bool guarded_msr_write(uint32_t msr, uint64_t value) {
	if (msr == refuses_write)
		return false;
	*msr_at(msr) = msr == loses ? (value & ~loses_bits) | (as_found(msr) & loses_bits) : value;
	order[orders++ % ORDERS] = msr;
	return true;
}

static void expect_as_found(void) {
	for (unsigned i = 0; i < MSRS && msrs[i].msr != 0; i++)
		cr_expect_eq(msrs[i].value, as_found(msrs[i].msr), "%x: %lx", msrs[i].msr, msrs[i].value);
}

/* ---- the plan ---------------------------------------------------------------------------------------------------- */

enum { USR_EN = 1 << 16 | 1 << 22 };

static struct gate_pmu asked;
static struct pmu_plan plan;

static int make(unsigned codes) {
	memset(&asked, 0, sizeof(asked));
	asked.events[0].kind = PLATFORM_PMU_CYCLES;
	asked.events[1].kind = PLATFORM_PMU_INSTRUCTIONS;
	asked.count = 2 + codes;
	for (unsigned i = 0; i < codes; i++)
		asked.events[2 + i] = (struct platform_pmu_event){PLATFORM_PMU_CODE, 0x08d1};
	return pmu_plan_make(&layout, &asked, &plan);
}

static int make_one(uint64_t kind, uint64_t code) {
	asked = (struct gate_pmu){.count = 1, .events = {{kind, code}}};
	return pmu_plan_make(&layout, &asked, &plan);
}

/* The last one. */
static const struct pmu_write *write_of(uint32_t msr) {
	const struct pmu_write *found = NULL;
	for (unsigned i = 0; i < plan.count; i++)
		if (plan.writes[i].msr == msr)
			found = &plan.writes[i];
	return found;
}

static void expect_write(uint32_t msr, uint64_t value) {
	const struct pmu_write *write = write_of(msr);
	cr_assert_neq(write, NULL, "%x is not written", msr);
	cr_expect_eq(write->value, value, "%x: %lx, wanted %lx", msr, write->value, value);
}

/* Four counters of 48 bits for each of two threads, three fixed of 48, all architectural events: Haswell to Skylake. */
Test(pmu_plan, intel_with_fixed_counters) {
	intel(0x07300404, 0, 0, 0x603);
	read();
	cr_assert_eq(layout.family, PMU_INTEL);
	cr_expect_eq(layout.general, 4);
	cr_expect_eq(layout.fixed, 7);
	cr_assert_eq(make(6), 6, "cycles and instructions are beside the four");
	cr_expect_eq(asked.slots[0], 1u << 30 | 1);
	cr_expect_eq(asked.slots[1], 1u << 30);
	cr_expect_eq(asked.slots[2], 0);
	cr_expect_eq(asked.slots[5], 3);
	expect_write(0x186, 0x08d1 | USR_EN);
	expect_write(0x189, 0x08d1 | USR_EN);
	cr_expect_null(write_of(0x18a), "a fifth is another thread's");
	expect_write(0x38d, 0x22);
	expect_write(0x38f, UINT64_C(3) << 32 | 0xf);
	cr_expect_eq(plan.writes[0].msr, 0x38f, "all counting stops first");
	cr_expect_eq(plan.writes[0].value, 0);
	cr_expect_eq(plan.writes[plan.count - 1].msr, 0x38f);
}

/* Golden Cove: eight counters and four fixed, TOPDOWN.SLOTS among them; version 5 has a bit for each fixed one. */
Test(pmu_plan, intel_version_5) {
	intel(0x08300805, 0, 0xf, 0x8604);
	read();
	cr_assert_eq(layout.version, 5);
	cr_expect_eq(layout.general, 8);
	cr_assert_eq(make(6), 8);
	cr_expect_eq(asked.slots[7], 5);
	pmu.edx = 0x8600; /* none that follow one another, but that of the bit */
	pmu.ecx = 2;      /* cycles alone */
	read();
	cr_assert_eq(make(1), 3);
	cr_expect_eq(asked.slots[0], 1u << 30 | 1);
	cr_expect_eq(asked.slots[1], 0, "instructions take one that counts anything");
	expect_write(0x186, 0xc0 | USR_EN);
	expect_write(0x38d, 0x20);
}

/* An Atom beside such cores: six counters, three fixed; each core is asked where it is. */
Test(pmu_plan, a_hybrid_s_other_core) {
	intel(0x07300605, 0, 7, 0x603);
	read();
	cr_assert_eq(make(6), 8);
	cr_expect_null(write_of(0x186 + 6));
}

/* KVM without fixed counters, and with instructions hidden (EBX). */
Test(pmu_plan, intel_without_fixed_counters) {
	intel(0x07300402, 0, 0, 0);
	read();
	cr_assert_eq(make(6), 4);
	expect_write(0x186, 0x3c | USR_EN);
	expect_write(0x187, 0xc0 | USR_EN);
	cr_expect_null(write_of(0x38d), "no fixed counter is touched");
	cr_expect_null(write_of(0x309));
	pmu.ebx = 2;
	read();
	cr_expect_eq(make(6), 1, "instructions cannot be counted, and nothing behind them is");
}

Test(pmu_plan, what_is_not_told_is_not_touched) {
	intel(0, 0, 0, 0);
	read();
	cr_expect_eq(layout.family, PMU_NONE);
	cr_expect(strstr(reason, "hypervisor"), "%s", reason);
	cr_expect_eq(make(3), 0);
	cr_expect_eq(plan.count, 0);
	basic.eax = 7;
	pmu.eax = 0x07300404; /* of a leaf that is not there */
	read();
	cr_expect_eq(layout.family, PMU_NONE);
	intel(0x07280201, 0, 0, 0);
	read();
	cr_expect_eq(layout.family, PMU_NONE);
	cr_expect(strstr(reason, "version 1"), "%s", reason);
	amd(false, 0);
	amd_features.ecx = 0; /* the four of old processors have no bit */
	basic.eax = 1;
	read();
	cr_expect_eq(layout.family, PMU_NONE);
}

/* Zen to Zen 3. */
Test(pmu_plan, amd_core_counters) {
	amd(false, 0);
	read();
	cr_assert_eq(layout.family, PMU_AMD);
	cr_assert_eq(make(6), 6, "six in all");
	cr_expect_eq(asked.slots[5], 5);
	expect_write(0xc0010200, 0x76 | USR_EN);
	expect_write(0xc0010202, 0xc0 | USR_EN);
	expect_write(0xc001020a, 0x08d1 | USR_EN);
	expect_write(0xc001020b, 0);
	cr_expect_null(write_of(0xc0000301), "there is no global control");
	cr_expect_eq(plan.global, 0);
	cr_assert_eq(make_one(PLATFORM_PMU_CODE, UINT64_C(0x1000000ff)), 1, "AMD's events have twelve bits");
	expect_write(0xc0010200, UINT64_C(0x1000000ff) | USR_EN);
}

/* Zen 4 and Zen 5. */
Test(pmu_plan, amd_version_2) {
	amd(true, 6);
	read();
	cr_assert_eq(layout.version, 2);
	cr_assert_eq(make(2), 4);
	cr_expect_eq(plan.global, 0xc0000301);
	expect_write(0xc0000301, 0xf);
	cr_expect_eq(plan.writes[0].msr, 0xc0000301);
	cr_expect_eq(plan.writes[0].value, 0);
}

Test(pmu_plan, bits_that_are_no_events_are_refused) {
	const unsigned wrong[] = {16, 17, 19, 20, 21, 22, 32, 35, 36, 63};
	intel(0x07300404, 0, 0, 0x603);
	read();
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		cr_expect_eq(make_one(PLATFORM_PMU_CODE, 0xc4 | UINT64_C(1) << wrong[i]), PLATFORM_EINVAL, "bit %u",
			     wrong[i]);
	cr_expect_eq(make_one(PLATFORM_PMU_CODE + 1, 0), PLATFORM_EINVAL);
	cr_expect_eq(make_one(PLATFORM_PMU_CODE, 0xff84ffff), 1);
}

Test(pmu_plan, all_is_put_back) {
	struct pmu_found found;
	struct pmu_refusal refusal;
	for (int kind = 0; kind < 3; kind++) {
		if (kind == 0)
			intel(0x08300805, 0, 0xf, 0x8604);
		else
			amd(kind == 2, 6);
		read();
		memset(msrs, 0, sizeof(msrs));
		cr_assert_gt(make(4), 4);
		cr_assert(pmu_plan_carry_out(&plan, &found, &refusal));
		for (unsigned i = 0; i < plan.count; i++)
			cr_expect_eq(*msr_at(plan.writes[i].msr), write_of(plan.writes[i].msr)->value);
		orders = 0;
		pmu_plan_put_back(&plan, &found);
		expect_as_found();
		if (plan.global == 0)
			continue;
		cr_expect_eq(order[0], plan.global, "nothing counts while they are put back");
		cr_expect_eq(order[orders - 1], plan.global);
	}
}

/* A hypervisor that passes the leaf on and keeps some MSR. */
Test(pmu_plan, refused_anywhere_it_is_as_it_was) {
	struct pmu_found found;
	struct pmu_refusal refusal;
	intel(0x07300404, 0, 0, 0x603);
	read();
	cr_assert_eq(make(4), 6);
	for (unsigned i = 0; i < plan.count; i++)
		for (int way = 0; way < 2; way++) {
			memset(msrs, 0, sizeof(msrs));
			refuses_read = way == 0 ? plan.writes[i].msr : 0;
			refuses_write = way == 1 ? plan.writes[i].msr : 0;
			cr_expect_not(pmu_plan_carry_out(&plan, &found, &refusal));
			cr_expect_eq(refusal.msr, plan.writes[i].msr);
			cr_expect_eq(refusal.lost, 0);
			expect_as_found();
		}
}

/* One that takes a write without a word and keeps what it had, or some of it: a count would be 0, or of ring 0 too. */
Test(pmu_plan, a_bit_that_does_not_stay_is_a_refusal_by_name) {
	static const struct {
		bool amd;
		uint32_t msr;
		uint64_t bits;
		const char *words;
	} cases[] = {
		{false, 0x187, 1 << 22, "IA32_PERFEVTSEL1 does not keep bits 0x400000"},
		{false, 0x38d, 0x22, "IA32_FIXED_CTR_CTRL does not keep bits 0x22"},
		{false, 0x38f, UINT64_C(2) << 32, "IA32_PERF_GLOBAL_CTRL does not keep bits 0x200000000"},
		{true, 0xc0010202, 1 << 16, "PerfEvtSel1 does not keep bits 0x10000"},
		{true, 0xc0000301, 2, "PerfCntrGlobalCtl does not keep bits 0x2"},
	};
	struct pmu_found found;
	struct pmu_refusal refusal;
	char text[128];
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		intel(0x07300404, 0, 0, 0x603);
		if (cases[i].amd)
			amd(true, 6);
		read();
		memset(msrs, 0, sizeof(msrs));
		cr_assert_gt(make(2), 2);
		loses = cases[i].msr, loses_bits = cases[i].bits;
		cr_expect_not(pmu_plan_carry_out(&plan, &found, &refusal), "%s", cases[i].words);
		pmu_refusal_text(&refusal, text, sizeof(text));
		cr_expect(strstr(text, cases[i].words), "%s: %s", cases[i].words, text);
		expect_as_found();
		loses_bits = 0;
		cr_expect(pmu_plan_carry_out(&plan, &found, &refusal), "%s", cases[i].words);
	}
}

Test(pmu_plan, what_is_counted_need_not_stay) {
	struct pmu_found found;
	struct pmu_refusal refusal;
	for (int kind = 0; kind < 2; kind++) {
		intel(0x07300404, 0, 0, 0x603);
		if (kind == 1)
			amd(false, 6);
		read();
		memset(msrs, 0, sizeof(msrs));
		make(2);
		loses = kind == 0 ? 0xc1 : 0xc0010201, loses_bits = UINT64_MAX;
		cr_expect(pmu_plan_carry_out(&plan, &found, &refusal));
	}
}

Test(pmu_plan, an_access_that_is_refused_is_named) {
	struct pmu_refusal refusal = {.msr = 0xc4};
	char text[128];
	pmu_refusal_text(&refusal, text, sizeof(text));
	cr_expect_str_eq(text, "CPUID tells of counters, and IA32_PMC3 is refused: a hypervisor keeps it");
	refusal.msr = 0xc0010205;
	pmu_refusal_text(&refusal, text, sizeof(text));
	cr_expect(strstr(text, " PerfCtr2 "), "%s", text);
	refusal.msr = 0x30a;
	pmu_refusal_text(&refusal, text, sizeof(text));
	cr_expect(strstr(text, " IA32_FIXED_CTR1 "), "%s", text);
}
