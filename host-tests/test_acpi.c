/* SPDX-License-Identifier: Apache-2.0
 *
 * ACPI tables built byte by byte, offsets as in ACPI 6.4 (5.2.5, 5.2.8, 5.2.9, 5.2.12, 5.2.25); then broken in every
 * way that firmware breaks them.
 */
#include "kernel/acpi.h"

#include "host-tests/acpi_build.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(acpi, .init = acpi_setup);

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

/* Lengths around whole words, and more of the greatest byte than lanes of 16 bits could hold the sum of. */
Test(acpi, every_byte_counts_in_the_sum) {
	const uint32_t lengths[] = {36, 37, 39, 40, 41, 47, 48, 49, 1023, 1024, 1025, 1032, 2048, 5001};
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		acpi_setup();
		uint8_t *table = table_add("AAAA", lengths[i]);
		memset(table + 10, 0xff, lengths[i] - 10);
		seal(table, lengths[i], 9);
		cr_expect_eq((const void *)acpi_find(rsdp(), "AAAA"), table, "%u bytes", lengths[i]);
		for (uint32_t at = 10; at < lengths[i]; at++) {
			table[at] ^= 0x80;
			cr_expect_null(acpi_find(rsdp(), "AAAA"), "%u bytes, byte %u", lengths[i], at);
			table[at] ^= 0x80;
		}
	}
}

Test(acpi, a_sound_table_behind_a_broken_one) {
	table_add("AAAA", 40)[39] = 7;
	const uint8_t *second = table_add("AAAA", 44);
	cr_expect_eq((const void *)acpi_find(rsdp(), "AAAA"), second);
}

Test(acpi, fadt_of_every_length) {
	/* The longest first; then it is cut, byte by byte, against unmapped memory: what is not there is not read. */
	for (uint32_t length = 276; length >= 36; length--) {
		acpi_setup();
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
		cr_expect_eq(fadt.reset_supported, length >= 129, "%u bytes", length);
		cr_expect_eq(fadt.reset.address, length >= 129 ? 0x09030000 : 0);
		cr_expect_eq(fadt.reset_value, length >= 129 ? 0x5a : 0);
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
		acpi_setup();
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

Test(acpi, hpet) {
	struct acpi_gas at;
	cr_expect_not(acpi_hpet_read(rsdp(), &at));
	uint8_t *table = table_add("HPET", 56);
	cr_expect_not(acpi_hpet_read(rsdp(), &at), "no address");
	put(table + 44, 0xfed00000, 8);
	seal(table, 56, 9);
	cr_assert(acpi_hpet_read(rsdp(), &at));
	cr_expect_eq(at.address, 0xfed00000);
	cr_expect_eq(at.space, ACPI_SPACE_MEMORY);
	put(table + 44, UINT64_C(1) << 48, 8);
	seal(table, 56, 9);
	cr_expect_not(acpi_hpet_read(rsdp(), &at), "no page table reaches it");
	put(table + 44, 0xfed00000, 8);
	put(table + 4, 55, 4);
	seal(table, 55, 9);
	cr_expect_not(acpi_hpet_read(rsdp(), &at), "not whole");
}

enum { PPTT_PACKAGE = 1, PPTT_UID = 2, PPTT_THREAD = 4 };

/* A processor node, at `at` of the table; the place behind it. */
static uint32_t pptt_node(uint8_t *table, uint32_t at, uint32_t flags, uint32_t parent, uint32_t uid) {
	table[at] = 0;
	table[at + 1] = 20;
	put(table + at + 4, flags, 4);
	put(table + at + 8, parent, 4);
	put(table + at + 12, uid, 4);
	return at + 20;
}

/* Two packages of which the first has a core of two threads and one of one, the second a core that is the package; a
 * cache between. A container has a UID, too. */
Test(acpi, pptt) {
	enum { LENGTH = 36 + 7 * 20 + 24 };
	struct acpi_pptt_place place, another;
	cr_expect_not(acpi_pptt_find(rsdp(), 0, &place));
	uint8_t *table = table_add("PPTT", LENGTH);
	uint32_t package = 36, core = pptt_node(table, package, PPTT_PACKAGE | PPTT_UID, 0, 1);
	table[core] = 1; /* a cache */
	table[core + 1] = 24;
	core += 24;
	uint32_t at = pptt_node(table, core, 0, package, 0);
	at = pptt_node(table, at, PPTT_UID | PPTT_THREAD, core, 0);
	at = pptt_node(table, at, PPTT_UID | PPTT_THREAD, core, 1);
	uint32_t single = at;
	at = pptt_node(table, at, PPTT_UID, package, 2);
	uint32_t second = at;
	at = pptt_node(table, at, PPTT_PACKAGE | PPTT_UID, 0, 3);
	at = pptt_node(table, at, PPTT_UID, at, 4); /* its own parent */
	cr_assert_eq(at, LENGTH);
	seal(table, LENGTH, 9);
	const struct acpi_pptt_place wanted[] = {
		{core, core, package}, {core, core, package}, {single, single, package}, {second, second, second}};
	for (uint32_t uid = 0; uid < 4; uid++) {
		cr_assert(acpi_pptt_find(rsdp(), uid, &place), "%u", uid);
		cr_expect_eq(place.core, wanted[uid].core, "%u", uid);
		cr_expect_eq(place.cluster, wanted[uid].cluster, "%u", uid);
		cr_expect_eq(place.package, wanted[uid].package, "%u", uid);
	}
	cr_expect_not(acpi_pptt_find(rsdp(), 4, &another), "it is nobody's leaf");
	cr_expect_not(acpi_pptt_find(rsdp(), 5, &another));
	table[core - 24 + 1] = 0; /* an entry without a length ends the walk */
	seal(table, LENGTH, 9);
	cr_expect_not(acpi_pptt_find(rsdp(), 2, &place));
}
