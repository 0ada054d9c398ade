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
	int near[3];                      /* what platform_memory_place_near answers for each core */
	void *placed[3];
	size_t placed_bytes[3];
	unsigned other_kinds; /* of core 1, of core 2 */
	unsigned started;     /* the last core */
} fake;

int platform_core_find(enum platform_relation relation, unsigned index) {
	return relation == PLATFORM_RELATION_ANY && index < 2 ? (int)index + 1 : PLATFORM_EUNSUPPORTED;
}

int platform_core_find_kind(unsigned index) {
	return index < fake.other_kinds ? (int)index + 1 : PLATFORM_EUNSUPPORTED;
}

int platform_core_describe(unsigned core, struct platform_core *description) {
	description->cpu = core;
	snprintf(description->text, sizeof description->text, "core %u, made up", core);
	return 0;
}

int platform_core_start(unsigned core, void (*function)(void *argument), void *argument) {
	(void)function, (void)argument;
	fake.starts += core != fake.refused;
	fake.started = core;
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

int __wrap_platform_memory_place_near(void *memory, size_t bytes, unsigned core);
int __wrap_platform_memory_place_near(void *memory, size_t bytes, unsigned core) {
	fake.placed[core] = memory;
	fake.placed_bytes[core] = bytes;
	return fake.near[core];
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
	static simd_features features;
	struct bench_row row;
	features = simd_features_detect();
	simd_select(features, NULL, &kernels);
	*context = (struct bench_context){.features = &features, .kernels = &kernels};
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

Test(team, one_core_of_each_kind_has_its_rows) {
	size_t before = bench_suite_count(&suite_machine_bandwidth);
	static const char *const names[] = {"machine/bandwidth/other_kind/copy/16KiB",
					    "machine/bandwidth/other_kind_2/copy/16KiB"};
	fake.other_kinds = 2;
	cr_expect_eq(bench_suite_count(&suite_machine_bandwidth), 2 * before);
	for (unsigned i = 0; i < 2; i++) {
		struct bench_context context = {.core_count = 0};
		struct simd_kernels kernels;
		struct bench_row row;
		const simd_features features = simd_features_detect();
		simd_select(features, NULL, &kernels);
		context.features = &features;
		context.kernels = &kernels;
		const struct benchmark *benchmark = find(names[i], &row);
		cr_expect(strstr(benchmark->iteration, "other kind 16KiB"), "%s", benchmark->iteration);
		cr_assert_eq(benchmark->setup(benchmark, &context), BENCH_READY, "%s", context.reason);
		cr_expect_eq(context.core_count, 1);
		cr_expect_eq(context.cores[0], i + 1);
		cr_expect_eq(fake.started, i + 1);
		cr_expect_not_null(fake.placed[i + 1]);
		benchmark->teardown(benchmark, &context);
		fake.other_kinds = 0;
		context = (struct bench_context){.kernels = &kernels};
		cr_expect_eq(benchmark->setup(benchmark, &context), BENCH_SKIP);
		cr_expect_str_eq(context.reason, "there is no core of another kind");
		fake.other_kinds = 2;
	}
	const struct bench_suite *suite = &suite_machine_bandwidth;
	for (size_t i = 0; i < bench_suite_count(suite); i++) {
		struct bench_row row;
		const struct benchmark *benchmark = bench_suite_row(suite, i, &row);
		cr_expect_lt(strlen(benchmark->iteration), sizeof row.iteration - 1, "%s", benchmark->iteration);
	}
}

Test(team, each_core_has_its_arrays_on_its_own_node) {
	static const char row[] = "machine/bandwidth/all/read/16KiB";
	struct bench_context context;
	fake.refused = 2, fake.answer = PLATFORM_EIO;
	cr_expect_eq(set_up(row, &context), BENCH_SKIP);
	cr_expect(strstr(context.reason, "could not be started"), "%s", context.reason);
	cr_expect_null(fake.placed[0], "it is there already");
	cr_expect_geq(fake.placed_bytes[1], 16384);
	cr_expect_leq((char *)fake.placed[1] + fake.placed_bytes[1], (char *)fake.placed[2], "apart");
	cr_expect_eq((uintptr_t)fake.placed[2] % 4096, 0, "a page's");
	fake.near[2] = PLATFORM_ENOMEM;
	cr_expect_eq(set_up(row, &context), BENCH_SKIP);
	cr_expect_str_eq(context.reason, "core 2, made up: its arrays cannot be put on its node");
	fake.near[1] = PLATFORM_EUNSUPPORTED, fake.placed[2] = NULL;
	cr_expect_eq(set_up(row, &context), BENCH_SKIP);
	cr_expect_null(fake.placed[2], "there is but one node");
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
