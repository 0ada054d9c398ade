/* SPDX-License-Identifier: Apache-2.0
 *
 * What a day of windows says of the days to come: level, hours, scale, blocks; the anchor; and a sequence's bytes.
 */
#include "hosted/watch/track.h"

#include "host-tests/watch_series.h"
#include "hosted/watch/blocks.h"
#include "hosted/watch/sequence.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static float levels[BASELINE_DAY];
static uint8_t hours[BASELINE_DAY];

static void make_day(struct series *series) {
	for (int i = 0; i < BASELINE_DAY; i++) {
		levels[i] = (float)(5 + series_next_log(series));
		hours[i] = (uint8_t)(i / 60);
	}
}

static struct baseline study(const struct series *of) {
	struct series series = *of;
	struct baseline baseline;
	make_day(&series);
	baseline_study(&baseline, levels, hours, BASELINE_DAY);
	return baseline;
}

Test(baseline, median_of_each_order) {
	for (int count = 1; count <= 7; count++)
		for (int turn = 0; turn < count; turn++) {
			double values[7];
			for (int i = 0; i < count; i++)
				values[i] = (i * 5 + turn) % count;
			cr_expect_eq(baseline_median(values, (uint32_t)count), count == 5 ? values[2] : count / 2);
		}
	double same[4] = {3, 3, 3, 3};
	cr_expect_eq(baseline_median(same, 4), 3);
}

/* Sums of an AR(1) of 0.5 have three times the variance. */
Test(baseline, scale_is_that_of_sums) {
	struct series series = {.rng = rng_seeded(1), .deviation = 0.02};
	struct baseline baseline = study(&series);
	cr_expect_float_eq(baseline.level, 5, 0.002);
	cr_expect_float_eq(baseline.spread, 0.02, 0.003);
	cr_expect(baseline.scale > 0.018 && baseline.scale < 0.026, "%g", baseline.scale);
	double scales = 0;
	for (uint64_t seed = 0; seed < 20; seed++) {
		series = (struct series){.rng = rng_seeded(seed), .deviation = 0.02, .correlation = 0.5};
		baseline = study(&series);
		scales += baseline.scale / 20;
	}
	cr_expect_float_eq(scales, 0.02 * sqrt(3), 0.003, "%g", scales);
	series.deviation = 0.0001;
	baseline = study(&series);
	cr_expect_eq(baseline.spread, BASELINE_SCALE_LEAST);
	cr_expect_eq(baseline.scale, BASELINE_SCALE_LEAST);
}

Test(baseline, hours_are_there_where_they_differ) {
	struct series series = {.rng = rng_seeded(2), .deviation = 0.02};
	struct baseline baseline = study(&series);
	for (int hour = 0; hour < BASELINE_HOURS; hour++)
		cr_expect_lt(fabs(baseline.season[hour]), 0.0035, "%d", hour);
	series.swing = 0.05;
	series.day = BASELINE_DAY;
	baseline = study(&series);
	cr_expect_float_eq(baseline.season[6], 0.05, 0.008);
	cr_expect_float_eq(baseline.season[18], -0.05, 0.008);
	cr_expect_float_eq(baseline_at(&baseline, 6), baseline.level + baseline.season[6], 1e-12);
	cr_expect_lt(baseline.scale, 0.026, "the swing is no noise: %g", baseline.scale);
}

Test(baseline, outliers_move_little) {
	struct series series = {.rng = rng_seeded(3), .deviation = 0.02};
	struct baseline baseline;
	make_day(&series);
	for (int i = 0; i < BASELINE_DAY; i += 10)
		levels[i] += 7;
	baseline_study(&baseline, levels, hours, BASELINE_DAY);
	cr_expect_float_eq(baseline.level, 5, 0.02);
	cr_expect_lt(baseline.spread, 0.035);
	cr_expect_lt(baseline.scale, 0.06);
}

/* Half of the day was not measured: what is not known is not made up. */
Test(baseline, hours_that_were_not_seen) {
	struct series series = {.rng = rng_seeded(4), .deviation = 0.02};
	struct baseline baseline, day;
	make_day(&series);
	for (int i = 0; i < BASELINE_DAY; i++)
		hours[i] = (uint8_t)(i / 120);
	baseline_study(&baseline, levels, hours, BASELINE_DAY);
	cr_expect_eq(baseline.seen, 0xfff);
	cr_expect_eq(baseline.season[13], 0);
	for (int i = 0; i < BASELINE_DAY; i++)
		hours[i] = (uint8_t)(12 + i / 120);
	baseline_study(&day, levels, hours, BASELINE_DAY);
	cr_expect_eq(baseline_shift(&baseline, &day), 0, "no hour in common");
	baseline_merge(&baseline, &day);
	cr_expect_eq(baseline.seen, 0xffffff);
	cr_expect_float_eq(baseline.level, 5, 0.002);
}

Test(baseline, days_are_followed) {
	struct series series = {.rng = rng_seeded(5), .deviation = 0.02};
	struct baseline baseline = study(&series), day;
	for (int i = 0; i < 30; i++) {
		series.deviation = i == 0 ? 0.02 : 0.04;
		make_day(&series);
		for (int k = 0; k < BASELINE_DAY; k++)
			levels[k] += 0.01F;
		baseline_study(&day, levels, hours, BASELINE_DAY);
		if (i == 0)
			cr_expect_float_eq(baseline_shift(&baseline, &day), 0.01, 0.003);
		baseline_merge(&baseline, &day);
	}
	cr_expect_float_eq(baseline.level, 5.01, 0.001);
	cr_expect_float_eq(baseline.scale, 0.04, 0.005, "%g", baseline.scale);
	cr_expect_float_eq(baseline.spread, 0.04, 0.005);
	cr_expect_eq(baseline.days, BASELINE_DAYS);
}

Test(track, anchor_stays_where_the_baseline_follows) {
	static struct track track;
	struct series series = {.rng = rng_seeded(6), .deviation = 0.02};
	double off = 0;
	int days = 0;
	make_day(&series);
	track_begin(&track, 12);
	memcpy(track.levels, levels, sizeof(levels));
	track_learn(&track, hours, BASELINE_DAY);
	while (off == 0 && ++days < 60) {
		make_day(&series);
		for (int k = 0; k < BASELINE_DAY; k++)
			track.levels[k] = levels[k] - 0.002F * (float)days;
		off = track_follow(&track, hours, BASELINE_DAY);
	}
	cr_expect(days >= 15 && days <= 18, "3 %% for the second day: %d", days);
	cr_expect_float_eq(off, -0.002 * days, 0.004);
	cr_expect_float_eq(track.anchor, 5, 0.002);
}

static struct track learned(double height) {
	struct series series = {.rng = rng_seeded(9), .deviation = 0.02, .correlation = 0.5};
	struct track track;
	make_day(&series);
	track_begin(&track, height);
	memcpy(track.levels, levels, sizeof(levels));
	track_learn(&track, hours, BASELINE_DAY);
	return track;
}

Test(track, one_other_day_is_no_drift) {
	struct track track = learned(12);
	for (int day = 0; day < 6; day++) {
		for (int i = 0; i < BASELINE_DAY; i++)
			track.levels[i] = levels[i] + (day % 2 == 0 ? 0.08F : 0);
		cr_expect_eq(track_follow(&track, hours, BASELINE_DAY), 0, "%d", day);
	}
}

Test(track, what_may_be_a_change_is_not_followed) {
	struct track track = learned(12);
	for (int i = 0; i < BASELINE_DAY; i++)
		track.levels[i] = levels[i] + 0.02F;
	track.cusum.up = 7;
	track_follow(&track, hours, BASELINE_DAY);
	cr_expect_eq(track.baseline.level, track.anchor);
	track.cusum.up = 5;
	track_follow(&track, hours, BASELINE_DAY);
	cr_expect_gt(track.baseline.level, track.anchor + 0.005);
}

/* Cut by the spread, which is less than the scale where windows depend on each other. */
Test(track, one_window_counts_for_four_spreads) {
	struct track track = learned(12);
	track_add(&track, 1000, 5, 1);
	double most = BASELINE_CUT * track.baseline.spread / track.baseline.scale;
	cr_assert_lt(most, 3.5);
	cr_expect_float_eq(track.cusum.up, most - CUSUM_REFERENCE, 1e-9);
}

Test(blocks, are_as_long_as_is_needed) {
	static const struct {
		double correlation;
		uint32_t least, most;
	} cases[] = {{0, 15, 15}, {0.5, 15, 30}, {0.95, 30, 120}};
	for (int i = 0; i < 3; i++) {
		struct series series = {.rng = rng_seeded(7), .deviation = 0.02, .correlation = cases[i].correlation};
		struct baseline baseline = study(&series);
		struct blocks blocks;
		blocks_measure(&blocks, &baseline, levels, hours, BASELINE_DAY);
		cr_expect(blocks.windows >= cases[i].least && blocks.windows <= cases[i].most, "%d: %u", i,
			  blocks.windows);
		cr_expect(blocks.correlation < BLOCKS_CORRELATION || blocks.windows == 120);
		double mean = 0;
		for (uint32_t k = 1; k < blocks.windows; k++)
			cr_assert_not(blocks_add(&blocks, k, &mean));
		cr_assert(blocks_add(&blocks, blocks.windows, &mean));
		cr_expect_float_eq(mean, (blocks.windows + 1) / 2.0, 1e-12);
	}
}

static struct sequence sequence, other;
static uint8_t bytes[1 << 16], again[1 << 16];

Test(sequence, goes_on_from_its_bytes) {
	static const struct sequence_rules rules = {
		.run_length = 1e5, .dependence = 1.2, .tolerance = 0.01, .narrowest = 64, .stride = 4, .learn = 8};
	struct series series = {.rng = rng_seeded(8), .level = 1, .deviation = 0.01};
	cr_assert(sequence_begin(&sequence, &rules));
	int alarms = 0;
	for (int i = 0; i < 3000; i++) {
		if (i % 37 == 0) {
			struct bytes_writer writer = {bytes, bytes + sizeof(bytes), true};
			sequence_write(&sequence, &writer);
			cr_assert(writer.good);
			struct bytes_reader reader = {bytes, writer.at, true};
			cr_assert(sequence_begin(&other, &rules));
			cr_assert(sequence_read(&other, &reader) && reader.at == reader.end);
			cr_assert_eq(other.begun, sequence.begun);
			for (uint32_t k = 0; k < sequence.live; k++)
				cr_assert_eq(other.ones[k].upper, sequence.ones[k].upper);
			struct bytes_writer second = {again, again + sizeof(again), true};
			sequence_write(&other, &second);
			cr_assert_arr_eq(bytes, again, (size_t)(writer.at - bytes));
		}
		double value = series_next(&series) * (i < 2000 ? 1 : 0.96);
		enum sequence_answer answer = sequence_add(&sequence, value);
		cr_assert_eq(sequence_add(&other, value), answer, "%d", i);
		if (answer < SEQUENCE_FASTER)
			continue;
		alarms++;
		cr_expect_eq(answer, SEQUENCE_FASTER);
		cr_expect_eq(sequence_since(&other), sequence_since(&sequence));
		cr_expect_float_eq((double)sequence_since(&sequence), i - 2000, 24, "%d", i);
	}
	cr_expect_eq(alarms, 1);
}
