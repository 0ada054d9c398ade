/* SPDX-License-Identifier: Apache-2.0
 *
 * Layout luck: what the place of code and data does to a figure, told apart from what chance in sampling does to it.
 * Pure and deterministic, as stats.h.
 *
 * A benchmark is measured in each of `layouts` placements, `visits` times in each, all in random order. With y[i][j]
 * the figure of visit j to layout i, y[i][j] = m + L[i] + e[i][j]: the one-way random effects model. Its analysis of
 * variance (S. Searle, G. Casella, C. McCulloch: "Variance Components", 1992, section 3.5)
 *   within     MSE = sum (y[i][j] - mean[i])^2 / (layouts (visits - 1))
 *   between    MSA = visits sum (mean[i] - mean)^2 / (layouts - 1)
 * gives the variance of sampling as MSE and that of the layout as (MSA - MSE) / visits, or 0 where that is negative.
 * Its interval is Williams's (J. Williams, Biometrika 49 (1962), 278-281), of 0.95, with the quantiles of chi-square
 * after Wilson and Hilferty (PNAS 17 (1931)) and of F after E. Paulson (Annals of Mathematical Statistics 13 (1942)):
 * no function but the square root is needed.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LAYOUT_VISITS = 2, LAYOUTS_LEAST = 3, LAYOUTS_MOST = 1000 };

/* The figure of a visit: the 10 % quantile of ticks[i] / x[i], in ticks an iteration; x[i] as in stats.h. Sorts
 * `times`, which has room for `count`; count is at least 1. */
double layout_figure(const uint64_t *ticks, size_t count, uint64_t step, bool linear, double *times);

/* Deviations are relative to the mean of all figures: 0.02 is 2 %. Intervals are of 0.95. */
struct layout_luck {
	double mean;
	double sampling; /* of a visit about its layout */
	double sampling_lower;
	double sampling_upper;
	double layout;        /* of layouts among themselves */
	double lower;         /* interval of `layout` */
	double upper;         /* of it */
	double worst_to_best; /* the slowest layout over the fastest, each by its faster visit */
};

/* figures[i * visits + j] is y[i][j]. false: fewer than LAYOUTS_LEAST layouts, fewer than 2 visits, or a figure
 * that is not above 0. */
bool layout_decompose(const double *figures, size_t layouts, size_t visits, struct layout_luck *luck);
