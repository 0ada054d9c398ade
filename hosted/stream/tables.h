/* SPDX-License-Identifier: Apache-2.0
 *
 * A guest's page tables for the pages of a stream, four levels of 512 entries: what a walk costs where nobody says. No
 * more than TABLES_BYTES_MOST of them: beyond that, one of each level stands for all further ones.
 */
#pragma once

#include "mem/tlb.h"

#define TABLES_BYTES_MOST (UINT64_C(64) << 20)

enum { TABLES_LEVELS = 4 };

struct tables {
	uint64_t *memory, *free, *end;
	uint64_t *further[TABLES_LEVELS]; /* of each level */
	uint32_t page_shift;
};

/* false: out of memory. */
bool tables_start(struct tables *tables, uint32_t page_shift);

void tables_map(struct tables *tables, uint64_t address);

/* A tlb_walk; `owner` is the tables. The host address is one of nothing. */
int tables_walk(void *owner, uint64_t address, uint32_t asid, enum tlb_access access, struct tlb_mapping *mapping);

void tables_free(struct tables *tables);
