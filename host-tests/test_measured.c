/* SPDX-License-Identifier: Apache-2.0
 *
 * The levels that a run's rows show: which rows count, what is said beside them, and which sizes are asked for.
 */
#include "bench/ladder/measured.h"
#include "bench/suites/ladder_sizes.h"
#include "bench/suites/machine_latency.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

enum { HZ = 1000000000, KIB = 1024 };

static char told[] =
	"{\"context\":{\"machine\":{\"caches\":["
	"{\"level\":1,\"type\":\"instruction\",\"bytes\":32768},{\"level\":1,\"type\":\"data\",\"bytes\":49152},"
	"{\"level\":2,\"type\":\"unified\",\"bytes\":2097152}]}}}";

static struct collected benchmarks[2 * LADDER_SIZES];
static struct measured_ladder ladder;

/* Caches of 48 KiB and 1 MiB, as pages that lie together make them. */
static double latency_at(uint64_t bytes) {
	return bytes <= 48 * KIB ? 1 : bytes <= 1024 * KIB ? 4 : 80;
}

static void add_row(struct collector *collector, uint64_t page_bytes, uint64_t bytes, double latency) {
	struct bench_row row;
	struct collected *benchmark = &benchmarks[collector->count++];
	cr_assert(machine_latency_row(page_bytes, bytes, &row));
	*benchmark = (struct collected){.finished = true, .status = BENCH_STATUS_OK, .has_summary = true, .hz = HZ};
	strcpy(benchmark->name, row.name);
	benchmark->settled = true;
	benchmark->summary.minimum = latency;
}

static void add(struct collector *collector, uint64_t bytes, double latency) {
	add_row(collector, UINT64_C(2) << 20, bytes, latency);
}

static struct collector curve(unsigned first, unsigned last) {
	struct collector collector = {.benchmarks = benchmarks, .machine = told};
	for (unsigned step = last + 1; step-- > first;)
		add(&collector, ladder_size(step), latency_at(ladder_size(step)) * (1 + 0.001 * (step % 3)));
	return collector;
}

Test(measured, rows_in_any_order_make_a_curve_and_its_levels) {
	struct collector collector = curve(0, 60);
	struct measured_levels measured;
	cr_assert(measured_levels_of(&collector, UINT64_C(2) << 20, &measured));
	cr_expect_eq(measured.count, 61);
	for (size_t i = 1; i < measured.count; i++)
		cr_expect_lt(measured.points[i - 1].bytes, measured.points[i].bytes);
	cr_assert_eq(measured.levels.count, 3);
	cr_expect_leq(measured.levels.level[0].bytes_lower, 48 * KIB);
	cr_expect_geq(measured.levels.level[0].bytes_upper, 48 * KIB);
	cr_expect_float_eq(measured.levels.level[0].latency, 1, 0.01, "in ns");
	cr_expect_not(measured_levels_of(&collector, 4096, &measured), "of other pages there is no row");
}

Test(measured, what_was_not_measured_is_no_point) {
	struct collector collector = curve(0, 60);
	struct measured_levels measured;
	benchmarks[3].status = BENCH_STATUS_SKIPPED;
	strcpy(benchmarks[5].name, "machine/latency/2MiB/line/many");
	strcpy(benchmarks[7].name, "machine/latency/2MiB/pair/32KiB");
	cr_assert(measured_levels_of(&collector, UINT64_C(2) << 20, &measured));
	cr_expect_eq(measured.count, 58);
}

Test(measured, told_sizes_stand_beside_those_found) {
	struct collector collector = curve(0, 60);
	struct text text = {0};
	cr_assert(measured_ladder_of(&collector, &ladder));
	const struct measured_levels *measured = measured_best(&ladder);
	cr_assert_not_null(measured);
	cr_expect_eq(measured->told_bytes[0], 48 * KIB, "not the instructions' cache");
	cr_expect_eq(measured->told_bytes[1], 2048 * KIB);
	measured_show(&collector, &ladder, 0, &text);
	text_add(&text, "", 1);
	cr_expect_not_null(strstr(text.bytes, "as told: 48 KiB"), "%s", text.bytes);
	cr_expect_not_null(strstr(text.bytes, ", told 2 MiB"), "%s", text.bytes);
	text.length = 0;
	measured_write(&collector, &text);
	text_add(&text, "", 1);
	cr_expect_not_null(strstr(text.bytes, "\"told_bytes\":2097152"), "%s", text.bytes);
	text_free(&text);
}

Test(measured, asks_for_sizes_that_it_has_not_and_that_are_rows) {
	struct collector collector = curve(0, 60);
	struct measured_levels measured;
	struct bench_row row;
	uint64_t bytes[16];
	bool beyond = false;
	cr_assert(measured_levels_of(&collector, UINT64_C(2) << 20, &measured));
	size_t count = measured_wanted(&measured, bytes, 16);
	cr_assert_gt(count, 0);
	for (size_t i = 0; i < count; i++) {
		cr_expect(machine_latency_row(UINT64_C(2) << 20, bytes[i], &row), "%llu", (unsigned long long)bytes[i]);
		for (size_t k = 0; k < i; k++)
			cr_expect_neq(bytes[i], bytes[k]);
		for (size_t k = 0; k < measured.count; k++)
			cr_expect_neq(bytes[i], measured.points[k].bytes);
		beyond |= bytes[i] > measured.levels.level[0].rise_to_bytes && bytes[i] < 100 * KIB;
	}
	cr_expect(beyond, "what ends a level is not believed without what is beyond it");
}

/* The size before the end took as long as those beyond it, because somebody had the cache: the points that are then
 * asked for say otherwise. */
Test(measured, a_neighbour_for_the_time_of_one_size_ends_no_level) {
	struct collector collector = curve(0, 60);
	struct measured_levels measured;
	uint64_t bytes[16];
	for (size_t i = 0; i < collector.count; i++)
		if (strcmp(benchmarks[i].name, "machine/latency/2MiB/line/45KiB") == 0)
			benchmarks[i].summary.minimum = 3.7;
	for (int round = 0; round < 2; round++) {
		cr_assert(measured_levels_of(&collector, UINT64_C(2) << 20, &measured));
		size_t count = measured_wanted(&measured, bytes, 16);
		for (size_t i = 0; i < count && collector.count < LADDER_SIZES; i++)
			add(&collector, bytes[i], latency_at(bytes[i]));
	}
	cr_assert(measured_levels_of(&collector, UINT64_C(2) << 20, &measured));
	cr_expect_geq(measured.levels.level[0].bytes_upper, 48 * KIB);
	cr_expect_leq(measured.levels.level[0].bytes_lower, 48 * KIB);
}

Test(measured, a_run_of_other_rows_says_nothing) {
	struct collector collector = {.benchmarks = benchmarks};
	struct text text = {0};
	cr_expect_not(measured_ladder_of(&collector, &ladder));
	cr_expect_null(measured_best(&ladder));
	measured_show(&collector, &ladder, 1, &text);
	measured_write(&collector, &text);
	cr_expect_eq(text.length, 0);
	text_free(&text);
}

/* On small pages the second level ends bit by bit, from half its size on. */
static void add_small_pages(struct collector *collector) {
	for (unsigned step = 0; step <= 60; step++) {
		double ratio = (double)ladder_size(step) / (1024 * KIB), share = ratio < 0.5 ? 0 : 1 - 0.5 / ratio;
		double latency = ladder_size(step) <= 48 * KIB ? 1 : 4 + 76 * share * share;
		add_row(collector, 4096, ladder_size(step), latency * (1 + 0.001 * (step % 3)));
	}
}

Test(measured, small_pages_take_a_name_from_large_ones) {
	struct collector collector = curve(0, 60), alone = {.benchmarks = benchmarks};
	add_small_pages(&alone);
	cr_assert(measured_ladder_of(&alone, &ladder));
	cr_assert_eq(ladder.count, 1);
	cr_expect_eq(ladder.pages[0].levels.level[1].named_bytes, 0, "by themselves they do not know");
	collector = curve(0, 60);
	for (uint64_t bytes = 960 * KIB; bytes <= 1152 * KIB; bytes += 32 * KIB)
		if (bytes != 1024 * KIB)
			add(&collector, bytes, latency_at(bytes));
	add_small_pages(&collector);
	cr_assert(measured_ladder_of(&collector, &ladder));
	cr_assert_eq(ladder.count, 2);
	cr_expect_eq(ladder.pages[0].page_bytes, 4096);
	cr_expect_eq(ladder.pages[1].levels.level[1].named_bytes, 1024 * KIB);
	cr_expect_eq(ladder.pages[0].levels.level[1].named_bytes, 1024 * KIB);
}

static struct text shown(struct collector *collector, uint64_t clock_step) {
	struct text text = {0};
	cr_assert(measured_ladder_of(collector, &ladder));
	measured_show(collector, &ladder, clock_step, &text);
	text_add(&text, "", 1);
	return text;
}

Test(measured, what_was_not_measured_is_said_from_its_smallest_size_on) {
	static char end[] = "{\"reason\":\"it is more than half of the memory\"}";
	struct collector collector = curve(0, 60);
	for (unsigned step = 61; step < 64; step++) {
		add(&collector, ladder_size(step), 1);
		benchmarks[collector.count - 1].status = BENCH_STATUS_SKIPPED;
		benchmarks[collector.count - 1].end = end;
	}
	struct text text = shown(&collector, 0);
	cr_expect_not_null(strstr(text.bytes, "pages of 2 MiB: not measured from 38 MiB on: it is more than half of "
					      "the memory\n"),
			   "%s", text.bytes);
	text_free(&text);
}

Test(measured, a_curve_without_a_level_is_said_to_be_one) {
	struct collector collector = {.benchmarks = benchmarks};
	for (unsigned step = 0; step < 60; step++)
		add(&collector, ladder_size(step), (double)ladder_size(step));
	struct text text = shown(&collector, 0);
	cr_expect_not_null(strstr(text.bytes, "levels  none found in 60 sizes, pages of 2 MiB: "), "%s", text.bytes);
	text_free(&text);
}

Test(measured, a_size_beyond_all_is_no_size) {
	struct collector collector = curve(0, 60);
	struct measured_levels measured;
	strcpy(benchmarks[3].name, "machine/latency/2MiB/line/99999999999999999GiB");
	strcpy(benchmarks[4].name, "machine/latency/2MiB/line/17179869185GiB");
	strcpy(benchmarks[5].name, "machine/latency/2MiB/line/-1GiB");
	strcpy(benchmarks[6].name, "machine/latency/2MiB/line/GiB");
	cr_assert(measured_levels_of(&collector, UINT64_C(2) << 20, &measured));
	cr_expect_eq(measured.count, 57);
}
