/* SPDX-License-Identifier: Apache-2.0 */
#include "peers/results.h"

#include <stdio.h>
#include <stdlib.h>

static void *needed(void *memory) {
	if (memory == NULL) {
		fprintf(stderr, "bench-peers: out of memory\n");
		exit(1);
	}
	return memory;
}

void peer_results_record(void *context, const struct peer_record *record) {
	struct peer_results *results = context;
	struct peer_row_results *row = &results->of[record->row];
	if (row->count == PEER_LAUNCHES_MAX)
		return;
	struct peer_record *kept = needed(malloc(sizeof *kept));
	*kept = *record;
	row->launches[row->count++] = kept;
	peer_alone_note(&results->alone, &record->probe);
}

void peer_results_cell(void *context, uint32_t place, const struct grid_seen *seen) {
	struct peer_results *results = context;
	struct peer_row_results *row = &results->of[place];
	if (row->cells == NULL)
		row->cells = needed(calloc(grid_cells_count(), sizeof *row->cells));
	peer_alone_note(&results->alone, &seen->probe);
	grid_cell_note(&row->cells[seen->cell], seen, &results->alone);
}

/* Cells that are open into `wanted`; false: there are none. All of them in the first launch. */
static bool grid_lacks(const struct peer_row_results *row, struct peer_wanted *wanted) {
	if (row->cells == NULL)
		return true;
	uint32_t *cells = needed(malloc(grid_cells_count() * sizeof *cells));
	for (size_t i = 0; i < grid_cells_count(); i++)
		if (grid_cell_open(&row->cells[i]))
			cells[wanted->cells++] = (uint32_t)i;
	wanted->cell = cells;
	if (wanted->cells == 0)
		free(cells);
	return wanted->cells != 0;
}

static bool row_lacks(const struct peer_results *results, const struct peer_row_results *row) {
	unsigned idle = 0;
	for (size_t i = 0; i < row->count; i++) {
		if (row->launches[i]->skipped[0] != 0)
			return false;
		idle += peer_probe_idle(&results->alone, &row->launches[i]->probe);
	}
	return idle < results->launches;
}

size_t peer_results_lacking(const struct peer_results *results, unsigned launch, struct peer_wanted *wanted) {
	size_t count = 0;
	for (uint32_t i = 0; i < results->rows->count; i++) {
		const struct peer_row_results *row = &results->of[i];
		wanted[count] = (struct peer_wanted){.row = i};
		if (!row->wanted)
			continue;
		if (results->rows->listed[i].row->grid)
			count += grid_lacks(row, &wanted[count]);
		else
			count += row->count == 0 || (launch < results->launches ? row->launches[0]->skipped[0] == 0
										: row_lacks(results, row));
	}
	return count;
}

void peer_results_merge(const struct peer_results *results, uint32_t row, struct peer_record *merged) {
	const struct peer_row_results *of = &results->of[row];
	peer_records_merge((const struct peer_record *const *)of->launches, of->count, &results->alone, merged);
}
