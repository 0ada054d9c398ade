/* SPDX-License-Identifier: Apache-2.0
 *
 * The walker's cases, the same for every architecture: test_pagetable_<arch>.c includes this and is linked with that
 * architecture's pte.c, the real one. The hardware is faked by host memory: a table's physical address is its host
 * address, which is what identity mapping means to the walker.
 */
#pragma once

#include "kernel/memory/pagetable.h"
#include "lib/units.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define KIB (UINT64_C(1) << 10)
#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

enum { FAKE_TABLES = 256 };
enum { PRESENT = 1 }; /* bit 0 of an entry, on every architecture of ours */

static uint8_t fake_tables[FAKE_TABLES][PAGE_BYTES] __attribute__((aligned(4096)));
static unsigned fake_used;
static unsigned fake_limit = FAKE_TABLES;

static bool fake_table_new(paddr_t *table) {
	if (fake_used == fake_limit)
		return false;
	memset(fake_tables[fake_used], 0, PAGE_BYTES);
	table->value = (uint64_t)(uintptr_t)fake_tables[fake_used++];
	return true;
}

static struct pagetable fake_pagetable(unsigned levels) {
	struct pagetable table = {.levels = levels, .table_new = fake_table_new};
	fake_used = 0;
	fake_limit = FAKE_TABLES;
	fake_table_new(&table.root);
	return table;
}

static int map(struct pagetable *table, uint64_t address, uint64_t page, uint64_t length, unsigned rights,
	       unsigned level_max) {
	return pagetable_map(table, (vaddr_t){address}, (paddr_t){page}, length, rights, level_max);
}

/* Where an address leads; all ones where nowhere. */
static uint64_t walk(const struct pagetable *table, uint64_t address) {
	struct pagetable_leaf leaf;
	if (!pagetable_find(table, (vaddr_t){address}, &leaf))
		return UINT64_MAX;
	return leaf.page.value + (address - leaf.address.value);
}

static uint64_t leaf_bytes(const struct pagetable *table, uint64_t address) {
	struct pagetable_leaf leaf;
	return pagetable_find(table, (vaddr_t){address}, &leaf) ? leaf.bytes : 0;
}

struct visits {
	unsigned count; /* of leaves */
	unsigned runs;
	uint64_t bytes;
	uint64_t next; /* where the next run is expected */
	bool in_order;
};

static void visit_count(void *context, const struct pagetable_run *run) {
	struct visits *visits = context;
	visits->in_order = (visits->count == 0 || run->first.address.value == visits->next) &&
			   (visits->in_order || visits->count == 0);
	visits->runs++;
	visits->count += (unsigned)run->count;
	visits->bytes += run->count * run->first.bytes;
	visits->next = run->first.address.value + run->count * run->first.bytes;
}

Test(pagetable, rights_survive_every_level) {
	const unsigned valid[] = {
		PAGE_READ,
		PAGE_READ | PAGE_WRITE,
		PAGE_READ | PAGE_EXECUTE,
		PAGE_READ | PAGE_USER,
		PAGE_READ | PAGE_WRITE | PAGE_USER,
		PAGE_READ | PAGE_EXECUTE | PAGE_USER,
		PAGE_READ | PAGE_WRITE | PAGE_DEVICE,
		PAGE_READ | PAGE_WRITE | PAGE_WRITE_COMBINE,
	};
	for (size_t i = 0; i < sizeof(valid) / sizeof(valid[0]); i++) {
		for (unsigned level = 0; level < 3; level++) {
			uint64_t page = UINT64_C(0x7c0000000);
			pte_t entry = arch_pte_leaf((paddr_t){page}, level, valid[i]);
			cr_assert(entry & PRESENT);
			cr_assert_not(arch_pte_is_table(entry, level), "level %u", level);
			cr_assert_eq(arch_pte_rights(entry), valid[i], "rights %x level %u became %x", valid[i], level,
				     arch_pte_rights(entry));
			cr_assert_eq(arch_pte_address(entry, level).value, page);
		}
	}
}

Test(pagetable, neighbouring_leaves_differ_by_their_size) {
	for (unsigned level = 0; level < 3; level++) {
		uint64_t bytes = pagetable_level_bytes(level);
		pte_t first = arch_pte_leaf((paddr_t){4 * GIB}, level, PAGE_READ | PAGE_WRITE);
		cr_assert_eq(arch_pte_leaf((paddr_t){4 * GIB + bytes}, level, PAGE_READ | PAGE_WRITE) - first, bytes);
	}
}

Test(pagetable, tables_are_told_from_leaves) {
	pte_t entry = arch_pte_table((paddr_t){0x123456000});
	cr_assert(entry & PRESENT);
	for (unsigned level = 1; level < 5; level++)
		cr_assert(arch_pte_is_table(entry, level));
	cr_assert_eq(arch_pte_address(entry, 1).value, 0x123456000);
}

Test(pagetable, takes_the_largest_leaves_that_fit) {
	struct pagetable table = fake_pagetable(4);
	/* From 4 KiB below a 2 MiB border to 4 KiB above a 1 GiB page's end. */
	uint64_t start = GIB - 2 * MIB - 4 * KIB, length = 4 * KIB + 2 * MIB + GIB + 4 * KIB;
	cr_assert_eq(map(&table, start, start, length, PAGE_READ | PAGE_WRITE, 2), 0);
	cr_assert_eq(leaf_bytes(&table, start), 4 * KIB);
	cr_assert_eq(leaf_bytes(&table, GIB - 2 * MIB), 2 * MIB);
	cr_assert_eq(leaf_bytes(&table, GIB), GIB);
	cr_assert_eq(leaf_bytes(&table, 2 * GIB), 4 * KIB);
	cr_assert_eq(leaf_bytes(&table, 2 * GIB + 4 * KIB), 0);
	cr_assert_eq(leaf_bytes(&table, start - 1), 0);
}

Test(pagetable, keeps_to_the_largest_level_allowed) {
	struct pagetable table = fake_pagetable(4);
	cr_assert_eq(map(&table, 4 * GIB, 4 * GIB, 2 * GIB, PAGE_READ, 1), 0);
	cr_assert_eq(leaf_bytes(&table, 4 * GIB), 2 * MIB);
	cr_assert_eq(map(&table, 8 * GIB, 8 * GIB, 4 * MIB, PAGE_READ, 0), 0);
	cr_assert_eq(leaf_bytes(&table, 8 * GIB + 2 * MIB), 4 * KIB);
}

Test(pagetable, physical_alignment_limits_the_leaf) {
	struct pagetable table = fake_pagetable(4);
	cr_assert_eq(map(&table, 2 * GIB, 4 * KIB, 4 * MIB, PAGE_READ, 2), 0);
	cr_assert_eq(leaf_bytes(&table, 2 * GIB), 4 * KIB);
	cr_assert_eq(walk(&table, 2 * GIB + 0x123456), UINT64_C(0x1000) + 0x123456);
}

Test(pagetable, walks_every_number_of_levels) {
	for (unsigned levels = 4; levels <= 5; levels++) {
		struct pagetable table = fake_pagetable(levels);
		cr_assert_eq(map(&table, UINT64_C(0x700000000000), 0x5000, 0x3000, PAGE_READ | PAGE_USER, 2), 0);
		cr_assert_eq(walk(&table, UINT64_C(0x700000001234)), 0x6234);
		cr_assert_eq(fake_used, levels);
	}
}

Test(pagetable, every_bit_of_an_address_counts) {
	for (unsigned levels = 4; levels <= 5; levels++) {
		struct pagetable table = fake_pagetable(levels);
		uint64_t address = UINT64_C(0x700000000000), reach = pagetable_level_bytes(levels);
		cr_assert_eq(map(&table, address, 0x5000, 0x3000, PAGE_READ | PAGE_USER, 2), 0);
		for (unsigned bit = 48; bit < 64; bit++) {
			uint64_t wild = address | UINT64_C(1) << bit;
			cr_assert_eq(walk(&table, wild), UINT64_MAX, "%u levels, bit %u", levels, bit);
			cr_assert_not(pagetable_allows(&table, (vaddr_t){wild}, 1, PAGE_READ));
			if (wild >= reach)
				cr_assert_eq(map(&table, wild, 0x9000, 0x1000, PAGE_READ, 0), PAGETABLE_ERANGE);
		}
		cr_assert_eq(map(&table, reach - 0x1000, 0x9000, 0x1000, PAGE_READ, 0), 0, "the last page");
		cr_assert_eq(map(&table, reach - 0x2000, 0x9000, 0x3000, PAGE_READ, 0), PAGETABLE_ERANGE);
		cr_assert_not(pagetable_allows(&table, (vaddr_t){reach - 0x1000}, 0x1001, PAGE_READ));
	}
}

Test(pagetable, refuses_to_map_over_something) {
	struct pagetable table = fake_pagetable(4);
	cr_assert_eq(map(&table, 4 * MIB, 4 * MIB, 2 * MIB, PAGE_READ, 1), 0);
	cr_assert_eq(map(&table, 4 * MIB, 0, 2 * MIB, PAGE_READ, 1), PAGETABLE_EMAPPED);
	cr_assert_eq(map(&table, 5 * MIB, 0, 4 * KIB, PAGE_READ, 1), PAGETABLE_EMAPPED, "within a large leaf");
	cr_assert_eq(map(&table, 8 * MIB, 0, 4 * KIB, PAGE_READ, 0), 0);
	cr_assert_eq(map(&table, 8 * MIB, 0, 2 * MIB, PAGE_READ, 1), PAGETABLE_EMAPPED, "over a table");
	cr_assert_eq(walk(&table, 5 * MIB), 5 * MIB, "what was there stays");
}

Test(pagetable, stops_where_something_is_in_the_way) {
	for (uint64_t taken = 0; taken < 9; taken++) {
		struct pagetable table = fake_pagetable(4);
		const uint64_t base = GIB + 12 * KIB, other = 0x7000000;
		cr_assert_eq(map(&table, base + taken * PAGE_BYTES, other, PAGE_BYTES, PAGE_READ, 0), 0);
		cr_assert_eq(map(&table, base, 0x200000, 9 * PAGE_BYTES, PAGE_READ, 0), PAGETABLE_EMAPPED);
		for (uint64_t i = 0; i < 9; i++) {
			uint64_t wanted = i < taken ? 0x200000 + i * PAGE_BYTES : i == taken ? other : UINT64_MAX;
			cr_expect_eq(walk(&table, base + i * PAGE_BYTES), wanted, "page %lu of 9, %lu taken", i, taken);
		}
	}
}

Test(pagetable, sees_what_is_in_the_way_in_a_table_that_it_comes_back_to) {
	struct pagetable table = fake_pagetable(4);
	cr_assert_eq(map(&table, GIB + 8 * PAGE_BYTES, 0x7000000, PAGE_BYTES, PAGE_READ, 0), 0);
	cr_assert_eq(map(&table, 2 * GIB, 0x7000000, PAGE_BYTES, PAGE_READ, 0), 0, "another table");
	cr_assert_eq(map(&table, GIB + 8 * PAGE_BYTES, 0x200000, PAGE_BYTES, PAGE_READ, 0), PAGETABLE_EMAPPED);
	cr_assert_eq(map(&table, GIB + 9 * PAGE_BYTES, 0x200000, PAGE_BYTES, PAGE_READ, 0), 0);
	cr_assert_eq(map(&table, GIB + 9 * PAGE_BYTES, 0x200000, PAGE_BYTES, PAGE_READ, 0), PAGETABLE_EMAPPED);
}

/* Runs of every length, at every place among neighbours, to the last entry of a table. */
Test(pagetable, fills_what_it_is_told_to_and_no_more) {
	for (uint64_t first = 500; first < 512; first++) {
		for (uint64_t count = 1; count <= 16; count++) {
			struct pagetable table = fake_pagetable(4);
			const uint64_t base = GIB + first * PAGE_BYTES;
			cr_assert_eq(map(&table, base, 0x300000, count * PAGE_BYTES, PAGE_READ, 0), 0);
			cr_expect_eq(walk(&table, base - 1), UINT64_MAX);
			for (uint64_t i = 0; i < count; i++)
				cr_expect_eq(walk(&table, base + i * PAGE_BYTES), 0x300000 + i * PAGE_BYTES);
			cr_expect_eq(walk(&table, base + count * PAGE_BYTES), UINT64_MAX);
		}
	}
}

Test(pagetable, regions_and_trees_by_turns) {
	struct pagetable one = fake_pagetable(4), other = {.levels = 4, .table_new = fake_table_new};
	cr_assert(fake_table_new(&other.root));
	for (uint64_t i = 0; i < 8; i++) {
		cr_assert_eq(map(&one, GIB + i * PAGE_BYTES, 0x100000 + i * PAGE_BYTES, PAGE_BYTES, PAGE_READ, 0), 0);
		cr_assert_eq(map(&other, GIB + i * PAGE_BYTES, 0x200000 + i * PAGE_BYTES, PAGE_BYTES, PAGE_READ, 0), 0);
		cr_assert_eq(map(&one, i * PAGE_BYTES, 0x300000 + i * PAGE_BYTES, PAGE_BYTES, PAGE_READ, 0), 0);
	}
	for (uint64_t i = 0; i < 8; i++) {
		cr_expect_eq(walk(&one, GIB + i * PAGE_BYTES), 0x100000 + i * PAGE_BYTES);
		cr_expect_eq(walk(&other, GIB + i * PAGE_BYTES), 0x200000 + i * PAGE_BYTES);
		cr_expect_eq(walk(&one, i * PAGE_BYTES), 0x300000 + i * PAGE_BYTES);
		cr_expect_eq(walk(&other, i * PAGE_BYTES), UINT64_MAX);
	}
}

Test(pagetable, says_when_tables_run_out) {
	struct pagetable table = fake_pagetable(4);
	fake_limit = 3;
	cr_assert_eq(map(&table, GIB, GIB, 4 * KIB, PAGE_READ, 2), PAGETABLE_ENOMEM);
	cr_assert_eq(walk(&table, GIB), UINT64_MAX);
	fake_limit = FAKE_TABLES;
	cr_assert_eq(map(&table, GIB, GIB, 4 * KIB, PAGE_READ, 2), 0, "later there are some");
	cr_assert_eq(walk(&table, GIB), GIB);
}

Test(pagetable, changes_rights_of_whole_leaves_in_order) {
	struct pagetable table = fake_pagetable(4);
	struct visits visits = {.count = 0};
	cr_assert_eq(map(&table, 2 * MIB - 8 * KIB, 2 * MIB - 8 * KIB, 8 * KIB + 4 * MIB, PAGE_READ | PAGE_WRITE, 1),
		     0);
	cr_assert_eq(pagetable_change(&table, (vaddr_t){2 * MIB - 8 * KIB}, 8 * KIB + 2 * MIB, PAGE_READ | PAGE_EXECUTE,
				      visit_count, &visits),
		     0);
	cr_assert_eq(visits.count, 3);
	cr_assert_eq(visits.bytes, 8 * KIB + 2 * MIB);
	cr_assert(visits.in_order);
	cr_assert(pagetable_allows(&table, (vaddr_t){2 * MIB - 8 * KIB}, 8 * KIB + 2 * MIB, PAGE_READ | PAGE_EXECUTE));
	cr_assert_not(pagetable_allows(&table, (vaddr_t){2 * MIB - 8 * KIB}, 4 * KIB, PAGE_WRITE));
	cr_assert(pagetable_allows(&table, (vaddr_t){4 * MIB}, 2 * MIB, PAGE_READ | PAGE_WRITE),
		  "behind it nothing changed");
}

Test(pagetable, removes_what_it_is_told_to) {
	struct pagetable table = fake_pagetable(4);
	struct visits visits = {.count = 0};
	cr_assert_eq(map(&table, GIB, 4 * MIB, 16 * KIB, PAGE_READ, 0), 0);
	cr_assert_eq(pagetable_change(&table, (vaddr_t){GIB + 4 * KIB}, 8 * KIB, 0, visit_count, &visits), 0);
	cr_assert_eq(visits.count, 2);
	cr_assert_eq(walk(&table, GIB), 4 * MIB);
	cr_assert_eq(walk(&table, GIB + 4 * KIB), UINT64_MAX);
	cr_assert_eq(walk(&table, GIB + 12 * KIB), 4 * MIB + 12 * KIB);
	cr_assert_eq(map(&table, GIB + 4 * KIB, 0x9000, 8 * KIB, PAGE_READ, 0), 0, "and it can be mapped again");
}

/* A run ends where memory is not neighbouring, rights are others, leaves have another size, or a table ends. */
Test(pagetable, changes_runs_at_a_time) {
	struct pagetable table = fake_pagetable(4);
	struct visits visits = {.count = 0};
	const uint64_t base = GIB - 16 * KIB;
	cr_assert_eq(map(&table, base, 0x100000, 12 * KIB, PAGE_READ | PAGE_WRITE, 0), 0);
	cr_assert_eq(map(&table, base + 12 * KIB, 0x103000, 12 * KIB, PAGE_READ, 0), 0);
	cr_assert_eq(map(&table, base + 24 * KIB, 0x200000, 8 * KIB, PAGE_READ, 0), 0);
	cr_assert_eq(
		pagetable_change(&table, (vaddr_t){base}, 32 * KIB, PAGE_READ | PAGE_EXECUTE, visit_count, &visits), 0);
	cr_expect_eq(visits.runs, 4, "3 leaves, 1, 2 and 2; found %u runs", visits.runs);
	cr_expect_eq(visits.count, 8);
	cr_expect(visits.in_order);
	for (uint64_t i = 0; i < 8; i++)
		cr_expect_eq(walk(&table, base + i * 4 * KIB),
			     (i < 6 ? 0x100000 + i * 4 * KIB : 0x200000 + (i - 6) * 4 * KIB));
	cr_expect(pagetable_allows(&table, (vaddr_t){base}, 32 * KIB, PAGE_READ | PAGE_EXECUTE));
	visits = (struct visits){.count = 0};
	cr_assert_eq(map(&table, 2 * GIB, 2 * GIB, 4 * MIB, PAGE_READ | PAGE_WRITE, 1), 0);
	cr_assert_eq(pagetable_change(&table, (vaddr_t){2 * GIB}, 4 * MIB, 0, visit_count, &visits), 0);
	cr_expect(visits.runs == 1 && visits.count == 2, "large leaves are a run, too");
	cr_expect_eq(walk(&table, 2 * GIB + 2 * MIB), UINT64_MAX);
}

Test(pagetable, changes_nothing_where_a_part_is_missing) {
	struct pagetable table = fake_pagetable(4);
	struct visits visits = {.count = 0};
	cr_assert_eq(map(&table, 2 * MIB, 2 * MIB, 2 * MIB + 4 * KIB, PAGE_READ | PAGE_WRITE, 1), 0);
	const struct {
		uint64_t address, length;
	} wrong[] = {
		{2 * MIB, 4 * KIB},                  /* a part of a large leaf */
		{2 * MIB + 4 * KIB, 2 * MIB},        /* begins within one */
		{2 * MIB, 2 * MIB + 8 * KIB},        /* a hole at the end */
		{2 * MIB - 4 * KIB, 2 * MIB},        /* a hole at the start */
		{UINT64_MAX - 4 * KIB + 1, 8 * KIB}, /* wraps */
	};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		cr_assert_eq(pagetable_change(&table, (vaddr_t){wrong[i].address}, wrong[i].length, PAGE_READ,
					      visit_count, &visits),
			     PAGETABLE_EHOLE, "case %zu", i);
	}
	cr_assert_eq(visits.count, 0);
	cr_assert(pagetable_allows(&table, (vaddr_t){2 * MIB}, 2 * MIB + 4 * KIB, PAGE_READ | PAGE_WRITE));
}

Test(pagetable, leaves_of_a_range_are_those_of_one_table) {
	struct pagetable table = fake_pagetable(4);
	unsigned level = 9;
	cr_assert_eq(map(&table, 4 * MIB - 4 * KIB, 16 * MIB, 12 * KIB, PAGE_READ, 0), 0);
	cr_assert_eq(map(&table, 8 * MIB, 32 * MIB, 4 * MIB, PAGE_READ, 1), 0);
	const pte_t *two = pagetable_leaves(&table, (vaddr_t){4 * MIB}, 8 * KIB, &level);
	cr_assert_not_null(two);
	cr_expect_eq(level, 0);
	cr_expect_eq(arch_pte_address(two[1], 0).value, 16 * MIB + 8 * KIB);
	cr_assert_not_null(pagetable_leaves(&table, (vaddr_t){8 * MIB}, 4 * MIB, &level));
	cr_expect_eq(level, 1);
	cr_expect_null(pagetable_leaves(&table, (vaddr_t){4 * MIB - 4 * KIB}, 8 * KIB, &level), "two tables");
	cr_expect_null(pagetable_leaves(&table, (vaddr_t){4 * MIB}, 12 * KIB, &level), "a hole");
	cr_expect_null(pagetable_leaves(&table, (vaddr_t){4 * MIB}, 6 * KIB, &level), "a part");
	cr_expect_null(pagetable_leaves(&table, (vaddr_t){4 * MIB}, 0, &level), "nothing");
	cr_expect_null(pagetable_leaves(&table, (vaddr_t){4 * MIB}, UINT64_MAX - KIB * 4 + 1, &level), "it wraps");
	cr_expect_null(pagetable_leaves(&table, (vaddr_t){8 * MIB + 4 * KIB}, 2 * MIB, &level), "within a leaf");
	cr_expect_null(pagetable_leaves(&table, (vaddr_t){8 * MIB}, 6 * MIB, &level), "a table beside leaves");
	cr_assert_eq(map(&table, 4 * MIB + 8 * KIB, 20 * MIB, 4 * KIB, PAGE_READ | PAGE_WRITE, 0), 0);
	cr_expect_null(pagetable_leaves(&table, (vaddr_t){4 * MIB}, 12 * KIB, &level), "other rights");
}

Test(pagetable, allows_only_what_all_of_it_allows) {
	struct pagetable table = fake_pagetable(4);
	cr_assert_eq(map(&table, GIB, 0x1000, 8 * KIB, PAGE_READ | PAGE_WRITE | PAGE_USER, 0), 0);
	cr_assert_eq(map(&table, GIB + 8 * KIB, 0x3000, 4 * KIB, PAGE_READ | PAGE_USER, 0), 0);
	cr_assert_eq(map(&table, GIB + 12 * KIB, 0x4000, 4 * KIB, PAGE_READ | PAGE_WRITE, 0), 0);
	cr_assert(pagetable_allows(&table, (vaddr_t){GIB + 1}, 12 * KIB - 1, PAGE_READ | PAGE_USER));
	cr_assert_not(pagetable_allows(&table, (vaddr_t){GIB + 1}, 12 * KIB, PAGE_READ | PAGE_USER),
		      "the kernel's page");
	cr_assert_not(pagetable_allows(&table, (vaddr_t){GIB}, 8 * KIB + 1, PAGE_WRITE | PAGE_USER));
	cr_assert_not(pagetable_allows(&table, (vaddr_t){GIB - 1}, 2, PAGE_READ));
	cr_assert_not(pagetable_allows(&table, (vaddr_t){UINT64_MAX - 1}, 4, PAGE_READ), "wraps");
	cr_assert(pagetable_allows(&table, (vaddr_t){GIB - 1}, 0, PAGE_READ), "nothing is always allowed");
}

/* Random maps and removals against a plain array of what each page should be. */
Test(pagetable, agrees_with_a_model) {
	enum { PAGES = 4096, STEPS = 3000 };
	static uint64_t model[PAGES];
	struct pagetable table = fake_pagetable(4);
	const uint64_t base = 3 * GIB;
	uint64_t random = 1;
	for (unsigned step = 0; step < STEPS; step++) {
		random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
		uint64_t first = (random >> 33) % PAGES, count = (random >> 45) % 16 + 1;
		count = count < PAGES - first ? count : PAGES - first;
		uint64_t mapped = 0;
		for (uint64_t i = 0; i < count; i++)
			mapped += model[first + i] != 0;
		if (mapped == 0) {
			uint64_t page = (random >> 20 & 0xffff) * PAGE_BYTES + GIB;
			cr_assert_eq(map(&table, base + first * PAGE_BYTES, page, count * PAGE_BYTES, PAGE_READ, 0), 0);
			for (uint64_t i = 0; i < count; i++)
				model[first + i] = page + i * PAGE_BYTES;
		} else {
			struct visits visits = {.count = 0};
			int error = pagetable_change(&table, (vaddr_t){base + first * PAGE_BYTES}, count * PAGE_BYTES,
						     0, visit_count, &visits);
			cr_assert_eq(error, mapped == count ? 0 : PAGETABLE_EHOLE);
			for (uint64_t i = 0; i < count && error == 0; i++)
				model[first + i] = 0;
		}
	}
	for (uint64_t i = 0; i < PAGES; i++)
		cr_assert_eq(walk(&table, base + i * PAGE_BYTES), model[i] != 0 ? model[i] : UINT64_MAX);
}
