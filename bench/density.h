/* SPDX-License-Identifier: Apache-2.0
 *
 * The density of a benchmark's times, smoothed, to be drawn. Pure and deterministic as bench/stats.h is: + - * / and
 * square root alone.
 *
 * Epanechnikov's kernel. The bandwidth is B. Silverman's rule ("Density Estimation", 1986, section 3.4.2), 0.9 min(sd,
 * IQR / 1.34) n^(-1/5), for a normal kernel, times the ratio of the two kernels' canonical bandwidths, 2.2138 (J.
 * Marron, D. Nolan, Statistics & Probability Letters 7 (1988), table 1). It is for looking at; no verdict rests on it.
 */
#pragma once

#include <stddef.h>

/* Of sorted values; 0 where they are all alike, and have no density. */
double density_bandwidth(const double *sorted, size_t count);

/* density[i] at low + i (high - low) / (points - 1); points is 2 or more, bandwidth more than 0. It integrates to 1
 * over all that there is. */
void density_estimate(const double *sorted, size_t count, double bandwidth, double low, double high, double *density,
		      size_t points);
