/* SPDX-License-Identifier: Apache-2.0
 *
 * Change points: series of known levels with noise of a known generator, and series without a change.
 */
#include "bench/rng.h"
#include "hosted/change_points.h"

#include <criterion/criterion.h>
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
