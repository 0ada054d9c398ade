/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows on several cores, on a machine whose other cores are made up: one that cannot be started is no fault of the row,
 * one that does not begin is not waited for without an end, and both are named. They run nothing.
 */
#include "bench/runner.h"
#include "bench/suites.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct {
	unsigned refused; /* the core that does not start; 0: all do */
	int answer;       /* of platform_core_start for that one */
	unsigned starts, stops;
	unsigned pages_calls, pages_good; /* how often pages were worked on, and how often that succeeds */
} fake;

int platform_core_find(enum platform_relation relation, unsigned index) {
	return relation == PLATFORM_RELATION_ANY && index < 2 ? (int)index + 1 : PLATFORM_EUNSUPPORTED;
}

int platform_core_describe(unsigned core, struct platform_core *description) {
	description->cpu = core;
	snprintf(description->text, sizeof description->text, "core %u, made up", core);
	return 0;
}

int platform_core_start(unsigned core, void (*function)(void *argument), void *argument) {
	(void)function, (void)argument;
	fake.starts += core != fake.refused;
	return core == fake.refused ? fake.answer : 0;
}

int platform_core_join(unsigned core, uint64_t timeout_ns) {
	(void)core, (void)timeout_ns;
	return PLATFORM_EBUSY;
}

int platform_core_stop(unsigned core) {
	(void)core;
	fake.stops++;
	return 0;
}

int platform_witness_read(struct platform_witness *witnesses, unsigned count) {
	(void)witnesses, (void)count;
	return PLATFORM_EUNSUPPORTED;
}

int platform_core_stay(uint64_t cpu) {
	(void)cpu;
	return PLATFORM_EUNSUPPORTED;
}

const struct platform_info *__real_platform_describe(void);
const struct platform_info *__wrap_platform_describe(void);
const struct platform_info *__wrap_platform_describe(void) {
	static struct platform_info info;
	info = *__real_platform_describe();
	info.cores = info.cores_usable = 3;
	return &info;
}

int __real_platform_pages_repeat(const struct platform_page_request *request);
int __wrap_platform_pages_repeat(const struct platform_page_request *request);
int __wrap_platform_pages_repeat(const struct platform_page_request *request) {
	return fake.pages_calls++ < fake.pages_good ? __real_platform_pages_repeat(request) : PLATFORM_EIO;
}

static const struct benchmark *find(const char *name, struct bench_row *row) {
	for (const struct bench_suite *const *suite = bench_suites; *suite; suite++)
		for (size_t i = 0; i < bench_suite_count(*suite); i++) {
			const struct benchmark *benchmark = bench_suite_row(*suite, i, row);
			if (strcmp(benchmark->name, name) == 0)
				return benchmark;
		}
	cr_assert_fail("no %s", name);
	return NULL;
}

static enum bench_setup_result set_up(const char *name, struct bench_context *context) {
	static struct simd_kernels kernels;
	struct bench_row row;
	simd_features features = simd_features_detect();
	simd_select(features, NULL, &kernels);
	*context = (struct bench_context){.features = features, .kernels = &kernels};
	const struct benchmark *benchmark = find(name, &row);
	enum bench_setup_result result = benchmark->setup(benchmark, context);
	cr_expect_neq(result, BENCH_READY, "%s", name);
	return result;
}

/* A row over memory that this machine cannot give says so before it asks for a core. */
static bool wants_memory(const struct bench_context *context) {
	return strstr(context->reason, "memory") || strstr(context->reason, "pages");
}

Test(team, a_core_that_cannot_be_started_is_named_and_the_row_skipped) {
	static const char *const rows[] = {
		"machine/cores/pair/0/2",    "machine/cores/pair/2/0",         "machine/cores/add/3",
		"machine/cores/cas/3",       "machine/loaded/reads/1/latency", "machine/bandwidth/all/read/4KiB",
		"machine/pages/shootdown/3",
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct bench_context context;
		fake.refused = 2, fake.answer = PLATFORM_EIO, fake.starts = fake.stops = 0;
		fake.pages_calls = 0, fake.pages_good = UINT32_MAX;
		cr_expect_eq(set_up(rows[i], &context), BENCH_SKIP, "%s", rows[i]);
		if (wants_memory(&context))
			continue;
		cr_expect_str_eq(context.reason, "core 2, made up: it could not be started", "%s", rows[i]);
		cr_expect_eq(fake.stops, fake.starts, "%s", rows[i]);
	}
}

Test(team, a_pool_between_two_cores_says_what_all_say) {
	static const struct {
		int answer;
		const char *reason;
	} cases[] = {
		{PLATFORM_EIO, "core 1, made up: it could not be started"},
		{PLATFORM_EINVAL, "there is no second core"},
		{PLATFORM_EUNSUPPORTED, "this platform runs nothing on further cores"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct bench_context context;
		fake.refused = 1, fake.answer = cases[i].answer;
		cr_expect_eq(set_up("pool/two_cores/64B", &context), BENCH_SKIP);
		cr_expect_str_eq(context.reason, cases[i].reason);
		cr_expect_null(context.state);
	}
}

Test(team, a_core_that_does_not_begin_is_waited_for_a_while_and_named) {
	static const char *const rows[] = {"machine/loaded/reads/1/latency", "machine/pages/shootdown/3"};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct bench_context context;
		fake.refused = 0, fake.starts = fake.stops = 0;
		fake.pages_calls = 0, fake.pages_good = UINT32_MAX;
		enum bench_setup_result result = set_up(rows[i], &context);
		if (wants_memory(&context))
			continue;
		cr_expect_eq(result, BENCH_FAIL, "%s", rows[i]);
		cr_expect_str_eq(context.reason, "core 1, made up: it does not begin what it was started for");
		cr_expect_eq(fake.stops, fake.starts, "%s: all are ended", rows[i]);
	}
}

static struct measurement measure(const char *name) {
	static uint64_t ticks[10];
	static const struct bench_context nothing;
	const struct runner_plan plan = {
		.sample_size = 10,
		.warm_up_ns = 100000,
		.measurement_ns = 1000000,
		.timeout_ns = UINT64_C(60000000000),
	};
	struct bench_row row;
	struct platform_clock clock;
	cr_assert_eq(platform_clock_calibrate(&clock), 0);
	struct measurement m = {.ticks = ticks, .hz = clock.hz};
	runner_measure(find(name, &row), &nothing, &plan, &m);
	return m;
}

Test(team, work_on_pages_that_fails_while_it_is_measured_fails_the_row) {
	static const char *const rows[] = {"machine/pages/protect/1", "machine/pages/fault"};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		fake.pages_calls = 0, fake.pages_good = UINT32_MAX;
		cr_expect_eq(measure(rows[i]).status, BENCH_STATUS_OK, "%s", rows[i]);
		fake.pages_calls = 0, fake.pages_good = 4;
		struct measurement m = measure(rows[i]);
		cr_expect_eq(m.status, BENCH_STATUS_FAILED, "%s", rows[i]);
		cr_expect(strstr(m.reason, "does not answer"), "%s: %s", rows[i], m.reason);
	}
}
