/* SPDX-License-Identifier: Apache-2.0
 *
 * The collector: a log in every state of damage, and what is made of it.
 */
#include "bench/collect.h"
#include "bench/record.h"
#include "bench/results.h"
#include "bench/rng.h"
#include "bench/table.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { BENCHMARKS = 4 };

static const struct benchmark benchmarks[BENCHMARKS] = {
	{.name = "group/one", .iteration = "first", .unit = BENCH_UNIT_BYTES, .per_iteration = 64},
	{.name = "group/two", .iteration = "second", .unit = BENCH_UNIT_ELEMENTS, .per_iteration = 1},
	{.name = "other/three/8", .iteration = "third"},
	{.name = "other/four", .iteration = "fourth"},
};

static void add_line(struct text *log, struct text *line) {
	text_add(log, line->bytes, line->length);
}

static void add_run(struct text *log, bool resumed) {
	struct text line = {0};
	record_open(&line, "RUN");
	text_member_bool(&line, "resumed", resumed);
	text_member(&line, "context");
	text_add_string(&line,
			"{\"version\":\"x\",\"options\":{\"seed\":5,\"nresamples\":100,\"confidence_level\":0.9}}");
	record_close(&line);
	add_line(log, &line);
	text_free(&line);
}

static void add_start(struct text *log, int index) {
	struct text line = {0};
	record_start(&line, benchmarks[index].name, (size_t)index);
	add_line(log, &line);
	text_free(&line);
}

static void add_end(struct text *log, int index, enum bench_status status) {
	struct text line = {0};
	uint64_t ticks[20];
	for (uint64_t i = 0; i < 20; i++)
		ticks[i] = (i + 1) * 1000 + i % 3;
	struct measurement m = {.status = status, .linear = true, .step = 10, .ticks = ticks, .hz = 1000000000};
	m.count = status == BENCH_STATUS_OK ? 20 : 0;
	record_end(&line, &benchmarks[index], (size_t)index, &m);
	add_line(log, &line);
	text_free(&line);
}

static void add_done(struct text *log) {
	struct text line = {0};
	record_open(&line, "DONE");
	text_member_u64(&line, "status", 0);
	text_member(&line, "clock");
	text_add_string(&line, "{\"hz\":2000000000}");
	record_close(&line);
	add_line(log, &line);
	text_free(&line);
}

static struct text whole_log(void) {
	struct text log = {0};
	add_run(&log, false);
	for (int i = 0; i < BENCHMARKS; i++) {
		add_start(&log, i);
		add_end(&log, i, BENCH_STATUS_OK);
	}
	add_done(&log);
	return log;
}

static size_t count_finished(const struct collector *collector) {
	size_t finished = 0;
	for (size_t i = 0; i < collector->count; i++)
		finished += collector->benchmarks[i].finished;
	return finished;
}

static struct collector collected(const char *bytes, size_t length) {
	struct collector collector = {0};
	collect_bytes(&collector, bytes, length);
	collect_end(&collector);
	return collector;
}

/* results.json of it, checked to be one JSON value. */
static struct text results_of(struct collector *collector) {
	struct text text = {0};
	results_write(collector, &text);
	size_t length = json_value_length((struct json_span){text.bytes, text.length});
	cr_assert_eq(length + 1, text.length, "not JSON: %.*s", (int)text.length, text.bytes);
	return text;
}

Test(collect, a_whole_log) {
	struct text log = whole_log();
	struct collector collector = collected(log.bytes, log.length);
	cr_expect_eq(collector.count, BENCHMARKS);
	cr_expect_eq(count_finished(&collector), BENCHMARKS);
	cr_expect_eq(collect_status(&collector), 0);
	struct collected *one = collect_find(&collector, "group/one");
	cr_assert_not_null(one);
	cr_assert(collect_summarise(&collector, one));
	cr_expect(one->summary.slope.point > 100 && one->summary.slope.point < 100.1);
	cr_expect_eq(collect_hz(&collector, one), 2000000000, "DONE's clock counts");
	collect_free(&collector);
	text_free(&log);
}

/* The law of the format: a log cut at any byte loses no finished record. */
Test(collect, cut_at_every_byte) {
	struct text log = whole_log();
	size_t finished = 0;
	for (size_t cut = 0; cut <= log.length; cut++) {
		char *copy = malloc(cut + 1);
		memcpy(copy, log.bytes, cut);
		struct collector collector = collected(copy, cut);
		/* An END counts from its last digit on; its newline is not needed. */
		if (cut + 1 <= log.length && log.bytes[cut] == '\n') {
			size_t begin = cut;
			while (begin > 0 && log.bytes[begin - 1] != '\n')
				begin--;
			finished += memcmp(log.bytes + begin, "@anechoic END", 13) == 0;
		}
		cr_assert_eq(count_finished(&collector), finished, "cut at %zu", cut);
		cr_assert_eq(collect_status(&collector),
			     cut == 0         ? 2
			     : collector.done ? 0
			     : collector.run  ? 4
					      : 2,
			     "cut at %zu", cut);
		if (cut % 16 == 0) {
			struct text results = results_of(&collector);
			text_free(&results);
		}
		collect_free(&collector);
		free(copy);
	}
	cr_expect_eq(finished, BENCHMARKS);
	text_free(&log);
}

Test(collect, bytes_in_any_pieces) {
	struct text log = whole_log();
	for (size_t piece = 1; piece < 100; piece += 7) {
		struct collector collector = {0};
		for (size_t at = 0; at < log.length; at += piece)
			collect_bytes(&collector, log.bytes + at, log.length - at < piece ? log.length - at : piece);
		collect_end(&collector);
		cr_expect_eq(count_finished(&collector), BENCHMARKS, "pieces of %zu", piece);
		collect_free(&collector);
	}
	text_free(&log);
}

/* CR LF, text before a record in its line, escape sequences in and around, other lines between. */
Test(collect, noise_between_and_within) {
	struct text log = whole_log(), noisy = {0};
	text_add_string(&noisy, "\x1b[2J\x1b[01;01H\x1b[=3hBdsDxe: loading Boot0001\r\n");
	for (size_t i = 0, column = 0; i < log.length; i++, column++) {
		if (column == 0)
			text_add_string(&noisy, "[ 1/ 4] a row of the table\r\n\x1b[0m\x1b[37m noise> ");
		if (column % 50 == 30 && log.bytes[i] != '\n')
			text_add_string(&noisy, "\x1b[0;37;40m\r");
		if (log.bytes[i] == '\n') {
			text_add_string(&noisy, "\x1b[K\r");
			column = (size_t)-1;
		}
		text_add(&noisy, &log.bytes[i], 1);
	}
	struct collector collector = collected(noisy.bytes, noisy.length), clean = collected(log.bytes, log.length);
	cr_expect_eq(count_finished(&collector), BENCHMARKS);
	cr_expect_eq(collect_status(&collector), 0);
	struct text a = results_of(&collector), b = results_of(&clean);
	cr_expect(a.length == b.length && memcmp(a.bytes, b.bytes, a.length) == 0, "noise changed the results");
	text_free(&a);
	text_free(&b);
	collect_free(&collector);
	collect_free(&clean);
	text_free(&log);
	text_free(&noisy);
}

Test(collect, a_start_without_an_end_is_skipped_and_two_are_hung) {
	struct text log = {0};
	add_run(&log, false);
	add_start(&log, 0);
	add_end(&log, 0, BENCH_STATUS_OK);
	add_start(&log, 1);
	for (int cuts = 1; cuts <= 2; cuts++) {
		struct collector collector = collected(log.bytes, log.length);
		cr_assert_eq(collector.count, 2);
		cr_expect_eq(collector.benchmarks[1].status, cuts == 1 ? BENCH_STATUS_SKIPPED : BENCH_STATUS_HUNG);
		cr_expect_not(collector.benchmarks[1].finished);
		cr_expect_eq(collect_status(&collector), 4);
		struct text results = results_of(&collector);
		text_add(&results, "", 1);
		cr_expect(strstr(results.bytes, "\"complete\":false"));
		cr_expect(strstr(results.bytes, cuts == 1 ? "\"parameters\":[\"two\"],\"status\":\"skipped\""
							  : "\"parameters\":[\"two\"],\"status\":\"hung\""));
		text_free(&results);
		collect_free(&collector);
		add_run(&log, true);
		add_start(&log, 1);
	}
	text_free(&log);
}

/* Cut off in the second, booted again: the first keeps the clock of its END, the rest gets that of DONE. */
Test(collect, a_resumed_run_is_one_run) {
	struct text log = {0}, line = {0};
	add_run(&log, false);
	add_start(&log, 0);
	add_end(&log, 0, BENCH_STATUS_OK);
	add_start(&log, 1);
	text_add_string(&log, "@anechoic END {\"name\":\"group/tw");
	add_run(&log, true);
	record_end_cut_off(&line, "group/two", 1);
	add_line(&log, &line);
	for (int i = 2; i < BENCHMARKS; i++) {
		add_start(&log, i);
		add_end(&log, i, BENCH_STATUS_OK);
	}
	add_done(&log);
	struct collector collector = collected(log.bytes, log.length);
	cr_assert_eq(collector.count, BENCHMARKS);
	cr_expect_eq(collector.runs_replaced, 0);
	cr_expect_eq(collector.benchmarks[0].status, BENCH_STATUS_OK);
	cr_expect_eq(collect_hz(&collector, &collector.benchmarks[0]), 1000000000);
	cr_expect_eq(collector.benchmarks[1].status, BENCH_STATUS_HUNG);
	cr_expect(collector.benchmarks[1].finished);
	cr_expect_eq(collect_hz(&collector, &collector.benchmarks[2]), 2000000000);
	cr_expect_eq(collect_status(&collector), 4, "hung ones count");
	struct text results = results_of(&collector);
	text_free(&results);
	collect_free(&collector);
	text_free(&log);
	text_free(&line);
}

static void add_noise(struct text *log) {
	static const char *const parts[] = {"\"head\":{\"version\":\"1\"}", "\"core\":{\"core\":0}",
					    "\"end\":{\"cut\":false}"};
	struct text line = {0};
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		record_open(&line, "NOISE");
		text_add_string(&line, parts[i]);
		record_close(&line);
		add_line(log, &line);
	}
	text_free(&line);
}

Test(collect, a_snippet_is_what_came_last) {
	static const char *const ends[] = {"ok", "failed"};
	for (int i = 0; i < 2; i++) {
		struct text log = {0}, line = {0};
		add_noise(&log);
		record_open(&line, "SNIPPET");
		text_member_string(&line, "status", ends[i]);
		record_close(&line);
		add_line(&log, &line);
		struct collector collector = collected(log.bytes, log.length);
		cr_expect_not(noise_log_has(&collector.noise));
		cr_assert_not_null(collector.snippet);
		cr_expect_eq(collect_status(&collector), i == 0 ? 0 : 4);
		collect_free(&collector);
		add_run(&log, false);
		collector = collected(log.bytes, log.length);
		cr_expect_null(collector.snippet, "a run behind it takes its place");
		collect_free(&collector);
		text_free(&log);
		text_free(&line);
	}
}

Test(collect, a_run_goes_on_after_a_boot_that_did_something_else) {
	struct text log = {0};
	add_run(&log, false);
	add_start(&log, 0);
	add_end(&log, 0, BENCH_STATUS_OK);
	add_noise(&log);
	struct collector collector = collected(log.bytes, log.length);
	cr_expect(noise_log_is_whole(&collector.noise));
	cr_expect_eq(collect_status(&collector), 0, "what came last stands");
	cr_expect_eq(count_finished(&collector), 1, "and the run is kept");
	collect_free(&collector);

	add_run(&log, true);
	for (int i = 1; i < BENCHMARKS; i++) {
		add_start(&log, i);
		add_end(&log, i, BENCH_STATUS_OK);
	}
	add_done(&log);
	collector = collected(log.bytes, log.length);
	cr_expect_not(noise_log_has(&collector.noise));
	cr_expect_eq(count_finished(&collector), BENCHMARKS);
	cr_expect_eq(collector.runs_replaced, 1);
	cr_expect_eq(collect_status(&collector), 0);
	collect_free(&collector);
	text_free(&log);
}

Test(collect, of_several_runs_the_last_stands) {
	struct text log = whole_log();
	add_run(&log, false);
	add_start(&log, 2);
	add_end(&log, 2, BENCH_STATUS_SKIPPED);
	add_done(&log);
	struct collector collector = collected(log.bytes, log.length);
	cr_expect_eq(collector.count, 1);
	cr_expect_eq(collector.runs_replaced, 1);
	cr_expect_eq(collect_status(&collector), 0, "skipped is no failure");
	collect_free(&collector);
	text_free(&log);
}

Test(collect, a_boot_that_begins_no_run_ends_none) {
	struct text log = {0}, line = {0};
	add_run(&log, false);
	add_start(&log, 0);
	add_end(&log, 0, BENCH_STATUS_OK);
	record_open(&line, "DONE");
	text_member_u64(&line, "status", 2);
	text_member(&line, "unopened");
	text_add_string(&line, "true");
	record_close(&line);
	add_line(&log, &line);
	struct collector collector = collected(log.bytes, log.length);
	cr_expect_null(collector.done, "the run goes on");
	cr_expect_eq(collector.count, 1);
	collect_free(&collector);
	collector = collected(line.bytes, line.length);
	cr_expect_not_null(collector.done, "by itself it is what there is");
	collect_free(&collector);
	text_free(&line);
	text_free(&log);
}

Test(collect, finished_ones_stand_without_a_run) {
	struct text log = {0};
	add_end(&log, 0, BENCH_STATUS_OK);
	struct collector collector = collected(log.bytes, log.length);
	cr_expect_eq(count_finished(&collector), 1);
	cr_expect_eq(collect_status(&collector), 4);
	struct text results = results_of(&collector);
	text_free(&results);
	collect_free(&collector);
	text_free(&log);
}

static void add_visit(struct text *log, uint32_t layout, uint64_t ticks_each) {
	struct text line = {0};
	uint64_t ticks[10];
	for (uint64_t i = 0; i < 10; i++)
		ticks[i] = ticks_each * 10;
	/* Who visits the third has a neighbour all the time. */
	struct room_watch watch = {
		.seen = {.measured_ns = 1000,
			 .probes = 9,
			 .chains = 8,
			 .ratio_low = 1.5,
			 .ratio_median = layout == 3 ? 2.5 : 1.5,
			 .ratio_high = layout == 3 ? 2.5 : 1.5},
	};
	struct measurement m = {.step = 10, .ticks = ticks, .count = 10, .room = &watch, .hz = 1000000000};
	record_layout(&line, &benchmarks[0], 0, layout, &m);
	add_line(log, &line);
	text_free(&line);
}

/* Three layouts, visited in any order, of which the third is twice as slow as the others. */
Test(collect, visits_to_placements_are_told_from_the_measurement) {
	static const uint32_t order[] = {3, 1, 2, 2, 3, 1};
	struct text log = {0}, table = {0}, results = {0};
	struct layout_luck luck;
	size_t visits;
	add_run(&log, false);
	add_start(&log, 0);
	add_visit(&log, 1, 100000); /* of a measurement that was cut off: START forgets it */
	add_start(&log, 0);
	for (size_t i = 0; i < 6; i++)
		add_visit(&log, order[i], order[i] == 3 ? 200 : 100);
	add_end(&log, 0, BENCH_STATUS_OK);
	add_done(&log);
	struct collector collector = collected(log.bytes, log.length);
	struct collected *benchmark = collect_find(&collector, "group/one");
	cr_assert_not_null(benchmark);
	cr_assert(collect_luck(benchmark, &luck, &visits));
	cr_expect(visits == 2 && benchmark->visit_count == 6);
	cr_expect_eq(luck.worst_to_best, 2);
	cr_expect_eq(luck.sampling, 0);
	cr_expect_gt(luck.lower, 0.1);
	cr_assert(collect_summarise(&collector, benchmark));
	cr_expect(benchmark->summary.slope.point > 100 && benchmark->summary.slope.point < 101);
	table_row(&table, &collector, benchmark, 1, 1);
	text_add(&table, "", 1);
	cr_expect_not_null(strstr(table.bytes, "2 visits each\n          room of the visits: 4 silent, 2 loud\n"), "%s",
			   table.bytes);
	results_write(&collector, &results);
	text_add(&results, "", 1);
	cr_expect_not_null(strstr(results.bytes, "\"layout\":3,\"time\":100,\"room\":{\"word\":\"loud\","), "%s",
			   results.bytes);
	text_free(&table);
	text_free(&results);
	benchmark->visit_count = 5;
	cr_expect_not(collect_luck(benchmark, &luck, NULL), "one visit is missing");
	collect_free(&collector);
	text_free(&log);
}

Test(collect, why_a_placement_did_not_run_to_its_end) {
	struct text log = {0}, line = {0}, table = {0};
	struct measurement m = {.status = BENCH_STATUS_SKIPPED, .reason = "no memory", .hz = 1000000000};
	add_run(&log, false);
	add_start(&log, 0);
	add_visit(&log, 2, 100);
	record_layout(&line, &benchmarks[0], 0, 1, &m);
	add_line(&log, &line);
	add_end(&log, 0, BENCH_STATUS_OK);
	add_done(&log);
	struct collector collector = collected(log.bytes, log.length);
	struct collected *benchmark = collect_find(&collector, "group/one");
	cr_assert(benchmark && collect_summarise(&collector, benchmark));
	table_row(&table, &collector, benchmark, 1, 1);
	text_add(&table, "", 1);
	cr_expect_not_null(strstr(table.bytes, "layout unknown: a placement did not run to its end: no memory\n"), "%s",
			   table.bytes);
	collect_free(&collector);
	text_free(&table);
	text_free(&line);
	text_free(&log);
}

/* Records whose CRC is right and whose content is senseless: an old or a foreign program wrote them. */
Test(collect, senseless_records) {
	static const char *const bodies[] = {
		"\"name\":5",
		"\"name\":\"x\",\"status\":\"ok\"",
		"\"name\":\"x\",\"status\":\"ok\",\"step\":0,\"hz\":1,\"ticks\":[1]",
		"\"name\":\"x\",\"status\":\"ok\",\"step\":1,\"hz\":0,\"ticks\":[1]",
		"\"name\":\"x\",\"status\":\"ok\",\"step\":1,\"hz\":1,\"ticks\":[]",
		"\"name\":\"x\",\"status\":\"ok\",\"step\":1,\"hz\":1,\"ticks\":[\"a\"]",
		"\"name\":\"x\",\"status\":\"ok\",\"step\":1,\"hz\":1,\"ticks\":7",
		"\"name\":\"x\",\"status\":\"what\"",
		"\"name\":\"\",\"status\":\"ok\"",
	};
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		struct text log = {0}, line = {0};
		record_open(&line, "END");
		text_add_string(&line, bodies[i]);
		record_close(&line);
		add_line(&log, &line);
		record_open(&line, "RUN");
		text_add_string(&line, "\"context\":7");
		record_close(&line);
		struct collector collector = collected(log.bytes, log.length);
		collect_bytes(&collector, line.bytes, line.length);
		collect_bytes(&collector, log.bytes, log.length);
		struct text results = results_of(&collector);
		text_free(&results);
		collect_free(&collector);
		text_free(&log);
		text_free(&line);
	}
}

/* As no programme of ours writes it. */
Test(collect, a_context_of_blanks_is_an_empty_one) {
	static const char *const contexts[] = {"{}", "{ }", "{ \t  }"};
	for (size_t i = 0; i < sizeof(contexts) / sizeof(contexts[0]); i++) {
		struct text log = {0};
		record_open(&log, "RUN");
		text_member(&log, "context");
		text_add_string(&log, contexts[i]);
		record_close(&log);
		struct collector collector = collected(log.bytes, log.length);
		struct text results = results_of(&collector);
		text_free(&results);
		collect_free(&collector);
		text_free(&log);
	}
}

/* Any bytes, and a good log with any bytes changed: an end, and JSON. */
Test(collect, survives_garbage) {
	struct text log = whole_log();
	struct rng rng = rng_seeded(17);
	for (int round = 0; round < 400; round++) {
		char *copy = malloc(log.length);
		memcpy(copy, log.bytes, log.length);
		uint32_t changes = round % 4 == 0 ? (uint32_t)log.length : 1 + rng_below(&rng, 40);
		for (uint32_t i = 0; i < changes; i++)
			copy[rng_below(&rng, (uint32_t)log.length)] = (char)rng_next(&rng);
		struct collector collector = collected(copy, log.length);
		cr_assert_leq(count_finished(&collector), BENCHMARKS);
		struct text results = results_of(&collector);
		text_free(&results);
		collect_free(&collector);
		free(copy);
	}
	text_free(&log);
}

/* The run's seed is 5. */
Test(collect, each_benchmark_resamples_from_a_seed_of_its_own) {
	struct text log = {0};
	struct collector collector = {0};
	add_run(&log, false);
	for (int i = 0; i < 2; i++) {
		add_start(&log, i);
		add_end(&log, i, BENCH_STATUS_OK);
	}
	collect_bytes(&collector, log.bytes, log.length);
	for (int i = 0; i < 2; i++) {
		struct stats_input input;
		uint64_t *ticks;
		struct collected *benchmark = collect_find(&collector, benchmarks[i].name);
		cr_assert(collect_samples(&collector, benchmark, &input, &ticks));
		cr_expect_eq(input.seed, rng_seed_of(5, benchmarks[i].name), "%s", benchmarks[i].name);
		cr_expect(collect_summarise(&collector, benchmark));
		free(ticks);
	}
	/* The same samples: only the resampling tells them apart. */
	cr_expect_eq(collector.benchmarks[0].summary.mean.point, collector.benchmarks[1].summary.mean.point);
	cr_expect_neq(collector.benchmarks[0].summary.mean.standard_error,
		      collector.benchmarks[1].summary.mean.standard_error);
	collect_free(&collector);
	text_free(&log);
}
