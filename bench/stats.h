/* SPDX-License-Identifier: Apache-2.0
 *
 * From raw samples to estimates. Pure and deterministic: + - * / and square root of doubles, in a fixed order, built
 * without contraction, so that the same samples give the same bits on every platform. All figures are in ticks an
 * iteration.
 *
 * A sample i is `ticks[i]` for x[i] iterations: x[i] = (i + 1) * step under linear sampling, step under flat.
 *   low_decile       10 % quantile of t / x: the figure of a row, the one that verdicts go by
 *   slope            sum(x t) / sum(x x): least squares through the origin; linear sampling only
 *   mean, median     of t / x
 *   median_abs_dev   median of |t / x - median|, times STATS_MEDIAN_ABS_DEV_SCALE: the standard deviation's scale for a
 * normal distribution
 *   std_dev          of t / x, with n - 1
 * Each has a percentile bootstrap: resamples of whole samples, with replacement; the interval's ends are quantiles of
 * the resampled statistic, the standard error its standard deviation. A resample takes the generator's words in order,
 * each for two draws: the high half, then the low half, among the samples as they stand by t / x (then x). B. Efron, R.
 * Tibshirani: "An Introduction to the Bootstrap" (1993), chapters 6 and 13. Quantiles are interpolated linearly (R.
 * Hyndman, Y. Fan, American Statistician 50 (1996), type 7). Outliers are classed by J. Tukey's fences ("Exploratory
 * Data Analysis", 1977, section 2D), counted and never dropped.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STATS_MEDIAN_ABS_DEV_SCALE 1.4826
#define STATS_FIGURE               "low_decile" /* the estimate that is the figure of a row, as files name it */

struct stats_input {
	const uint64_t *ticks;
	size_t count;
	uint64_t step; /* iterations, at least 1 */
	bool linear;
	uint64_t clock_step; /* ticks: a sample beyond a fence by less than one step of the clock is none */
	uint64_t seed;
	uint32_t resamples;
	double confidence_level; /* 0.95 */
};

struct stats_estimate {
	double point;
	double standard_error;
	double lower;
	double upper;
};

enum stats_outlier { STATS_LOW_SEVERE, STATS_LOW_MILD, STATS_HIGH_MILD, STATS_HIGH_SEVERE, STATS_OUTLIER_CLASSES };

struct stats_summary {
	struct stats_estimate low_decile;
	bool has_slope;
	struct stats_estimate slope;
	struct stats_estimate mean;
	struct stats_estimate median;
	struct stats_estimate median_abs_dev;
	struct stats_estimate std_dev;
	double minimum; /* of t / x */
	uint32_t outliers[STATS_OUTLIER_CLASSES];
};

/* The figure of the row: its low decile. Noise only adds, and a slope or a mean says how long each disturbance lasted
 * (docs/methodology.md, "The figure of a row"). */
const struct stats_estimate *stats_headline(const struct stats_summary *summary);

/* The smallest relative change that a run of this spread, set against another of its kind, shows in 9 of 10 cases at p
 * < 0.05: from the samples of one launch alone, so a launch's own luck comes on top. 0 where the point is 0. */
double stats_smallest_effect(const struct stats_estimate *estimate);

/* Quantile `fraction`, from 0 to 1, of at least one value; sorted ascending. Between two values it is interpolated. */
double stats_quantile(const double *sorted, size_t count, double fraction);

/* The low decile of at least one t / x, sorted ascending. */
double stats_low_decile(const double *sorted, size_t count);

/* Of the workspace that stats_summarise needs; 0 where count or resamples are 0 or absurd. */
size_t stats_workspace_bytes(size_t count, uint32_t resamples);

/* false: the input has no samples, no step, no resamples or a level outside of (0, 1). `workspace` is aligned for
 * doubles. */
bool stats_summarise(const struct stats_input *input, void *workspace, struct stats_summary *summary);

/* The low decile alone, of `input->count` t / x in any order, which are sorted: to the bit what stats_summarise has of
 * the same t / x, seed, resamples and level. Nothing else of the input is used. false: as there. */
bool stats_summarise_low_decile(const struct stats_input *input, double *ratios, void *workspace,
				struct stats_estimate *low_decile);
