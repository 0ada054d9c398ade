/* SPDX-License-Identifier: Apache-2.0
 *
 * ACPI tables; see acpi.h.
 */
#include "lib/acpi.h"

enum {
	RSDP_BYTES_1 = 20, /* ACPI 1.0: as far as its checksum goes */
	RSDP_BYTES_2 = 36,
	RSDP_REVISION = 15,
	RSDP_RSDT = 16,
	RSDP_XSDT = 24,

	/* A longer table is taken for a broken one: the largest seen on servers (DSDT) stay below. */
	TABLE_BYTES_MAX = 4 * 1024 * 1024,
};

static const uint8_t *bytes_at(uint64_t address) {
	return (const uint8_t *)(uintptr_t)address;
}

/* Eight bytes at a time, in lanes of 16 bits, which are emptied before they could run over: firmware's tables are long,
 * and an emulated kernel feels every instruction. */
static bool sums_to_zero(const uint8_t *bytes, uint32_t length) {
	enum { WORD = sizeof(uint64_t), WORDS_MAX = UINT16_MAX / (2 * UINT8_MAX) };
	const uint64_t even = UINT64_C(0x00ff00ff00ff00ff);
	uint8_t sum = 0;
	while (length >= WORD) {
		uint64_t lanes = 0;
		uint32_t words = length / WORD < WORDS_MAX ? length / WORD : WORDS_MAX;
		const uint8_t *const end = bytes + words * WORD;
		for (; bytes != end; bytes += WORD) {
			uint64_t word = acpi_read64(bytes);
			lanes += (word & even) + (word >> 8 & even);
		}
		sum = (uint8_t)(sum + lanes + (lanes >> 16) + (lanes >> 32) + (lanes >> 48));
		length -= words * WORD;
	}
	while (length-- > 0)
		sum = (uint8_t)(sum + *bytes++);
	return sum == 0;
}

static bool signature_is(const uint8_t *bytes, const char *signature, unsigned length) {
	for (unsigned i = 0; i < length; i++) {
		if (bytes[i] != (uint8_t)signature[i])
			return false;
	}
	return true;
}

static bool all_is_in_reach(uint64_t address, uint64_t length) {
	(void)length;
	return address != 0;
}

/* The table at `address`, where its signature is this one and it is sound. */
static const uint8_t *table_at(uint64_t address, const char signature[4], acpi_reach *reach) {
	if (!reach(address, sizeof(struct acpi_header)))
		return NULL;
	const uint8_t *table = bytes_at(address);
	if (!signature_is(table, signature, 4))
		return NULL;
	uint32_t length = acpi_read32(table + 4);
	if (length < sizeof(struct acpi_header) || length > TABLE_BYTES_MAX || !reach(address, length) ||
	    !sums_to_zero(table, length))
		return NULL;
	return table;
}

/* Looks through a root table whose entries are `width` bytes wide. */
static const uint8_t *find_in(const uint8_t *root, unsigned width, const char signature[4], acpi_reach *reach) {
	uint32_t length = acpi_read32(root + 4);
	for (uint32_t at = sizeof(struct acpi_header); at + width <= length; at += width) {
		const uint8_t *table =
			table_at(width == 8 ? acpi_read64(root + at) : acpi_read32(root + at), signature, reach);
		if (table != NULL)
			return table;
	}
	return NULL;
}

const struct acpi_header *acpi_find_reached(uint64_t rsdp, const char signature[4], acpi_reach *reach) {
	if (!reach(rsdp, RSDP_BYTES_2))
		return NULL;
	const uint8_t *root = bytes_at(rsdp);
	if (!signature_is(root, "RSD PTR ", 8) || !sums_to_zero(root, RSDP_BYTES_1))
		return NULL;
	const uint8_t *found = NULL;
	if (root[RSDP_REVISION] >= 2 && sums_to_zero(root, RSDP_BYTES_2)) {
		const uint8_t *xsdt = table_at(acpi_read64(root + RSDP_XSDT), "XSDT", reach);
		if (xsdt != NULL)
			found = find_in(xsdt, 8, signature, reach);
	}
	if (found == NULL) {
		const uint8_t *rsdt = table_at(acpi_read32(root + RSDP_RSDT), "RSDT", reach);
		if (rsdt != NULL)
			found = find_in(rsdt, 4, signature, reach);
	}
	return (const struct acpi_header *)(const void *)found;
}

const struct acpi_header *acpi_find(uint64_t rsdp, const char signature[4]) {
	return acpi_find_reached(rsdp, signature, all_is_in_reach);
}

const uint8_t *acpi_find_bytes(uint64_t rsdp, const char signature[4], uint32_t length_min, uint32_t *length) {
	const uint8_t *table = (const uint8_t *)acpi_find(rsdp, signature);
	if (table == NULL || acpi_read32(table + 4) < length_min)
		return NULL;
	*length = acpi_read32(table + 4);
	return table;
}

struct acpi_gas acpi_gas_read(const uint8_t at[ACPI_GAS_BYTES]) {
	uint8_t access = at[3];
	uint64_t address = acpi_read64(at + 4);
	bool beyond = at[0] == ACPI_SPACE_MEMORY && address >> 48 != 0;
	return (struct acpi_gas){
		.space = at[0],
		.bit_width = at[1],
		.access_bytes = access >= 1 && access <= 4 ? (uint8_t)(1u << (access - 1)) : 0,
		.address = beyond ? 0 : address,
	};
}
