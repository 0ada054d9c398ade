/* SPDX-License-Identifier: Apache-2.0
 *
 * Which CPUs there are: those that the MADT names; without one those that the package can have.
 */
#include "kernel/acpi.h"
#include "kernel/core_list.h"
#include "kernel/format.h"
#include "kernel/x86_64/instructions.h"
#include "kernel/x86_64/x86_64.h"
#include "lib/topology.h"

#include <stddef.h>

enum { CPUID_1_EDX_HTT = 1u << 28, ID_NONE = 0xff };
static const uint64_t X2APIC_ID_NONE = UINT32_MAX;

static struct cpuid leaf_read(uint32_t leaf, uint32_t subleaf) {
	return cpuid_read(leaf, subleaf);
}

static bool is_core(const struct acpi_madt_entry *entry) {
	bool is = (entry->type == ACPI_MADT_LOCAL_APIC && entry->id != ID_NONE) ||
		  (entry->type == ACPI_MADT_LOCAL_X2APIC && entry->id != X2APIC_ID_NONE);
	return is && entry->enabled;
}

static void fill(uint64_t rsdp, uint32_t own) {
	struct acpi_madt madt;
	struct acpi_madt_entry entry;
	core_list_add(&core_list, own);
	if (acpi_madt_open(rsdp, &madt)) {
		while (acpi_madt_next(&madt, &entry)) {
			if (is_core(&entry))
				core_list_add(&core_list, entry.id);
		}
		return;
	}
	struct cpuid leaf = cpu_leaves()->version;
	uint32_t count = leaf.edx & CPUID_1_EDX_HTT ? leaf.ebx >> 16 & 0xff : 1;
	for (uint32_t id = 0; id < count; id++)
		core_list_add(&core_list, id);
}

void cores_read(uint64_t rsdp, bool apic) {
	fill(rsdp, apic ? timer_apic_id() : cpu_leaves()->version.ebx >> 24);
	if (core_list.count < 2)
		return;
	struct topology_apic topology;
	topology_apic_read(&topology, cpu_leaves(), leaf_read);
	for (unsigned cpu = 0; cpu < core_list.count; cpu++)
		core_list.cores[cpu].place = topology_place_of_apic(&topology, (uint32_t)core_list.cores[cpu].id);
}

void arch_core_name(unsigned cpu, char *text, size_t size) {
	format_text(text, size, "APIC id %u", (uint32_t)core_list.cores[cpu].id);
}
