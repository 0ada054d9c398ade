/* SPDX-License-Identifier: Apache-2.0
 *
 * The levels that a run's rows under machine/latency/PAGE/line/ show, beside what the machine says of its caches.
 */
#pragma once

#include "bench/collect.h"
#include "bench/ladder/levels.h"

enum { MEASURED_PAGE_SIZES = 3 };

/* The rows that count, as a glob. */
#define MEASURED_ROWS "machine/latency/*/line/*"

struct measured_levels {
	uint64_t page_bytes;
	size_t count; /* of points: the least time of each row that is ok */
	struct levels_point points[LEVELS_POINTS_MOST];
	struct levels levels;             /* latencies in ns */
	uint64_t told_bytes[LEVELS_MOST]; /* of the data or unified cache of that number; 0: nothing is said */
	size_t missing;                   /* rows that were not measured */
	uint64_t missing_from;            /* the smallest of their sizes */
	char why[80];                     /* of that one; "": it is not said */
};

/* Of each size of page that the run has rows of, ascending. */
struct measured_ladder {
	size_t count;
	struct measured_levels pages[MEASURED_PAGE_SIZES];
};

/* `index` below MEASURED_PAGE_SIZES: 4 KiB, 2 MiB, 1 GiB. */
uint64_t measured_page_bytes(size_t index);

/* "4 KiB", of one of those. */
const char *measured_page_name(uint64_t page_bytes);

/* false: the run has no such rows, or memory is short. */
bool measured_levels_of(struct collector *collector, uint64_t page_bytes, struct measured_levels *measured);

/* Sizes that such a run should measure, too, up to `capacity`, and has not: where a level ends, and just beyond. */
size_t measured_wanted(const struct measured_levels *measured, uint64_t *bytes, size_t capacity);

/* All of them, and what each says of the others' levels (levels_combine). false: the run has no such rows that are ok,
 * or memory is short. */
bool measured_ladder_of(struct collector *collector, struct measured_ladder *ladder);

/* Of the largest pages in which levels were found: there a TLB is least in the way. NULL: they were in none. */
const struct measured_levels *measured_best(const struct measured_ladder *ladder);

/* The picture of a ladder (picture.h), as wide and high as it is said. */
struct picture_frame;
void measured_draw(const struct measured_ladder *ladder, const struct picture_frame *frame, struct text *text);

/* For people: a line a level of the best; what was not measured; and, `clock_step` ticks being the clock's step, that
 * it is too coarse, where it is. Nothing of less points than levels are looked for in. */
void measured_show(const struct collector *collector, const struct measured_ladder *ladder, uint64_t clock_step,
		   struct text *text);

/* The member `levels` of results.json, an element a page size; nothing where the run has no such rows. */
void measured_write(struct collector *collector, struct text *text);
