/* SPDX-License-Identifier: Apache-2.0
 *
 * Every arm at every point in the same round, in random order: ratios to the arm without vectors, never a stored
 * clock. Rounds go on while the budget lasts; points that take long get fewer.
 */
#include "bench/rng.h"
#include "bench/tune/tune.h"

#include <math.h>
#include <stdlib.h>

/* Where nothing differs by more, for sure, there is no price that this room would show. */

enum { ROUNDS_LEAST = 6, POINTS = PRICE_DUTIES * PRICE_BURSTS };

const unsigned price_duty_percent[PRICE_DUTIES] = {1, 5, 25, 50};
const uint64_t price_burst_ns[PRICE_BURSTS] = {0, 100000, 10000000};

struct point {
	double ratios[PRICE_ARMS_MAX][TUNE_ROUNDS_MAX];
	double settles[PRICE_ARMS_MAX][TUNE_ROUNDS_MAX];
	double stall[PRICE_ARMS_MAX]; /* the least */
	uint32_t rounds;
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

static void conclude(struct price *price, struct point *points) {
	bool seen = false;
	price->bound = 0;
	for (unsigned number = 0; number < POINTS; number++) {
		struct point *point = &points[number];
		for (unsigned arm = 0; arm < price->arm_count; arm++) {
			unsigned duty = number / PRICE_BURSTS, burst = number % PRICE_BURSTS;
			struct price_cell *cell = &price->cell[arm][duty][burst];
			double stall = point->stall[arm] - point->stall[0];
			cell->during = tune_ratio_of(point->ratios[arm], point->rounds);
			cell->settle_ns = tune_ratio_of(point->settles[arm], point->rounds).point;
			cell->stall_ns = stall > 0 ? stall : 0;
			seen |= cell->during.lower > 1 + PRICE_NONE || cell->during.upper < 1 - PRICE_NONE;
			price->bound = fmax(price->bound, fabs(cell->during.upper - 1));
			price->bound = fmax(price->bound, fabs(1 - cell->during.lower));
		}
	}
	price->none = price->arm_count > 1 && !seen;
}

static int measure(const struct price *price, const struct price_subject *subject, uint64_t budget_ns,
		   struct point *points, struct rng *rng) {
	uint64_t begin = subject->now_ns(subject->self), spent = 0;
	for (uint32_t round = 0; round < TUNE_ROUNDS_MAX; round++) {
		if (round >= ROUNDS_LEAST && spent + spent / round > budget_ns)
			break;
		for (unsigned i = 0; i < POINTS; i++) {
			unsigned number = (i + round) % POINTS;
			if (!measure_point(price, subject, number, &points[number], rng))
				return -1;
		}
		spent = subject->now_ns(subject->self) - begin;
	}
	return 0;
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
