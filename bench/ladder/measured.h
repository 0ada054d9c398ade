/* SPDX-License-Identifier: Apache-2.0
 *
 * The levels that a run's rows under machine/latency/PAGE/line/ show, beside what the machine says of its caches.
 */
#pragma once

#include "bench/collect.h"
#include "bench/ladder/levels.h"

enum { MEASURED_PAGE_SIZES = 3 };

struct measured_levels {
	uint64_t page_bytes;
	size_t count; /* of points: the least time of each row that is ok */
	struct levels_point points[LEVELS_POINTS_MOST];
	struct levels levels;             /* latencies in ns */
	uint64_t told_bytes[LEVELS_MOST]; /* of the data or unified cache of that number; 0: nothing is said */
};

/* `index` below MEASURED_PAGE_SIZES: 4 KiB, 2 MiB, 1 GiB. */
uint64_t measured_page_bytes(size_t index);

/* false: the run has no such rows, or memory is short. */
bool measured_levels_of(struct collector *collector, uint64_t page_bytes, struct measured_levels *measured);

/* Sizes that such a run should measure, too, up to `capacity`, and has not: where a level ends, and just beyond. */
size_t measured_wanted(const struct measured_levels *measured, uint64_t *bytes, size_t capacity);

/* Of the largest pages in which levels were found: there a TLB is least in the way. false: they were in none. */
bool measured_best(struct collector *collector, struct measured_levels *measured);

/* For people: a line a level. */
void measured_show(const struct measured_levels *measured, struct text *text);

/* The member `levels` of results.json, an element a page size; nothing where the run has no such rows. */
void measured_write(struct collector *collector, struct text *text);
