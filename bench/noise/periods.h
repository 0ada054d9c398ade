/* SPDX-License-Identifier: Apache-2.0
 *
 * What comes at even intervals in a series. Pure and deterministic.
 *
 * A train of pulses has as much power at each of its harmonics as at its base, so the power of a series (its discrete
 * Fourier transform) shows a comb. A line stands out where its power is above what one of all would reach by chance in
 * one of a thousand series of noise without a period, whose lines are distributed exponentially about the local median
 * (periodogram ordinates: P. Bloomfield, "Fourier Analysis of Time Series", chapter 9). A period is the lowest line of
 * a comb; its value is taken from the comb's highest line that still stands out, where a line's width is the smallest
 * part of it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PERIODS_MOST = 8, PERIODS_POINTS_LEAST = 64, PERIODS_POINTS_MOST = 1 << 17 };

struct period {
	double steps;   /* of the series, between two of its events */
	unsigned lines; /* of its comb that stand out, from its base on */
	double length;  /* what one of its events adds to the series, in the series' unit, where each turn has one */
};

/* Bytes for periods_find, aligned for doubles. */
size_t periods_workspace_bytes(size_t count);

/* Of `count` values, a power of two within the bounds; the strongest first. The number of periods. */
size_t periods_find(const double *series, size_t count, void *workspace, struct period periods[PERIODS_MOST]);
