/* SPDX-License-Identifier: Apache-2.0
 *
 * Sums of counts times costs, in ns of CPU time: of COSTS_PLAIN what a program takes, of other settings what it takes
 * more. Errors of costs are independent; doubts are what is assumed beyond what is measured (docs/advise.md says why
 * each), bounds by cause. Pure.
 */
#pragma once

#include "hosted/advise/advice.h"
#include "hosted/advise/costs.h"

#include <stddef.h>
#include <stdint.h>

/* As shares, where more than one part of the advice has them. */
#define ADVICE_CALL_DOUBT   0.15 /* of a difference of calls: a program's caches and branches are not the loop's */
#define ADVICE_BLOCK_DOUBT  0.15 /* of a difference of blocks: sizes and orders mix in a heap */
#define ADVICE_SHARE_DOUBT  0.25 /* of a part's time: the same, and calls that nobody saw */
#define ADVICE_RECORD_DOUBT 0.15 /* of what recording took */

/* Causes of doubts. What has one cause goes the same way in all rows, and is added up; what has different ones does
 * not, and goes together as errors do. */
enum advice_cause {
	ADVICE_CAUSE_COST,      /* whether a cost is the program's */
	ADVICE_CAUSE_WAY,       /* where between its ends */
	ADVICE_CAUSE_SCALE,     /* or beyond */
	ADVICE_CAUSE_CONTEXT,   /* what is around a block's calls */
	ADVICE_CAUSE_CORES,     /* which cores a block goes between */
	ADVICE_CAUSE_PAGES,     /* how many are touched */
	ADVICE_CAUSE_BESIDE,    /* how much of what is beside faults they make slower */
	ADVICE_CAUSE_READS,     /* how many faults are in calls that read */
	ADVICE_CAUSE_ENDS,      /* where in a huge page a heap begins and ends */
	ADVICE_CAUSE_TWICE,     /* how many pages of zeros are read before they are written to */
	ADVICE_CAUSE_CARVED,    /* which blocks the rest of a heap's piece takes */
	ADVICE_CAUSE_RECORDING, /* what recording took */
	ADVICE_CAUSE_PLACES,    /* where code and blocks lie */
	ADVICE_CAUSES
};

/* Standard deviations of a normal distribution that are half of its interval of 95 %. */
#define ADVICE_DEVIATIONS 1.96

/* Doubts are halves of intervals of 95 %. */
struct advice_sum {
	double ns, variance, doubts[ADVICE_CAUSES];
};

/* `count` times a cost, of which the share `doubt` may be another program's. */
void advice_sum_add(struct advice_sum *sum, double count, const struct costs_figure *cost, double doubt);

/* `sign`: 1, or -1 to take it off, which makes the sum no surer. */
void advice_sum_add_sum(struct advice_sum *sum, const struct advice_sum *more, double sign);

/* A share of it. */
void advice_sum_add_part(struct advice_sum *sum, const struct advice_sum *more, double part);

/* Half of the sum's interval of 95 %, in ns. */
double advice_sum_spread(const struct advice_sum *sum);

/* Of a program's time. */
struct advice_range advice_sum_share(const struct advice_sum *sum, double time_ns);

/* The class whose cost of being recorded a class has: counting takes as long whatever the size. */
uint32_t advice_recorded_as(uint32_t class);

/* How far a distribution over classes, of `width` counts each, is from being all of one: the share of pairs that
 * differ. */
double advice_mixture(const uint64_t *counts, size_t width);

/* What sizes in any order take more than those of a class after each other: the figure of row `mixed`, less the mean of
 * `count` rows, `step` from one to the next. */
struct costs_figure advice_extra_of(const struct costs_figure *figures, size_t mixed, size_t first, size_t step,
				    size_t count);

static inline double advice_clamp(double share) {
	return share < 0 ? 0 : share > 1 ? 1 : share;
}
