/* SPDX-License-Identifier: Apache-2.0
 *
 * Every arm at a point in the same round, in random order: ratios to the arm without vectors, never a stored clock. All
 * points have some rounds; further ones, while the budget lasts, go to the point whose interval reaches farthest from
 * none. Intervals are those of a trimmed mean: one spell among few rounds is not the bound.
 */
#include "bench/rng.h"
#include "bench/tune/tune.h"

#include <math.h>
#include <stdlib.h>

enum { ROUNDS_LEAST = 6, POINTS = PRICE_DUTIES * PRICE_BURSTS };

/* The clock's step and a miss of the caches come to as much. */
#define STALL_NONE_NS 100.0

const unsigned price_duty_percent[PRICE_DUTIES] = {1, 5, 25, 50};
const uint64_t price_burst_ns[PRICE_BURSTS] = {0, 100000, 10000000};

struct point {
	double ratios[PRICE_ARMS_MAX][TUNE_ROUNDS_MAX];
	double settles[PRICE_ARMS_MAX][TUNE_ROUNDS_MAX];
	double stall[PRICE_ARMS_MAX]; /* the least */
	uint32_t rounds;
	uint64_t spent_ns;
};

static bool measure_point(const struct price *price, const struct price_subject *subject, unsigned number,
			  struct point *point, struct rng *rng) {
	struct price_sample samples[PRICE_ARMS_MAX];
	unsigned char order[PRICE_ARMS_MAX];
	for (unsigned i = 0; i < price->arm_count; i++) {
		unsigned other = rng_below(rng, i + 1);
		order[i] = order[other];
		order[other] = (unsigned char)i;
	}
	for (unsigned i = 0; i < price->arm_count; i++)
		if (!subject->sample(subject->self, price->arm[order[i]], price_duty_percent[number / PRICE_BURSTS],
				     price_burst_ns[number % PRICE_BURSTS], &samples[order[i]]))
			return false;
	for (unsigned arm = 0; arm < price->arm_count; arm++) {
		point->ratios[arm][point->rounds] = samples[arm].add_ns / samples[0].add_ns;
		point->settles[arm][point->rounds] = samples[arm].settle_ns;
		if (point->rounds == 0 || samples[arm].stall_ns < point->stall[arm])
			point->stall[arm] = samples[arm].stall_ns;
	}
	point->rounds++;
	return true;
}

static struct tune_ratio during_of(struct point *point, unsigned arm) {
	struct tune_mean mean = {0};
	struct tune_ratio ratio = tune_ratio_of(point->ratios[arm], point->rounds);
	tune_mean_add(&mean, &ratio, 1);
	return tune_mean_of(&mean);
}

/* By how much an arm may differ from [0] there. */
static double bound_of(const struct price *price, struct point *point) {
	double bound = 0;
	for (unsigned arm = 0; arm < price->arm_count; arm++) {
		struct tune_ratio ratio = during_of(point, arm);
		bound = fmax(bound, fmax(fabs(ratio.upper - 1), fabs(1 - ratio.lower)));
	}
	return bound;
}

static void conclude_point(struct price *price, unsigned number, struct point *point) {
	/* As much an arm shows that has nothing to settle from. */
	double settled = tune_ratio_of(point->settles[0], point->rounds).upper;
	for (unsigned arm = 0; arm < price->arm_count; arm++) {
		struct price_cell *cell = &price->cell[arm][number / PRICE_BURSTS][number % PRICE_BURSTS];
		double settle = tune_ratio_of(point->settles[arm], point->rounds).point;
		double stall = point->stall[arm] - point->stall[0];
		cell->during = during_of(point, arm);
		cell->settle_ns = settle > settled ? settle : 0;
		cell->stall_ns = stall > price->stall_bound_ns ? stall : 0;
	}
}

static void conclude(struct price *price, struct point *points) {
	bool seen = false;
	price->bound = 0;
	price->stall_bound_ns = STALL_NONE_NS;
	for (unsigned number = 0; number < POINTS; number++)
		price->stall_bound_ns = fmax(price->stall_bound_ns, 2 * points[number].stall[0]);
	for (unsigned number = 0; number < POINTS; number++) {
		conclude_point(price, number, &points[number]);
		price->bound = fmax(price->bound, bound_of(price, &points[number]));
		for (unsigned arm = 0; arm < price->arm_count; arm++) {
			const struct tune_ratio *during =
				&price->cell[arm][number / PRICE_BURSTS][number % PRICE_BURSTS].during;
			seen |= during->lower > 1 + PRICE_NONE || during->upper < 1 - PRICE_NONE;
		}
	}
	price->none = price->arm_count > 1 && !seen;
}

/* The point that keeps the bound where it is, of those that can have one more round. POINTS: none. */
static unsigned find_widest(const struct price *price, struct point *points, uint64_t left_ns) {
	unsigned widest = POINTS;
	double most = 0;
	for (unsigned number = 0; number < POINTS; number++) {
		struct point *point = &points[number];
		if (point->rounds == TUNE_ROUNDS_MAX || point->spent_ns / point->rounds > left_ns)
			continue;
		double bound = bound_of(price, point);
		if (widest == POINTS || bound > most) {
			most = bound;
			widest = number;
		}
	}
	return widest;
}

/* What a point's rounds take lies far apart: those behind the least go to where they are worth most. */
static int measure(const struct price *price, const struct price_subject *subject, uint64_t budget_ns,
		   struct point *points, struct rng *rng) {
	const uint64_t begin = subject->now_ns(subject->self);
	uint64_t now = begin;
	for (uint32_t round = 0;; round++) {
		uint64_t spent = now - begin;
		unsigned number = round < ROUNDS_LEAST * POINTS ? (round + round / POINTS) % POINTS
				  : spent < budget_ns           ? find_widest(price, points, budget_ns - spent)
								: POINTS;
		if (number == POINTS)
			return 0;
		if (!measure_point(price, subject, number, &points[number], rng))
			return -1;
		uint64_t then = now;
		now = subject->now_ns(subject->self);
		points[number].spent_ns += now - then;
	}
}

int tune_price(struct price *price, const struct price_subject *subject, uint64_t budget_ns, uint64_t seed) {
	struct rng rng = rng_seeded(rng_seed_of(seed, "price"));
	struct point *points = calloc(POINTS, sizeof(*points)); /* large, and a run without `tune` should not map it */
	*price = (struct price){0};
	if (points == NULL)
		return -1;
	price->arm_count = subject->arms(subject->self, price->arm);
	int error = measure(price, subject, budget_ns, points, &rng);
	if (error == 0)
		conclude(price, points);
	free(points);
	return error;
}
