/* SPDX-License-Identifier: Apache-2.0
 *
 * ACPI tables, read-only: found from the RSDP by signature, and the few that the kernel acts on turned into plain
 * structures. A table counts only where its length is in bounds and its bytes add up to zero; every field is read
 * only where the table is long enough to have it. Physical addresses are used as pointers: memory is identity-mapped.
 * Firmware keeps its tables where it likes, so that they are all read before our own page tables are in force. Pure,
 * allocates nothing, keeps nothing.
 *
 * Deliberately not here: AML. What needs the DSDT (\_S5 for power-off) is out of reach.
 * Source: ACPI Specification 6.4, chapter 5.2 and 21 (reserved signatures); Microsoft's SPCR document, revision 1.08.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* 5.2.6: every table but the FACS begins so. */
struct acpi_header {
	char signature[4];
	uint32_t length; /* bytes, this header included */
	uint8_t revision;
	uint8_t checksum;
	char oem_id[6];
	char oem_table_id[8];
	uint32_t oem_revision;
	char creator_id[4];
	uint32_t creator_revision;
};
_Static_assert(sizeof(struct acpi_header) == 36, "ACPI 6.4, table 5.4");

/* The first table with this signature, through the XSDT or, where there is none, the RSDT. NULL: none, or none that
 * is sound. `rsdp` 0 finds nothing. */
const struct acpi_header *acpi_find(uint64_t rsdp, const char signature[4]);

/* 5.2.3.2: generic address structure. */
enum acpi_space { ACPI_SPACE_MEMORY = 0, ACPI_SPACE_IO = 1 };
struct acpi_gas {
	uint8_t space; /* enum acpi_space */
	uint8_t bit_width;
	uint8_t access_bytes; /* 1, 2, 4, 8; 0: unsaid */
	uint64_t address;     /* 0: absent */
};

enum acpi_uart_type {
	ACPI_UART_16550 = 0x00,
	ACPI_UART_16550_SUBSET = 0x01,
	ACPI_UART_PL011 = 0x03,
	ACPI_UART_SBSA_32 = 0x0d, /* PL011 subset, 32-bit accesses only */
	ACPI_UART_SBSA = 0x0e,
	ACPI_UART_16550_GAS = 0x12, /* width and stride as the address structure says */
};
struct acpi_spcr {
	uint8_t type; /* enum acpi_uart_type, or another */
	struct acpi_gas uart;
};
bool acpi_spcr_read(uint64_t rsdp, struct acpi_spcr *spcr);

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

/* Interrupts of the generic timer, as GSIV, which for a PPI is the GIC's INTID; 0: absent. */
struct acpi_gtdt {
	uint32_t secure_el1;
	uint32_t physical_el1;
	uint32_t virtual_el1;
	uint32_t physical_el2;
};
bool acpi_gtdt_read(uint64_t rsdp, struct acpi_gtdt *gtdt);

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
	uint64_t address;       /* IO APIC, local APIC, GICC (the memory-mapped CPU interface), GICD, GICR */
	uint64_t redistributor; /* GICC: its GICR base where it stands alone */
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
