/* SPDX-License-Identifier: Apache-2.0
 *
 * What `noise` makes of detours, on streams whose periods are known, and on such as have none.
 */
#include "bench/noise/noise.h"
#include "bench/noise/publish.h"
#include "bench/record.h"
#include "bench/rng.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { HZ = 1000000000 }; /* a tick is a nanosecond */

static struct noise_core *core_new(void) {
	struct noise_core *core = calloc(1, sizeof(*core));
	cr_assert_not_null(core);
	core->us = 1000;
	core->threshold = 90;
	core->least = 10;
	return core;
}

static void add(struct noise_core *core, uint64_t begin, uint64_t ticks) {
	static struct noise_look look;
	look.gaps = 1;
	look.lost = ticks;
	look.gap[0] = (struct noise_detour){begin, ticks};
	noise_core_take(core, &look);
}

static double uniform(struct rng *rng) {
	return (double)(rng_next(rng) >> 11) / 9007199254740992.0;
}

/* ---- histogram, the longest, rates ------------------------------------------------------------------------------- */

Test(noise, buckets_follow_each_other_and_are_narrow) {
	for (unsigned bucket = 0; bucket + 1 < NOISE_BUCKETS; bucket++) {
		uint64_t from = noise_bucket_from(bucket), below = noise_bucket_from(bucket + 1);
		cr_assert_lt(from, below);
		cr_assert_eq(noise_bucket(from), bucket);
		cr_assert_eq(noise_bucket(below - 1), bucket);
		cr_assert(below - from <= 1 || (double)(below - from) <= 0.05 * (double)from, "bucket %u", bucket);
	}
	cr_assert_eq(noise_bucket(UINT64_MAX), NOISE_BUCKETS - 1);
}

Test(noise, longest_are_kept_in_order) {
	struct noise_core *core = core_new();
	struct rng rng = rng_seeded(1);
	for (uint64_t i = 0; i < 1000; i++)
		add(core, i * 10000, 100 + rng_below(&rng, 5000));
	add(core, 10000001, 777777);
	cr_assert_eq(core->longest_count, NOISE_LONGEST);
	cr_assert_eq(core->longest[0].ticks, 777777);
	for (unsigned i = 1; i < NOISE_LONGEST; i++)
		cr_assert_geq(core->longest[i - 1].ticks, core->longest[i].ticks);
	cr_assert_eq(core->detours, 1001);
	free(core);
}

Test(noise, detours_that_were_not_written_are_counted) {
	static struct noise_look look;
	struct noise_core *core = core_new();
	look.gaps = NOISE_GAPS_MOST + 5;
	look.lost = 123456;
	noise_core_take(core, &look);
	cr_assert_eq(core->detours, NOISE_GAPS_MOST + 5);
	cr_assert_eq(core->unseen, 5);
	cr_assert_eq(core->lost, 123456);
	cr_assert_eq(look.gaps, 0);
	free(core);
}

/* The Poisson limits as tables have them (E. Pearson, H. Hartley, "Biometrika Tables for Statisticians", table 40). */
Test(noise, rate_that_may_have_been) {
	const struct {
		uint64_t count;
		double upper;
	} known[] = {{0, 3.0}, {1, 4.744}, {2, 6.296}, {5, 10.513}, {10, 16.962}, {50, 63.287}};
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		cr_expect_float_eq(noise_rate_upper(known[i].count), known[i].upper, 0.01 * known[i].upper, "%u",
				   (unsigned)known[i].count);
}

Test(noise, what_stops_all_cores_is_told_from_what_stops_one) {
	struct noise_core *cores[] = {core_new(), core_new(), core_new()};
	for (uint64_t i = 0; i < 100; i++)
		for (size_t core = 0; core < 3; core++) {
			if (i % 4 == 0)
				add(cores[core], i * 100000 + core * 300, 5000);
			else
				add(cores[core], i * 100000 + core * 20000, 5000);
		}
	noise_mark_together(cores, 3, 1000);
	cr_expect_eq(cores[0]->together, 25);
	cr_expect_eq(cores[2]->together, 25);
	noise_mark_together(cores, 1, 1000);
	cr_expect_eq(cores[0]->together, 0, "one core has nothing to compare with");
	for (size_t core = 0; core < 3; core++)
		free(cores[core]);
}

Test(noise, one_long_detour_counts_once_beside_many_short_ones) {
	struct noise_core *cores[] = {core_new(), core_new()};
	for (uint64_t i = 0; i < 10; i++)
		add(cores[0], 1000000 + i * 10000, 5000);
	add(cores[1], 1000000, 100000);
	noise_mark_together(cores, 2, 1000);
	cr_expect_eq(cores[0]->together, 10);
	cr_expect_eq(cores[1]->together, 1, "of its own there is but one");
	for (size_t core = 0; core < 2; core++)
		free(cores[core]);
}

/* Of random lengths, at random distances. */
static void add_at_random(struct noise_core *core, struct rng *rng, double most) {
	double at = 0, span = 1e9, pause = 100000;
	for (;;) {
		double length = 2000 + uniform(rng) * most;
		at += -log(1 - uniform(rng)) * pause;
		if (at + length > span)
			break;
		add(core, (uint64_t)at, (uint64_t)length);
		at += length;
	}
	core->looked = (uint64_t)span;
}

Test(noise, what_falls_together_by_chance_is_told) {
	struct noise_core *cores[] = {core_new(), core_new(), core_new()};
	struct rng rng = rng_seeded(5);
	add_at_random(cores[0], &rng, 10000);
	add_at_random(cores[1], &rng, 400000);
	add_at_random(cores[2], &rng, 30000);
	for (size_t count = 2; count <= 3; count++) {
		noise_mark_together(cores, count, 1000);
		double together = (double)cores[0]->together, by_chance = cores[0]->by_chance;
		cr_expect(by_chance > 100 && fabs(together - by_chance) < 4 * sqrt(by_chance), "%zu cores: %g, %g",
			  count, together, by_chance);
	}
	for (uint64_t i = 0; i < 5000; i++)
		for (size_t core = 0; core < 3; core++)
			add(cores[core], 1000000000 + i * 1000000, 3000);
	for (size_t core = 0; core < 3; core++)
		cores[core]->looked += 5000000000;
	noise_mark_together(cores, 3, 1000);
	cr_expect(cores[0]->together > 5000 && cores[0]->by_chance < 1000, "%g", cores[0]->by_chance);
	for (size_t core = 0; core < 3; core++)
		free(cores[core]);
}

Test(noise, what_nobody_took_is_unknown) {
	struct noise_core *core = core_new();
	struct platform_counted *counts = core->witness.counts;
	bool at_most;
	for (uint64_t i = 0; i < 10; i++)
		add(core, i * 10000000, 5000000);
	for (unsigned i = 0; i < PLATFORM_COUNTS; i++)
		counts[i] = (struct platform_counted){.counting = PLATFORM_COUNTING_NOT, .reason = "nobody"};
	cr_expect_float_eq(noise_unknown_ns(core, HZ, &at_most), 50e6, 1);
	cr_expect_not(at_most);
	counts[PLATFORM_COUNT_STOLEN_NS] = (struct platform_counted){.counting = PLATFORM_COUNTING, .value = 12345678};
	cr_expect_float_eq(noise_unknown_ns(core, HZ, &at_most), 50e6 - 12345678, 1);
	counts[PLATFORM_COUNT_STOLEN_NS].value = 30000000;
	cr_expect_float_eq(noise_unknown_ns(core, HZ, &at_most), 30e6, 1, "of three steps two");
	counts[PLATFORM_COUNT_INTERRUPTS] = (struct platform_counted){.counting = PLATFORM_COUNTING, .value = 1};
	counts[PLATFORM_COUNT_STOLEN_NS].value = 70000000;
	cr_expect_float_eq(noise_unknown_ns(core, HZ, &at_most), 0, 1);
	cr_expect(at_most, "an interrupt took some of it");
	free(core);
}

/* ---- periods ----------------------------------------------------------------------------------------------------- */

struct train {
	double every, length, jitter; /* us */
	double share;                 /* of the turns */
};

static int compare(const void *a, const void *b) {
	uint64_t left = ((const struct noise_detour *)a)->begin, right = ((const struct noise_detour *)b)->begin;
	return (left > right) - (left < right);
}

/* Trains, and `others` detours at any time whose lengths are exponential about `mean` us. */
static struct noise_core *stream_among(double seconds, const struct train *trains, size_t count, unsigned others,
				       double mean, uint64_t seed) {
	enum { MOST = 1 << 18 };
	static struct noise_detour detours[MOST];
	struct rng rng = rng_seeded(seed);
	struct noise_core *core = core_new();
	size_t all = 0;
	for (size_t i = 0; i < count; i++)
		for (double at = uniform(&rng) * trains[i].every; at < seconds * 1e6; at += trains[i].every)
			if (uniform(&rng) < trains[i].share)
				detours[all++] = (struct noise_detour){
					(uint64_t)(1000 * (at + 10 + trains[i].jitter * (uniform(&rng) - 0.5))),
					(uint64_t)(1000 * trains[i].length)};
	for (unsigned i = 0; i < others; i++)
		detours[all++] = (struct noise_detour){(uint64_t)(uniform(&rng) * seconds * 1e9),
						       (uint64_t)(100 - 1000 * mean * log(1 - uniform(&rng)))};
	qsort(detours, all, sizeof(detours[0]), compare);
	for (size_t i = 0; i < all; i++)
		add(core, detours[i].begin, detours[i].ticks);
	cr_assert_eq(noise_core_periods(core), 0);
	return core;
}

static struct noise_core *stream(double seconds, const struct train *trains, size_t count, unsigned others,
				 uint64_t seed) {
	return stream_among(seconds, trains, count, others, 20, seed);
}

static void expect_train(const struct noise_core *core, const struct train *train, const char *what) {
	for (size_t i = 0; i < core->period_count; i++) {
		const struct noise_period *period = &core->periods[i];
		if (fabs(period->ticks / (1000 * train->every) - 1) > 0.01)
			continue;
		cr_expect(fabs(period->length / (1000 * train->length) - 1) <= 0.1, "%s: %g us long, not %g", what,
			  period->length / 1000, train->length);
		cr_expect(fabs(period->turns - train->share) < 0.1, "%s: in %g of its turns", what, period->turns);
		return;
	}
	cr_expect(false, "%s: every %g us is not among %zu periods", what, train->every, core->period_count);
}

Test(noise, a_period_is_found_to_a_hundredth_and_its_length_to_a_tenth) {
	const struct {
		struct train train;
		double seconds;
		const char *what;
	} cases[] = {
		{{1000, 10, 0, 1}, 10, "1 kHz"},
		{{1000, 10, 20, 1}, 60, "1 kHz, with jitter, for a minute"},
		{{4000, 12, 5, 1}, 10, "250 Hz"},
		{{4000, 12, 5, 0.6}, 10, "250 Hz, of which some do not come"},
		{{10000, 200, 0, 1}, 10, "100 Hz"},
		{{333.3, 2, 0, 1}, 10, "3 kHz"},
		{{1000, 10, 0, 1}, 2, "1 kHz for two seconds"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct noise_core *core =
			stream(cases[i].seconds, &cases[i].train, 1, (unsigned)(cases[i].seconds * 20), i + 1);
		expect_train(core, &cases[i].train, cases[i].what);
		cr_expect_leq(core->period_count, 2, "%s: %zu periods", cases[i].what, core->period_count);
		free(core);
	}
}

Test(noise, two_periods_are_told_apart) {
	const struct train trains[] = {{4000, 15, 0, 1}, {1000, 10, 0, 1}},
			   others[] = {{10000, 30, 3, 1}, {3300, 8, 0, 1}};
	struct noise_core *core = stream(10, trains, 2, 100, 7);
	expect_train(core, &trains[1], "1 kHz beside 250 Hz");
	free(core);
	core = stream(10, others, 2, 100, 8);
	expect_train(core, &others[0], "100 Hz beside 303 Hz");
	expect_train(core, &others[1], "303 Hz beside 100 Hz");
	free(core);
}

/* A host's timer and the guest's own: harmonics of the slower one stand out where the faster has none, while chance
 * puts detours near every beat. */
Test(noise, a_harmonic_is_no_period) {
	const struct train trains[] = {{1000, 7, 5, 1}, {4000, 5, 2, 1}};
	for (uint64_t seed = 1; seed <= 3; seed++) {
		struct noise_core *core = stream_among(10, trains, 2, 60000 * (unsigned)seed, 0.2, seed);
		expect_train(core, &trains[0], "1 kHz beside 250 Hz");
		for (size_t i = 0; i < core->period_count; i++) {
			double every = core->periods[i].ticks / 1000;
			cr_expect(fabs(every / 1000 - 1) < 0.01 || fabs(every / 4000 - 1) < 0.01,
				  "seed %u: every %g us, %g long, in %g of its turns", (unsigned)seed, every,
				  core->periods[i].length / 1000, core->periods[i].turns);
		}
		free(core);
	}
}

/* At every seventh turn of the faster one, of which any would do for the slower one's interval. */
Test(noise, a_long_train_is_told_from_a_fast_one_at_its_beat) {
	const struct train trains[] = {{1000, 11, 5, 1}, {4000, 10, 5, 1}, {7000, 100, 5, 1}};
	for (uint64_t seed = 1; seed <= 3; seed++) {
		struct noise_core *core = stream_among(10, trains, 3, 20000, 0.3, seed);
		expect_train(core, &trains[0], "1 kHz beside 100 us every 7 ms");
		expect_train(core, &trains[2], "100 us every 7 ms beside 1 kHz");
		free(core);
	}
}

/* Disturbances took 3,040 ticks and said 40 of it, half of the turns had something longer, some none at all. */
Test(noise, what_is_planted_is_found_as_long_as_it_was_with_its_way) {
	static struct platform_planted planted;
	uint32_t longest[64];
	struct noise_core *core = core_new();
	planted.times = 64;
	for (size_t i = 0; i < 64; i++) {
		planted.ticks[i] = 30 + i % 21;
		longest[i] = i % 2 == 0 ? 50000 : i % 16 == 1 ? 39 : 3040;
	}
	cr_expect_eq(noise_way_of(longest, 64, &planted), 3000);
	planted.times = 0;
	cr_expect_eq(noise_way_of(longest, 64, &planted), 0, "nobody was there");
	core->plant = (struct noise_plant){.every_ns = 1000000, .length_ns = 100000, .way = 3000};
	planted.times = 1000;
	for (size_t i = 0; i < PLATFORM_PLANTED_KEPT; i++)
		planted.ticks[i] = 97000;
	for (uint64_t i = 0; i < 1000; i++)
		add(core, 500 + i * 1000000, 100200);
	cr_assert_eq(noise_core_periods(core), 0);
	noise_find_plant(core, HZ, &planted);
	cr_expect(core->plant.found && core->plant.times == 1000);
	cr_expect_eq(core->plant.measured, 100000);
	cr_expect_eq(core->plant.period.length, 100200);
	free(core);
}

Test(noise, without_a_period_none_is_named) {
	unsigned named = 0;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct noise_core *core = stream(10, NULL, 0, (unsigned)seed * 200, seed);
		named += core->period_count != 0;
		free(core);
	}
	cr_expect_leq(named, 1, "in %u of 20 streams of noise", named);
}

/* ---- fixed work and fixed time ----------------------------------------------------------------------------------- */

Test(noise, equal_times_show_what_was_taken_from_them) {
	enum { WORKS = 1000, QUANTA = 16384, BEST = 1000 };
	static uint32_t works[WORKS], quanta[QUANTA];
	struct noise_fixed fixed;
	struct rng rng = rng_seeded(3);
	for (size_t i = 0; i < WORKS; i++)
		works[i] = i % 100 == 0 ? 150000 : 100000 + rng_below(&rng, 100);
	for (size_t i = 0; i < QUANTA; i++)
		quanta[i] = BEST - rng_below(&rng, 3) - (i % 40 == 7 ? 200 : 0); /* 20 us of 100, every 4 ms */
	cr_assert_eq(noise_fixed_summarise(&fixed, works, WORKS, quanta, QUANTA, 100000), 0);
	cr_expect_float_eq(fixed.least, 100000, 100);
	cr_expect_float_eq(fixed.longest, 150000, 1);
	cr_expect_float_eq(fixed.variation, 0.05, 0.005);
	cr_expect_float_eq(fixed.lost, 0.006, 0.0005);
	cr_assert_geq(fixed.period_count, 1);
	cr_expect_float_eq(fixed.periods[0].ticks, 4000000, 40000);
	cr_expect_float_eq(fixed.periods[0].length, 20000, 2000);
}

/* ---- there and back ---------------------------------------------------------------------------------------------- */

static void log_record(struct noise_log *log, const char *name, const char *json) {
	struct text line = {0};
	record_open(&line, "NOISE");
	text_member(&line, name);
	text_add_string(&line, json);
	record_close(&line);
	struct json_span text = {line.bytes, line.length};
	struct record record;
	cr_assert(record_next(&text, &record));
	noise_log_take(log, record.json);
	text_free(&line);
}

static bool file_is(const struct noise_log *log, const char *name, const char *value) {
	struct text file = {0};
	struct json_span member, whole;
	noise_log_write(log, &file);
	whole = (struct json_span){file.bytes, file.length};
	bool good = json_value_length(whole) + 1 == file.length && json_member(whole, name, &member) &&
		    member.length == strlen(value) && memcmp(member.bytes, value, member.length) == 0;
	text_free(&file);
	return good;
}

Test(noise, a_log_keeps_the_last_of_each_core_and_knows_whether_it_is_whole) {
	struct noise_log log = {.head = NULL};
	cr_expect_not(noise_log_has(&log));
	log_record(&log, "head", "{\"version\":\"x\"}");
	log_record(&log, "core", "{\"core\":1,\"a\":1}");
	log_record(&log, "core", "{\"core\":0,\"a\":1}");
	log_record(&log, "core", "{\"core\":1,\"a\":2}");
	log_record(&log, "core", "{\"core\":100000000}");
	log_record(&log, "core", "[]");
	cr_expect(noise_log_has(&log));
	cr_expect_not(noise_log_is_whole(&log));
	cr_expect(file_is(&log, "cut", "true"));
	cr_expect(file_is(&log, "cores", "[{\"core\":0,\"a\":1},{\"core\":1,\"a\":2}]"));
	log_record(&log, "end", "{\"cut\":false}");
	cr_expect(noise_log_is_whole(&log));
	cr_expect(file_is(&log, "version", "\"x\""));
	noise_log_free(&log);
	cr_expect_not(noise_log_has(&log));
	cr_expect(file_is(&log, "cores", "[]"));
	noise_log_free(&log);
}

Test(noise, a_log_without_one_of_its_cores_is_cut_and_a_head_of_nothing_is_none) {
	struct noise_log log = {.head = NULL};
	log_record(&log, "head", "{ }");
	log_record(&log, "core", "{\"core\":1}");
	log_record(&log, "end", "{\"cut\":false}");
	cr_expect_not(noise_log_is_whole(&log));
	cr_expect(file_is(&log, "cut", "true"));
	log_record(&log, "core", "{\"core\":0}");
	cr_expect(file_is(&log, "cut", "false"));
	noise_log_free(&log);
}

Test(noise, a_core_is_written_as_json_and_shown) {
	struct noise *noise = calloc(1, sizeof(*noise) + sizeof(noise->cores[0]));
	struct text file = {0}, table = {0};
	cr_assert_not_null(noise);
	noise->hz = HZ;
	noise->core_count = 1;
	noise->cores[0] = core_new();
	noise->cores[0]->looked = HZ;
	noise_show_table(noise, &table);
	text_add(&table, "", 1);
	cr_expect_not_null(strstr(table.bytes, "< 3"), "none seen in a second: %s", table.bytes);
	table.length = 0;
	add(noise->cores[0], 5000, 2500);
	noise_show_table(noise, &table);
	text_add(&table, "", 1);
	cr_expect_not_null(strstr(table.bytes, "99.999750 %"), "%s", table.bytes);
	noise_write(noise, false, &file);
	struct json_span whole = {file.bytes, file.length}, cores, core, over;
	uint64_t count = 0;
	cr_assert_eq(json_value_length(whole) + 1, file.length);
	cr_assert(json_member(whole, "cores", &cores) && json_next(&cores, &core));
	cr_assert(json_member(core, "over_1us", &over) && json_member_u64(over, "count", &count));
	cr_expect_eq(count, 1);
	cr_expect_eq(noise_status(noise), 0);
	noise->cores[0]->backs = 1;
	cr_expect_eq(noise_status(noise), 3, "by a clock that goes back nothing can be told");
	text_free(&file);
	text_free(&table);
	noise_free(noise);
}
