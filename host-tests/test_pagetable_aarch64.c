/* SPDX-License-Identifier: Apache-2.0
 *
 * The real walker and the real aarch64 descriptors against a fake of the hardware: a table walk written from the
 * manual alone, bit numbers and all (Arm ARM DDI 0487, D8.2, D8.3, D8.4: 4 KiB granule, 48 bits, stage 1, EL1&0,
 * SCTLR_EL1.WXN set).
 */
#include "kernel/memory/pagetable.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { KIB = 1024, MIB = 1024 * KIB, TABLES_MAX = 64 };
static const uint64_t GIB = UINT64_C(1) << 30;

static uint8_t tables[TABLES_MAX][4096] __attribute__((aligned(4096)));
static unsigned tables_used, tables_limit;

static bool table_new(paddr_t *table) {
	if (tables_used == tables_limit)
		return false;
	memset(tables[tables_used], 0, sizeof tables[0]);
	table->value = (uint64_t)(uintptr_t)tables[tables_used++];
	return true;
}

static struct pagetable fresh(unsigned limit) {
	struct pagetable table = {.levels = 4, .table_new = table_new};
	tables_used = 0;
	tables_limit = limit;
	cr_assert(table_new(&table.root));
	return table;
}

struct translation {
	bool valid;
	uint64_t output;
	unsigned attribute; /* AttrIndx */
	bool shared_inner;
	bool kernel_write, kernel_execute, user_read, user_write, user_execute;
};

static struct translation walk(paddr_t root, uint64_t address) {
	struct translation none = {0}, found = {.valid = true};
	uint64_t table = root.value;
	for (unsigned shift = 39;; shift -= 9) {
		uint64_t d = ((const uint64_t *)(uintptr_t)table)[address >> shift & 511];
		if ((d & 1) == 0)
			return none;
		bool bit1 = (d >> 1 & 1) != 0;
		if (shift > 12 && bit1) {
			cr_assert_eq(d >> 59, 0, "hierarchical attributes");
			table = d & UINT64_C(0x0000fffffffff000);
			continue;
		}
		cr_assert(shift == 12 ? bit1 : shift <= 30, "reserved encoding at shift %u", shift);
		cr_assert(d >> 10 & 1, "access flag");
		uint64_t offset = (UINT64_C(1) << shift) - 1;
		cr_assert_eq(d & UINT64_C(0x0000fffffffff000) & offset, 0, "bits below the block must be zero");
		bool el0 = (d >> 6 & 1) != 0, read_only = (d >> 7 & 1) != 0;
		bool pxn = (d >> 53 & 1) != 0, uxn = (d >> 54 & 1) != 0;
		found.output = (d & UINT64_C(0x0000fffffffff000) & ~offset) | (address & offset);
		found.attribute = d >> 2 & 7;
		found.shared_inner = (d >> 8 & 3) == 3;
		found.kernel_write = !read_only;
		found.user_read = el0;
		found.user_write = el0 && !read_only;
		/* WXN: what is writable is never executable; what EL0 may write, EL1 never executes. */
		found.kernel_execute = !pxn && read_only;
		found.user_execute = !uxn && read_only;
		return found;
	}
}

Test(pagetable_aarch64, rights_are_what_the_hardware_grants) {
	static const struct {
		unsigned rights;
		bool kw, kx, ur, uw, ux;
		unsigned attribute;
	} rows[] = {
		{PAGE_READ, false, false, false, false, false, 1},
		{PAGE_READ | PAGE_WRITE, true, false, false, false, false, 1},
		{PAGE_READ | PAGE_EXECUTE, false, true, false, false, false, 1},
		{PAGE_READ | PAGE_USER, false, false, true, false, false, 1},
		{PAGE_READ | PAGE_WRITE | PAGE_USER, true, false, true, true, false, 1},
		{PAGE_READ | PAGE_EXECUTE | PAGE_USER, false, false, true, false, true, 1},
		{PAGE_READ | PAGE_WRITE | PAGE_DEVICE, true, false, false, false, false, 0},
		{PAGE_READ | PAGE_WRITE | PAGE_WRITE_COMBINE, true, false, false, false, false, 2},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct pagetable table = fresh(TABLES_MAX);
		vaddr_t at = {UINT64_C(0x700000000000)};
		cr_assert_eq(pagetable_map(&table, at, (paddr_t){0x40200000}, 4096, rows[i].rights, 2), 0);
		struct translation seen = walk(table.root, at.value + 0x123);
		cr_assert(seen.valid);
		cr_expect_eq(seen.output, 0x40200123);
		cr_expect_eq(seen.kernel_write, rows[i].kw, "row %zu", i);
		cr_expect_eq(seen.kernel_execute, rows[i].kx, "row %zu", i);
		cr_expect_eq(seen.user_read, rows[i].ur, "row %zu", i);
		cr_expect_eq(seen.user_write, rows[i].uw, "row %zu", i);
		cr_expect_eq(seen.user_execute, rows[i].ux, "row %zu", i);
		cr_expect_eq(seen.attribute, rows[i].attribute, "row %zu", i);
		cr_expect(seen.attribute == 0 || seen.shared_inner);

		struct pagetable_leaf leaf;
		cr_assert(pagetable_find(&table, at, &leaf));
		cr_expect_eq(leaf.rights, rows[i].rights, "row %zu", i);
	}
}

/* No combination of rights, sensible or not, gives a page that one level may write and any level execute. */
Test(pagetable_aarch64, never_writable_and_executable) {
	for (unsigned rights = 0; rights < 64; rights++) {
		struct pagetable table = fresh(TABLES_MAX);
		cr_assert_eq(pagetable_map(&table, (vaddr_t){0x1000}, (paddr_t){0x1000}, 4096, rights, 2), 0);
		struct translation seen = walk(table.root, 0x1000);
		cr_expect(!(seen.kernel_write && seen.kernel_execute), "rights %u", rights);
		cr_expect(!(seen.user_write && (seen.user_execute || seen.kernel_execute)), "rights %u", rights);
		cr_expect(!(seen.user_execute && seen.kernel_execute), "rights %u", rights);
	}
}

Test(pagetable_aarch64, largest_leaves_that_fit) {
	struct pagetable table = fresh(TABLES_MAX);
	/* one page, to 2 MiB, to 1 GiB, one of 1 GiB, 2 MiB, one page */
	uint64_t start = GIB - 2 * MIB - 4096, end = 2 * GIB + 2 * MIB + 4096;
	cr_assert_eq(pagetable_map(&table, (vaddr_t){start}, (paddr_t){start}, end - start, PAGE_READ | PAGE_WRITE, 2),
		     0);
	static const uint64_t sizes[] = {4096, 2 * MIB, 1024 * (uint64_t)MIB, 2 * MIB, 4096};
	uint64_t at = start;
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		struct pagetable_leaf leaf;
		cr_assert(pagetable_find(&table, (vaddr_t){at}, &leaf));
		cr_expect_eq(leaf.bytes, sizes[i]);
		cr_expect_eq(walk(table.root, at + leaf.bytes - 1).output, at + leaf.bytes - 1);
		at += leaf.bytes;
	}
	cr_expect_eq(at, end);
	cr_expect(!walk(table.root, start - 1).valid);
	cr_expect(!walk(table.root, end).valid);
}

Test(pagetable_aarch64, level_max_and_misaligned_pages_are_respected) {
	struct pagetable table = fresh(TABLES_MAX);
	struct pagetable_leaf leaf;
	cr_assert_eq(pagetable_map(&table, (vaddr_t){GIB}, (paddr_t){GIB}, GIB, PAGE_READ, 1), 0);
	cr_assert(pagetable_find(&table, (vaddr_t){GIB}, &leaf));
	cr_expect_eq(leaf.bytes, 2 * MIB);
	cr_assert_eq(pagetable_map(&table, (vaddr_t){4 * GIB}, (paddr_t){GIB + 4096}, 2 * MIB, PAGE_READ, 2), 0);
	cr_assert(pagetable_find(&table, (vaddr_t){4 * GIB}, &leaf));
	cr_expect_eq(leaf.bytes, 4096);
	cr_expect_eq(walk(table.root, 4 * GIB + 8191).output, GIB + 4096 + 8191);
}

struct visits {
	unsigned count;
	uint64_t bytes;
};

static void count_leaves(void *context, const struct pagetable_run *run) {
	struct visits *visits = context;
	visits->count += (unsigned)run->count;
	visits->bytes += run->count * run->first.bytes;
}

Test(pagetable_aarch64, change_and_remove) {
	struct pagetable table = fresh(TABLES_MAX);
	struct visits visits = {0, 0};
	unsigned user = PAGE_READ | PAGE_USER;
	cr_assert_eq(
		pagetable_map(&table, (vaddr_t){2 * MIB}, (paddr_t){8 * MIB}, 2 * MIB + 8192, user | PAGE_WRITE, 2), 0);
	cr_expect_eq(pagetable_change(&table, (vaddr_t){2 * MIB}, 2 * MIB + 8192, user | PAGE_EXECUTE, count_leaves,
				      &visits),
		     0);
	cr_expect_eq(visits.count, 3);
	cr_expect_eq(visits.bytes, 2 * MIB + 8192);
	struct translation seen = walk(table.root, 4 * MIB + 4096);
	cr_expect(seen.valid && seen.user_execute && !seen.user_write && !seen.kernel_write);
	cr_expect_eq(seen.output, 10 * MIB + 4096);
	cr_expect(pagetable_allows(&table, (vaddr_t){2 * MIB + 5}, 2 * MIB + 8000, user | PAGE_EXECUTE));
	cr_expect(!pagetable_allows(&table, (vaddr_t){2 * MIB}, 4096, PAGE_WRITE));
	cr_expect(!pagetable_allows(&table, (vaddr_t){2 * MIB}, 2 * MIB + 8193, PAGE_READ));
	/* a part of a 2 MiB leaf, and more than is mapped: nothing changes */
	cr_expect_eq(pagetable_change(&table, (vaddr_t){2 * MIB}, 4096, 0, count_leaves, &visits), PAGETABLE_EHOLE);
	cr_expect_eq(pagetable_change(&table, (vaddr_t){2 * MIB}, 2 * MIB + 12288, 0, count_leaves, &visits),
		     PAGETABLE_EHOLE);
	cr_expect(walk(table.root, 2 * MIB).valid);
	cr_expect_eq(pagetable_change(&table, (vaddr_t){2 * MIB}, 2 * MIB + 8192, 0, count_leaves, &visits), 0);
	cr_expect(!walk(table.root, 2 * MIB).valid);
	cr_expect(!walk(table.root, 4 * MIB + 4096).valid);
}

Test(pagetable_aarch64, errors) {
	struct pagetable table = fresh(2); /* the root and one more: not enough for a page */
	cr_expect_eq(pagetable_map(&table, (vaddr_t){0x1000}, (paddr_t){0x1000}, 4096, PAGE_READ, 2), PAGETABLE_ENOMEM);
	table = fresh(TABLES_MAX);
	cr_assert_eq(pagetable_map(&table, (vaddr_t){2 * MIB}, (paddr_t){2 * MIB}, 2 * MIB, PAGE_READ, 2), 0);
	cr_expect_eq(pagetable_map(&table, (vaddr_t){3 * MIB}, (paddr_t){3 * MIB}, 4096, PAGE_READ, 2),
		     PAGETABLE_EMAPPED);
	cr_expect_eq(pagetable_map(&table, (vaddr_t){2 * MIB}, (paddr_t){0}, 2 * MIB, PAGE_READ, 2), PAGETABLE_EMAPPED);
	cr_expect_eq(walk(table.root, 3 * MIB).output, 3 * MIB);
}
