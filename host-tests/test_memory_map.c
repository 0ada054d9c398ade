/* SPDX-License-Identifier: Apache-2.0
 *
 * The page allocator over extents.
 */
#include "kernel/memory/memory_map.h"
#include "lib/units.h"

#include <criterion/criterion.h>
#include <string.h>

enum { CAPACITY = 64 };
static const uint64_t MIB = UINT64_C(1) << 20;
static const uint64_t GIB = UINT64_C(1) << 30;

static struct memory_extent storage[CAPACITY];

static struct memory_map fresh(size_t capacity) {
	struct memory_map map;
	memory_map_start(&map, storage, capacity);
	return map;
}

static bool give(struct memory_map *map, uint64_t base, uint64_t length) {
	return memory_map_give(map, (paddr_t){base}, length);
}

/* Sorted, apart, not empty, and the sum is right. */
static void check(const struct memory_map *map) {
	uint64_t sum = 0;
	for (size_t i = 0; i < map->count; i++) {
		cr_assert_gt(map->extents[i].length, 0);
		cr_assert_eq((map->extents[i].base | map->extents[i].length) % PAGE_BYTES, 0);
		if (i > 0)
			cr_assert_gt(map->extents[i].base, map->extents[i - 1].base + map->extents[i - 1].length);
		sum += map->extents[i].length;
	}
	cr_assert_eq(sum, map->free_bytes);
}

Test(memory_map, joins_neighbours_in_any_order) {
	const unsigned orders[][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		struct memory_map map = fresh(CAPACITY);
		for (size_t j = 0; j < 3; j++)
			cr_assert(give(&map, MIB + orders[i][j] * PAGE_BYTES, PAGE_BYTES));
		check(&map);
		cr_assert_eq(map.count, 1, "order %zu", i);
		cr_assert_eq(map.free_bytes, 3 * PAGE_BYTES);
	}
}

Test(memory_map, rounds_inwards_and_leaves_page_0_out) {
	struct memory_map map = fresh(CAPACITY);
	cr_assert(give(&map, 0, 2 * PAGE_BYTES));
	cr_assert_eq(map.free_bytes, PAGE_BYTES);
	cr_assert_eq(map.extents[0].base, PAGE_BYTES);
	cr_assert(give(&map, MIB + 1, 2 * PAGE_BYTES));
	cr_assert_eq(map.extents[1].base, MIB + PAGE_BYTES);
	cr_assert_eq(map.extents[1].length, PAGE_BYTES);
	cr_assert(give(&map, 2 * MIB + 1, PAGE_BYTES), "no whole page: nothing to give");
	cr_assert_eq(map.free_bytes, 2 * PAGE_BYTES);
}

Test(memory_map, refuses_what_is_free_already) {
	struct memory_map map = fresh(CAPACITY);
	cr_assert(give(&map, MIB, 4 * PAGE_BYTES));
	cr_assert_not(give(&map, MIB, PAGE_BYTES));
	cr_assert_not(give(&map, MIB + 3 * PAGE_BYTES, 2 * PAGE_BYTES));
	cr_assert_not(give(&map, MIB - PAGE_BYTES, 2 * PAGE_BYTES));
	cr_assert_not(give(&map, MIB - PAGE_BYTES, 6 * PAGE_BYTES));
	check(&map);
	cr_assert_eq(map.free_bytes, 4 * PAGE_BYTES);
}

Test(memory_map, small_from_the_bottom_large_from_the_top) {
	struct memory_map map = fresh(CAPACITY);
	paddr_t base;
	cr_assert(give(&map, MIB, GIB));
	cr_assert(memory_map_take(&map, PAGE_BYTES, PAGE_BYTES, &base));
	cr_assert_eq(base.value, MIB);
	cr_assert(memory_map_take(&map, 2 * MIB, 2 * MIB, &base));
	cr_assert_eq(base.value, GIB - 2 * MIB);
	cr_assert_eq(memory_map_take_piece(&map, 8 * PAGE_BYTES, &base), 8 * PAGE_BYTES);
	cr_assert_eq(base.value, MIB + PAGE_BYTES);
	check(&map);
}

Test(memory_map, aligns_to_powers_of_two) {
	for (uint64_t align = PAGE_BYTES; align <= GIB; align *= 2) {
		struct memory_map map = fresh(CAPACITY);
		paddr_t base;
		cr_assert(give(&map, 5 * PAGE_BYTES, 4 * GIB));
		cr_assert(memory_map_take(&map, align, align, &base));
		cr_assert_eq(base.value % align, 0);
		check(&map);
		cr_assert_eq(map.free_bytes, 4 * GIB - align);
	}
}

Test(memory_map, fails_without_a_change_where_nothing_fits) {
	struct memory_map map = fresh(CAPACITY);
	paddr_t base;
	cr_assert_not(memory_map_take(&map, PAGE_BYTES, PAGE_BYTES, &base));
	cr_assert_eq(memory_map_take_piece(&map, PAGE_BYTES, &base), 0);
	cr_assert(give(&map, MIB + PAGE_BYTES, 2 * MIB));
	cr_assert_not(memory_map_take(&map, 2 * MIB, 2 * MIB, &base), "long enough, but not aligned");
	cr_assert_not(memory_map_take(&map, 3 * MIB, PAGE_BYTES, &base));
	cr_assert_eq(map.free_bytes, 2 * MIB);
	check(&map);
}

Test(memory_map, takes_what_a_piece_has) {
	struct memory_map map = fresh(CAPACITY);
	paddr_t base;
	cr_assert(give(&map, MIB, 2 * PAGE_BYTES));
	cr_assert(give(&map, 2 * MIB, PAGE_BYTES));
	cr_assert_eq(memory_map_take_piece(&map, GIB, &base), 2 * PAGE_BYTES);
	cr_assert_eq(memory_map_take_piece(&map, GIB, &base), PAGE_BYTES);
	cr_assert_eq(memory_map_take_piece(&map, GIB, &base), 0);
	cr_assert_eq(map.free_bytes, 0);
}

Test(memory_map, counts_what_full_storage_loses) {
	struct memory_map map = fresh(2);
	cr_assert(give(&map, MIB, 3 * PAGE_BYTES));
	cr_assert(give(&map, 2 * MIB, PAGE_BYTES));
	cr_assert(give(&map, 3 * MIB, PAGE_BYTES));
	cr_assert_eq(map.lost_bytes, PAGE_BYTES);
	check(&map);
}

Test(memory_map, a_split_that_does_not_fit_is_not_made) {
	struct memory_map map = fresh(1);
	paddr_t base;
	cr_assert(give(&map, MIB, GIB));
	cr_assert_not(memory_map_take(&map, 2 * MIB, 2 * MIB, &base), "would leave a rest on both sides");
	cr_assert(memory_map_take(&map, PAGE_BYTES, PAGE_BYTES, &base));
	check(&map);
	cr_assert_eq(map.free_bytes, GIB - PAGE_BYTES);
}

/* Random gives and takes against a bit a page. */
Test(memory_map, agrees_with_a_model) {
	enum { PAGES = 1024, STEPS = 20000 };
	static bool is_free[PAGES];
	static struct memory_extent large[PAGES];
	struct memory_map map;
	memory_map_start(&map, large, PAGES);
	const uint64_t origin = 16 * MIB;
	uint64_t random = 7;
	for (unsigned step = 0; step < STEPS; step++) {
		random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
		uint64_t first = (random >> 33) % PAGES, count = (random >> 48) % 8 + 1;
		if (random >> 63) {
			bool overlap = false;
			count = count < PAGES - first ? count : PAGES - first;
			for (uint64_t i = 0; i < count; i++)
				overlap |= is_free[first + i];
			cr_assert_eq(give(&map, origin + first * PAGE_BYTES, count * PAGE_BYTES), !overlap);
			for (uint64_t i = 0; i < count && !overlap; i++)
				is_free[first + i] = true;
		} else {
			paddr_t base;
			if (!memory_map_take(&map, count * PAGE_BYTES, PAGE_BYTES << (random >> 60 & 3), &base))
				continue;
			for (uint64_t i = 0; i < count; i++) {
				uint64_t page = (base.value - origin) / PAGE_BYTES + i;
				cr_assert(is_free[page]);
				is_free[page] = false;
			}
		}
	}
	check(&map);
	uint64_t sum = 0;
	for (unsigned i = 0; i < PAGES; i++)
		sum += is_free[i] ? PAGE_BYTES : 0;
	cr_assert_eq(sum, map.free_bytes);
	cr_assert_eq(map.lost_bytes, 0);
}
