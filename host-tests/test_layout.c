/* SPDX-License-Identifier: Apache-2.0
 *
 * Layout luck: the decomposition against a worked example and against made-up figures whose variances are known;
 * placements that move what they should, the same way every time, and nothing without being asked to.
 */
#include "bench/layout.h"
#include "bench/placement.h"
#include "bench/rng.h"
#include "platform.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

/* Means 10, 12, 14 and 12 about 12; between 2 x (4 + 0 + 4 + 0) / 3, within 2 x 4 / 4. */
Test(layout, worked_by_hand) {
	static const double figures[] = {9, 11, 11, 13, 13, 15, 11, 13};
	struct layout_luck luck;
	cr_assert(layout_decompose(figures, 4, 2, &luck));
	cr_expect_float_eq(luck.mean, 12, 1e-12);
	cr_expect_float_eq(luck.sampling, sqrt(2) / 12, 1e-12);
	cr_expect_float_eq(luck.layout, sqrt((16.0 / 3 - 2) / 2) / 12, 1e-12);
	cr_expect_float_eq(luck.worst_to_best, 13.0 / 9, 1e-12);
	cr_expect_eq(luck.lower, 0, "F is 8/3, not significant");
	cr_expect_gt(luck.upper, luck.layout);
}

Test(layout, equal_figures_have_no_luck) {
	double figures[16];
	struct layout_luck luck;
	for (int i = 0; i < 16; i++)
		figures[i] = 7;
	cr_assert(layout_decompose(figures, 8, 2, &luck));
	cr_expect(luck.layout == 0 && luck.sampling == 0 && luck.lower == 0 && luck.upper == 0 &&
		  luck.worst_to_best == 1);
}

Test(layout, refuses_what_says_nothing) {
	static const double good[8] = {1, 1, 1, 1, 1, 1, 1, 1};
	double bad[8];
	struct layout_luck luck;
	cr_expect_not(layout_decompose(good, 2, 2, &luck), "two layouts");
	cr_expect_not(layout_decompose(good, 8, 1, &luck), "one visit");
	cr_expect(layout_decompose(good, 4, 2, &luck));
	static const double wrong[] = {0, -1, (double)INFINITY, (double)NAN};
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		memcpy(bad, good, sizeof bad);
		bad[5] = wrong[i];
		cr_expect_not(layout_decompose(bad, 4, 2, &luck), "%g", wrong[i]);
	}
}

/* The 10 % quantile of 1, 2, ... 11 is 2, whatever their order. */
Test(layout, figure_is_a_quantile_of_times_an_iteration) {
	static const uint64_t flat[] = {110, 10, 90, 100, 20, 40, 30, 80, 50, 70, 60};
	uint64_t linear[11];
	double times[11];
	cr_expect_float_eq(layout_figure(flat, 11, 10, false, times), 2, 1e-12);
	for (size_t i = 0; i < 11; i++)
		linear[i] = flat[i] * (i + 1);
	cr_expect_float_eq(layout_figure(linear, 11, 10, true, times), 2, 1e-12);
	cr_expect_float_eq(layout_figure(flat, 1, 10, false, times), 11, 1e-12);
}

static double uniform(struct rng *rng) {
	return ((double)(rng_next(rng) >> 11) + 0.5) / 9007199254740992.0;
}

/* G. Box, M. Muller, Annals of Mathematical Statistics 29 (1958). */
static double normal(struct rng *rng) {
	double radius = sqrt(-2 * log(uniform(rng)));
	return radius * cos(2 * 3.14159265358979 * uniform(rng));
}

struct tally {
	double variance; /* of layouts, on average */
	double sampling;
	double covered; /* share of the intervals with the truth in them */
	double above;   /* share whose interval does not reach down to 0 */
};

static struct tally simulate(size_t layouts, double layout, double sampling) {
	enum { TRIALS = 4000 };
	struct rng rng = rng_seeded(layouts);
	struct tally tally = {0};
	for (int trial = 0; trial < TRIALS; trial++) {
		double figures[64];
		struct layout_luck luck;
		for (size_t i = 0; i < layouts; i++) {
			double mean = 100 * (1 + layout * normal(&rng));
			for (size_t j = 0; j < 2; j++)
				figures[i * 2 + j] = mean + 100 * sampling * normal(&rng);
		}
		cr_assert(layout_decompose(figures, layouts, 2, &luck));
		tally.variance += luck.layout * luck.layout / TRIALS;
		tally.sampling += luck.sampling * luck.sampling / TRIALS;
		tally.covered += (luck.lower <= layout && layout <= luck.upper) / (double)TRIALS;
		tally.above += (luck.lower > 0) / (double)TRIALS;
	}
	return tally;
}

Test(layout, finds_the_variances_that_were_put_in) {
	static const size_t counts[] = {4, 8, 30};
	for (size_t i = 0; i < 3; i++) {
		struct tally tally = simulate(counts[i], 0.02, 0.005);
		cr_expect_float_eq(sqrt(tally.variance), 0.02, 0.001, "%zu: %g", counts[i], sqrt(tally.variance));
		cr_expect_float_eq(sqrt(tally.sampling), 0.005, 0.0003, "%zu: %g", counts[i], sqrt(tally.sampling));
		cr_expect(tally.covered >= 0.94, "%zu: %g of the intervals hold the truth", counts[i], tally.covered);
	}
	cr_expect_gt(simulate(8, 0.02, 0.005).above, 0.95, "four deviations of sampling are seen");
}

Test(layout, sees_nothing_where_nothing_is) {
	static const size_t counts[] = {3, 8, 30};
	for (size_t i = 0; i < 3; i++) {
		struct tally tally = simulate(counts[i], 0, 0.01);
		cr_expect(tally.above <= 0.03, "%zu: %g of the intervals leave 0 out", counts[i], tally.above);
	}
}

/* ---- placements -------------------------------------------------------------------------------------------------- */

Test(layout, placements_differ_and_come_again) {
	size_t different = 0;
	for (uint32_t layout = 1; layout <= 100; layout++) {
		struct placement a = placement_of(1, layout), again = placement_of(1, layout),
				 b = placement_of(1, layout + 1);
		cr_expect(a.memory_seed == again.memory_seed && a.heap_bytes == again.heap_bytes &&
			  a.stack_bytes == again.stack_bytes);
		cr_expect(a.memory_seed != 0 && a.heap_bytes <= 4096 && a.stack_bytes < 4096);
		cr_expect(a.heap_bytes % 16 == 0 && a.stack_bytes % 16 == 0);
		different += a.memory_seed != b.memory_seed && a.heap_bytes != b.heap_bytes &&
			     a.stack_bytes != b.stack_bytes;
	}
	cr_expect_gt(different, 90);
}

static size_t offset_of(uint64_t seed, size_t page_bytes) {
	void *memory;
	size_t bytes = 3 * page_bytes;
	platform_memory_scatter(seed);
	cr_assert_eq(platform_memory_map(bytes, page_bytes, PLATFORM_MEMORY_READ | PLATFORM_MEMORY_WRITE, &memory), 0);
	size_t offset = (size_t)memory % page_bytes;
	for (size_t i = 0; i < bytes; i++)
		cr_assert_eq(((char *)memory)[i], 0);
	memset(memory, 1, bytes);
	cr_expect_eq(platform_memory_protect(memory, bytes, PLATFORM_MEMORY_READ), 0);
	cr_expect_eq(((char *)memory)[bytes - 1], 1);
	cr_expect_eq(platform_memory_unmap(memory, bytes), 0);
	platform_memory_scatter(0);
	return offset;
}

Test(layout, scattered_memory_moves_behind_its_alignment) {
	size_t moved = 0;
	for (uint64_t seed = 1; seed <= 50; seed++) {
		size_t offset = offset_of(seed, 4096);
		cr_expect(offset % 128 == 0, "%zu", offset);
		cr_expect_eq(offset, offset_of(seed, 4096), "the same seed, the same offset");
		moved += offset != 0;
		cr_expect_eq(offset_of(0, 4096), 0);
	}
	cr_expect_gt(moved, 40);
}
