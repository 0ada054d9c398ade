/* SPDX-License-Identifier: Apache-2.0 */
#include "peers/judge/grid_cells.h"

enum { SMALL_MOST = 512, POWER_LEAST = 10, POWER_MOST = 26, AROUND = 3 };

static const uint8_t offsets[] = {0, 1, 3, 8, 15, 16, 31, 32, 33, 63};
enum { OFFSETS = sizeof(offsets) / sizeof(offsets[0]), OF_A_SIZE = OFFSETS * OFFSETS };

const double grid_slowest_allowed = 1 / 0.97, grid_failed_most = 0.01, grid_greatest_most = 1.10;
/* An interval's width over its median: at most `narrow` to be believed as the worst of a class; beyond `absurd` a pause
 * of the whole machine is in it, and it says nothing. */
static const double narrow = 0.05, absurd = 0.5;

size_t grid_cells_count(void) {
	return (size_t)(SMALL_MOST + 1 + (POWER_MOST - POWER_LEAST + 1) * AROUND) * OF_A_SIZE;
}

struct grid_place grid_place_of(size_t cell) {
	size_t size = cell / OF_A_SIZE, place = cell % OF_A_SIZE, bytes = size;
	if (size > SMALL_MOST) {
		size_t beyond = size - SMALL_MOST - 1;
		bytes = ((size_t)1 << (POWER_LEAST + beyond / AROUND)) - 1 + beyond % AROUND;
	}
	return (struct grid_place){bytes, offsets[place / OFFSETS], offsets[place % OFFSETS]};
}

void grid_cell_note(struct grid_cell *cell, const struct grid_seen *seen, const struct peer_alone *alone) {
	if (!cell->taken)
		cell->first = seen->median;
	cell->taken = true;
	if (!peer_probe_idle(alone, &seen->probe))
		return;
	double width = (seen->upper - seen->lower) / seen->median;
	if (cell->best <= 0 || seen->median < cell->best) {
		cell->best = seen->median;
		cell->best_is_narrow = width <= narrow;
	}
	if (seen->lower > grid_slowest_allowed)
		cell->failures++;
	else if (width <= absurd || seen->median <= grid_slowest_allowed)
		cell->through = true;
}

bool grid_cell_open(const struct grid_cell *cell) {
	return cell->taken && !cell->through && cell->failures < GRID_RUNS;
}

static size_t class_of(size_t bytes) {
	static const size_t most[GRID_CLASSES] = {64, 128, 192, 256, SMALL_MOST, ((size_t)64 << 10) + 1, SIZE_MAX};
	size_t kind = 0;
	while (bytes > most[kind])
		kind++;
	return kind;
}

static void judge(struct grid_tally *tally) {
	if ((double)tally->open > grid_failed_most * tally->cells) {
		tally->by_count = tally->by_greatest = PEER_VOID_BUSY;
		return;
	}
	tally->by_count = (double)tally->failed <= grid_failed_most * tally->cells ? PEER_MET : PEER_MISSED;
	tally->by_greatest = tally->greatest <= grid_greatest_most ? PEER_MET : PEER_MISSED;
}

void grid_tally(const struct grid_cell *cells, struct grid_tally tallies[GRID_CLASSES]) {
	static const char *const names[GRID_CLASSES] = {
		"0 to 64 bytes",    "65 to 128 bytes",       "129 to 192 bytes",       "193 to 256 bytes",
		"257 to 512 bytes", "1 KiB to 64 KiB, +- 1", "128 KiB to 64 MiB, +- 1"};
	for (size_t i = 0; i < GRID_CLASSES; i++)
		tallies[i] = (struct grid_tally){.name = names[i]};
	for (size_t i = 0; i < grid_cells_count(); i++) {
		const struct grid_cell *cell = &cells[i];
		struct grid_tally *tally = &tallies[class_of(grid_place_of(i).bytes)];
		if (!cell->taken)
			continue;
		tally->cells++;
		tally->mean += cell->first;
		tally->failed += cell->failures >= GRID_RUNS && !cell->through;
		tally->open += grid_cell_open(cell);
		if (cell->best_is_narrow && cell->best > tally->greatest)
			tally->greatest = cell->best;
	}
	for (size_t i = 0; i < GRID_CLASSES; i++) {
		tallies[i].mean = tallies[i].cells != 0 ? tallies[i].mean / tallies[i].cells : 0;
		judge(&tallies[i]);
	}
}
