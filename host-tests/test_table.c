/* SPDX-License-Identifier: Apache-2.0
 *
 * The table: its width, whatever is in it, and that emulation and trouble are named.
 */
#include "bench/record.h"
#include "bench/settle.h"
#include "bench/table.h"

#include <criterion/criterion.h>
#include <string.h>

enum { COLUMNS = 100 };

static void expect_narrow(const struct text *text) {
	for (size_t i = 0, column = 0; i < text->length; i++) {
		column = text->bytes[i] == '\n' ? 0 : column + 1;
		cr_assert_leq(column, COLUMNS, "%.*s", (int)text->length, text->bytes);
		cr_assert(text->bytes[i] == '\n' || (text->bytes[i] >= ' ' && text->bytes[i] <= '~'));
		cr_assert(text->bytes[i] != '\n' || i == 0 || text->bytes[i - 1] != ' ', "a blank at a line's end");
	}
}

/* One row of a benchmark that takes `ticks` for `step` iterations, at 1 GHz; terminated. */
static struct text row_of(const struct benchmark *benchmark, struct measurement *m) {
	struct text line = {0}, text = {0};
	struct collector collector = {0};
	record_end(&line, benchmark, 99, m);
	collect_bytes(&collector, line.bytes, line.length);
	collect_end(&collector);
	cr_assert_eq(collector.count, 1);
	collect_summarise(&collector, &collector.benchmarks[0]);
	table_row(&text, &collector, &collector.benchmarks[0], 100, 100);
	expect_narrow(&text);
	text_add(&text, "", 1);
	collect_free(&collector);
	text_free(&line);
	return text;
}

Test(table, rows_of_any_magnitude_are_narrow) {
	struct benchmark benchmark = {.name = "pool/pool_vs_standard/stack_pool_allocate",
				      .iteration = "",
				      .unit = BENCH_UNIT_BYTES,
				      .per_iteration = 4096};
	for (uint64_t scale = 7; scale < UINT64_C(1) << 44; scale *= 7) {
		uint64_t ticks[20];
		for (uint64_t i = 0; i < 20; i++)
			ticks[i] = scale * (i % 5 + 1) * (i == 7 ? 1000 : 1);
		struct measurement m = {.step = 1000, .count = 20, .ticks = ticks, .hz = 1000000000};
		struct text text = row_of(&benchmark, &m);
		text_free(&text);
	}
}

Test(table, figures_of_a_row) {
	struct benchmark benchmark = {
		.name = "copy/4KiB/256bit", .iteration = "", .unit = BENCH_UNIT_BYTES, .per_iteration = 4096};
	uint64_t ticks[20];
	for (uint64_t i = 0; i < 20; i++)
		ticks[i] = (i + 1) * 45200;
	struct measurement m = {.linear = true, .step = 1000, .count = 20, .ticks = ticks, .hz = 1000000000};
	struct text text = row_of(&benchmark, &m);
	cr_expect(strstr(text.bytes, "45.20 ns [45.20 45.20]"), "%s", text.bytes);
	cr_expect(strstr(text.bytes, "84.40 GiB/s"), "%s", text.bytes);
	text_free(&text);
}

/* A neighbour in four samples of five: the slope is 10.5 ns, the figure that verdicts go by is 3.8. */
Test(table, shows_the_figure_that_is_judged) {
	struct benchmark benchmark = {
		.name = "copy/4KiB/256bit", .iteration = "", .unit = BENCH_UNIT_BYTES, .per_iteration = 4096};
	uint64_t ticks[100];
	for (uint64_t i = 0; i < 100; i++)
		ticks[i] = (i + 1) * (i % 5 == 0 ? 3800 : 12160);
	struct measurement m = {.linear = true, .step = 1000, .count = 100, .ticks = ticks, .hz = 1000000000};
	struct text text = row_of(&benchmark, &m);
	cr_expect(strstr(text.bytes, " 3.800 ns [3.800 3.800]"), "%s", text.bytes);
	cr_expect(strstr(text.bytes, " 1004 GiB/s"), "%s", text.bytes);
	text_free(&text);
}

Test(table, trouble_is_named) {
	struct benchmark benchmark = {.name = "inject/null", .iteration = ""};
	struct measurement m = {.status = BENCH_STATUS_FAILED, .reason = "faulted", .phase = "run"};
	m.fault = (struct platform_fault){
		.instruction = 0x700000001234, .address = 8, .name = "#PF read", .symbol = "inject_null_read+0x2"};
	struct text text = row_of(&benchmark, &m);
	cr_expect(strstr(text.bytes, "failed: faulted"), "%s", text.bytes);
	cr_expect(strstr(text.bytes, "#PF read at 0x700000001234 inject_null_read+0x2, address 0x8"), "%s", text.bytes);
	text_free(&text);
}

Test(table, foot_says_what_the_figures_are_worth) {
	struct platform_clock clock = {.hz = 1000000000,
				       .hz_second = 1002000000,
				       .span_ns = 1000000000,
				       .counter = "TSC",
				       .source = "kvmclock",
				       .source_second = "CPUID 0x15"};
	struct platform_counters counters = {.interrupts_known = true, .interrupts = 7};
	struct runner_noise noise = {.span_ticks = 50000000, .gaps = 3, .gap_ticks = 9000, .longest_ticks = 5000};
	struct runner_overhead overhead = {
		.clock_step = 20, .sample_median = 25, .empty_loop_iterations = 1000, .empty_loop_ticks = 300};
	struct settling settling = {.windows = SETTLE_WINDOWS_MOST, .window_ns = 5000000, .ratio = 0.75};
	struct run_closing closing = {
		.clock = &clock, .settling = &settling, .counters = &counters, .noise = &noise, .elapsed_ns = 1000000};
	struct collector collector = {0};
	struct text text = {0};
	table_foot(&text, &collector, &closing, &overhead);
	expect_narrow(&text);
	text_add(&text, "", 1);
	cr_expect(strstr(text.bytes, "DISAGREES, 0.2000 % apart"), "%s", text.bytes);
	cr_expect(strstr(text.bytes, "unverified"), "%s", text.bytes);
	cr_expect(strstr(text.bytes, "interrupts 7"), "%s", text.bytes);
	cr_expect(
		strstr(text.bytes, "core    not settled before the first benchmark: 25.0 % faster or slower in 5.0 ms"),
		"%s", text.bytes);
	cr_expect(strstr(text.bytes, "the longest 5.000 us"), "%s", text.bytes);
	text_free(&text);
}
