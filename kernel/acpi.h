/* SPDX-License-Identifier: Apache-2.0
 *
 * The few ACPI tables that the kernel acts on, turned into plain structures; every field is read only where the table
 * is long enough to have it. Firmware keeps its tables where it likes, so that they are all read before our own page
 * tables are in force. Pure, allocates nothing, keeps nothing.
 *
 * Source: ACPI Specification 6.4, chapter 5.2.
 */
#pragma once

#include "lib/acpi.h"

#include <stdbool.h>
#include <stdint.h>

struct acpi_fadt {
	struct acpi_gas pm_timer;
	bool pm_timer_32bit; /* else 24 bits */
	bool reset_supported;
	struct acpi_gas reset;
	uint8_t reset_value;
	bool psci;
	bool psci_hvc; /* PSCI calls go through HVC, else SMC */
};
bool acpi_fadt_read(uint64_t rsdp, struct acpi_fadt *fadt);

/* The first timer block of IA-PC HPET 1.0a, 3.2.4: where its registers are. */
bool acpi_hpet_read(uint64_t rsdp, struct acpi_gas *registers);

/* Interrupts of the generic timer, as GSIV, which for a PPI is the GIC's INTID; 0: absent. */
struct acpi_gtdt {
	uint32_t secure_el1;
	uint32_t physical_el1;
	uint32_t virtual_el1;
	uint32_t physical_el2;
};
bool acpi_gtdt_read(uint64_t rsdp, struct acpi_gtdt *gtdt);

/* Where a processor is in the PPTT (5.2.30), by its UID: numbers that are equal for the threads of one core, of one
 * cluster (the node above a core that is no package; the core where there is none), and of one package. false: the
 * table does not say. */
struct acpi_pptt_place {
	uint64_t core, cluster, package;
};
bool acpi_pptt_find(uint64_t rsdp, uint32_t uid, struct acpi_pptt_place *place);

enum acpi_madt_type {
	ACPI_MADT_LOCAL_APIC = 0x0,
	ACPI_MADT_IO_APIC = 0x1,
	ACPI_MADT_LOCAL_APIC_ADDRESS = 0x5,
	ACPI_MADT_LOCAL_X2APIC = 0x9,
	ACPI_MADT_GICC = 0xb, /* a core */
	ACPI_MADT_GICD = 0xc,
	ACPI_MADT_GICR = 0xe,
};

/* One entry of the MADT. A field that its type does not have is 0. */
struct acpi_madt_entry {
	uint8_t type;           /* enum acpi_madt_type, or another */
	bool enabled;           /* LOCAL_APIC, LOCAL_X2APIC, GICC */
	uint8_t gic_version;    /* GICD: 1 to 4; 0: ask the hardware */
	uint64_t id;            /* APIC id; IO APIC id; GICC: MPIDR */
	uint32_t uid;           /* GICC: ACPI's number of the processor */
	uint64_t address;       /* IO APIC, local APIC, GICC (the memory-mapped CPU interface), GICD, GICR */
	uint64_t redistributor; /* GICC: its GICR base where it stands alone */
	uint64_t parked;        /* GICC: where one that no firmware can start looks for where to go; 0: it can */
	uint32_t length;        /* GICR: bytes of the discovery range */
};

/* Walks the MADT: open once, then next until it says false. An entry whose length is out of bounds ends the walk. */
struct acpi_madt {
	uint64_t local_apic; /* from the table's head, before any override */
	const uint8_t *at;
	const uint8_t *end;
};
bool acpi_madt_open(uint64_t rsdp, struct acpi_madt *madt);
bool acpi_madt_next(struct acpi_madt *madt, struct acpi_madt_entry *entry);
