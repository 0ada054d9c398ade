/* SPDX-License-Identifier: Apache-2.0
 *
 * The first to notice a large change of level: a two-sided CUSUM. Pure. E. Page: "Continuous inspection schemes",
 * Biometrika 41 (1954); one of half the shift that is to be found is the fastest (G. Moustakides, Annals of Statistics
 * 14 (1986)).
 *
 * It is given distances from a baseline over its scale (baseline.h), and takes none for more than CUSUM_CUT, so that no
 * single one reaches the height. Two sums are kept that never fall below 0: up + z - CUSUM_REFERENCE, and down - z -
 * CUSUM_REFERENCE. A sum at the height is evidence.
 *
 * How high it has to be for a run length is simulated, baseline and all (cusum_table.h, `make watch-table`), and no
 * theorem: of series that depend on each other for longer than a batch of baseline.h, or whose level drifts, nothing is
 * promised. sequence.h takes small changes.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define CUSUM_REFERENCE 0.75 /* scales: a shift of 5 % where windows of an AR(1) of 0.5 deviate by 2 % is twice that */
#define CUSUM_CUT       4.0
#define CUSUM_BEYOND    100 /* times what was simulated, a height is drawn on from the last two that were */

/* 48 bytes; the members are to be looked at, none to be written. Not for two threads at once. */
struct cusum {
	double height;
	double up, down;
	uint64_t up_since, down_since; /* number of the first value since that sum was 0 */
};

/* For at least `run_length` values to a false alarm in the mean. 0: it is too far beyond what was simulated. */
double cusum_height(double run_length);

void cusum_begin(struct cusum *cusum, double height);

/* The next distance, of the value with this number. What is no number changes nothing. */
void cusum_add(struct cusum *cusum, double z, uint64_t number);

/* The larger sum over the height; that of `down` with a minus sign. 1 and above, -1 and below are evidence. */
double cusum_strength(const struct cusum *cusum);

/* Where that sum began: Page's estimate of when the level changed. */
uint64_t cusum_since(const struct cusum *cusum);
