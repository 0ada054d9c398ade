/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/stream/tables.h"

#include <stdlib.h>

enum { LEVEL_BITS = 9, ENTRIES = 1 << LEVEL_BITS };

bool tables_start(struct tables *tables, uint32_t page_shift) {
	tables->memory = calloc(1, TABLES_BYTES_MOST);
	if (!tables->memory)
		return false;
	tables->page_shift = page_shift;
	tables->free = tables->memory + ENTRIES;
	for (unsigned level = 0; level < TABLES_LEVELS; level++, tables->free += ENTRIES)
		tables->further[level] = tables->free;
	tables->end = tables->memory + TABLES_BYTES_MOST / sizeof(uint64_t);
	return true;
}

void tables_free(struct tables *tables) {
	free(tables->memory);
	tables->memory = NULL;
}

static uint64_t *entry_of(uint64_t *table, const struct tables *tables, uint64_t address, unsigned level) {
	return &table[address >> tables->page_shift >> (level * LEVEL_BITS) & (ENTRIES - 1)];
}

static uint64_t *new_table(struct tables *tables, unsigned level) {
	uint64_t *table = tables->free;
	if (table + ENTRIES > tables->end)
		return tables->further[level];
	tables->free += ENTRIES;
	return table;
}

void tables_map(struct tables *tables, uint64_t address) {
	uint64_t *table = tables->memory;
	for (unsigned level = TABLES_LEVELS - 1; level > 0; level--) {
		uint64_t *entry = entry_of(table, tables, address, level);
		if (*entry == 0)
			*entry = (uint64_t)(uintptr_t)new_table(tables, level - 1) | 1;
		table = (uint64_t *)(uintptr_t)(*entry & ~UINT64_C(1));
	}
	*entry_of(table, tables, address, 0) = address >> tables->page_shift << tables->page_shift | 1;
}

int tables_walk(void *owner, uint64_t address, uint32_t asid, enum tlb_access access, struct tlb_mapping *mapping) {
	(void)asid;
	(void)access;
	const struct tables *tables = owner;
	uint64_t *table = tables->memory;
	for (unsigned level = TABLES_LEVELS - 1; level > 0; level--) {
		uint64_t entry = *entry_of(table, tables, address, level);
		if ((entry & 1) == 0)
			return 1;
		table = (uint64_t *)(uintptr_t)(entry & ~UINT64_C(1));
	}
	uint64_t entry = *entry_of(table, tables, address, 0);
	mapping->host = (void *)(uintptr_t)(entry & ~UINT64_C(1));
	mapping->rights = TLB_RIGHT_READ | TLB_RIGHT_WRITE | TLB_RIGHT_EXECUTE;
	return (entry & 1) == 0;
}
