/* SPDX-License-Identifier: Apache-2.0
 *
 * Which other core is taken: of those that the MADT names the first that is no sibling thread of this one, as far as
 * there is one (lib/topology.h); without an MADT of the ids that the package can have.
 */
#include "kernel/acpi.h"
#include "kernel/format.h"
#include "kernel/x86_64/instructions.h"
#include "kernel/x86_64/x86_64.h"
#include "lib/topology.h"

#include <stddef.h>

static struct topology_pick other; /* its APIC id */

static struct cpuid leaf_read(uint32_t leaf, uint32_t subleaf) {
	return cpuid_read(leaf, subleaf);
}

static void consider(const struct topology_apic *topology, uint32_t own, uint32_t id) {
	struct topology_place here = topology_place_of_apic(topology, own),
			      there = topology_place_of_apic(topology, id);
	if (id != own)
		topology_consider(&other, id, topology_relation(&here, &there));
}

void core_find(uint64_t rsdp, unsigned cores) {
	if (cores < 2)
		return;
	uint32_t own = timer_apic_id();
	struct topology_apic topology;
	topology_apic_read(&topology, cpu_leaves(), leaf_read);
	struct acpi_madt madt;
	struct acpi_madt_entry entry;
	if (!acpi_madt_open(rsdp, &madt)) {
		for (uint32_t id = 0; id < cores; id++)
			consider(&topology, own, id);
		return;
	}
	while (acpi_madt_next(&madt, &entry)) {
		bool is_core = entry.type == ACPI_MADT_LOCAL_APIC || entry.type == ACPI_MADT_LOCAL_X2APIC;
		if (is_core && entry.enabled)
			consider(&topology, own, (uint32_t)entry.id);
	}
}

const struct topology_pick *core_found(void) {
	return &other;
}

void core_describe(char *text, size_t size) {
	if (other.found)
		format_text(text, size, "APIC id %u, %s", (uint32_t)other.id, topology_relation_name(other.relation));
}
