/* SPDX-License-Identifier: Apache-2.0
 *
 * The first to notice a large change of level: a two-sided CUSUM. Pure. E. Page: "Continuous inspection schemes",
 * Biometrika 41 (1954); one of half the shift that is to be found is the fastest (G. Moustakides, Annals of Statistics
 * 14 (1986)).
 *
 * A value's z is its logarithm's distance from the median of those it learned from, over 1.4826 times their median
 * deviation, cut at CUSUM_CUT (F. Hampel's robust scale, P. Huber's psi), so that no single value reaches the
 * threshold. Of z two sums are kept, that never fall below 0: up + z - CUSUM_REFERENCE, down - z - CUSUM_REFERENCE. A
 * sum at the threshold is an alarm.
 *
 * Thresholds are from a table that `make watch-table` simulates (cusum_table.h, host-tests/watch_check.c): the mean
 * time to a false alarm over AR(1) series with normal and with Student-t3 innovations, the worse of the two, median
 * and deviation learned from the same series as here, series cut off at the time that was asked for; it is the lower
 * 95 % bound of that mean. It is no theorem: of series that depend on each other otherwise, or whose level drifts,
 * nothing is promised. sequence.h takes slow and small changes.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { CUSUM_LEARN = 128 /* values; none of them alarms */ };

#define CUSUM_REFERENCE        1.25  /* deviations: 5 % of a figure whose deviation is 2 % are twice that */
#define CUSUM_CUT              4.0   /* deviations */
#define CUSUM_SCALE_LEAST      0.001 /* of a logarithm: a deviation of less than 0.1 % is taken for that */

#define CUSUM_RUN_LENGTH_LEAST 1e3
#define CUSUM_RUN_LENGTH_MOST  1e6

enum cusum_answer { CUSUM_LEARNS, CUSUM_SAME, CUSUM_FASTER, CUSUM_SLOWER };

/* 1 KiB; the members are to be looked at, none to be written. Not for two threads at once. */
struct cusum {
	double threshold;
	uint32_t learned;
	double values[CUSUM_LEARN]; /* logarithms */
	double middle, scale;       /* of a logarithm */
	double up, down;
};

/* For a mean of at least `run_length` values to a false alarm, CUSUM_RUN_LENGTH_LEAST to _MOST, where a value's
 * correlation with the one before is up to `correlation`, 0 to 0.75. 0: there is none for these. */
double cusum_threshold(double run_length, double correlation);

/* With the answer of cusum_threshold, or one of one's own. */
void cusum_begin(struct cusum *cusum, double threshold);

/* A value more than 0 and finite, else it is passed over as CUSUM_SAME. FASTER is a level that fell. An alarm changes
 * nothing: it is answered as long as the sum is there, which grows no further than one value beyond the threshold. */
enum cusum_answer cusum_add(struct cusum *cusum, double value);

/* The larger sum over the threshold; that of `down` with a minus sign. 1 and above, -1 and below are alarms. */
double cusum_strength(const struct cusum *cusum);
