/* SPDX-License-Identifier: Apache-2.0
 *
 * The CUSUM, and a small piece of what `make watch-check` does at length: the detectors of hosted/watch/ side by side
 * over made-up series.
 */
#include "hosted/watch/cusum.h"

#include "host-tests/watch_series.h"
#include "hosted/watch/episode.h"
#include "hosted/watch/sequence.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static struct cusum cusum;

Test(cusum, thresholds_grow_with_what_is_asked_for) {
	double last = 2 * (CUSUM_CUT - CUSUM_REFERENCE) - 1;
	for (double run_length = 1e3; run_length <= 1e6; run_length *= 1.5) {
		double threshold = cusum_threshold(run_length, 0);
		cr_expect_gt(threshold, last, "%g", run_length);
		cr_expect_lt(threshold, cusum_threshold(run_length, 0.25));
		cr_expect_eq(cusum_threshold(run_length, 0.3), cusum_threshold(run_length, 0.5),
			     "the next row is safe");
		cr_expect_lt(cusum_threshold(run_length, 0.5), cusum_threshold(run_length, 0.75));
		last = threshold;
	}
	cr_expect(isfinite(cusum_threshold(1e6, 0.75)));
	static const double wrong[][2] = {{999, 0}, {1.1e6, 0}, {1e4, -0.1}, {1e4, 0.76}, {NAN, 0}, {1e4, NAN}};
	for (int i = 0; i < 6; i++)
		cr_expect_eq(cusum_threshold(wrong[i][0], wrong[i][1]), 0, "%d", i);
}

/* Known by hand: a middle of 100, the deviation at its least, so 1 % is ten of them and cut to 4. */
Test(cusum, sums_by_hand) {
	cusum_begin(&cusum, 5);
	for (int i = 0; i < CUSUM_LEARN; i++)
		cr_assert_eq(cusum_add(&cusum, 100), CUSUM_LEARNS);
	cr_expect_eq(cusum.scale, CUSUM_SCALE_LEAST);
	cr_expect_eq(cusum_add(&cusum, 101), CUSUM_SAME);
	cr_expect_float_eq(cusum.up, 2.75, 1e-12);
	cr_expect_eq(cusum_add(&cusum, 100), CUSUM_SAME);
	cr_expect_float_eq(cusum.up, 1.5, 1e-12);
	cr_expect_eq(cusum_add(&cusum, 100 * exp(0.003)), CUSUM_SAME);
	cr_expect_float_eq(cusum.up, 3.25, 1e-9);
	cr_expect_eq(cusum_add(&cusum, 1e9), CUSUM_SLOWER);
	for (int i = 0; i < 100; i++)
		cr_expect_eq(cusum_add(&cusum, 200), CUSUM_SLOWER);
	cr_expect_eq(cusum.up, 5 + CUSUM_CUT, "no further");
	cr_expect_eq(cusum_add(&cusum, 1), CUSUM_SAME);
	cr_expect_eq(cusum_add(&cusum, 1), CUSUM_FASTER);
	cr_expect_lt(cusum_strength(&cusum), -1);
	double up = cusum.up, down = cusum.down;
	static const double none[] = {0, -5, INFINITY, NAN};
	for (int i = 0; i < 4; i++)
		cr_expect_eq(cusum_add(&cusum, none[i]), CUSUM_SAME);
	cr_expect(cusum.up == up && cusum.down == down);
}

/* Outliers among what it learned from are in neither median. */
Test(cusum, one_outlier_is_no_alarm) {
	struct series series = {.rng = rng_seeded(2), .level = 100, .deviation = 0.02};
	cusum_begin(&cusum, cusum_threshold(1e3, 0));
	for (int i = 0; i < CUSUM_LEARN; i++)
		cusum_add(&cusum, i % 5 == 0 ? 1e12 : series_next(&series));
	cr_expect(cusum.scale < 0.04 && fabs(cusum.middle - log(100)) < 0.02, "%g %g", cusum.scale, cusum.middle);
	cusum.up = cusum.down = 0;
	cr_expect_eq(cusum_add(&cusum, 1e300), CUSUM_SAME);
}

static const struct sequence_rules rules = {
	.run_length = 1e6, .dependence = 3, .tolerance = 0.02, .narrowest = 64, .stride = 4, .learn = 64};

static const struct episode_rules alert = {.open = 1, .close = 0.25, .open_after = 3, .close_after = 5, .first = 0};

static struct sequence sequence;
static struct episode episode;

static void begin(void) {
	cr_assert(sequence_begin(&sequence, &rules));
	cr_assert(episode_begin(&episode, &alert));
	cusum_begin(&cusum, cusum_threshold(1e6, 0.5));
}

/* Values until each said something, of `values`; 0: it did not. */
static void watch(struct series *series, int values, int *by_sequence, int *by_alert) {
	*by_sequence = *by_alert = 0;
	for (int i = 1; i <= values; i++) {
		double value = series_next(series);
		if (sequence_add(&sequence, value) >= SEQUENCE_FASTER && !*by_sequence)
			*by_sequence = i;
		cusum_add(&cusum, value);
		if (episode_add(&episode, cusum_strength(&cusum)) == EPISODE_OPENED && !*by_alert)
			*by_alert = i;
	}
}

Test(watch, quiet_where_nothing_changes_and_quick_where_it_does) {
	static const struct series made[] = {
		{.correlation = 0},
		{.correlation = 0.5},
		{.heavy = true},
		{.correlation = 0.5, .heavy = true},
		{.correlation = 0.5, .swing = 0.01, .day = 288},
	};
	for (int i = 0; i < 5; i++) {
		int by_sequence, by_alert;
		struct series series = made[i];
		series.rng = rng_seeded(21);
		series.level = 100;
		series.deviation = 0.02;
		begin();
		watch(&series, 10000, &by_sequence, &by_alert);
		cr_expect(by_sequence == 0 && by_alert == 0, "%d: %d %d", i, by_sequence, by_alert);
		series.level *= 1.05;
		watch(&series, 500, &by_sequence, &by_alert);
		cr_expect(by_sequence > 0 && by_sequence <= 250, "%d: %d", i, by_sequence);
		cr_expect(by_alert > 0 && by_alert <= 150, "%d: %d", i, by_alert);
	}
}
