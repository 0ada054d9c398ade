/* SPDX-License-Identifier: Apache-2.0
 *
 * The page-table walker; see pagetable.h.
 */
#include "kernel/memory/pagetable.h"

#include <stddef.h>

enum { INDEX_BITS = 9, PAGE_BITS = 12 };

/* Where an entry says its frame, on every architecture of ours; all else is what a leaf of its level is and allows. */
static const pte_t PTE_FRAME = UINT64_C(0x000ffffffffff000);

uint64_t pagetable_level_bytes(unsigned level) {
	return UINT64_C(1) << (PAGE_BITS + INDEX_BITS * level);
}

static pte_t *entry_of(paddr_t table, unsigned level, uint64_t address) {
	size_t index = (address >> (PAGE_BITS + INDEX_BITS * level)) & ((1u << INDEX_BITS) - 1);
	return (pte_t *)(uintptr_t)table.value + index;
}

/* A range on its way into the tables. */
struct mapping {
	struct pagetable *table;
	uint64_t address; /* advances */
	uint64_t page;    /* advances */
	uint64_t end;
	unsigned rights;
};

static pte_t *first_taken(pte_t *entry, const pte_t *end) {
	while (end - entry >= 4 && (entry[0] | entry[1] | entry[2] | entry[3]) == 0)
		entry += 4;
	while (entry != end && *entry == 0)
		entry++;
	return entry;
}

static inline pte_t fill_four(pte_t *entry, pte_t leaf, uint64_t bytes) {
	for (int i = 0; i < 4; i++, leaf += bytes)
		entry[i] = leaf;
	return leaf;
}

/* The address is a field of the entry at its own place, so the next entry is a sum away, and 16 are filled at a time:
 * where a host emulates this ring, every instruction of these loops is felt. */
static void fill(pte_t *entry, const pte_t *end, pte_t leaf, uint64_t bytes) {
	for (; end - entry >= 16; entry += 16) {
		leaf = fill_four(entry, leaf, bytes);
		leaf = fill_four(entry + 4, leaf, bytes);
		leaf = fill_four(entry + 8, leaf, bytes);
		leaf = fill_four(entry + 12, leaf, bytes);
	}
	for (; entry != end; leaf += bytes)
		*entry++ = leaf;
}

/* Neighbouring leaves as far as the table and the mapping go, from `entry` on. Of pages, what is known to be free is
 * not looked at. */
static int map_leaves(struct mapping *mapping, pte_t *entry, unsigned level) {
	uint64_t bytes = pagetable_level_bytes(level), left = mapping->end - mapping->address;
	uint64_t here = pagetable_level_bytes(level + 1) - (mapping->address & (pagetable_level_bytes(level + 1) - 1));
	uint64_t reach = left < here ? left : here;
	const pte_t **free = &mapping->table->last.free;
	pte_t *const wanted = entry + (reach >> (PAGE_BITS + INDEX_BITS * level));
	pte_t *const end = level == 0 && entry >= *free ? wanted : first_taken(entry, wanted);
	fill(entry, end, arch_pte_leaf((paddr_t){mapping->page}, level, mapping->rights), bytes);
	if (level == 0 && end > *free)
		*free = end;
	mapping->address += (uint64_t)(end - entry) * bytes;
	mapping->page += (uint64_t)(end - entry) * bytes;
	return end == wanted ? 0 : PAGETABLE_EMAPPED;
}

/* The largest leaf that fits where the mapping has come to. */
static unsigned leaf_level(const struct mapping *mapping, unsigned level) {
	uint64_t bits = mapping->address | mapping->page, left = mapping->end - mapping->address;
	while (level > 0 && ((bits & (pagetable_level_bytes(level) - 1)) != 0 || left < pagetable_level_bytes(level)))
		level--;
	return level;
}

/* The table of `level` that the mapping's address leads to, through tables that are made where there are none; whether
 * it was itself. */
static int table_reach(const struct mapping *mapping, unsigned level, paddr_t *at, bool *made) {
	*at = mapping->table->root;
	*made = false;
	for (unsigned depth = mapping->table->levels - 1; depth > level; depth--) {
		pte_t *down = entry_of(*at, depth, mapping->address);
		if (*down == 0) {
			if (!mapping->table->table_new(at))
				return PAGETABLE_ENOMEM;
			*down = arch_pte_table(*at);
			*made = true;
		} else if (arch_pte_is_table(*down, depth)) {
			*at = arch_pte_address(*down, depth);
		} else {
			return PAGETABLE_EMAPPED;
		}
	}
	return 0;
}

/* Most mappings of a start are small and follow one another in one table: the walk from the root would be most of their
 * cost. */
static int table_of_pages(const struct mapping *mapping, paddr_t *at) {
	struct pagetable *table = mapping->table;
	uint64_t region = mapping->address >> (PAGE_BITS + INDEX_BITS);
	if (table->last.table.value != 0 && table->last.region == region) {
		*at = table->last.table;
		return 0;
	}
	bool made;
	int error = table_reach(mapping, 0, at, &made);
	if (error == 0) {
		table->last.table = *at;
		table->last.region = region;
		table->last.free = (pte_t *)(uintptr_t)at->value + (made ? 0 : 1u << INDEX_BITS);
	}
	return error;
}

int pagetable_map(struct pagetable *table, vaddr_t address, paddr_t page, uint64_t length, unsigned rights,
		  unsigned level_max) {
	uint64_t reach = pagetable_level_bytes(table->levels);
	if (address.value >= reach || length > reach - address.value)
		return PAGETABLE_ERANGE;
	struct mapping mapping = {table, address.value, page.value, address.value + length, rights};
	while (mapping.address != mapping.end) {
		unsigned level = leaf_level(&mapping, level_max);
		paddr_t at;
		bool made;
		int error = level == 0 ? table_of_pages(&mapping, &at) : table_reach(&mapping, level, &at, &made);
		if (error == 0)
			error = map_leaves(&mapping, entry_of(at, level, mapping.address), level);
		if (error != 0)
			return error;
	}
	return 0;
}

/* The entry that maps an address, or NULL; *level is where it stands. */
static pte_t *leaf_entry(const struct pagetable *table, uint64_t address, unsigned *level) {
	paddr_t at = table->root;
	if (address >= pagetable_level_bytes(table->levels))
		return NULL;
	for (unsigned depth = table->levels; depth-- > 0;) {
		pte_t *entry = entry_of(at, depth, address);
		if (*entry == 0)
			return NULL;
		if (!arch_pte_is_table(*entry, depth)) {
			*level = depth;
			return entry;
		}
		at = arch_pte_address(*entry, depth);
	}
	return NULL;
}

static struct pagetable_leaf leaf_of(pte_t entry, unsigned level, uint64_t address) {
	uint64_t bytes = pagetable_level_bytes(level);
	return (struct pagetable_leaf){
		.address = {address & ~(bytes - 1)},
		.page = arch_pte_address(entry, level),
		.bytes = bytes,
		.rights = arch_pte_rights(entry),
	};
}

bool pagetable_find(const struct pagetable *table, vaddr_t address, struct pagetable_leaf *leaf) {
	unsigned level;
	const pte_t *entry = leaf_entry(table, address.value, &level);
	if (entry == NULL)
		return false;
	*leaf = leaf_of(*entry, level, address.value);
	return true;
}

/* The longest run of whole leaves from `address`; its first entry, or NULL where none begins. A walk from the root for
 * each page would cost an emulated ring 0 half a millisecond a page; the next entry of a run is the one before it plus
 * a leaf's size, all else in it being the same. */
static pte_t *run_at(const struct pagetable *table, uint64_t address, uint64_t end, unsigned *level, uint64_t *count) {
	pte_t *const first = leaf_entry(table, address, level);
	if (first == NULL)
		return NULL;
	uint64_t bytes = pagetable_level_bytes(*level), whole = (end - address) / bytes;
	if ((address & (bytes - 1)) != 0 || whole == 0)
		return NULL;
	uint64_t table_bytes = pagetable_level_bytes(*level + 1);
	uint64_t here = (table_bytes - (address & (table_bytes - 1))) / bytes;
	const pte_t *at = first + 1, *const last = first + (whole < here ? whole : here);
	for (pte_t wanted = *first + bytes; at != last && *at == wanted; wanted += bytes)
		at++;
	*count = (uint64_t)(at - first);
	return first;
}

/* Whole leaves, and no hole between. */
static bool covered(const struct pagetable *table, uint64_t address, uint64_t end) {
	while (address < end) {
		unsigned level;
		uint64_t count;
		if (run_at(table, address, end, &level, &count) == NULL)
			return false;
		address += count * pagetable_level_bytes(level);
	}
	return true;
}

static void entries_set(pte_t *entry, const struct pagetable_run *run, unsigned level, unsigned rights) {
	pte_t fresh = rights != 0 ? arch_pte_leaf(run->first.page, level, rights) : 0;
	uint64_t step = rights != 0 ? run->first.bytes : 0;
	for (const pte_t *end = entry + run->count; entry != end; fresh += step)
		*entry++ = fresh;
}

int pagetable_change(const struct pagetable *table, vaddr_t address, uint64_t length, unsigned rights,
		     pagetable_visit *visit, void *context) {
	uint64_t end = address.value + length;
	if (end < address.value || !covered(table, address.value, end))
		return PAGETABLE_EHOLE;
	for (uint64_t at = address.value; at < end;) {
		unsigned level;
		struct pagetable_run run;
		pte_t *first = run_at(table, at, end, &level, &run.count);
		run.first = leaf_of(*first, level, at);
		entries_set(first, &run, level, rights);
		visit(context, &run);
		at += run.count * run.first.bytes;
	}
	return 0;
}

pte_t *pagetable_leaves(const struct pagetable *table, vaddr_t address, uint64_t length, unsigned *level) {
	pte_t *const first = leaf_entry(table, address.value, level);
	if (first == NULL || length == 0)
		return NULL;
	uint64_t bytes = pagetable_level_bytes(*level), table_bytes = pagetable_level_bytes(*level + 1);
	if (((address.value | length) & (bytes - 1)) != 0 || length > table_bytes - (address.value & (table_bytes - 1)))
		return NULL;
	for (const pte_t *entry = first, *end = first + length / bytes; entry != end; entry++)
		if (((*entry ^ *first) & ~PTE_FRAME) != 0)
			return NULL;
	return first;
}

bool pagetable_allows(const struct pagetable *table, vaddr_t address, uint64_t length, unsigned rights) {
	uint64_t end = address.value + length;
	if (end < address.value)
		return false;
	for (uint64_t at = address.value; at < end;) {
		unsigned level;
		const pte_t *entry = leaf_entry(table, at, &level);
		if (entry == NULL || (arch_pte_rights(*entry) & rights) != rights)
			return false;
		at = (at | (pagetable_level_bytes(level) - 1)) + 1;
	}
	return true;
}
