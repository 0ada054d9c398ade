/* SPDX-License-Identifier: Apache-2.0
 *
 * What all launches saw, kept until the last: only then is known what the core does alone. Says which rows another
 * launch has to measure again.
 */
#pragma once

#include "peers/judge/grid_cells.h"
#include "peers/launch.h"

enum { PEER_LAUNCHES_MAX = 32 };

struct peer_row_results {
	bool wanted;
	struct peer_record *launches[PEER_LAUNCHES_MAX]; /* owned */
	size_t count;
	struct grid_cell *cells; /* of a grid: owned */
	unsigned grid_launches;
};

struct peer_results {
	const struct peer_rows *rows;
	struct peer_alone alone;
	unsigned launches; /* asked for */
	struct peer_row_results of[PEER_ROWS_MAX];
};

/* Both are for peer_listener; the results are the context. Out of memory ends the programme. */
void peer_results_record(void *results, const struct peer_record *record);
void peer_results_cell(void *results, uint32_t row, const struct grid_seen *seen);

/* Rows, and cells of grids, that lack a launch: fills `wanted`, whose `cell`s are the caller's to free. In the first
 * `launches` all wanted rows do, grids only where cells are open; in further ones, rows that were not `launches` times
 * alone. */
size_t peer_results_lacking(const struct peer_results *results, unsigned launch, struct peer_wanted *wanted);

/* All launches of a row that was measured. */
void peer_results_merge(const struct peer_results *results, uint32_t row, struct peer_record *merged);
