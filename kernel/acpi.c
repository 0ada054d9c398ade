/* SPDX-License-Identifier: Apache-2.0
 *
 * ACPI tables; see acpi.h. Fields are assembled from bytes: firmware aligns nothing.
 */
#include "kernel/acpi.h"

#include <stddef.h>

enum {
	RSDP_BYTES_1 = 20, /* ACPI 1.0: as far as its checksum goes */
	RSDP_BYTES_2 = 36,
	RSDP_REVISION = 15,
	RSDP_RSDT = 16,
	RSDP_XSDT = 24,

	/* A longer table is taken for a broken one: the largest seen on servers (DSDT) stay below. */
	TABLE_BYTES_MAX = 4 * 1024 * 1024,

	SPCR_TYPE = 36,
	SPCR_UART = 40,
	SPCR_BYTES_MIN = 52,

	FADT_PM_TIMER = 76, /* 32-bit port, where X_PM_TMR_BLK is absent */
	FADT_FLAGS = 112,
	FADT_RESET = 116,
	FADT_RESET_VALUE = 128,
	FADT_ARM_BOOT = 129,
	FADT_X_PM_TIMER = 208,
	FADT_FLAG_TMR_VAL_EXT = 1 << 8,
	FADT_FLAG_RESET = 1 << 10,
	FADT_ARM_PSCI = 1 << 0,
	FADT_ARM_PSCI_HVC = 1 << 1,

	GTDT_SECURE_EL1 = 48,
	GTDT_PHYSICAL_EL1 = 56,
	GTDT_VIRTUAL_EL1 = 64,
	GTDT_PHYSICAL_EL2 = 72,
	GTDT_BYTES_MIN = 80,

	MADT_LOCAL_APIC = 36,
	MADT_ENTRIES = 44,

	GAS_BYTES = 12,
};

static uint32_t read32(const uint8_t *at) {
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static uint64_t read64(const uint8_t *at) {
	return read32(at) | (uint64_t)read32(at + 4) << 32;
}

static const uint8_t *bytes_at(uint64_t address) {
	return (const uint8_t *)(uintptr_t)address;
}

static bool sums_to_zero(const uint8_t *bytes, uint32_t length) {
	uint8_t sum = 0;
	for (uint32_t i = 0; i < length; i++)
		sum = (uint8_t)(sum + bytes[i]);
	return sum == 0;
}

static bool signature_is(const uint8_t *bytes, const char *signature, unsigned length) {
	for (unsigned i = 0; i < length; i++) {
		if (bytes[i] != (uint8_t)signature[i])
			return false;
	}
	return true;
}

/* The table at `address`, where its signature is this one and it is sound. */
static const uint8_t *table_at(uint64_t address, const char signature[4]) {
	if (address == 0)
		return NULL;
	const uint8_t *table = bytes_at(address);
	if (!signature_is(table, signature, 4))
		return NULL;
	uint32_t length = read32(table + 4);
	if (length < sizeof(struct acpi_header) || length > TABLE_BYTES_MAX || !sums_to_zero(table, length))
		return NULL;
	return table;
}

/* Looks through a root table whose entries are `width` bytes wide. */
static const uint8_t *find_in(const uint8_t *root, unsigned width, const char signature[4]) {
	uint32_t length = read32(root + 4);
	for (uint32_t at = sizeof(struct acpi_header); at + width <= length; at += width) {
		const uint8_t *table = table_at(width == 8 ? read64(root + at) : read32(root + at), signature);
		if (table != NULL)
			return table;
	}
	return NULL;
}

const struct acpi_header *acpi_find(uint64_t rsdp, const char signature[4]) {
	if (rsdp == 0)
		return NULL;
	const uint8_t *root = bytes_at(rsdp);
	if (!signature_is(root, "RSD PTR ", 8) || !sums_to_zero(root, RSDP_BYTES_1))
		return NULL;
	const uint8_t *found = NULL;
	if (root[RSDP_REVISION] >= 2 && sums_to_zero(root, RSDP_BYTES_2)) {
		const uint8_t *xsdt = table_at(read64(root + RSDP_XSDT), "XSDT");
		if (xsdt != NULL)
			found = find_in(xsdt, 8, signature);
	}
	if (found == NULL) {
		const uint8_t *rsdt = table_at(read32(root + RSDP_RSDT), "RSDT");
		if (rsdt != NULL)
			found = find_in(rsdt, 4, signature);
	}
	return (const struct acpi_header *)(const void *)found;
}

/* As acpi_find, as bytes; NULL too where it is shorter than `length_min`. */
static const uint8_t *find_bytes(uint64_t rsdp, const char signature[4], uint32_t length_min) {
	const uint8_t *table = (const uint8_t *)acpi_find(rsdp, signature);
	return table != NULL && read32(table + 4) >= length_min ? table : NULL;
}

static struct acpi_gas gas_at(const uint8_t *at) {
	uint8_t access = at[3];
	return (struct acpi_gas){
		.space = at[0],
		.bit_width = at[1],
		.access_bytes = access >= 1 && access <= 4 ? (uint8_t)(1u << (access - 1)) : 0,
		.address = read64(at + 4),
	};
}

bool acpi_spcr_read(uint64_t rsdp, struct acpi_spcr *spcr) {
	const uint8_t *table = find_bytes(rsdp, "SPCR", SPCR_BYTES_MIN);
	if (table == NULL)
		return false;
	*spcr = (struct acpi_spcr){.type = table[SPCR_TYPE], .uart = gas_at(table + SPCR_UART)};
	return spcr->uart.address != 0;
}

bool acpi_fadt_read(uint64_t rsdp, struct acpi_fadt *fadt) {
	const uint8_t *table = find_bytes(rsdp, "FACP", FADT_FLAGS + 4);
	if (table == NULL)
		return false;
	uint32_t length = read32(table + 4);
	uint32_t flags = read32(table + FADT_FLAGS);
	*fadt = (struct acpi_fadt){.pm_timer_32bit = (flags & FADT_FLAG_TMR_VAL_EXT) != 0};
	if (length >= FADT_X_PM_TIMER + GAS_BYTES)
		fadt->pm_timer = gas_at(table + FADT_X_PM_TIMER);
	if (fadt->pm_timer.address == 0) {
		fadt->pm_timer = (struct acpi_gas){.space = ACPI_SPACE_IO,
						   .bit_width = 32,
						   .access_bytes = 4,
						   .address = read32(table + FADT_PM_TIMER)};
	}
	if (length >= FADT_ARM_BOOT + 2) {
		fadt->reset = gas_at(table + FADT_RESET);
		fadt->reset_value = table[FADT_RESET_VALUE];
		fadt->reset_supported = (flags & FADT_FLAG_RESET) != 0 && fadt->reset.address != 0;
		fadt->psci = (table[FADT_ARM_BOOT] & FADT_ARM_PSCI) != 0;
		fadt->psci_hvc = (table[FADT_ARM_BOOT] & FADT_ARM_PSCI_HVC) != 0;
	}
	return true;
}

bool acpi_gtdt_read(uint64_t rsdp, struct acpi_gtdt *gtdt) {
	const uint8_t *table = find_bytes(rsdp, "GTDT", GTDT_BYTES_MIN);
	if (table == NULL)
		return false;
	*gtdt = (struct acpi_gtdt){
		.secure_el1 = read32(table + GTDT_SECURE_EL1),
		.physical_el1 = read32(table + GTDT_PHYSICAL_EL1),
		.virtual_el1 = read32(table + GTDT_VIRTUAL_EL1),
		.physical_el2 = read32(table + GTDT_PHYSICAL_EL2),
	};
	return true;
}

bool acpi_madt_open(uint64_t rsdp, struct acpi_madt *madt) {
	const uint8_t *table = find_bytes(rsdp, "APIC", MADT_ENTRIES);
	if (table == NULL)
		return false;
	*madt = (struct acpi_madt){
		.local_apic = read32(table + MADT_LOCAL_APIC),
		.at = table + MADT_ENTRIES,
		.end = table + read32(table + 4),
	};
	return true;
}

/* Fields of an entry of at least the type's length (5.2.12.2 to 5.2.12.18). */
static void madt_entry_decode(const uint8_t *at, struct acpi_madt_entry *entry) {
	switch (entry->type) {
	case ACPI_MADT_LOCAL_APIC:
		entry->id = at[3];
		entry->enabled = (at[4] & 1) != 0;
		break;
	case ACPI_MADT_IO_APIC:
		entry->id = at[2];
		entry->address = read32(at + 4);
		break;
	case ACPI_MADT_LOCAL_APIC_ADDRESS:
		entry->address = read64(at + 4);
		break;
	case ACPI_MADT_LOCAL_X2APIC:
		entry->id = read32(at + 4);
		entry->enabled = (at[8] & 1) != 0;
		break;
	case ACPI_MADT_GICC:
		entry->enabled = (at[12] & 1) != 0;
		entry->address = read64(at + 32);
		entry->redistributor = read64(at + 60);
		entry->id = read64(at + 68);
		break;
	case ACPI_MADT_GICD:
		entry->address = read64(at + 8);
		entry->gic_version = at[20];
		break;
	case ACPI_MADT_GICR:
		entry->address = read64(at + 4);
		entry->length = read32(at + 12);
		break;
	default:
		break;
	}
}

static unsigned madt_length_min(uint8_t type) {
	switch (type) {
	case ACPI_MADT_LOCAL_APIC:
		return 8;
	case ACPI_MADT_IO_APIC:
	case ACPI_MADT_LOCAL_APIC_ADDRESS:
		return 12;
	case ACPI_MADT_LOCAL_X2APIC:
	case ACPI_MADT_GICR:
		return 16;
	case ACPI_MADT_GICC:
		return 76;
	case ACPI_MADT_GICD:
		return 24;
	default:
		return 2;
	}
}

bool acpi_madt_next(struct acpi_madt *madt, struct acpi_madt_entry *entry) {
	if (madt->end - madt->at < 2)
		return false;
	uint8_t type = madt->at[0];
	uint8_t length = madt->at[1];
	if (length < madt_length_min(type) || length > madt->end - madt->at)
		return false;
	*entry = (struct acpi_madt_entry){.type = type};
	madt_entry_decode(madt->at, entry);
	madt->at += length;
	return true;
}
