/* SPDX-License-Identifier: Apache-2.0
 *
 * Change points: series of known levels with noise of a known generator, and series without a change.
 */
#include "bench/rng.h"
#include "hosted/verdict/change_points.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdint.h>

enum { LONGEST = 400 };
static double series[LONGEST];
static size_t points[64];
static size_t found;

/* Near to a normal distribution: twelve uniform numbers. */
static double normal(struct rng *rng) {
	double sum = -6;
	for (int i = 0; i < 12; i++)
		sum += (double)(rng_next(rng) >> 11) * 0x1p-53;
	return sum;
}

static void fill(struct rng *rng, size_t first, size_t last, double level, double deviation) {
	for (size_t i = first; i < last; i++)
		series[i] = level + deviation * normal(rng);
}

static size_t distance(size_t a, size_t b) {
	return a > b ? a - b : b - a;
}

Test(change_points, two_steps_are_found_where_they_are) {
	struct rng rng = rng_seeded(1);
	fill(&rng, 0, 40, 100, 1);
	fill(&rng, 40, 90, 105, 1);
	fill(&rng, 90, 150, 98, 1);
	cr_assert(change_points_find(series, 150, points, 64, &found));
	cr_assert_eq(found, 2, "%zu found", found);
	cr_expect(distance(points[0], 40) <= 1 && distance(points[1], 90) <= 1, "%zu, %zu", points[0], points[1]);
}

/* Of 2,000 series of 100 figures at one level, at most one in twenty shows a change. */
Test(change_points, steady_series_have_none) {
	struct rng rng = rng_seeded(2);
	int alarms = 0;
	for (int round = 0; round < 2000; round++) {
		fill(&rng, 0, 100, 50, 2);
		cr_assert(change_points_find(series, 100, points, 64, &found));
		alarms += found > 0;
	}
	cr_expect(alarms <= 100, "%d of 2000", alarms);
}

Test(change_points, a_step_of_three_deviations_is_found) {
	struct rng rng = rng_seeded(3);
	int seen = 0;
	for (int round = 0; round < 500; round++) {
		fill(&rng, 0, 30, 100, 1);
		fill(&rng, 30, 60, 103, 1);
		cr_assert(change_points_find(series, 60, points, 64, &found));
		seen += found == 1 && distance(points[0], 30) <= 2;
	}
	cr_expect(seen >= 450, "%d of 500", seen);
}

Test(change_points, one_wild_figure_is_no_level) {
	struct rng rng = rng_seeded(4);
	fill(&rng, 0, 100, 10, 0.1);
	series[50] = 1000;
	cr_assert(change_points_find(series, 100, points, 64, &found));
	cr_expect_eq(found, 0);
}

Test(change_points, few_and_equal_figures) {
	for (size_t i = 0; i < 50; i++)
		series[i] = 7;
	for (size_t count = 0; count <= 50; count++) {
		cr_assert(change_points_find(series, count, points, 64, &found));
		cr_expect_eq(found, 0, "%zu equal figures", count);
	}
	for (size_t i = 25; i < 50; i++)
		series[i] = 8;
	cr_assert(change_points_find(series, 50, points, 64, &found));
	cr_assert_eq(found, 1);
	cr_expect_eq(points[0], 25);
}

Test(change_points, no_more_than_there_is_room_for) {
	struct rng rng = rng_seeded(5);
	for (size_t i = 0; i < 20; i++)
		fill(&rng, i * 20, (i + 1) * 20, i % 2 ? 100 : 200, 1);
	cr_assert(change_points_find(series, 400, points, 3, &found));
	cr_assert_eq(found, 3);
	cr_expect(distance(points[0], 20) <= 1 && distance(points[2], 60) <= 1);
}

/* Around its own mean, from the definition: two passes. */
static double spread(size_t begin, size_t end) {
	double mean = 0, sum = 0;
	for (size_t i = begin; i < end; i++)
		mean += series[i] / (double)(end - begin);
	for (size_t i = begin; i < end; i++)
		sum += (series[i] - mean) * (series[i] - mean);
	return sum;
}

/* Of all divisions into segments of three and more: every end from every beginning. */
static double least_cost(size_t count, double penalty) {
	double least[LONGEST + 1];
	for (size_t end = 0; end <= count; end++) {
		least[end] = end >= 3 ? spread(0, end) : INFINITY;
		for (size_t begin = 3; begin + 3 <= end; begin++)
			least[end] = fmin(least[end], least[begin] + penalty + spread(begin, end));
	}
	return least[count];
}

/* Of the division at the places that were found. */
static double cost_of(const size_t *places, size_t count, double penalty) {
	double cost = penalty * (double)found;
	for (size_t i = 0; i <= found; i++) {
		size_t begin = i > 0 ? places[i - 1] : 0, end = i < found ? places[i] : count;
		cr_assert(end >= begin + 3 && end <= count, "a segment from %zu to %zu", begin, end);
		cost += spread(begin, end);
	}
	return cost;
}

/* Short series, one to four levels up to six deviations apart; the penalty is change_points_find's, and lower ones,
 * which change more often. */
Test(change_points, no_division_is_cheaper) {
	struct rng rng = rng_seeded(6);
	for (int round = 0; round < 20000; round++) {
		size_t count = 6 + rng_below(&rng, 35), begin = 0;
		double penalty = 4 * log((double)count) / (double)(1 + round % 4);
		while (begin < count) {
			size_t end = begin + 1 + rng_below(&rng, (uint32_t)count);
			end = end < count ? end : count;
			fill(&rng, begin, end, (double)rng_below(&rng, 7), 1);
			begin = end;
		}
		cr_assert(change_points_divide(series, count, penalty, points, 64, &found));
		double cost = cost_of(points, count, penalty), least = least_cost(count, penalty);
		cr_assert(fabs(cost - least) <= 1e-9 * least, "series %d of %zu: %.12g, least %.12g", round, count,
			  cost, least);
	}
}

/* The least cost in O(n^2), written apart from what is tested: to each end, beginnings from the nearest on, the
 * segment's sum of squares around its mean grown by a figure at a time (B. Welford, Technometrics 4 (1962)). */
static double exact_cost(size_t count, double penalty) {
	double least[LONGEST + 1] = {[0] = -penalty};
	for (size_t end = 1; end <= count; end++) {
		double mean = 0, squares = 0;
		least[end] = INFINITY;
		for (size_t length = 1; length <= end; length++) {
			double figure = series[end - length], away = figure - mean;
			mean += away / (double)length;
			squares += away * (figure - mean);
			if (length >= CHANGE_POINTS_SEGMENT_MIN)
				least[end] = fmin(least[end], least[end - length] + squares + penalty);
		}
	}
	return least[count];
}

/* Long ones, of up to some fifty levels, and of none. */
Test(change_points, a_thousand_long_series_cost_what_an_exact_programme_finds) {
	static size_t places[LONGEST];
	struct rng rng = rng_seeded(7);
	size_t changes = 0;
	for (int round = 0; round < 1000; round++) {
		size_t count = 100 + rng_below(&rng, LONGEST - 99), begin = 0;
		uint32_t longest = 5 + rng_below(&rng, round % 4 ? 100 : 2 * LONGEST);
		double penalty = 4 * log((double)count) / (double)(1 + round % 3);
		while (begin < count) {
			size_t end = begin + 1 + rng_below(&rng, longest);
			end = end < count ? end : count;
			fill(&rng, begin, end, (double)rng_below(&rng, 7), 1);
			begin = end;
		}
		cr_assert(change_points_divide(series, count, penalty, places, LONGEST, &found));
		double least = exact_cost(count, penalty), cost = cost_of(places, count, penalty);
		changes += found;
		cr_assert(fabs(cost - least) <= 1e-9 * least, "series %d of %zu: %.12g, least %.12g", round, count,
			  cost, least);
	}
	cr_expect(changes > 5000, "%zu changes in all", changes);
}

/* With the pruning of segments of any length, a second level at 14. */
Test(change_points, a_level_that_may_not_end_yet_prunes_none) {
	static const double figures[] = {98.2,  97.5,  99.5,  99.2,  101.5, 98.4, 98.2, 101.1, 100.8, 101.2,
					 101.6, 101.7, 102.7, 101.8, 99.8,  99.5, 99.2, 102.0, 102.3};
	cr_assert(change_points_find(figures, sizeof(figures) / sizeof(*figures), points, 64, &found));
	cr_assert_eq(found, 1, "%zu found", found);
	cr_expect_eq(points[0], 7, "at %zu", points[0]);
}
