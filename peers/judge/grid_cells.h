/* SPDX-License-Identifier: Apache-2.0
 *
 * The grid that our copy stands beside the C library's on, and what its cells come to: every size from 0 to 512 and
 * powers of two to 64 MiB, each with a byte less and a byte more, at ten by ten alignments. A cell fails when in three
 * of three launches with the core alone the interval of its ratio lies wholly above 1 / 0.97; one that did not in one
 * of them is through. Pure.
 */
#pragma once

#include "peers/judge/bars.h"

enum { GRID_CLASSES = 7, GRID_RUNS = 3 };

/* Offsets of both ends from a boundary of 4 KiB; the destination's lies half a page further. */
struct grid_place {
	size_t bytes, to, from;
};

size_t grid_cells_count(void);
struct grid_place grid_place_of(size_t cell);

/* One launch of one cell. */
struct grid_seen {
	uint32_t cell;
	struct peer_probe probe;
	double median, lower, upper; /* ours over the C library's */
};

struct grid_cell {
	bool taken, through, best_is_narrow;
	unsigned failures; /* launches with the core alone */
	double first;      /* the median of the first launch */
	double best;       /* the least median of those launches; narrow: with an interval within 5 % of it */
};

void grid_cell_note(struct grid_cell *cell, const struct grid_seen *seen, const struct peer_alone *alone);

/* It was taken, and another launch has to say. */
bool grid_cell_open(const struct grid_cell *cell);

struct grid_tally {
	const char *name;
	unsigned cells, failed, open; /* `open`: neither failed nor through */
	double mean;                  /* of the ratios */
	double greatest;              /* 0: there was no narrow interval */
	enum peer_verdict by_count, by_greatest;
};

/* Bars: not more than a hundredth of a class fails, none is slower than 1.10 times; void where for more than a
 * hundredth no launch had the core alone. */
void grid_tally(const struct grid_cell *cells, struct grid_tally tallies[GRID_CLASSES]);

extern const double grid_slowest_allowed, grid_failed_most, grid_greatest_most;
