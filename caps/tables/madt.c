/* SPDX-License-Identifier: Apache-2.0
 *
 * The MADT's processors: ACPI 6.5, 5.2.12.2 (type 0), 5.2.12.12 (type 9), 5.2.12.14 (type 0xB).
 */
#include "caps/tables/tables.h"

enum {
	MADT_ENTRIES = 44,
	MADT_LOCAL_APIC = 0,
	MADT_LOCAL_APIC_BYTES = 8,
	MADT_LOCAL_X2APIC = 9,
	MADT_LOCAL_X2APIC_BYTES = 16,
	MADT_GICC = 0xb,
	MADT_GICC_BYTES = 76,
	MADT_GICC_MPIDR = 68,
	MADT_ENABLED = 1 << 0,
};

static bool read_cpu(enum caps_architecture architecture, const struct caps_entry *entry, struct caps_madt_cpu *cpu) {
	const uint8_t *bytes = entry->bytes;
	if (architecture == CAPS_AARCH64) {
		if (entry->type != MADT_GICC || entry->length < MADT_GICC_BYTES)
			return false;
		*cpu = (struct caps_madt_cpu){caps_read64(bytes + MADT_GICC_MPIDR), caps_read32(bytes + 8),
					      caps_read32(bytes + 12) & MADT_ENABLED};
		return true;
	}
	if (entry->type == MADT_LOCAL_APIC && entry->length >= MADT_LOCAL_APIC_BYTES) {
		*cpu = (struct caps_madt_cpu){bytes[3], bytes[2], caps_read32(bytes + 4) & MADT_ENABLED};
		return true;
	}
	if (entry->type == MADT_LOCAL_X2APIC && entry->length >= MADT_LOCAL_X2APIC_BYTES) {
		*cpu = (struct caps_madt_cpu){caps_read32(bytes + 4), caps_read32(bytes + 12),
					      caps_read32(bytes + 8) & MADT_ENABLED};
		return true;
	}
	return false;
}

bool caps_madt_next(const struct caps_build *build, size_t *at, struct caps_madt_cpu *cpu) {
	const struct caps_bytes *table = &build->tables[CAPS_MADT];
	struct caps_entry entry;
	if (*at < MADT_ENTRIES)
		*at = MADT_ENTRIES;
	while (caps_entry_next(table, at, &entry))
		if (read_cpu(build->raw->architecture, &entry, cpu))
			return true;
	return false;
}

static bool was_read(const struct caps_machine *machine, uint64_t hardware_id) {
	for (size_t i = 0; i < machine->cpu_count; i++)
		if (machine->cpus[i].hardware_id == hardware_id)
			return true;
	return false;
}

void caps_madt_compare(struct caps_build *build) {
	struct caps_machine *machine = build->machine;
	struct caps_madt_cpu cpu;
	uint64_t first_missing = 0;
	size_t listed = 0, missing = 0;
	for (size_t at = 0; caps_madt_next(build, &at, &cpu);) {
		if (!cpu.enabled)
			continue;
		listed++;
		if (was_read(machine, cpu.hardware_id))
			continue;
		if (!missing++)
			first_missing = cpu.hardware_id;
	}
	if (listed && missing == listed)
		caps_remark(machine, build->arena, "none of the MADT's %zu CPUs is one of those that were read",
			    listed);
	else if (missing)
		caps_remark(machine, build->arena,
			    "the MADT lists %zu CPUs; %zu of them told nothing, the first with id 0x%llx", listed,
			    missing, (unsigned long long)first_missing);
	if (listed && machine->cpu_count > listed - missing && missing < listed)
		caps_remark(machine, build->arena, "%zu CPUs were read that the MADT does not list",
			    machine->cpu_count - (listed - missing));
}
