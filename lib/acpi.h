/* SPDX-License-Identifier: Apache-2.0
 *
 * ACPI tables, read-only: found from the RSDP by signature. A table counts only where its length is in bounds and its
 * bytes add up to zero. Physical addresses are used as pointers: memory is identity-mapped. Pure, allocates nothing,
 * keeps nothing. What is in a table is for whoever needs it: lib/serial.h, kernel/acpi.h.
 *
 * Deliberately not here: AML. What needs the DSDT (\_S5 for power-off) is out of reach.
 * Source: ACPI Specification 6.4, chapter 5.2.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
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

/* Offsets that readers and who makes tables share: 5.2.9 (FADT: ARM's boot flags, table 5.11), 5.2.12 (MADT). */
enum {
	ACPI_FADT_ARM_BOOT = 129,
	ACPI_FADT_ARM_PSCI = 1 << 0,
	ACPI_FADT_ARM_PSCI_HVC = 1 << 1,
	ACPI_MADT_ENTRIES = 44,
};

/* The first table with this signature, through the XSDT or, where there is none, the RSDT. NULL: none, or none that
 * is sound. `rsdp` 0 finds nothing. */
const struct acpi_header *acpi_find(uint64_t rsdp, const char signature[4]);

/* The same where not all memory is mapped: reach(address, length) is asked before anything is read, and a table that it
 * says no of counts as none. */
typedef bool acpi_reach(uint64_t address, uint64_t length);
const struct acpi_header *acpi_find_reached(uint64_t rsdp, const char signature[4], acpi_reach *reach);

/* As acpi_find, as bytes and their number; NULL too where there are fewer than `length_min`. */
const uint8_t *acpi_find_bytes(uint64_t rsdp, const char signature[4], uint32_t length_min, uint32_t *length);

/* Fields are assembled from bytes: firmware aligns nothing. */
static inline uint16_t acpi_read16(const uint8_t *at) {
	return (uint16_t)(at[0] | at[1] << 8);
}

static inline uint32_t acpi_read32(const uint8_t *at) {
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static inline uint64_t acpi_read64(const uint8_t *at) {
	return acpi_read32(at) | (uint64_t)acpi_read32(at + 4) << 32;
}

/* 5.2.3.2: generic address structure. */
enum acpi_space { ACPI_SPACE_MEMORY = 0, ACPI_SPACE_IO = 1 };
enum { ACPI_GAS_BYTES = 12 };
struct acpi_gas {
	uint8_t space; /* enum acpi_space, or another */
	uint8_t bit_width;
	uint8_t access_bytes; /* 1, 2, 4, 8; 0: unsaid */
	/* 0: absent, or in memory above 48 bits, where no page table of ours and of the firmware's reaches */
	uint64_t address;
};
struct acpi_gas acpi_gas_read(const uint8_t at[ACPI_GAS_BYTES]);
