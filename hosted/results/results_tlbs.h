/* SPDX-License-Identifier: Apache-2.0
 *
 * The data TLBs of a run's machine, of each level and size of page what is told, what the run's rows show, and whether
 * these agree; and their geometry where the run looked for it.
 */
#pragma once

#include "bench/reach/rows.h"
#include "hosted/results/results_memory.h"

struct results_tlb_row {
	char name[16];      /* "TLB1 4K" */
	size_t size, level; /* index of the page's size; 0 or 1 */
	uint64_t told;      /* entries; 0: not said */
	char source[48];    /* of what is told; "" */
	bool is_found;
	struct reach_level found; /* where is_found */
	const char *outcome;      /* why nothing was, of rows that are there; "" */
	enum results_verdict verdict;
};

enum { RESULTS_TLB_ROWS_MOST = REACH_PAGE_SIZES * REACH_LEVELS_MOST };

/* A row for each level that is told or found, pages ascending; returns how many. 0 as well where memory is short. */
size_t results_tlb_rows(const struct results *results, struct results_tlb_row rows[RESULTS_TLB_ROWS_MOST]);

/* Lines of what machine/tlb_geometry found, beside what is told (bench/ladder/geometry.h); nothing where the run has no
 * such rows. */
void results_tlb_geometry(const struct results *results, struct text *text);
