/* SPDX-License-Identifier: Apache-2.0
 *
 * The runner on this machine: what is measured is made here, so that the answer is known.
 */
#include "bench/consume.h"
#include "bench/rng.h"
#include "bench/runner.h"
#include "bench/suites.h"
#include "bench/ticks.h"

#include <criterion/criterion.h>
#include <string.h>
#include <time.h>

enum { SAMPLES = 20 };

/* What does not hang is never taken to, however long this process waits for a core. */
static struct runner_plan plan = {
	.sample_size = SAMPLES,
	.warm_up_ns = 2000000,
	.measurement_ns = 10000000,
	.timeout_ns = UINT64_C(60000000000),
};

static uint64_t ticks[SAMPLES];
static uint64_t calls, iterations_seen, torn_down;

static struct measurement measure(const struct benchmark *benchmark, const struct bench_context *context) {
	struct platform_clock clock;
	cr_assert_eq(platform_clock_calibrate(&clock), 0);
	struct measurement m = {.ticks = ticks, .hz = clock.hz};
	calls = iterations_seen = torn_down = 0;
	runner_measure(benchmark, context, &plan, &m);
	return m;
}

static enum bench_setup_result ready(const struct benchmark *benchmark, struct bench_context *context) {
	(void)benchmark;
	context->state = &calls;
	return BENCH_READY;
}

static enum bench_setup_result skip(const struct benchmark *benchmark, struct bench_context *context) {
	(void)benchmark;
	context->reason = "not on this machine";
	return BENCH_SKIP;
}

static void tear_down(const struct benchmark *benchmark, struct bench_context *context) {
	(void)benchmark;
	torn_down++;
	cr_assert_eq(context->state, &calls, "setup's state");
}

static void count_run(void *state, uint64_t iterations) {
	++*(uint64_t *)state;
	iterations_seen += iterations;
	for (uint64_t i = 0; i < iterations * 100; i++)
		bench_consume(i);
}

static const struct bench_context nothing;

Test(runner, linear_samples) {
	const struct benchmark benchmark = {.name = "t", .setup = ready, .run = count_run, .teardown = tear_down};
	struct measurement m = {0};
	/* Flat, where this process lost its core in the warm-up's first calls. */
	for (int attempt = 0; attempt < 100 && !m.linear; attempt++)
		m = measure(&benchmark, &nothing);
	cr_assert_eq(m.status, BENCH_STATUS_OK, "%s", m.reason);
	cr_expect(m.linear);
	cr_expect_eq(m.count, SAMPLES);
	cr_expect_geq(m.step, 1);
	cr_expect_gt(calls, SAMPLES, "warm-up, too");
	cr_expect_gt(iterations_seen, m.step * SAMPLES * (SAMPLES + 1) / 2);
	cr_expect_eq(torn_down, 1);
}

static void sleep_run(void *state, uint64_t iterations) {
	(void)state;
	struct timespec time = {.tv_nsec = (long)(iterations * 1500000)};
	nanosleep(&time, NULL);
}

Test(runner, flat_samples_where_one_iteration_is_long) {
	const struct benchmark benchmark = {.name = "t", .setup = ready, .run = sleep_run};
	struct measurement m = measure(&benchmark, &nothing);
	cr_assert_eq(m.status, BENCH_STATUS_OK, "%s", m.reason);
	cr_expect_not(m.linear);
	cr_expect_eq(m.step, 1);
	for (size_t i = 0; i < m.count; i++)
		cr_expect_geq((double)m.ticks[i] / (double)m.hz, 0.00149);
}

Test(runner, skipped_says_why) {
	struct benchmark benchmark = {.name = "t", .setup = skip, .run = count_run, .teardown = tear_down};
	struct measurement m = measure(&benchmark, &nothing);
	cr_expect_eq(m.status, BENCH_STATUS_SKIPPED);
	cr_expect_str_eq(m.reason, "not on this machine");
	cr_expect_eq(calls + torn_down, 0);
	benchmark.memory_bytes = UINT64_MAX;
	m = measure(&benchmark, &nothing);
	cr_expect_eq(m.status, BENCH_STATUS_SKIPPED);
	cr_expect(strstr(m.reason, "KiB"), "%s", m.reason);
}

static void empty_run(void *state, uint64_t iterations) {
	(void)state;
	(void)iterations;
}

Test(runner, what_takes_no_time_is_no_benchmark) {
	const struct benchmark benchmark = {.name = "t", .setup = ready, .run = empty_run};
	struct measurement m = measure(&benchmark, &nothing);
	cr_expect_eq(m.status, BENCH_STATUS_FAILED);
	cr_expect_eq(m.count, 0);
}

/* Every broken benchmark is contained, and a healthy one runs after each. The one for another core
 * is the image's alone. */
Test(runner, injected_faults_are_contained) {
	const struct benchmark healthy = {.name = "t", .setup = ready, .run = count_run};
	uint64_t contained = 0;
	for (size_t i = 0; i < suite_inject.count; i++) {
		const struct benchmark *broken = &suite_inject.benchmarks[i];
		bool checks = strcmp(broken->name, "inject/checkpoint") == 0;
		bool hangs = checks || strcmp(broken->name, "inject/hang") == 0;
		uint64_t patient_ns = plan.timeout_ns;
		plan.timeout_ns = hangs ? 300000000 : patient_ns;
		struct measurement m = measure(broken, &nothing);
		plan.timeout_ns = patient_ns;
		if (strcmp(broken->name, "inject/core") == 0) {
			cr_expect_eq(m.status, BENCH_STATUS_SKIPPED);
			continue;
		}
		contained++;
		cr_expect_eq(m.status, hangs ? BENCH_STATUS_HUNG : BENCH_STATUS_FAILED, "%s", broken->name);
		cr_expect_str_eq(m.phase, "run");
		cr_expect(checks || strncmp(m.fault.symbol, "inject_", 7) == 0, "%s: symbol '%s'", broken->name,
			  m.fault.symbol);
		cr_expect_neq(m.fault.instruction, 0);
		m = measure(&healthy, &nothing);
		cr_expect_eq(m.status, BENCH_STATUS_OK, "after %s: %s", broken->name, m.reason);
	}
	struct platform_counters counters;
	platform_counters_read(&counters);
	cr_expect_eq(contained, 6);
	cr_expect_eq(counters.faults_contained, contained);
}

Test(runner, the_total_is_twenty_times_what_was_planned) {
	const uint64_t second_ns = 1000000000;
	cr_expect_eq(runner_total_ns(0.5e9, second_ns), 10 * second_ns);
	cr_expect_eq(runner_total_ns(20e6, second_ns), second_ns, "the time-out at the least");
	cr_expect_eq(runner_total_ns(0, second_ns), second_ns);
	cr_expect_eq(runner_total_ns(1e300, second_ns), UINT64_C(1000000000000000000), "and no overflow");
	cr_expect_eq(runner_total_ns(0.0 / 0.0, second_ns), second_ns);
}

void inject_null_read(void *state, uint64_t iterations);

static enum bench_setup_result faulting_setup(const struct benchmark *benchmark, struct bench_context *context) {
	(void)benchmark;
	inject_null_read(context, 0);
	return BENCH_READY;
}

static void faulting_teardown(const struct benchmark *benchmark, struct bench_context *context) {
	(void)benchmark;
	inject_null_read(context, 0);
}

Test(runner, setup_and_teardown_are_guarded) {
	struct benchmark benchmark = {.name = "t", .setup = faulting_setup, .run = count_run, .teardown = tear_down};
	struct measurement m = measure(&benchmark, &nothing);
	cr_expect_eq(m.status, BENCH_STATUS_FAILED);
	cr_expect_str_eq(m.phase, "setup");
	cr_expect_eq(torn_down, 0);
	benchmark.setup = ready;
	benchmark.teardown = faulting_teardown;
	m = measure(&benchmark, &nothing);
	cr_expect_eq(m.status, BENCH_STATUS_FAILED);
	cr_expect_str_eq(m.phase, "teardown");
	cr_expect_eq(m.count, 0, "a broken benchmark has no figures");
}

/* A kernel that is broken on purpose: the suites' own checks see it, each of them. */
Test(runner, a_broken_kernel_is_seen) {
	struct simd_kernels kernels;
	const simd_features features = simd_features_detect();
	struct bench_context context = {.features = &features, .kernels = &kernels, .injected_broken = true};
	simd_select(features, NULL, &kernels);
	static const char *const touched[] = {"copy/4KiB/bytes",        "copy/16KiB/128bit",
					      "simd/add32/1000/scalar", "simd/add32/1000/vector",
					      "tlb/lookup/mostly_hits", "pool/pool_vs_standard/stack_pool_cycle"};
	size_t seen = 0;
	for (const struct bench_suite *const *suite = bench_suites; *suite; suite++)
		for (size_t i = 0; i < bench_suite_count(*suite); i++)
			for (size_t k = 0; k < sizeof(touched) / sizeof(touched[0]); k++) {
				struct bench_row row;
				const struct benchmark *benchmark = bench_suite_row(*suite, i, &row);
				if (strcmp(benchmark->name, touched[k]) != 0)
					continue;
				struct measurement m = measure(benchmark, &context);
				cr_expect_eq(m.status, BENCH_STATUS_FAILED, "%s: %s", benchmark->name, m.reason);
				cr_expect_null(m.phase, "found by the check, not by a fault");
				seen++;
			}
	cr_expect_eq(seen, sizeof(touched) / sizeof(touched[0]));
}

Test(runner, overhead_and_noise) {
	struct runner_overhead overhead;
	struct runner_noise noise;
	struct platform_clock clock;
	cr_assert_eq(platform_clock_calibrate(&clock), 0);
	runner_overhead_measure(&overhead);
	cr_expect_gt(overhead.clock_step, 0);
	cr_expect_leq(overhead.sample_minimum, overhead.sample_median);
	cr_expect_gt(overhead.empty_loop_ticks, 0);
	runner_noise_measure(5000000, clock.hz, &noise);
	cr_expect_geq((double)noise.span_ticks / (double)clock.hz, 0.0049);
	cr_expect_leq(noise.longest_ticks, noise.gap_ticks);
	cr_expect_leq(noise.gap_ticks, noise.span_ticks);
}
