/* SPDX-License-Identifier: Apache-2.0
 *
 * Interrupt commands to cores whose ids are beyond what the memory-mapped form can say.
 */
#include "kernel/x86_64/apic_icr.h"

#include <criterion/criterion.h>

Test(apic_icr, x2apic_takes_every_id) {
	cr_expect_eq(apic_icr_msr(1, ICR_NMI), UINT64_C(0x0000000100004400));
	cr_expect_eq(apic_icr_msr(0xff, ICR_INIT), UINT64_C(0x000000ff00004500));
	cr_expect_eq(apic_icr_msr(0x100, ICR_START_UP | 0x9f), UINT64_C(0x000001000000469f));
	cr_expect_eq(apic_icr_msr(0xfffffffe, ICR_NMI), UINT64_C(0xfffffffe00004400));
}

Test(apic_icr, the_memory_mapped_form_takes_eight_bits) {
	uint32_t high;
	cr_expect(apic_icr_high(0, &high));
	cr_expect_eq(high, 0);
	cr_expect(apic_icr_high(0xfe, &high));
	cr_expect_eq(high, UINT32_C(0xfe000000));
	cr_expect_not(apic_icr_high(0xff, &high), "all of them");
	cr_expect_not(apic_icr_high(0x100, &high), "it would be core 0");
}
