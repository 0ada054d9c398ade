/* SPDX-License-Identifier: Apache-2.0
 *
 * Which other core is taken: of those that the MADT names the first that is no sibling thread of this one, as far as
 * there is one (lib/topology.h).
 */
#include "kernel/aarch64/aarch64.h"
#include "kernel/aarch64/registers.h"
#include "kernel/acpi.h"
#include "kernel/format.h"

#include <stddef.h>

/* Aff3, Aff2, Aff1, Aff0 of MPIDR_EL1. */
static const uint64_t AFFINITY = UINT64_C(0xff00ffffff);

static struct topology_pick other; /* its affinity */

/* By the PPTT, which also tells packages apart; where it does not know the core, by its affinity. */
static struct topology_place place_of(uint64_t rsdp, const struct acpi_madt_entry *core) {
	struct acpi_pptt_place found;
	if (!acpi_pptt_find(rsdp, core->uid, &found))
		return topology_place_of_mpidr(register_read(MPIDR_EL1), core->id & AFFINITY);
	return (struct topology_place){.known = true, .core = found.core, .package = found.package};
}

static bool next_core(struct acpi_madt *madt, struct acpi_madt_entry *entry) {
	while (acpi_madt_next(madt, entry)) {
		if (entry->type == ACPI_MADT_GICC && entry->enabled)
			return true;
	}
	return false;
}

void core_find(uint64_t rsdp) {
	uint64_t own = register_read(MPIDR_EL1) & AFFINITY;
	struct topology_place here = {.known = false};
	struct acpi_madt madt;
	struct acpi_madt_entry entry;
	if (!acpi_madt_open(rsdp, &madt))
		return;
	struct acpi_madt again = madt;
	while (next_core(&madt, &entry)) {
		if ((entry.id & AFFINITY) == own)
			here = place_of(rsdp, &entry);
	}
	while (next_core(&again, &entry)) {
		struct topology_place there = place_of(rsdp, &entry);
		if ((entry.id & AFFINITY) != own)
			topology_consider(&other, entry.id & AFFINITY, topology_relation(&here, &there));
	}
}

const struct topology_pick *core_found(void) {
	return &other;
}

void core_describe(char *text, size_t size) {
	if (other.found)
		format_text(text, size, "MPIDR 0x%lx, %s", other.id, topology_relation_name(other.relation));
}
