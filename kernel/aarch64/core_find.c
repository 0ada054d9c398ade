/* SPDX-License-Identifier: Apache-2.0
 *
 * Which CPUs there are: those that the MADT names.
 */
#include "kernel/aarch64/aarch64.h"
#include "kernel/aarch64/registers.h"
#include "kernel/acpi.h"
#include "kernel/core_list.h"
#include "kernel/format.h"
#include "lib/topology.h"

#include <stddef.h>

/* Aff3, Aff2, Aff1, Aff0 of MPIDR_EL1. */
static const uint64_t AFFINITY = UINT64_C(0xff00ffffff);

/* By the PPTT, which also tells packages and clusters apart; where it does not know the core, by its affinity. */
static struct topology_place place_of(uint64_t rsdp, const struct acpi_madt_entry *core) {
	struct acpi_pptt_place found;
	if (!acpi_pptt_find(rsdp, core->uid, &found))
		return topology_place_of_mpidr(register_read(MPIDR_EL1), core->id & AFFINITY);
	return (struct topology_place){
		.known = true, .core = found.core, .cluster = found.cluster, .package = found.package};
}

static bool next_core(struct acpi_madt *madt, struct acpi_madt_entry *entry) {
	while (acpi_madt_next(madt, entry)) {
		if (entry->type == ACPI_MADT_GICC && entry->enabled)
			return true;
	}
	return false;
}

static void describe(const struct boot_info *info, const struct acpi_madt_entry *entry) {
	for (unsigned cpu = 0; cpu < core_list.count; cpu++) {
		if (core_list.cores[cpu].id != (entry->id & AFFINITY))
			continue;
		core_list.cores[cpu].place = place_of(info->acpi_rsdp, entry);
		core_list.cores[cpu].in_pen = info->core_pen != 0 && entry->parked != 0;
	}
}

void cores_read(const struct boot_info *info) {
	struct acpi_madt madt;
	struct acpi_madt_entry entry;
	core_list_add(&core_list, register_read(MPIDR_EL1) & AFFINITY);
	if (!acpi_madt_open(info->acpi_rsdp, &madt))
		return;
	struct acpi_madt again = madt;
	while (next_core(&madt, &entry))
		core_list_add(&core_list, entry.id & AFFINITY);
	while (core_list.count > 1 && next_core(&again, &entry))
		describe(info, &entry);
}

void arch_core_name(unsigned cpu, char *text, size_t size) {
	format_text(text, size, "MPIDR 0x%lx", core_list.cores[cpu].id);
}
