/* SPDX-License-Identifier: Apache-2.0
 *
 * A small piece of what `make watch-check` does at length: events of made-up windows, their number, begin and end; and
 * a detector's bytes against restarts and people who mean harm.
 */
#include "hosted/watch/detector.h"

#include "host-tests/watch_series.h"
#include "lib/crc32.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

enum { DAY = 1440, FIRST = 29930000, EVENTS_MOST = 64 };

static const struct detector_rules rules = {.run_length = 20 * 30 * DAY, .window_seconds = 60};

static alignas(max_align_t) uint8_t memory[2][1 << 18];
static struct detector *const detector = (struct detector *)memory[0], *const other = (struct detector *)memory[1];

static struct series series[DETECTOR_PERCENTILES];
static uint64_t now;
static struct detector_event events[EVENTS_MOST];
static uint64_t told[EVENTS_MOST]; /* window of each */
static size_t count;

static void begin(void) {
	cr_assert_leq(detector_size(), sizeof(memory[0]));
	cr_assert(detector_begin(detector, &rules));
	for (unsigned p = 0; p < DETECTOR_PERCENTILES; p++)
		series[p] = (struct series){
			.rng = rng_seeded(7 + p), .level = 100 * (1 + p), .deviation = 0.02, .correlation = 0.3};
	now = FIRST;
	count = 0;
}

static void add(const double *figures) {
	struct detector_event event;
	detector_add_levels(detector, now, figures, &event);
	if (event.answer != DETECTOR_NONE && count < EVENTS_MOST) {
		told[count] = now;
		events[count++] = event;
	}
	now++;
}

/* `windows` more, each percentile's times its factor. */
static void pass(int windows, double p50, double p95, double p99) {
	for (int i = 0; i < windows; i++) {
		double figures[DETECTOR_PERCENTILES] = {series_next(&series[0]) * p50, series_next(&series[1]) * p95,
							series_next(&series[2]) * p99};
		add(figures);
	}
}

Test(detector, it_says_how_long_it_learns) {
	begin();
	cr_expect_eq(detector_learns(detector), DAY);
	pass(100, 1, 1, 1);
	cr_expect_eq(detector_learns(detector), DAY - 100);
	pass(DAY - 101, 1, 1, 1);
	cr_expect_eq(detector_learns(detector), 1);
	pass(1, 1, 1, 1);
	cr_expect_eq(detector_learns(detector), 0);
	cr_expect_eq(count, 0);
}

Test(detector, a_shift_is_one_event_with_an_end) {
	begin();
	pass(2 * DAY, 1, 1, 1);
	pass(180, 1.05, 1.05, 1.05);
	cr_assert_eq(count, 1);
	cr_expect_eq(events[0].answer, DETECTOR_OPENED);
	cr_expect(events[0].is_slower);
	cr_expect_str_eq(events[0].by, "cusum");
	cr_expect_leq(llabs((long long)events[0].first - (FIRST + 2 * DAY)), 10);
	double before = 100 * (1 + events[0].percentile);
	cr_expect_float_eq(events[0].before, before, 0.01 * before);
	cr_expect_float_eq(events[0].after, 1.05 * before, 0.03 * before);
	cr_expect(detector_is_open(detector));
	pass(DAY, 1, 1, 1);
	cr_assert_eq(count, 2);
	cr_expect_eq(events[1].answer, DETECTOR_CLOSED);
	cr_expect_not(events[1].is_adopted);
	cr_expect_leq(told[1], FIRST + 2 * DAY + 180 + 60);
	cr_expect_eq(events[1].first, events[0].first);
	cr_expect_leq(llabs((long long)events[1].last - (FIRST + 2 * DAY + 180)), 15);
	cr_expect_float_eq(events[1].after, 1.06 * before, 0.02 * before);
	cr_expect_not(detector_is_open(detector));
}

Test(detector, each_percentile_and_each_side_is_seen) {
	for (int p = 0; p < DETECTOR_PERCENTILES; p++)
		for (int faster = 0; faster < 2; faster++) {
			double factor = faster ? 0.94 : 1.06;
			begin();
			pass(DAY + 100, 1, 1, 1);
			pass(60, p == 0 ? factor : 1, p == 1 ? factor : 1, p == 2 ? factor : 1);
			cr_assert_eq(count, 1, "%d", p);
			cr_expect_eq((int)events[0].percentile, p);
			cr_expect_eq(events[0].is_slower, !faster);
		}
}

Test(detector, what_lasts_for_a_day_is_the_new_level) {
	begin();
	pass(2 * DAY, 1, 1, 1);
	pass(4 * DAY, 0.9, 0.9, 0.9);
	cr_assert_eq(count, 2);
	cr_expect_not(events[0].is_slower);
	cr_expect_eq(events[1].answer, DETECTOR_CLOSED);
	cr_expect(events[1].is_adopted);
	cr_expect_eq(detector_learns(detector), 0);
	pass(60, 1, 1, 1);
	cr_assert_eq(count, 3, "the level of old is a change now");
	cr_expect(events[2].is_slower);
}

Test(detector, spikes_are_no_event) {
	begin();
	for (int i = 0; i < 40; i++) {
		pass(99, 1, 1, 1);
		pass(1, 10, 100, 1000);
	}
	cr_expect_eq(count, 0);
}

Test(detector, day_and_night_are_no_event) {
	begin();
	for (int p = 0; p < DETECTOR_PERCENTILES; p++) {
		series[p].swing = 0.03;
		series[p].day = DAY;
	}
	pass(4 * DAY, 1, 1, 1);
	cr_expect_eq(count, 0);
	pass(60, 1.06, 1.06, 1.06);
	cr_expect_eq(count, 1);
}

/* 5 % in 30 days. */
Test(detector, slow_drift_is_an_event) {
	begin();
	pass(3 * DAY, 1, 1, 1);
	for (int i = 0; i < 30 * 24; i++) {
		double factor = 1 + 0.05 * i / (30 * 24);
		pass(60, factor, factor, factor);
	}
	cr_assert_geq(count, 1);
	cr_expect(events[0].is_slower);
}

/* Half a scale is too little for the CUSUM. */
Test(detector, a_small_shift_is_seen_by_the_sequence) {
	begin();
	series[0].correlation = 0;
	series[0].deviation = 0.05;
	pass(6 * DAY, 1, 1, 1);
	pass(3 * DAY, 0.975, 1, 1);
	cr_assert_geq(count, 1);
	cr_expect_str_eq(events[0].by, "sequence");
	cr_expect_eq((int)events[0].percentile, DETECTOR_P50);
	cr_expect_not(events[0].is_slower);
	cr_expect_float_eq((double)events[0].first, FIRST + 6 * DAY, 400);
	uint32_t windows;
	double correlation;
	cr_expect(detector_blocks(detector, &windows, &correlation) && windows == 15 && correlation < 0.1);
}

/* What the baseline follows from day to day. */
Test(detector, slow_drift_of_a_tail_is_seen_by_the_anchor) {
	begin();
	series[1].correlation = 0;
	series[1].deviation = 0.05;
	for (int day = 0; day < 25; day++)
		pass(DAY, 1, 1 + 0.002 * day, 1);
	cr_assert_geq(count, 1);
	cr_expect_str_eq(events[0].by, "anchor");
	cr_expect_eq((int)events[0].percentile, DETECTOR_P95);
	cr_expect(events[0].is_slower);
	cr_expect_float_eq(events[0].before, 200, 1);
	cr_expect_float_eq(events[0].after, 206.4, 1.5);
}

Test(detector, windows_that_come_again_change_nothing) {
	begin();
	pass(10, 1, 1, 1);
	now--;
	pass(1, 5, 5, 5);
	now = FIRST;
	pass(5, 5, 5, 5);
	cr_expect_eq(detector_learns(detector), DAY - 10);
	now = FIRST + 100000;
	pass(1, 1, 1, 1);
	cr_expect_eq(detector_learns(detector), DAY - 11);
}

Test(detector, of_histograms) {
	static struct histogram histogram;
	begin();
	for (int i = 0; i < 2 * DAY + 60; i++) {
		double level = i < 2 * DAY ? 1 : 1.05;
		memset(&histogram, 0, sizeof(histogram));
		for (int k = 0; k < 40; k++)
			cr_assert(histogram_add(&histogram, series_next(&series[0]) * level));
		struct detector_window window = {.number = now++, .values = &histogram};
		struct detector_event event;
		detector_add(detector, &window, &event);
		if (event.answer != DETECTOR_NONE)
			events[count++] = event;
	}
	cr_assert_eq(count, 1);
	cr_expect_float_eq(events[0].before, 100, 6);
}

Test(detector, exact_percentiles_go_before_the_histogram) {
	static struct histogram histogram;
	begin();
	cr_assert(histogram_add(&histogram, 100));
	for (int i = 0; i < DAY + 60; i++) {
		double p50 = i < DAY ? 100 : 110;
		struct detector_window window = {.number = now++, .values = &histogram, .percentiles = {p50, 100, 100}};
		struct detector_event event;
		detector_add(detector, &window, &event);
		if (event.answer != DETECTOR_NONE)
			events[count++] = event;
	}
	cr_assert_eq(count, 1);
	cr_expect_float_eq(events[0].after, 110, 1e-3);
}

Test(detector, rules_outside_of_what_can_be_promised_are_refused) {
	static const struct detector_rules wrong[] = {{0, 60},  {NAN, 60},   {1e300, 60}, {1e5, 59},
						      {1e5, 0}, {1e5, 3601}, {1e5, 61}};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		cr_expect_not(detector_begin(detector, &wrong[i]), "%zu", i);
}

/* ---- as bytes ---------------------------------------------------------------------------------------------------- */

static uint8_t bytes[1 << 18], again[1 << 18];

static size_t restart(void) {
	size_t length = detector_write(detector, bytes, sizeof(bytes));
	cr_assert(length > 0 && length <= detector_bytes_most(), "%zu", length);
	cr_expect_eq(detector_write(detector, again, length - 1), 0);
	memset(detector, 0xa5, detector_size());
	cr_assert(detector_read(detector, &rules, bytes, length));
	cr_assert_eq(detector_write(detector, again, length), length);
	cr_assert_arr_eq(bytes, again, length);
	return length;
}

static void many_things(bool restarts) {
	begin();
	for (int i = 0; i < 300; i++) {
		double factor = i >= 100 && i < 110 ? 1.05 : i >= 150 ? 0.93 : 1;
		pass(29, factor, 1, factor);
		if (restarts)
			restart();
	}
}

Test(detector, restarts_change_nothing) {
	struct detector_event without[EVENTS_MOST];
	many_things(false);
	size_t events_without = count;
	memcpy(without, events, sizeof(without));
	cr_assert_geq(count, 4);
	many_things(true);
	cr_assert_eq(count, events_without);
	for (size_t i = 0; i < count; i++) {
		cr_expect_eq(events[i].answer, without[i].answer);
		cr_expect_str_eq(events[i].by, without[i].by);
		cr_expect(events[i].first == without[i].first && events[i].last == without[i].last);
		cr_expect(events[i].before == without[i].before && events[i].after == without[i].after);
	}
}

Test(detector, bytes_that_are_not_whole_are_refused) {
	begin();
	pass(DAY + 200, 1, 1, 1);
	pass(40, 1.1, 1, 1);
	size_t length = restart();
	for (size_t cut = 0; cut < length; cut += cut < 200 ? 1 : 97)
		cr_assert_not(detector_read(other, &rules, bytes, cut), "%zu", cut);
	for (size_t i = 0; i < length; i += i < 600 ? 1 : 97) {
		bytes[i] ^= 0x10;
		cr_assert_not(detector_read(other, &rules, bytes, length), "%zu", i);
		bytes[i] ^= 0x10;
	}
	uint32_t crc = crc32c(0, bytes, length - 3); /* one byte more, and the right sum */
	for (size_t i = 0; i < 4; i++)
		bytes[length - 3 + i] = (uint8_t)(crc >> (8 * i));
	cr_assert_not(detector_read(other, &rules, bytes, length + 1));
	cr_expect_eq(detector_learns(other), DAY, "as it was begun");
	struct detector_rules others[] = {rules, rules};
	others[0].run_length *= 2;
	others[1].window_seconds = 120;
	for (int i = 0; i < 2; i++)
		cr_expect_not(detector_read(other, &others[i], bytes, length));
}
