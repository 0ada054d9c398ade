/* SPDX-License-Identifier: Apache-2.0
 *
 * ACPI tables built byte by byte, offsets as in ACPI 6.4 (5.2.5, 5.2.8, 5.2.9, 5.2.12, 5.2.25) and Microsoft's SPCR
 * document; then broken in every way that firmware breaks them.
 */
#include "kernel/acpi.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/mman.h>

enum { AREA_BYTES = 65536, RSDT_AT = 0x100, XSDT_AT = 0x200, TABLES_AT = 0x400 };

/* Below 4 GiB: an RSDT has 32-bit addresses. Tables end where unmapped memory begins, where a test asks for it. */
static uint8_t *area;
static uint32_t area_used;
static unsigned entry_count;

static void put(uint8_t *at, uint64_t value, unsigned bytes) {
	for (unsigned i = 0; i < bytes; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

static void seal(uint8_t *bytes, uint32_t length, unsigned checksum_at) {
	uint8_t sum = 0;
	bytes[checksum_at] = 0;
	for (uint32_t i = 0; i < length; i++)
		sum = (uint8_t)(sum + bytes[i]);
	bytes[checksum_at] = (uint8_t)-sum;
}

static uint64_t address(const void *pointer) {
	return (uint64_t)(uintptr_t)pointer;
}

static void header(uint8_t *table, const char *signature, uint32_t length) {
	memcpy(table, signature, 4);
	put(table + 4, length, 4);
}

static void roots_seal(unsigned revision) {
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

static void setup(void) {
	area = mmap(NULL, AREA_BYTES + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	cr_assert_neq(area, MAP_FAILED);
	cr_assert_eq(mprotect(area + AREA_BYTES, 4096, PROT_NONE), 0);
	area_used = TABLES_AT;
	entry_count = 0;
	roots_seal(2);
}

/* A table of `length` zero bytes, listed in both roots. Odd lengths leave the next one unaligned, as firmware does. */
static uint8_t *table_add(const char *signature, uint32_t length) {
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

static uint64_t rsdp(void) {
	return address(area);
}

TestSuite(acpi, .init = setup);

Test(acpi, finds_by_signature) {
	const uint8_t *first = table_add("AAAA", 37), *second = table_add("BBBB", 41);
	cr_expect_eq((const void *)acpi_find(rsdp(), "AAAA"), first);
	cr_expect_eq((const void *)acpi_find(rsdp(), "BBBB"), second);
	cr_expect_null(acpi_find(rsdp(), "CCCC"));
	cr_expect_null(acpi_find(0, "AAAA"));
}

Test(acpi, rsdt_where_there_is_no_xsdt) {
	const uint8_t *table = table_add("AAAA", 40);
	put(area + XSDT_AT + 36, 0, 8);
	area[XSDT_AT]++; /* broken: not to be believed */
	cr_expect_eq((const void *)acpi_find(rsdp(), "AAAA"), table);
	roots_seal(0);
	put(area + 24, UINT64_C(0xdeadbeef00000000), 8); /* ACPI 1.0 has no such field */
	cr_expect_eq((const void *)acpi_find(rsdp(), "AAAA"), table);
}

Test(acpi, broken_is_absent) {
	uint8_t *table = table_add("AAAA", 40);
	table[39] ^= 1;
	cr_expect_null(acpi_find(rsdp(), "AAAA"), "checksum");
	table[39] ^= 1;
	cr_expect_not_null(acpi_find(rsdp(), "AAAA"));
	put(table + 4, 35, 4);
	cr_expect_null(acpi_find(rsdp(), "AAAA"), "shorter than its header");
	put(table + 4, 0xffffffff, 4);
	cr_expect_null(acpi_find(rsdp(), "AAAA"), "endless: must not be summed");
	put(table + 4, 40, 4);
	area[8]++;
	cr_expect_null(acpi_find(rsdp(), "AAAA"), "checksum of the RSDP");
	area[8]--;
	area[0] = 'X';
	cr_expect_null(acpi_find(rsdp(), "AAAA"), "signature of the RSDP");
}

Test(acpi, a_sound_table_behind_a_broken_one) {
	table_add("AAAA", 40)[39] = 7;
	const uint8_t *second = table_add("AAAA", 44);
	cr_expect_eq((const void *)acpi_find(rsdp(), "AAAA"), second);
}

Test(acpi, spcr) {
	struct acpi_spcr spcr;
	cr_expect(!acpi_spcr_read(rsdp(), &spcr));
	uint8_t *table = table_add("SPCR", 81);
	table[36] = ACPI_UART_PL011;
	table[41] = 32;
	table[43] = 3; /* dword access */
	put(table + 44, UINT64_C(0x109000000), 8);
	seal(table, 81, 9);
	cr_assert(acpi_spcr_read(rsdp(), &spcr));
	cr_expect_eq(spcr.type, ACPI_UART_PL011);
	cr_expect_eq(spcr.uart.space, ACPI_SPACE_MEMORY);
	cr_expect_eq(spcr.uart.address, UINT64_C(0x109000000));
	cr_expect_eq(spcr.uart.access_bytes, 4);
	cr_expect_eq(spcr.uart.bit_width, 32);
	table[43] = 9;
	put(table + 44, 0x3f8, 8);
	seal(table, 81, 9);
	cr_assert(acpi_spcr_read(rsdp(), &spcr));
	cr_expect_eq(spcr.uart.access_bytes, 0, "reserved access size");
	put(table + 44, 0, 8); /* the platform says: no console */
	seal(table, 81, 9);
	cr_expect(!acpi_spcr_read(rsdp(), &spcr));
}

Test(acpi, fadt_of_every_length) {
	/* The longest first; then it is cut, byte by byte, against unmapped memory: what is not there is not read. */
	for (uint32_t length = 276; length >= 36; length--) {
		setup();
		area_used = AREA_BYTES - length;
		uint8_t full[276] = {0};
		put(full + 76, 0x608, 4);
		put(full + 112, 1u << 8 | 1u << 10, 4);
		put(full + 120, 0x09030000, 8);
		full[128] = 0x5a;
		full[129] = 3;
		full[208] = ACPI_SPACE_IO;
		put(full + 212, 0x1808, 8);
		uint8_t *table = table_add("FACP", length);
		memcpy(table + 36, full + 36, length - 36);
		seal(table, length, 9);
		struct acpi_fadt fadt;
		cr_assert_eq(acpi_fadt_read(rsdp(), &fadt), length >= 116);
		if (length < 116)
			continue;
		cr_expect(fadt.pm_timer_32bit);
		cr_expect_eq(fadt.pm_timer.address, length >= 220 ? 0x1808 : 0x608);
		cr_expect_eq(fadt.pm_timer.space, ACPI_SPACE_IO);
		cr_expect_eq(fadt.psci && fadt.psci_hvc, length >= 131);
		cr_expect_eq(fadt.reset_supported, length >= 131);
		cr_expect_eq(fadt.reset_value, length >= 131 ? 0x5a : 0);
		munmap(area, AREA_BYTES + 4096);
	}
}

Test(acpi, gtdt) {
	struct acpi_gtdt gtdt;
	uint8_t *table = table_add("GTDT", 96);
	put(table + 48, 29, 4);
	put(table + 56, 30, 4);
	put(table + 64, 27, 4);
	put(table + 72, 26, 4);
	seal(table, 96, 9);
	cr_assert(acpi_gtdt_read(rsdp(), &gtdt));
	cr_expect_eq(gtdt.secure_el1, 29);
	cr_expect_eq(gtdt.physical_el1, 30);
	cr_expect_eq(gtdt.virtual_el1, 27);
	cr_expect_eq(gtdt.physical_el2, 26);
}

/* Entries as x86_64 and aarch64 have them, in one table, in the order of the type. */
static uint32_t madt_fill(uint8_t *at) {
	uint8_t *entry = at;
	entry[0] = ACPI_MADT_LOCAL_APIC, entry[1] = 8, entry[3] = 5, entry[4] = 1;
	entry += 8;
	entry[0] = ACPI_MADT_IO_APIC, entry[1] = 12, entry[2] = 2;
	put(entry + 4, 0xfec00000, 4);
	entry += 12;
	entry[0] = ACPI_MADT_LOCAL_APIC_ADDRESS, entry[1] = 12;
	put(entry + 4, UINT64_C(0x1fee00000), 8);
	entry += 12;
	entry[0] = ACPI_MADT_LOCAL_X2APIC, entry[1] = 16;
	put(entry + 4, 0x12345, 4);
	entry += 16;
	entry[0] = ACPI_MADT_GICC, entry[1] = 80, entry[12] = 1;
	put(entry + 32, 0x08010000, 8);
	put(entry + 60, 0x080a0000, 8);
	put(entry + 68, UINT64_C(0x100000203), 8);
	entry += 80;
	entry[0] = ACPI_MADT_GICD, entry[1] = 24, entry[20] = 3;
	put(entry + 8, 0x08000000, 8);
	entry += 24;
	entry[0] = ACPI_MADT_GICR, entry[1] = 16;
	put(entry + 4, 0x080b0000, 8);
	put(entry + 12, 0xf60000, 4);
	entry += 16;
	entry[0] = 0x7f, entry[1] = 3; /* of a later specification */
	entry += 3;
	return (uint32_t)(entry - at);
}

Test(acpi, madt) {
	uint8_t entries[256] = {0};
	uint32_t length = 44 + madt_fill(entries);
	uint8_t *table = table_add("APIC", length);
	put(table + 36, 0xfee00000, 4);
	memcpy(table + 44, entries, length - 44);
	seal(table, length, 9);

	static const struct acpi_madt_entry expected[] = {
		{.type = ACPI_MADT_LOCAL_APIC, .enabled = true, .id = 5},
		{.type = ACPI_MADT_IO_APIC, .id = 2, .address = 0xfec00000},
		{.type = ACPI_MADT_LOCAL_APIC_ADDRESS, .address = UINT64_C(0x1fee00000)},
		{.type = ACPI_MADT_LOCAL_X2APIC, .id = 0x12345},
		{.type = ACPI_MADT_GICC,
		 .enabled = true,
		 .id = UINT64_C(0x100000203),
		 .address = 0x08010000,
		 .redistributor = 0x080a0000},
		{.type = ACPI_MADT_GICD, .gic_version = 3, .address = 0x08000000},
		{.type = ACPI_MADT_GICR, .address = 0x080b0000, .length = 0xf60000},
		{.type = 0x7f},
	};
	struct acpi_madt madt;
	struct acpi_madt_entry entry;
	cr_assert(acpi_madt_open(rsdp(), &madt));
	cr_expect_eq(madt.local_apic, 0xfee00000);
	for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
		cr_assert(acpi_madt_next(&madt, &entry), "entry %zu", i);
		cr_expect_eq(entry.type, expected[i].type, "entry %zu", i);
		cr_expect_eq(entry.enabled, expected[i].enabled, "entry %zu", i);
		cr_expect_eq(entry.gic_version, expected[i].gic_version, "entry %zu", i);
		cr_expect_eq(entry.id, expected[i].id, "entry %zu", i);
		cr_expect_eq(entry.address, expected[i].address, "entry %zu", i);
		cr_expect_eq(entry.redistributor, expected[i].redistributor, "entry %zu", i);
		cr_expect_eq(entry.length, expected[i].length, "entry %zu", i);
	}
	cr_expect(!acpi_madt_next(&madt, &entry));
}

/* Cut at every byte, the table ending where memory ends: the walk ends, and reads nothing behind it. */
Test(acpi, madt_of_every_length) {
	uint8_t entries[256] = {0};
	uint32_t full = 44 + madt_fill(entries);
	unsigned seen_max = 0;
	for (uint32_t length = 36; length <= full; length++) {
		setup();
		area_used = AREA_BYTES - length;
		uint8_t *table = table_add("APIC", length);
		if (length > 44)
			memcpy(table + 44, entries, length - 44);
		seal(table, length, 9);
		struct acpi_madt madt;
		struct acpi_madt_entry entry;
		unsigned seen = 0;
		if (acpi_madt_open(rsdp(), &madt)) {
			while (acpi_madt_next(&madt, &entry))
				seen++;
		}
		cr_expect_geq(seen, seen_max);
		seen_max = seen;
		munmap(area, AREA_BYTES + 4096);
	}
	cr_expect_eq(seen_max, 8);
}

Test(acpi, madt_entry_lengths_are_not_believed) {
	uint8_t *table = table_add("APIC", 64);
	struct acpi_madt madt;
	struct acpi_madt_entry entry;
	for (unsigned length = 0; length < 256; length++) {
		table[44] = ACPI_MADT_LOCAL_APIC;
		table[45] = (uint8_t)length;
		seal(table, 64, 9);
		cr_assert(acpi_madt_open(rsdp(), &madt));
		cr_expect_eq(acpi_madt_next(&madt, &entry), length >= 8 && length <= 20, "length %u", length);
	}
}
