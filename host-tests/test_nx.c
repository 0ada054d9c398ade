/* SPDX-License-Identifier: Apache-2.0
 *
 * No-execute over fake MSRs: a processor whose firmware hides it, ones that lack it, and hypervisors that know the MSR
 * not at all.
 */
#include "kernel/x86_64/nx.h"

#include "kernel/x86_64/registers.h"
#include "kernel/x86_64/x86_64.h"

#include <criterion/criterion.h>

static const uint64_t XD_DISABLE = UINT64_C(1) << 34, LMA = UINT64_C(1) << 10, FAST_STRINGS = 1;

static struct {
	uint64_t misc_enable, efer;
	bool has_misc_enable, misc_enable_fixed, has_nx;
	unsigned refused, writes; /* of IA32_MISC_ENABLE */
} msrs;

static struct cpuid_leaves leaves;

static bool nx_visible(void) {
	return msrs.has_nx && !(msrs.misc_enable & XD_DISABLE);
}

bool guarded_msr_read(uint32_t msr, uint64_t *value) {
	if (msr == MSR_IA32_MISC_ENABLE && !msrs.has_misc_enable) {
		msrs.refused++;
		return false;
	}
	cr_assert(msr == MSR_IA32_MISC_ENABLE || msr == MSR_IA32_EFER);
	*value = msr == MSR_IA32_EFER ? msrs.efer : msrs.misc_enable;
	return true;
}

bool guarded_msr_write(uint32_t msr, uint64_t value) {
	if (msr == MSR_IA32_EFER) {
		if (value & EFER_NXE && !nx_visible())
			return false;
		msrs.efer = value;
		return true;
	}
	cr_assert_eq(msr, MSR_IA32_MISC_ENABLE);
	cr_assert_not(value & XD_DISABLE && msrs.efer & EFER_NXE, "hidden while it is on");
	msrs.writes++;
	if (!msrs.has_misc_enable || msrs.misc_enable_fixed)
		return false;
	msrs.misc_enable = value;
	return true;
}

/* An Intel processor with all that it takes. */
static void start(void) {
	msrs.has_nx = msrs.has_misc_enable = true;
	msrs.efer = LMA;
	msrs.misc_enable = FAST_STRINGS;
	leaves = (struct cpuid_leaves){
		.basic = {0x16, 0x756e6547, 0x6c65746e, 0x49656e69}, /* GenuineIntel */
		.version = {.eax = 0x50657},
		.extended = {.eax = 0x80000008},
		.extended_version = {.edx = 1u << 20},
	};
}

/* As CPUID shows it then. */
static void hide(void) {
	msrs.misc_enable |= XD_DISABLE;
	leaves.extended_version.edx = 0;
}

TestSuite(nx, .init = start);

Test(nx, where_it_is_there_it_is_switched_on) {
	cr_assert(nx_start(&leaves));
	cr_assert_eq(msrs.efer, LMA | EFER_NXE);
	cr_assert_not(nx_was_hidden());
	nx_leave();
	nx_take_up();
	cr_assert_eq(msrs.writes, 0, "nobody touches what is right");
}

Test(nx, syscall_goes_off) {
	msrs.efer = LMA | EFER_SCE;
	cr_assert(nx_start(&leaves));
	cr_assert_eq(msrs.efer, LMA | EFER_NXE);
}

Test(nx, hidden_it_is_shown_and_hidden_again_for_the_firmware) {
	hide();
	cr_assert(nx_start(&leaves));
	cr_assert_eq(msrs.efer, LMA | EFER_NXE);
	cr_assert_eq(msrs.misc_enable, FAST_STRINGS);
	cr_assert(nx_was_hidden(), "another core is told");
	for (unsigned slice = 0; slice < 2; slice++) {
		msrs.efer = LMA;
		nx_leave();
		cr_assert_eq(msrs.misc_enable, FAST_STRINGS | XD_DISABLE);
		nx_take_up();
		cr_assert_eq(msrs.misc_enable, FAST_STRINGS);
	}
	nx_leave();
	msrs.misc_enable |= 1u << 16; /* the firmware's own affair */
	nx_take_up();
	cr_assert_eq(msrs.misc_enable, FAST_STRINGS | 1u << 16);
	nx_leave();
	cr_assert_eq(msrs.misc_enable, FAST_STRINGS | 1u << 16 | XD_DISABLE);
}

Test(nx, not_hidden_but_absent) {
	msrs.has_nx = false;
	leaves.extended_version.edx = 0;
	cr_assert_not(nx_start(&leaves));
	cr_assert_eq(msrs.writes, 0);
	cr_assert_eq(msrs.efer, LMA);
}

Test(nx, hidden_and_absent_is_left_as_it_was) {
	hide();
	msrs.has_nx = false;
	cr_assert_not(nx_start(&leaves));
	cr_assert_eq(msrs.misc_enable, FAST_STRINGS | XD_DISABLE);
	cr_assert_not(nx_was_hidden());
}

Test(nx, a_hypervisor_without_the_msr) {
	leaves.extended_version.edx = 0;
	msrs.has_misc_enable = false;
	cr_assert_not(nx_start(&leaves));
	cr_assert_eq(msrs.refused, 1);
	cr_assert_eq(msrs.writes, 0);
}

Test(nx, a_hypervisor_that_keeps_the_msr) {
	hide();
	msrs.misc_enable_fixed = true;
	cr_assert_not(nx_start(&leaves));
	cr_assert_not(nx_was_hidden());
}

Test(nx, another_vendors_msr_is_not_touched) {
	hide();
	leaves.basic.ebx = 0x68747541; /* "Auth" */
	cr_assert_not(nx_start(&leaves));
	cr_assert_eq(msrs.writes, 0);
}

/* Without extended leaves the MSR itself is asked. */
Test(nx, unsaid_it_is_tried) {
	leaves.extended = leaves.extended_version = (struct cpuid){0};
	cr_assert(nx_start(&leaves));
	msrs.efer = LMA;
	msrs.has_nx = false;
	cr_assert_not(nx_start(&leaves));
}
