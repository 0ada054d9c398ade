/* SPDX-License-Identifier: Apache-2.0
 *
 * The watchdog: the virtual timer, or the physical one where the GTDT has no virtual one. At EL1 it is ours: entered at EL2, the firmware's
 * is another or is put back by handback.c. Source: Arm ARM (DDI 0487), D11.2.4; ACPI 6.4, 5.2.25.
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

void arch_timer_arm(uint64_t ticks) {
	if (use_physical) {
		if (ticks != 0)
			register_write(CNTP_CVAL_EL0, register_read(CNTPCT_EL0) + ticks);
		register_write(CNTP_CTL_EL0, ticks != 0 ? CNT_CTL_ENABLE : 0);
	} else {
		if (ticks != 0)
			register_write(CNTV_CVAL_EL0, register_read(CNTVCT_EL0) + ticks);
		register_write(CNTV_CTL_EL0, ticks != 0 ? CNT_CTL_ENABLE : 0);
	}
	barrier_instruction();
}
