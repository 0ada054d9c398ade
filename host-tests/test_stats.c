/* SPDX-License-Identifier: Apache-2.0
 *
 * Statistics against known answers. They come from a Python program that shares nothing with stats.c but the
 * definitions: its `statistics` module for mean, median and standard deviation, quantiles by hand, and a bootstrap that
 * builds every resample as a list, with its own transcription of the generator.
 */
#include "bench/rng.h"
#include "bench/stats.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct stats_summary summarise(struct stats_input input) {
	struct stats_summary summary;
	void *workspace = malloc(stats_workspace_bytes(input.count, input.resamples));
	cr_assert_not_null(workspace);
	cr_assert(stats_summarise(&input, workspace, &summary));
	free(workspace);
	return summary;
}

static void expect_near(double found, double wanted, const char *what) {
	cr_expect(fabs(found - wanted) <= 1e-12 * fabs(wanted), "%s: found %.17g, wanted %.17g", what, found, wanted);
}

static void expect_estimate(struct stats_estimate found, struct stats_estimate wanted, const char *what) {
	expect_near(found.point, wanted.point, what);
	expect_near(found.standard_error, wanted.standard_error, what);
	expect_near(found.lower, wanted.lower, what);
	expect_near(found.upper, wanted.upper, what);
}

static const uint64_t linear_ticks[] = {1010, 2050, 2980, 4100, 5005, 6300, 6990, 8010, 12000, 9990};
static const uint64_t flat_ticks[] = {100, 103, 99, 101, 98, 250, 102, 100, 97};

static const struct stats_input linear_input = {
	.ticks = linear_ticks,
	.count = 10,
	.step = 10,
	.linear = true,
	.seed = 42,
	.resamples = 500,
	.confidence_level = 0.95,
};

static const struct stats_input flat_input = {
	.ticks = flat_ticks,
	.count = 9,
	.step = 1,
	.seed = 7,
	.resamples = 200,
	.confidence_level = 0.9,
};

Test(stats, linear_known_answers) {
	struct stats_summary s = summarise(linear_input);
	cr_expect(s.has_slope);
	cr_expect_eq(stats_headline(&s), &s.low_decile);
	expect_estimate(s.low_decile,
			(struct stats_estimate){99.8047619047619, 0.2801703804941004, 99.33333333333333, 100.1},
			"low_decile");
	expect_estimate(s.slope,
			(struct stats_estimate){107.58051948051948, 5.923158233523204, 99.989, 120.17161802324544},
			"slope");
	expect_estimate(s.mean,
			(struct stats_estimate){104.36488095238096, 3.070526501699883, 100.29958928571429, 111.052125},
			"mean");
	expect_estimate(s.median, (struct stats_estimate){100.5625, 1.0081854677614746, 99.9, 103.75}, "median");
	expect_estimate(s.median_abs_dev,
			(struct stats_estimate){1.4340625000000005, 1.1403168028063355, 0.18002999999999278,
						3.8513182499999927},
			"median_abs_dev");
	expect_estimate(
		s.std_dev,
		(struct stats_estimate){10.325748460546151, 5.256627808046756, 0.9322693306966895, 15.734191387000724},
		"std_dev");
	expect_near(s.minimum, 99.33333333333333, "minimum");
}

Test(stats, flat_known_answers) {
	struct stats_summary s = summarise(flat_input);
	cr_expect_not(s.has_slope);
	cr_expect_eq(stats_headline(&s), &s.low_decile);
	expect_estimate(s.low_decile, (struct stats_estimate){97.8, 0.9650573446132407, 97, 99.8}, "low_decile");
	expect_estimate(
		s.mean,
		(struct stats_estimate){116.66666666666667, 16.459457425914923, 99.43888888888888, 150.11111111111111},
		"mean");
	expect_estimate(s.median, (struct stats_estimate){100, 0.9929905088941026, 99, 102}, "median");
	expect_estimate(s.median_abs_dev, (struct stats_estimate){2.9652, 1.2083840165478197, 1.4826, 4.4478},
			"median_abs_dev");
	expect_estimate(s.std_dev,
			(struct stats_estimate){50.0349877585675, 27.538316042476918, 1.5, 75.03154962046948},
			"std_dev");
	expect_near(s.minimum, 97, "minimum");
}

/* Out of the quotients alone, in any order; even and odd numbers of samples, ties, fewer than ten. */
Test(stats, low_decile_alone_is_the_summarys) {
	struct rng rng = rng_seeded(5);
	for (size_t count = 1; count <= 120; count = count * 3 / 2 + 1) {
		uint64_t ticks[120];
		double ratios[120];
		for (size_t i = 0; i < count; i++) {
			ticks[i] = (i + 1) * (1000 + rng_below(&rng, 50));
			ratios[count - 1 - i] = (double)ticks[i] / (double)((i + 1) * 10);
		}
		struct stats_input input = {.ticks = ticks,
					    .count = count,
					    .step = 10,
					    .linear = true,
					    .seed = count,
					    .resamples = 300,
					    .confidence_level = 0.9};
		struct stats_estimate wanted = summarise(input).low_decile, alone;
		void *workspace = malloc(stats_workspace_bytes(count, 300));
		input.ticks = NULL;
		cr_assert(stats_summarise_low_decile(&input, ratios, workspace, &alone));
		free(workspace);
		cr_expect_eq(alone.point, wanted.point, "%zu samples", count);
		cr_expect_eq(alone.standard_error, wanted.standard_error, "%zu samples", count);
		cr_expect(alone.lower == wanted.lower && alone.upper == wanted.upper, "%zu samples", count);
		cr_expect_eq(alone.point, stats_low_decile(ratios, count), "%zu samples, sorted", count);
	}
}

/* Quartiles of the nine are 99 and 102, fences 94.5, 106.5 and 90, 111. */
Test(stats, outliers_by_fence) {
	static const uint64_t ticks[] = {100, 103, 99, 101, 98, 250, 102, 100, 97};
	struct stats_input input = flat_input;
	struct stats_summary s = summarise(input);
	cr_expect_eq(s.outliers[STATS_HIGH_SEVERE], 1);
	cr_expect_eq(s.outliers[STATS_HIGH_MILD] + s.outliers[STATS_LOW_MILD] + s.outliers[STATS_LOW_SEVERE], 0);

	/* The same distances on the low side, and mild ones on both. */
	uint64_t low[9], mild[] = {94, 100, 99, 101, 99, 108, 102, 100, 102};
	for (int i = 0; i < 9; i++)
		low[i] = 1000 - ticks[i];
	input.ticks = low;
	s = summarise(input);
	cr_expect_eq(s.outliers[STATS_LOW_SEVERE], 1);
	cr_expect_eq(s.outliers[STATS_HIGH_SEVERE], 0);
	input.ticks = mild;
	s = summarise(input);
	cr_expect_eq(s.outliers[STATS_LOW_MILD], 1);
	cr_expect_eq(s.outliers[STATS_HIGH_MILD], 1);
}

/* A clock of 100 ticks a step: 5 samples say 1000, one says 1100, and that is no news. */
Test(stats, a_coarse_clock_does_not_cry_wolf) {
	static const uint64_t ticks[] = {1000, 1000, 1000, 1100, 1000, 1000, 900, 1300};
	struct stats_input input = {
		.ticks = ticks, .count = 8, .step = 1, .seed = 1, .resamples = 10, .confidence_level = 0.95};
	struct stats_summary s = summarise(input);
	cr_expect_eq(s.outliers[STATS_HIGH_SEVERE] + s.outliers[STATS_HIGH_MILD], 2, "without knowing the step");
	input.clock_step = 100;
	s = summarise(input);
	cr_expect_eq(s.outliers[STATS_LOW_SEVERE] + s.outliers[STATS_LOW_MILD], 0);
	cr_expect_eq(s.outliers[STATS_HIGH_SEVERE] + s.outliers[STATS_HIGH_MILD], 1, "1300 is one");
}

static int by_value(const void *a, const void *b) {
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double plain_median(double *values, size_t count) {
	qsort(values, count, sizeof(*values), by_value);
	return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

/* Medians found by walking against medians found by sorting, over sizes, ties and orders. */
Test(stats, medians_agree_with_sorting) {
	struct rng rng = rng_seeded(99);
	for (size_t count = 1; count <= 60; count++) {
		uint64_t ticks[60];
		double values[60], deviations[60];
		for (size_t i = 0; i < count; i++) {
			ticks[i] = 1000 + rng_below(&rng, count % 3 == 0 ? 5 : 500);
			values[i] = (double)ticks[i];
		}
		struct stats_summary s = summarise((struct stats_input){.ticks = ticks,
									.count = count,
									.step = 1,
									.seed = 1,
									.resamples = 20,
									.confidence_level = 0.95});
		double median = plain_median(values, count);
		for (size_t i = 0; i < count; i++)
			deviations[i] = fabs((double)ticks[i] - median);
		cr_expect_eq(s.median.point, median, "%zu samples", count);
		expect_near(s.median_abs_dev.point, plain_median(deviations, count) * 1.4826, "median_abs_dev");
	}
}

Test(stats, same_samples_same_bits) {
	struct stats_summary a = summarise(linear_input), b = summarise(linear_input);
	cr_expect_eq(a.slope.lower, b.slope.lower);
	cr_expect_eq(a.slope.upper, b.slope.upper);
	cr_expect_eq(a.std_dev.standard_error, b.std_dev.standard_error);
	struct stats_input other = linear_input;
	other.seed = 43;
	cr_expect_neq(summarise(other).slope.standard_error, a.slope.standard_error, "the seed does nothing");
}

/* 3.24 standard errors, of both runs. */
Test(stats, smallest_effect) {
	struct stats_estimate estimate = {.point = 100, .standard_error = 1};
	expect_near(stats_smallest_effect(&estimate), 0.04584195253573002, "smallest effect");
	estimate.point = 0;
	cr_expect_eq(stats_smallest_effect(&estimate), 0);
}

/* The slope does not see a constant cost a sample; the mean does. */
Test(stats, constant_samples_are_exact) {
	uint64_t ticks[100];
	for (uint64_t i = 0; i < 100; i++)
		ticks[i] = (i + 1) * 1000 * 7;
	struct stats_summary s = summarise((struct stats_input){.ticks = ticks,
								.count = 100,
								.step = 1000,
								.linear = true,
								.seed = 1,
								.resamples = 1000,
								.confidence_level = 0.95});
	expect_estimate(s.slope, (struct stats_estimate){7, 0, 7, 7}, "slope");
	expect_estimate(s.std_dev, (struct stats_estimate){0, 0, 0, 0}, "std_dev");
	for (int i = 0; i < STATS_OUTLIER_CLASSES; i++)
		cr_expect_eq(s.outliers[i], 0);
}

Test(stats, one_sample) {
	static const uint64_t ticks[] = {70};
	struct stats_summary s = summarise((struct stats_input){.ticks = ticks,
								.count = 1,
								.step = 10,
								.linear = true,
								.seed = 1,
								.resamples = 1,
								.confidence_level = 0.5});
	expect_estimate(s.slope, (struct stats_estimate){7, 0, 7, 7}, "slope");
	expect_estimate(s.std_dev, (struct stats_estimate){0, 0, 0, 0}, "std_dev");
}

Test(stats, all_is_finite_at_the_ends_of_the_range) {
	static const uint64_t ticks[] = {0, UINT64_MAX, 1, UINT64_MAX / 2};
	struct stats_summary s = summarise((struct stats_input){.ticks = ticks,
								.count = 4,
								.step = UINT64_C(1) << 40,
								.linear = true,
								.seed = 1,
								.resamples = 50,
								.confidence_level = 0.999});
	cr_expect(isfinite(s.slope.upper) && isfinite(s.std_dev.upper) && isfinite(s.median_abs_dev.standard_error));
}

enum { SETS = 300, SET = 40 };

/* The median's upper bound, in standard errors from where many resamples put it: what the resampling adds. */
static double resampling_noise(const uint64_t *ticks, uint64_t seed, const struct stats_estimate *settled) {
	const struct stats_input input = {
		.ticks = ticks, .count = SET, .step = 1, .seed = seed, .resamples = 50, .confidence_level = 0.95};
	return (summarise(input).median.upper - settled->upper) / settled->standard_error;
}

static double correlation(const double *a, const double *b, size_t count) {
	double sum_a = 0, sum_b = 0, aa = 0, bb = 0, ab = 0, n = (double)count;
	for (size_t i = 0; i < count; i++) {
		sum_a += a[i];
		sum_b += b[i];
		aa += a[i] * a[i];
		bb += b[i] * b[i];
		ab += a[i] * b[i];
	}
	return (ab - sum_a * sum_b / n) / sqrt((aa - sum_a * sum_a / n) * (bb - sum_b * sum_b / n));
}

/* Two benchmarks of different samples in SETS runs of different seeds. */
static double noise_in_common(const char *first, const char *second) {
	const char *const names[] = {first, second};
	double noise[2][SETS];
	for (size_t k = 0; k < 2; k++) {
		struct rng rng = rng_seeded(100 + k);
		uint64_t ticks[SET];
		for (size_t i = 0; i < SET; i++)
			ticks[i] = 1000000 + rng_below(&rng, 10000);
		struct stats_estimate settled = summarise((struct stats_input){.ticks = ticks,
									       .count = SET,
									       .step = 1,
									       .seed = 1,
									       .resamples = 20000,
									       .confidence_level = 0.95})
							.median;
		for (uint64_t seed = 0; seed < SETS; seed++)
			noise[k][seed] = resampling_noise(ticks, rng_seed_of(seed, names[k]), &settled);
	}
	return correlation(noise[0], noise[1], SETS);
}

/* Five standard errors of a correlation that is none are 0.29. */
Test(stats, the_noise_of_resampling_is_a_names_own) {
	cr_expect_gt(noise_in_common("copy/4KiB/bytes", "copy/4KiB/bytes"), 0.7, "of one stream");
	double apart = noise_in_common("copy/4KiB/bytes", "copy/4KiB/128bit");
	cr_expect_lt(fabs(apart), 0.29, "of two: %g", apart);
}

/* Samples of a uniform distribution, of which the low decile is 1,000,000 + 1,000; docs/methodology.md has the shares
 * of others. Three standard errors of the share are 0.031. */
Test(stats, the_low_deciles_interval_holds_it_as_often_as_is_said) {
	enum { TRIALS = 600, COUNT = 100, RESAMPLES_EACH = 400 };
	struct rng rng = rng_seeded(3);
	uint64_t ticks[COUNT], held = 0;
	for (uint64_t trial = 0; trial < TRIALS; trial++) {
		for (size_t i = 0; i < COUNT; i++)
			ticks[i] = 1000000 + rng_below(&rng, 10000);
		struct stats_estimate low = summarise((struct stats_input){.ticks = ticks,
									   .count = COUNT,
									   .step = 1,
									   .seed = trial,
									   .resamples = RESAMPLES_EACH,
									   .confidence_level = 0.95})
						    .low_decile;
		held += low.lower <= 1001000 && low.upper >= 1001000;
	}
	double share = (double)held / TRIALS;
	cr_expect(share > 0.93 - 0.031 && share < 0.93 + 0.031, "%g", share);
}

Test(stats, senseless_input_is_refused) {
	struct stats_summary summary;
	double workspace[64];
	cr_expect_eq(stats_workspace_bytes(0, 100), 0);
	cr_expect_eq(stats_workspace_bytes(10, 0), 0);
	cr_expect_eq(stats_workspace_bytes((size_t)-1 / 16, 100), 0);
	struct stats_input input = flat_input;
	input.resamples = 1;
	input.step = 0;
	cr_expect_not(stats_summarise(&input, workspace, &summary));
	input.step = 1;
	input.confidence_level = 1;
	cr_expect_not(stats_summarise(&input, workspace, &summary));
	input.confidence_level = NAN;
	cr_expect_not(stats_summarise(&input, workspace, &summary));
}
