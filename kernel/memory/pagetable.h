/* SPDX-License-Identifier: Apache-2.0
 *
 * The page-table walker, shared: it knows levels and indices, the architecture (pte.c) knows entries. Tables are
 * reached at their physical addresses: memory is identity-mapped. Nothing here flushes a TLB: what changes or removes
 * an entry says so to its caller.
 */
#pragma once

#include "kernel/arch.h"

#include <stdbool.h>
#include <stdint.h>

enum pagetable_error {
	PAGETABLE_ENOMEM = -1,  /* no page for a table */
	PAGETABLE_EMAPPED = -2, /* something is mapped there already */
	PAGETABLE_EHOLE = -3,   /* something in the range is not mapped, or only a part of a leaf lies in it */
	PAGETABLE_ERANGE = -4,  /* the levels do not reach so far */
};

struct pagetable {
	paddr_t root;
	unsigned levels;
	/* A zeroed page for a table, which stays one for good; false: none is left. */
	bool (*table_new)(paddr_t *table);
	/* The table of level 0 that was mapped in last: the walker's own, zero at first. */
	struct {
		paddr_t table; /* 0: none */
		uint64_t region;
		const pte_t *free; /* nothing is mapped from here to the table's end */
	} last;
};

struct pagetable_leaf {
	vaddr_t address; /* where the leaf begins */
	paddr_t page;
	uint64_t bytes;
	unsigned rights;
};

/* Addresses from pagetable_level_bytes(levels) on are mapped nowhere: no bit of an address is left out of account. */

/* Bytes that a leaf of this level maps. */
uint64_t pagetable_level_bytes(unsigned level);

/* Maps [address, address + length) to `page` onwards with the largest leaves that fit, up to `level_max`. All
 * page-aligned. On an error a part may be mapped. */
int pagetable_map(struct pagetable *table, vaddr_t address, paddr_t page, uint64_t length, unsigned rights,
		  unsigned level_max);

/* Neighbouring leaves of one table, of one size and with the same rights, whose memory is neighbouring, too. */
struct pagetable_run {
	struct pagetable_leaf first;
	uint64_t count;
};

/* Changes every leaf of a range that is mapped throughout to `rights`, or removes it where they are 0, and calls visit
 * for each run of them, in order, after it. Checked first: on an error nothing has changed. */
typedef void pagetable_visit(void *context, const struct pagetable_run *run);
int pagetable_change(const struct pagetable *table, vaddr_t address, uint64_t length, unsigned rights,
		     pagetable_visit *visit, void *context);

/* The leaf that maps an address. */
bool pagetable_find(const struct pagetable *table, vaddr_t address, struct pagetable_leaf *leaf);

/* The entries of the leaves that map a range, all in one table, with the same rights, as many as it has of them; NULL:
 * there are no such ones, or only a part of a leaf lies in it. *level is theirs. They stay the walker's: who changes
 * one puts it back. */
pte_t *pagetable_leaves(const struct pagetable *table, vaddr_t address, uint64_t length, unsigned *level);

/* Whether all of a range is mapped with at least these rights. */
bool pagetable_allows(const struct pagetable *table, vaddr_t address, uint64_t length, unsigned rights);
