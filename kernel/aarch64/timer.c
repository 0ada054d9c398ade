/* SPDX-License-Identifier: Apache-2.0
 *
 * The watchdog: the virtual timer, or the physical one where the GTDT has no virtual one. At EL1 it is ours: entered
 * at EL2, the firmware's is another or is put back by handback.c. Source: Arm ARM (DDI 0487), D11.2.4; ACPI 6.4,
 * 5.2.25.
 */
#include "kernel/aarch64/aarch64.h"
#include "kernel/aarch64/registers.h"
#include "kernel/acpi.h"

static bool use_physical;

uint32_t timer_find(const struct boot_info *info) {
	struct acpi_gtdt gtdt;
	if (!acpi_gtdt_read(info->acpi_rsdp, &gtdt))
		return 0;
	use_physical = gtdt.virtual_el1 == 0;
	return use_physical ? gtdt.physical_el1 : gtdt.virtual_el1;
}

static uint64_t now(void) {
	return use_physical ? register_read(CNTPCT_EL0) : register_read(CNTVCT_EL0);
}

bool arch_timer_settle(void) {
	return true;
}

void arch_timer_arm(uint64_t ticks) {
	uint64_t control = ticks != 0 ? CNT_CTL_ENABLE : 0;
	if (use_physical) {
		register_write(CNTP_CVAL_EL0, now() + ticks);
		register_write(CNTP_CTL_EL0, control);
	} else {
		register_write(CNTV_CVAL_EL0, now() + ticks);
		register_write(CNTV_CTL_EL0, control);
	}
	barrier_instruction();
}

uint64_t timer_suspend(void) {
	uint64_t control = use_physical ? register_read(CNTP_CTL_EL0) : register_read(CNTV_CTL_EL0);
	uint64_t deadline = use_physical ? register_read(CNTP_CVAL_EL0) : register_read(CNTV_CVAL_EL0);
	uint64_t at = now();
	arch_timer_arm(0);
	if ((control & CNT_CTL_ENABLE) == 0)
		return 0;
	return deadline > at ? deadline - at : 1;
}
