/* SPDX-License-Identifier: Apache-2.0
 *
 * What a figure usually is: its level for each hour of the day, and how far windows lie from it. Pure. Levels are
 * logarithms, so distances are ratios.
 *
 * `spread` is robust (1.4826 times the median distance: F. Hampel): what lies further than BASELINE_CUT of it is taken
 * for BASELINE_CUT, for all else that is computed here (P. Huber's psi). `scale` is the one that sums go by: the root
 * of the long-run variance, from means of batches of BASELINE_BATCH windows (L. Schmeiser: "Batch size effects in the
 * analysis of simulation output", Operations Research 30 (1982)), about the means of the hours; windows of an AR(1) of
 * 0.5 have sums whose variance is three times that of independent ones, and a CUSUM that took the windows' own
 * deviation for it would err far more often than it should. It is at least the windows' own deviation.
 *
 * Hours are shrunk towards their mean, by as much as the noise would have them differ (W. James, C. Stein: "Estimation
 * with quadratic loss", 4th Berkeley Symposium (1961)): where there is no day and night, there is none in the baseline.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
	BASELINE_DAY = 1440, /* windows: a day of minutes */
	BASELINE_HOURS = 24,
	BASELINE_BATCH = 15,
	BASELINE_DAYS = 7, /* a day weighs no less than one of so many */
};

#define BASELINE_CUT         4.0
#define BASELINE_SCALE_LEAST 0.004 /* of a logarithm: what is steadier is taken for that */

/* Members are to be looked at, none to be written. */
struct baseline {
	double level;                  /* mean of the hours that were seen */
	double hours[BASELINE_HOURS];  /* mean of each; of those not seen, 0 */
	double season[BASELINE_HOURS]; /* what an hour is above `level`, shrunk */
	uint32_t seen;                 /* bit for bit */
	uint32_t days;                 /* that it is made of */
	double spread, scale;
};

/* From the windows of a day, with the hour of each, at least 2 * BASELINE_BATCH and up to BASELINE_DAY. */
void baseline_study(struct baseline *baseline, const float *levels, const uint8_t *hours, uint32_t count);

/* A further day is over. */
void baseline_merge(struct baseline *baseline, const struct baseline *day);

/* How far a day's level is from it, hour by hour; 0 where they have no hour in common. */
double baseline_shift(const struct baseline *baseline, const struct baseline *day);

/* Of at least one value, none of which is no number; it changes their order. Of an even count, the upper of two. */
double baseline_median(double *values, uint32_t count);

/* Not beyond `most` to either side. */
static inline double baseline_cut(double value, double most) {
	return value > most ? most : value < -most ? -most : value;
}

static inline double baseline_at(const struct baseline *baseline, unsigned hour) {
	return baseline->level + baseline->season[hour];
}
