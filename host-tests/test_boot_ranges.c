/* SPDX-License-Identifier: Apache-2.0
 *
 * The firmware's memory map as the kernel gets it.
 */
#include "boot/memory_ranges.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* UEFI 2.10, 7.2.1 and 7.2.3 */
enum {
	RESERVED = 0,
	LOADER_CODE = 1,
	LOADER_DATA = 2,
	BOOT_CODE = 3,
	BOOT_DATA = 4,
	RUNTIME_CODE = 5,
	RUNTIME_DATA = 6,
	CONVENTIONAL = 7,
	UNUSABLE = 8,
	ACPI_RECLAIM = 9,
	ACPI_NVS = 10,
	MMIO = 11,
	MMIO_PORT = 12,
	PAL_CODE = 13,
	PERSISTENT = 14,
	UNACCEPTED = 15,
};
#define ATTRIBUTE_UC      UINT64_C(1)
#define ATTRIBUTE_WB      UINT64_C(8)
#define ATTRIBUTE_SP      UINT64_C(0x40000)
#define ATTRIBUTE_RUNTIME (UINT64_C(1) << 63)

#define PAGE              UINT64_C(4096)
#define INPUTS_MAX        6000
#define DESCRIPTOR_BYTES  48

struct descriptor {
	uint32_t type;
	uint32_t padding;
	uint64_t start;
	uint64_t virtual_start;
	uint64_t pages;
	uint64_t attribute;
};

static uint8_t map[INPUTS_MAX * 128];
static size_t map_bytes;
static size_t descriptor_bytes;
static struct boot_range ranges[MEMORY_RANGES_CAPACITY(INPUTS_MAX)];
static struct memory_ranges list;

static void start(void) {
	map_bytes = 0;
	descriptor_bytes = DESCRIPTOR_BYTES;
	list = (struct memory_ranges){.ranges = ranges, .capacity = sizeof(ranges) / sizeof(ranges[0])};
}
TestSuite(boot_ranges, .init = start);

static void add_with(uint32_t type, uint64_t start_address, uint64_t pages, uint64_t attribute) {
	struct descriptor descriptor = {.type = type, .start = start_address, .pages = pages, .attribute = attribute};
	memset(map + map_bytes, 0xaa, descriptor_bytes);
	memcpy(map + map_bytes, &descriptor, sizeof(descriptor));
	map_bytes += descriptor_bytes;
}

static void add(uint32_t type, uint64_t first_page, uint64_t pages) {
	add_with(type, first_page * PAGE, pages, ATTRIBUTE_UC | ATTRIBUTE_WB);
}

static void convert(enum boot_hold hold) {
	memory_ranges_add_map(&list, map, map_bytes, descriptor_bytes, hold);
}

static void expect_sound(void) {
	for (size_t i = 0; i < list.count; i++) {
		cr_expect_eq(ranges[i].base % PAGE, 0);
		cr_expect_eq(ranges[i].length % PAGE, 0);
		cr_expect_gt(ranges[i].length, 0);
		cr_expect(ranges[i].kind >= BOOT_RANGE_USABLE && ranges[i].kind <= BOOT_RANGE_MMIO);
		cr_expect_eq(ranges[i].reserved, 0);
		if (i == 0)
			continue;
		uint64_t before = ranges[i - 1].base + ranges[i - 1].length;
		cr_expect_leq(before, ranges[i].base, "range %zu overlaps", i);
		cr_expect(before < ranges[i].base || ranges[i - 1].kind != ranges[i].kind, "range %zu is not merged",
			  i);
	}
}

static void expect_range(size_t index, uint64_t first_page, uint64_t pages, uint32_t kind) {
	cr_assert_lt(index, list.count);
	cr_expect_eq(ranges[index].base, first_page * PAGE, "base of %zu is %#lx", index,
		     (unsigned long)ranges[index].base);
	cr_expect_eq(ranges[index].length, pages * PAGE, "length of %zu is %#lx", index,
		     (unsigned long)ranges[index].length);
	cr_expect_eq(ranges[index].kind, kind, "kind of %zu is %u", index, ranges[index].kind);
}

static uint32_t kind_at(uint64_t address) {
	for (size_t i = 0; i < list.count; i++)
		if (address >= ranges[i].base && address - ranges[i].base < ranges[i].length)
			return ranges[i].kind;
	return 0;
}

Test(boot_ranges, empty_map_is_empty) {
	convert(BOOT_HOLD_TAKEOVER);
	memory_ranges_finish(&list);
	cr_expect_eq(list.count, 0);
}

Test(boot_ranges, every_type_under_takeover) {
	static const uint32_t kinds[] = {
		[RESERVED] = BOOT_RANGE_RESERVED,
		[LOADER_CODE] = BOOT_RANGE_RECLAIMABLE,
		[LOADER_DATA] = BOOT_RANGE_RECLAIMABLE,
		[BOOT_CODE] = BOOT_RANGE_RECLAIMABLE,
		[BOOT_DATA] = BOOT_RANGE_RECLAIMABLE,
		[RUNTIME_CODE] = BOOT_RANGE_RESERVED,
		[RUNTIME_DATA] = BOOT_RANGE_RESERVED,
		[CONVENTIONAL] = BOOT_RANGE_USABLE,
		[UNUSABLE] = 0,
		[ACPI_RECLAIM] = BOOT_RANGE_ACPI,
		[ACPI_NVS] = BOOT_RANGE_ACPI,
		[MMIO] = BOOT_RANGE_MMIO,
		[MMIO_PORT] = BOOT_RANGE_MMIO,
		[PAL_CODE] = BOOT_RANGE_RESERVED,
		[PERSISTENT] = 0,
		[UNACCEPTED] = 0,
		[16] = BOOT_RANGE_RESERVED,
	};
	size_t types = sizeof(kinds) / sizeof(kinds[0]);
	for (uint32_t type = 0; type < types; type++)
		add(type, 16 + 2 * type, 1);
	add(0x80000000, 1000, 1); /* an operating system's own */
	convert(BOOT_HOLD_TAKEOVER);
	memory_ranges_finish(&list);
	for (uint32_t type = 0; type < types; type++)
		cr_expect_eq(kind_at((16 + 2 * type) * PAGE), kinds[type], "type %u", type);
	cr_expect_eq(kind_at(1000 * PAGE), BOOT_RANGE_RESERVED);
	expect_sound();
}

Test(boot_ranges, handback_leaves_all_ram_to_the_firmware) {
	for (uint32_t type = 0; type < 16; type++)
		add(type, 16 + type, 1);
	convert(BOOT_HOLD_HANDBACK);
	memory_ranges_claim(&list, 16 * PAGE + CONVENTIONAL * PAGE, PAGE, BOOT_RANGE_USABLE);
	memory_ranges_finish(&list);
	for (size_t i = 0; i < list.count; i++)
		cr_expect_neq(ranges[i].kind, BOOT_RANGE_RECLAIMABLE);
	cr_expect_eq(kind_at((16 + CONVENTIONAL) * PAGE), BOOT_RANGE_USABLE);
	cr_expect_eq(kind_at((16 + BOOT_DATA) * PAGE), BOOT_RANGE_RESERVED);
	cr_expect_eq(kind_at((16 + ACPI_NVS) * PAGE), BOOT_RANGE_ACPI);
	expect_sound();
}

Test(boot_ranges, attributes_decide) {
	add_with(BOOT_CODE, 16 * PAGE, 1, ATTRIBUTE_WB | ATTRIBUTE_RUNTIME);
	add_with(CONVENTIONAL, 18 * PAGE, 1, ATTRIBUTE_WB | ATTRIBUTE_SP);
	add_with(RESERVED, 20 * PAGE, 1, ATTRIBUTE_UC); /* a PCI configuration window */
	add_with(RESERVED, 22 * PAGE, 1, 0);            /* the HyperTransport hole */
	add_with(RESERVED, 24 * PAGE, 1, ATTRIBUTE_UC | ATTRIBUTE_WB);
	convert(BOOT_HOLD_TAKEOVER);
	memory_ranges_finish(&list);
	cr_assert_eq(list.count, 4);
	expect_range(0, 16, 1, BOOT_RANGE_RESERVED);
	expect_range(1, 18, 1, BOOT_RANGE_RESERVED);
	expect_range(2, 20, 1, BOOT_RANGE_MMIO);
	expect_range(3, 24, 1, BOOT_RANGE_RESERVED);
}

Test(boot_ranges, descriptors_of_any_size) {
	static const size_t sizes[] = {40, 48, 56, 64, 41, 127};
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		start();
		descriptor_bytes = sizes[i];
		add(CONVENTIONAL, 16, 4);
		add(ACPI_RECLAIM, 20, 1);
		map_bytes += 3; /* a torn descriptor at the end is not read */
		convert(BOOT_HOLD_TAKEOVER);
		memory_ranges_finish(&list);
		cr_assert_eq(list.count, 2, "descriptors of %zu bytes", sizes[i]);
		expect_range(0, 16, 4, BOOT_RANGE_USABLE);
		expect_range(1, 20, 1, BOOT_RANGE_ACPI);
	}
	start();
	add(CONVENTIONAL, 16, 4);
	descriptor_bytes = 39; /* none of the standard's: nothing can be believed */
	convert(BOOT_HOLD_TAKEOVER);
	cr_expect_eq(list.count, 0);
}

Test(boot_ranges, neighbours_of_one_kind_are_merged) {
	add(CONVENTIONAL, 16, 4);
	add(CONVENTIONAL, 20, 4);
	add(BOOT_CODE, 24, 1);
	add(BOOT_DATA, 25, 1);
	add(BOOT_DATA, 27, 1);
	convert(BOOT_HOLD_TAKEOVER);
	memory_ranges_finish(&list);
	cr_assert_eq(list.count, 3);
	expect_range(0, 16, 8, BOOT_RANGE_USABLE);
	expect_range(1, 24, 2, BOOT_RANGE_RECLAIMABLE);
	expect_range(2, 27, 1, BOOT_RANGE_RECLAIMABLE);
}

Test(boot_ranges, where_two_overlap_the_more_restrictive_stands) {
	add(CONVENTIONAL, 16, 16);
	add(RUNTIME_DATA, 20, 4);
	add(BOOT_DATA, 22, 6);
	add(UNUSABLE, 30, 1);
	add(CONVENTIONAL, 29, 3);
	convert(BOOT_HOLD_TAKEOVER);
	memory_ranges_finish(&list);
	cr_assert_eq(list.count, 5);
	expect_range(0, 16, 4, BOOT_RANGE_USABLE);
	expect_range(1, 20, 4, BOOT_RANGE_RESERVED);
	expect_range(2, 24, 4, BOOT_RANGE_RECLAIMABLE);
	expect_range(3, 28, 2, BOOT_RANGE_USABLE);
	expect_range(4, 31, 1, BOOT_RANGE_USABLE);
	expect_sound();
}

Test(boot_ranges, page_0_is_withheld) {
	add(BOOT_CODE, 0, 1);
	add(CONVENTIONAL, 1, 159);
	convert(BOOT_HOLD_TAKEOVER);
	memory_ranges_finish(&list);
	cr_assert_eq(list.count, 2);
	expect_range(0, 0, 1, BOOT_RANGE_RESERVED);
	expect_range(1, 1, 159, BOOT_RANGE_USABLE);

	start();
	add(CONVENTIONAL, 0, 160);
	convert(BOOT_HOLD_TAKEOVER);
	memory_ranges_finish(&list);
	cr_assert_eq(list.count, 2);
	expect_range(0, 0, 1, BOOT_RANGE_RESERVED);

	start();
	add(MMIO, 0, 2);
	convert(BOOT_HOLD_TAKEOVER);
	memory_ranges_finish(&list);
	cr_assert_eq(list.count, 1);
	expect_range(0, 0, 2, BOOT_RANGE_MMIO);
}

Test(boot_ranges, claims_stand_over_everything) {
	add(BOOT_DATA, 16, 16);
	add(LOADER_CODE, 32, 16);
	convert(BOOT_HOLD_TAKEOVER);
	memory_ranges_claim(&list, 20 * PAGE, 2 * PAGE, BOOT_RANGE_BOOT);
	memory_ranges_claim(&list, 30 * PAGE, 4 * PAGE, BOOT_RANGE_KERNEL);
	memory_ranges_claim(&list, 100 * PAGE, PAGE, BOOT_RANGE_BOOT); /* where the map is silent */
	memory_ranges_claim(&list, 40 * PAGE, 0, BOOT_RANGE_BOOT);
	memory_ranges_finish(&list);
	cr_assert_eq(list.count, 6);
	expect_range(0, 16, 4, BOOT_RANGE_RECLAIMABLE);
	expect_range(1, 20, 2, BOOT_RANGE_BOOT);
	expect_range(2, 22, 8, BOOT_RANGE_RECLAIMABLE);
	expect_range(3, 30, 4, BOOT_RANGE_KERNEL);
	expect_range(4, 34, 14, BOOT_RANGE_RECLAIMABLE);
	expect_range(5, 100, 1, BOOT_RANGE_BOOT);
}

Test(boot_ranges, nonsense_is_survived) {
	add(CONVENTIONAL, 16, 0);
	add_with(CONVENTIONAL, 32 * PAGE + 1, 2, ATTRIBUTE_WB); /* ours shrinks to whole pages */
	add_with(ACPI_RECLAIM, 48 * PAGE + 1, 1, ATTRIBUTE_WB); /* what is not ours grows */
	add_with(CONVENTIONAL, 64 * PAGE, UINT64_MAX, ATTRIBUTE_WB);
	add_with(CONVENTIONAL, UINT64_MAX - PAGE + 1, 2, ATTRIBUTE_WB);
	convert(BOOT_HOLD_TAKEOVER);
	memory_ranges_finish(&list);
	cr_assert_eq(list.count, 3);
	expect_range(0, 33, 1, BOOT_RANGE_USABLE);
	expect_range(1, 48, 2, BOOT_RANGE_ACPI);
	expect_range(2, 64, (UINT64_C(1) << 40) - 64, BOOT_RANGE_USABLE);
}

Test(boot_ranges, a_full_list_is_not_overrun) {
	struct boot_range room[5];
	memset(room, 0x55, sizeof(room));
	list = (struct memory_ranges){.ranges = room, .capacity = 4};
	for (uint64_t page = 16; page < 64; page += 2)
		add(CONVENTIONAL, page, 1);
	add(RUNTIME_DATA, 16, 64);
	convert(BOOT_HOLD_TAKEOVER);
	memory_ranges_claim(&list, 0, 1000 * PAGE, BOOT_RANGE_BOOT);
	memory_ranges_finish(&list);
	cr_expect_leq(list.count, 4);
	cr_expect_eq(room[4].base, UINT64_C(0x5555555555555555));
}

/* Every page's kind, worked out the slow way, over maps in random order with overlaps. */
Test(boot_ranges, random_maps_agree_with_a_page_array) {
	enum { PAGES = 4096 };
	static const uint32_t types[] = {CONVENTIONAL, BOOT_DATA, RUNTIME_DATA, ACPI_NVS, MMIO, UNUSABLE};
	static const uint32_t kinds[] = {BOOT_RANGE_USABLE, BOOT_RANGE_RECLAIMABLE, BOOT_RANGE_RESERVED,
					 BOOT_RANGE_ACPI,   BOOT_RANGE_MMIO,        0};
	static int strictest[PAGES]; /* index into kinds; -1: nothing said */
	srand(1);
	for (unsigned round = 0; round < 40; round++) {
		start();
		for (size_t page = 0; page < PAGES; page++)
			strictest[page] = -1;
		size_t inputs = round == 0 ? INPUTS_MAX : (size_t)(rand() % 1500 + 1);
		for (size_t i = 0; i < inputs; i++) {
			int which = rand() % 6;
			size_t first = 1 + (size_t)rand() % (PAGES - 1), pages = (size_t)rand() % 12;
			add(types[which], first, pages);
			for (size_t page = first; page < first + pages && page < PAGES; page++)
				if (which > strictest[page])
					strictest[page] = which;
		}
		convert(BOOT_HOLD_TAKEOVER);
		memory_ranges_finish(&list);
		expect_sound();
		for (size_t page = 1; page < PAGES; page++)
			cr_assert_eq(kind_at(page * PAGE), strictest[page] < 0 ? 0 : kinds[strictest[page]],
				     "round %u page %zu", round, page);
	}
}

Test(boot_ranges, thousands_of_separate_entries_in_reverse) {
	for (uint64_t i = INPUTS_MAX; i-- > 0;)
		add(i % 2 ? CONVENTIONAL : BOOT_DATA, 16 + 2 * i, 1);
	convert(BOOT_HOLD_TAKEOVER);
	memory_ranges_finish(&list);
	cr_expect_eq(list.count, INPUTS_MAX);
	expect_sound();
}
