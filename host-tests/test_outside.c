/* SPDX-License-Identifier: Apache-2.0
 *
 * Suites from outside: what becomes of their rows, mistakes included, and what rows take through bench/benchmark.h.
 */
#include "bench/outside/held.h"
#include "bench/outside/registry.h"
#include "bench/runner.h"
#include "lib/units.h"

#include <criterion/criterion.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static void run(void *state, uint64_t iterations) {
	(void)state;
	for (uint64_t i = 0; i < iterations; i++)
		bench_consume(i);
}

#define ROW(row_name) .name = (row_name), .iteration = "one", .run = run

static bool is_ours(const char *limit) {
	return strcmp(limit, "reference/stores") == 0;
}

static struct outside_table *table_of(const char *name, const struct benchmark *rows, size_t count) {
	static struct bench_own_suite suite;
	suite = (struct bench_own_suite){&anechoic_suite_abi_2, rows, count};
	const struct outside_linked linked[] = {{name, "0123456789abcdef", &suite}, {NULL, NULL, NULL}};
	struct outside_table *table = outside_table_make(linked, is_ours);
	cr_assert_not_null(table);
	cr_assert_null(outside_table_suite(table, 1));
	return table;
}

static const struct benchmark *row_at(const struct outside_table *table, size_t index) {
	const struct bench_suite *suite = outside_table_suite(table, 0);
	cr_assert_lt(index, suite->count);
	return &suite->benchmarks[index];
}

static enum bench_setup_result set_up(const struct benchmark *benchmark, struct bench_context *context) {
	*context = (struct bench_context){.core_count = 0};
	return benchmark->setup(benchmark, context);
}

static void measure(const struct benchmark *benchmark, struct measurement *m) {
	static uint64_t ticks[10];
	const struct bench_context context = {.core_count = 0};
	const struct runner_plan plan = {
		.sample_size = 10, .warm_up_ns = NS_PER_MS, .measurement_ns = NS_PER_MS, .timeout_ns = 200 * NS_PER_MS};
	*m = (struct measurement){.ticks = ticks, .hz = NS_PER_SECOND};
	runner_measure(benchmark, &context, &plan, m);
}

/* What a mistake says, of a table with that row behind a good one. */
static const char *mistake(struct benchmark row, const char *name) {
	static struct bench_context context;
	const struct benchmark rows[] = {{ROW("good")}, row};
	const struct outside_table *table = table_of("mine", rows, 2);
	cr_expect_eq(set_up(row_at(table, 0), &context), BENCH_READY);
	cr_expect_str_eq(row_at(table, 1)->name, name);
	cr_expect(row_at(table, 1)->headline, "it is to be seen in every run");
	cr_assert_eq(set_up(row_at(table, 1), &context), BENCH_FAIL, "%s", name);
	return context.reason;
}

Test(outside, names_are_behind_the_suites) {
	const struct benchmark rows[] = {{ROW("a")}, {ROW("sweep/4KiB/x"), .per_iteration = 3}};
	const struct outside_table *table = table_of("mine", rows, 2);
	cr_expect_str_eq(outside_table_suite(table, 0)->name, "mine");
	cr_expect_str_eq(row_at(table, 0)->name, "mine/a");
	cr_expect_str_eq(row_at(table, 1)->name, "mine/sweep/4KiB/x");
	cr_expect_eq(row_at(table, 1)->per_iteration, 3);
	cr_expect_eq(row_at(table, 1)->run, run, "no call more in what is timed");
}

Test(outside, a_suite_without_rows_is_a_row_that_fails) {
	struct bench_context context;
	const struct outside_table *table = table_of("mine", NULL, 0);
	cr_expect_str_eq(row_at(table, 0)->name, "mine/no_rows");
	cr_expect_eq(set_up(row_at(table, 0), &context), BENCH_FAIL);
	cr_expect(strstr(context.reason, "no rows"), "%s", context.reason);
}

Test(outside, a_row_that_cannot_run_fails_and_says_why) {
	char longest[80];
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = 0;
	cr_expect(strstr(mistake((struct benchmark){.iteration = "one", .run = run}, "mine/#2"), "name"));
	cr_expect(strstr(mistake((struct benchmark){ROW("a b")}, "mine/#2"), "letters"));
	cr_expect(strstr(mistake((struct benchmark){ROW("/a")}, "mine/#2"), "letters"));
	cr_expect(strstr(mistake((struct benchmark){ROW("a/")}, "mine/#2"), "letters"));
	cr_expect(strstr(mistake((struct benchmark){ROW("a//b")}, "mine/#2"), "letters"));
	cr_expect(strstr(mistake((struct benchmark){ROW("..")}, "mine/#2"), "not first"));
	cr_expect(strstr(mistake((struct benchmark){ROW("a/../../b")}, "mine/#2"), "not first"));
	cr_expect(strstr(mistake((struct benchmark){ROW("a"), .per_iteration = UINT64_MAX}, "mine/a"), "2^53"));
	cr_expect(strstr(mistake((struct benchmark){ROW(longest)}, "mine/#2"), "too long"));
	cr_expect(strstr(mistake((struct benchmark){ROW("good")}, "mine/#2"), "another row"));
	cr_expect(strstr(mistake((struct benchmark){.name = "a", .run = run}, "mine/a"), ".iteration"));
	cr_expect(strstr(mistake((struct benchmark){.name = "a", .iteration = "one"}, "mine/a"), ".run"));
	cr_expect(strstr(mistake((struct benchmark){ROW("a"), .unit = BENCH_UNIT_BYTES}, "mine/a"), "units"));
}

Test(outside, a_limit_is_a_row_or_a_time_on_paper) {
	struct benchmark bytes = {ROW("a"), .unit = BENCH_UNIT_BYTES, .per_iteration = 1};
	struct benchmark wrong = {ROW("a"), .limit = "good"};
	cr_expect(strstr(mistake(wrong, "mine/a"), "throughput"));
	wrong = bytes;
	wrong.paper_ns = 1;
	cr_expect(strstr(mistake(wrong, "mine/a"), ".paper_source"));
	wrong.paper_source = "a page";
	wrong.limit = "good";
	cr_expect(strstr(mistake(wrong, "mine/a"), "one limit"));
	wrong.limit = NULL;
	wrong.paper_ns = -1;
	cr_expect(strstr(mistake(wrong, "mine/a"), ".paper_ns"));
	const double no_times[] = {1e-300, 1e300, INFINITY, NAN};
	for (size_t i = 0; i < sizeof(no_times) / sizeof(no_times[0]); i++) {
		wrong.paper_ns = no_times[i];
		cr_expect(strstr(mistake(wrong, "mine/a"), "1e15 ns"), "%g", no_times[i]);
	}
	wrong = bytes;
	wrong.limit = "goood";
	cr_expect(strstr(mistake(wrong, "mine/a"), "'goood'"));
	wrong.limit = "goo";
	cr_expect(strstr(mistake(wrong, "mine/a"), "suite mine"));
	wrong.limit = "";
	cr_expect(strstr(mistake(wrong, "mine/a"), "''"));
	struct benchmark rows[] = {bytes, bytes, bytes, bytes, bytes};
	rows[1] = (struct benchmark){ROW("triad/4KiB")};
	rows[0].limit = "triad";
	rows[2].name = "b";
	rows[2].limit = "triad/4KiB";
	rows[3].name = "c";
	rows[3].limit = "reference/stores";
	rows[4].name = "d";
	rows[4].limit = "mine/triad/4KiB";
	const struct outside_table *table = table_of("mine", rows, 5);
	cr_expect_str_eq(row_at(table, 0)->limit, "mine/triad");
	cr_expect_str_eq(row_at(table, 4)->limit, "mine/triad/4KiB");
	cr_expect_str_eq(row_at(table, 2)->limit, "mine/triad/4KiB");
	cr_expect_str_eq(row_at(table, 3)->limit, "reference/stores");
	cr_expect_null(row_at(table, 1)->limit);
}

static const struct benchmark *seen_benchmark;

static enum bench_setup_result own_setup(const struct benchmark *benchmark, struct bench_context *context) {
	static char state[] = "state";
	seen_benchmark = benchmark;
	context->state = state;
	return BENCH_READY;
}

static const char *own_check(const struct benchmark *benchmark, void *state) {
	return benchmark->parameter == 7 && strcmp(state, "state") == 0 ? "it is wrong" : NULL;
}

static void own_teardown(const struct benchmark *benchmark, struct bench_context *context) {
	context->reason = benchmark->parameter == 8 ? "it was wrong" : NULL;
}

Test(outside, functions_get_their_own_row) {
	const struct benchmark rows[] = {{ROW("a"), .parameter = 6, .setup = own_setup, .check = own_check},
					 {ROW("b"), .parameter = 7, .setup = own_setup, .check = own_check},
					 {ROW("c"), .parameter = 8, .setup = own_setup, .teardown = own_teardown}};
	const struct outside_table *table = table_of("mine", rows, 3);
	struct measurement m;
	measure(row_at(table, 0), &m);
	cr_expect_eq(m.status, BENCH_STATUS_OK, "%s", m.reason);
	cr_expect(!row_at(table, 0)->unchecked && row_at(table, 2)->unchecked);
	cr_expect_eq(seen_benchmark, &rows[0]);
	measure(row_at(table, 1), &m);
	cr_expect_eq(m.status, BENCH_STATUS_FAILED);
	cr_expect_str_eq(m.reason, "it is wrong");
	measure(row_at(table, 2), &m);
	cr_expect_eq(m.status, BENCH_STATUS_FAILED);
	cr_expect_str_eq(m.reason, "it was wrong");
}

/* The rows that the runner goes by: a suite that writes there is stopped, and named. */
Test(outside, the_table_cannot_be_written, .signal = SIGSEGV) {
	signal(SIGSEGV, SIG_DFL); /* a sanitizer's handler would make an exit status of it */
	const struct benchmark rows[] = {{ROW("a")}};
	struct benchmark *row = (struct benchmark *)(uintptr_t)row_at(table_of("mine", rows, 1), 0);
	row->name = "b";
	bench_consume_memory(row);
}

/* ---- memory ------------------------------------------------------------------------------------------------------ */

static char *map(struct bench_memory wanted, struct bench_context *context) {
	*context = (struct bench_context){.core_count = 0};
	return bench_map(context, &wanted);
}

Test(outside, memory_lies_where_it_was_asked_for) {
	static const uint64_t alignments[] = {64, 4096, 65536, 4 << 20};
	struct bench_context context;
	for (size_t i = 0; i < sizeof(alignments) / sizeof(alignments[0]); i++)
		for (unsigned scattered = 0; scattered < 3; scattered++) {
			platform_memory_scatter(scattered);
			char *memory =
				map((struct bench_memory){.bytes = 10000, .alignment = alignments[i], .offset = 8},
				    &context);
			cr_assert_not_null(memory, "%s", context.reason);
			cr_expect_eq((uintptr_t)memory % alignments[i], 8);
			memset(memory, 1, 10000);
		}
	platform_memory_scatter(0);
	char *plain = map((struct bench_memory){.bytes = 1, .offset = 24}, &context);
	cr_expect_eq((uintptr_t)plain % 4096, 24);
	cr_expect_null(outside_release());
}

Test(outside, memory_that_is_not_there_says_why) {
	struct bench_context context;
	cr_expect_null(map((struct bench_memory){.bytes = UINT64_C(1) << 40}, &context));
	cr_expect(strstr(context.reason, "asks for 1048576 MiB"), "%s", context.reason);
	cr_expect_null(map((struct bench_memory){.bytes = UINT64_MAX}, &context));
	cr_expect(strstr(context.reason, "asks for"), "%s", context.reason);
	cr_expect_null(map((struct bench_memory){.bytes = 1, .contiguous = true}, &context));
	cr_expect(strstr(context.reason, "contiguous"), "%s", context.reason);
	cr_expect_null(map((struct bench_memory){.bytes = 1, .page_bytes = 8192}, &context));
	cr_expect(strstr(context.reason, "pages of that size"), "%s", context.reason);
	cr_expect_null(map((struct bench_memory){.bytes = 0}, &context));
	cr_expect_null(map((struct bench_memory){.bytes = 1, .alignment = 48}, &context));
	cr_expect_null(map((struct bench_memory){.bytes = 1, .alignment = 64, .offset = 64}, &context));
	cr_expect_null(map((struct bench_memory){.bytes = 1, .alignment = UINT64_C(1) << 63}, &context));
}

Test(outside, memory_is_given_back_behind_each_row) {
	struct bench_context context;
	for (unsigned row = 0; row < 10; row++) {
		for (unsigned i = 0; i < 32; i++)
			cr_assert_not_null(map((struct bench_memory){.bytes = 4096}, &context), "%s", context.reason);
		cr_expect_null(map((struct bench_memory){.bytes = 4096}, &context));
		cr_expect(strstr(context.reason, "32"), "%s", context.reason);
		cr_expect_null(outside_release());
	}
}

/* ---- cores ------------------------------------------------------------------------------------------------------- */

static void goes_on(void *argument) {
	while (__atomic_load_n((bool *)argument, __ATOMIC_ACQUIRE))
		bench_relax();
}

static bool going;

static enum bench_setup_result start(const struct benchmark *benchmark, struct bench_context *context) {
	(void)benchmark;
	going = true;
	return bench_core_start(context, BENCH_CORE_ANY, goes_on, &going);
}

static void stop(const struct benchmark *benchmark, struct bench_context *context) {
	(void)benchmark;
	__atomic_store_n(&going, false, __ATOMIC_RELEASE);
	if (!bench_cores_join(context))
		context->reason = "it did not end";
}

Test(outside, a_core_that_is_left_running_is_ended_and_fails_the_row) {
	const struct benchmark rows[] = {{ROW("leaks"), .setup = start},
					 {ROW("ends"), .setup = start, .teardown = stop}};
	const struct outside_table *table = table_of("mine", rows, 2);
	struct measurement m;
	for (unsigned i = 0; i < 3; i++) {
		measure(row_at(table, 0), &m);
		if (m.status == BENCH_STATUS_SKIPPED)
			cr_skip_test("%s", m.reason);
		cr_expect_eq(m.status, BENCH_STATUS_FAILED);
		cr_expect(strstr(m.reason, "left 1 core running"), "%s", m.reason);
		measure(row_at(table, 1), &m);
		cr_expect_eq(m.status, BENCH_STATUS_OK, "%s", m.reason);
		cr_expect_eq(m.core_count, 1);
	}
}

Test(outside, more_cores_than_there_are_is_a_skip) {
	struct bench_context context = {.core_count = 0};
	enum bench_setup_result result = BENCH_READY;
	for (unsigned i = 0; i <= BENCH_CORES_MAX && result == BENCH_READY; i++)
		result = start(NULL, &context);
	cr_expect_eq(result, BENCH_SKIP);
	cr_expect(strstr(context.reason, "no further core"), "%s", context.reason);
	stop(NULL, &context);
	cr_expect_null(context.reason == NULL || strstr(context.reason, "did not") == NULL ? NULL : context.reason);
	cr_expect_null(outside_release());
}
