/* SPDX-License-Identifier: Apache-2.0
 *
 * ACPI tables for tests, built byte by byte: an RSDP with both roots, and tables behind them. A test
 * calls acpi_setup first.
 */
#pragma once

#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

enum { AREA_BYTES = 65536, RSDT_AT = 0x100, XSDT_AT = 0x200, TABLES_AT = 0x400 };

/* Below 4 GiB: an RSDT has 32-bit addresses. Tables end where unmapped memory begins, where a test asks for it. */
static uint8_t *area;
static uint32_t area_used;
static unsigned entry_count;

static inline void put(uint8_t *at, uint64_t value, unsigned bytes) {
	for (unsigned i = 0; i < bytes; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

static inline void seal(uint8_t *bytes, uint32_t length, unsigned checksum_at) {
	uint8_t sum = 0;
	bytes[checksum_at] = 0;
	for (uint32_t i = 0; i < length; i++)
		sum = (uint8_t)(sum + bytes[i]);
	bytes[checksum_at] = (uint8_t)-sum;
}

static inline uint64_t address(const void *pointer) {
	return (uint64_t)(uintptr_t)pointer;
}

static inline void header(uint8_t *table, const char *signature, uint32_t length) {
	memcpy(table, signature, 4);
	put(table + 4, length, 4);
}

static inline void roots_seal(unsigned revision) {
	uint8_t *rsdt = area + RSDT_AT, *xsdt = area + XSDT_AT;
	header(rsdt, "RSDT", 36 + 4 * entry_count);
	header(xsdt, "XSDT", 36 + 8 * entry_count);
	seal(rsdt, 36 + 4 * entry_count, 9);
	seal(xsdt, 36 + 8 * entry_count, 9);
	memcpy(area, "RSD PTR ", 8);
	area[15] = (uint8_t)revision;
	put(area + 16, address(rsdt), 4);
	put(area + 20, 36, 4);
	put(area + 24, address(xsdt), 8);
	seal(area, 20, 8);
	seal(area, 36, 32);
}

static inline void acpi_setup(void) {
	area = mmap(NULL, AREA_BYTES + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	cr_assert_neq(area, MAP_FAILED);
	cr_assert_eq(mprotect(area + AREA_BYTES, 4096, PROT_NONE), 0);
	area_used = TABLES_AT;
	entry_count = 0;
	roots_seal(2);
}

/* A table of `length` zero bytes, listed in both roots. Odd lengths leave the next one unaligned, as firmware does. */
static inline uint8_t *table_add(const char *signature, uint32_t length) {
	uint8_t *table = area + area_used;
	area_used += length;
	cr_assert_leq(area_used, AREA_BYTES);
	header(table, signature, length);
	put(area + RSDT_AT + 36 + 4 * entry_count, address(table), 4);
	put(area + XSDT_AT + 36 + 8 * entry_count, address(table), 8);
	entry_count++;
	seal(table, length, 9);
	roots_seal(2);
	return table;
}

static inline uint64_t rsdp(void) {
	return address(area);
}
