/* SPDX-License-Identifier: Apache-2.0
 *
 * How far launches of one programme lie apart, beside how well each knows its own figure. An interval speaks of one
 * launch: where its pages lie, what the neighbour did and how fast the core ran then are in none of its samples. Pure.
 * docs/methodology.md has the rule and how often it is wrong.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { SPREAD_LAUNCHES_MAX = 100 };

/* One launch's figure, and half of its own interval's width, relative to it. */
struct spread_launch {
	double figure; /* 0: not measured */
	double within;
};

struct spread {
	size_t launches;    /* that have a figure; 0: all that follows is 0 */
	double figure;      /* median */
	double within;      /* median */
	double between;     /* from the smallest to the largest figure, relative to the median */
	double least, most; /* of those that do not lie apart */
	size_t apart_count;
	size_t apart[SPREAD_LAUNCHES_MAX]; /* indices, ascending */
};

/* At most SPREAD_LAUNCHES_MAX. A launch lies apart where its figure is further from the median of the others than 5 %
 * of it (20 % where there are less than four others), than five times the furthest of the others, and than its own
 * interval reaches. From three launches on: of two, neither is the odd one. */
void spread_of(const struct spread_launch *launches, size_t count, struct spread *spread);
