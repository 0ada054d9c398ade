/* SPDX-License-Identifier: Apache-2.0
 *
 * The suites' own promises: every row is complete, runs any number of iterations, and its setup sees a kernel that
 * gives wrong results; and what the mailbox between two cores promises.
 */
#include "bench/suites.h"
#include "bench/suites/mailbox.h"
#include "mem/tlb.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* A machine of many cores has thousands of pairs of them. */
static size_t step_of(const struct bench_suite *suite) {
	const size_t enough = 48;
	return suite->count_made != NULL ? bench_suite_count(suite) / enough + 1 : 1;
}

/* All but the references, which run nothing of ours that could be broken, and of made rows those that are too large to
 * be gone through again and again. */
static void for_each_benchmark(void (*body)(const struct benchmark *benchmark)) {
	const uint64_t made_most = 4 << 20;
	struct bench_row row;
	for (const struct bench_suite *const *suite = bench_suites; *suite; suite++)
		for (size_t i = 0; strncmp((*suite)->name, "reference", 9) != 0 && i < bench_suite_count(*suite);
		     i += step_of(*suite)) {
			const struct benchmark *benchmark = bench_suite_row(*suite, i, &row);
			if ((*suite)->benchmarks != NULL || benchmark->memory_bytes <= made_most)
				body(benchmark);
		}
}

static enum bench_setup_result set_up(const struct benchmark *benchmark, bool broken, struct bench_context *context) {
	static struct simd_kernels kernels;
	static simd_features features;
	features = simd_features_detect();
	simd_select(features, NULL, &kernels);
	*context = (struct bench_context){.features = &features, .kernels = &kernels, .injected_broken = broken};
	return benchmark->setup(benchmark, context);
}

static void tear_down(const struct benchmark *benchmark, struct bench_context *context) {
	if (benchmark->teardown != NULL)
		benchmark->teardown(benchmark, context);
}

/* Each iteration is a system call of microseconds, or many. */
static bool is_of_the_system(const struct benchmark *benchmark) {
	static const char *const names[] = {"machine/pages/protect/", "machine/pages/remap/",
					    "machine/pages/shootdown/", "machine/pages/fault", "os/"};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strncmp(benchmark->name, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

/* "tlb/capacity/64": 64; of what is looked up, 256. The TLB is the first of what the rows keep. */
static void has_as_many_entries_as_it_says(const struct benchmark *benchmark) {
	static const char capacity[] = "tlb/capacity/", lookup[] = "tlb/lookup/";
	struct bench_context context;
	bool is_capacity = strncmp(benchmark->name, capacity, strlen(capacity)) == 0;
	if (!is_capacity && strncmp(benchmark->name, lookup, strlen(lookup)) != 0)
		return;
	uint64_t entries = is_capacity ? strtoull(benchmark->name + strlen(capacity), NULL, 10) : 256;
	cr_assert_eq(set_up(benchmark, false, &context), BENCH_READY, "%s: %s", benchmark->name, context.reason);
	const struct tlb *tlb = context.state;
	cr_expect_eq(tlb->sets_most * TLB_WAYS, entries, "%s", benchmark->name);
	tear_down(benchmark, &context);
}

Test(suites, a_tlb_has_as_many_entries_as_its_row_says) {
	for_each_benchmark(has_as_many_entries_as_it_says);
}

static void names_its_limit(const struct benchmark *benchmark) {
	cr_expect(benchmark->limit == NULL || bench_suites_have(benchmark->limit), "%s: %s", benchmark->name,
		  benchmark->limit);
}

Test(suites, a_limit_is_a_row_of_theirs) {
	for_each_benchmark(names_its_limit);
	cr_expect(bench_suites_have("copy/4KiB") && bench_suites_have("machine/bandwidth/one/copy/1KiB"));
	cr_expect_not(bench_suites_have("copy/4Ki"));
	cr_expect_not(bench_suites_have("machine/bandwidt"));
}

static void runs_any_number_of_iterations(const struct benchmark *benchmark) {
	static const uint64_t iterations[] = {0, 1, 63, 64, 65, 2, 1000, 200000};
	struct bench_context context;
	enum bench_setup_result result = set_up(benchmark, false, &context);
	if (result == BENCH_SKIP) {
		cr_expect_not_null(context.reason);
	} else {
		cr_assert_eq(result, BENCH_READY, "%s: %s", benchmark->name, context.reason);
		const uint64_t units_most = is_of_the_system(benchmark) ? 4000 : 4000000;
		const uint64_t per_iteration = benchmark->per_iteration;
		cr_assert_gt(per_iteration, 0, "%s", benchmark->name);
		for (size_t i = 0; i < sizeof iterations / sizeof iterations[0]; i++)
			if (iterations[i] <= 1 || iterations[i] <= units_most / per_iteration)
				benchmark->run(context.state, iterations[i]);
	}
	tear_down(benchmark, &context);
}

static void sees_a_broken_kernel(const struct benchmark *benchmark) {
	struct bench_context context;
	enum bench_setup_result result = set_up(benchmark, true, &context);
	if (result != BENCH_SKIP)
		cr_expect_eq(result, BENCH_FAIL, "%s", benchmark->name);
	cr_expect_not_null(context.reason, "%s", benchmark->name);
	tear_down(benchmark, &context);
}

static void is_complete(const struct benchmark *benchmark) {
	cr_expect_gt(strlen(benchmark->iteration), 0, "%s", benchmark->name);
	cr_expect_neq(benchmark->unit, BENCH_UNIT_NONE, "%s", benchmark->name);
	cr_expect_gt(benchmark->per_iteration, 0, "%s", benchmark->name);
	cr_expect_gt(benchmark->memory_bytes, 0, "%s", benchmark->name);
}

/* Or the writer would go on while an object that it waits for is still in its reader's hands. */
Test(mailbox, an_object_is_read_once_its_reader_is_done_with_it) {
	static struct mailbox box;
	static struct mailbox_end writer, reader;
	static char objects[MAILBOX_SLOTS];
	mailbox_start(&box, &writer, &reader);
	for (unsigned turn = 0; turn < 3; turn++) {
		uint64_t before = writer.at;
		for (unsigned i = 0; i < MAILBOX_SLOTS; i++)
			mailbox_put(&writer, &objects[i]);
		cr_assert_eq(mailbox_available(&reader), MAILBOX_SLOTS);
		for (unsigned i = 0; i < MAILBOX_SLOTS; i++) {
			cr_assert_eq(mailbox_get(&reader), &objects[i]);
			cr_assert_leq(atomic_load(&box.read), before + i, "turn %u, object %u", turn, i);
			cr_assert_geq(atomic_load(&box.read), before + i / MAILBOX_BATCH * MAILBOX_BATCH);
		}
		mailbox_done(&reader);
		cr_assert_eq(atomic_load(&box.read), before + MAILBOX_SLOTS);
		mailbox_wait_until_read(&writer);
		cr_assert_eq(mailbox_available(&reader), 0);
	}
}

Test(mailbox, what_is_put_is_seen_at_a_batch_or_a_flush) {
	static struct mailbox box;
	static struct mailbox_end writer, reader;
	mailbox_start(&box, &writer, &reader);
	for (unsigned i = 1; i < MAILBOX_BATCH; i++)
		mailbox_put(&writer, &box);
	cr_expect_eq(mailbox_available(&reader), 0);
	mailbox_put(&writer, &box);
	cr_expect_eq(mailbox_available(&reader), MAILBOX_BATCH);
	mailbox_put(&writer, &box);
	cr_expect_eq(mailbox_available(&reader), MAILBOX_BATCH);
	for (unsigned i = 0; i < MAILBOX_BATCH; i++)
		(void)mailbox_get(&reader);
	mailbox_flush(&writer);
	cr_expect_eq(mailbox_available(&reader), 1);
}

Test(suites, run_any_number_of_iterations) {
	for_each_benchmark(runs_any_number_of_iterations);
}

Test(suites, setup_sees_a_broken_kernel) {
	for_each_benchmark(sees_a_broken_kernel);
}

/* Half a GiB each: one of either kind stands for all. */
Test(suites, a_loaded_memory_is_measured_through_a_whole_cycle) {
	static const char *const names[] = {"machine/loaded/two_to_one/16/latency",
					    "machine/loaded/two_to_one/16/bandwidth"};
	struct bench_row row;
	unsigned found = 0;
	for (size_t i = 0; i < bench_suite_count(&suite_machine_loaded); i++) {
		const struct benchmark *benchmark = bench_suite_row(&suite_machine_loaded, i, &row);
		if (strcmp(benchmark->name, names[0]) != 0 && strcmp(benchmark->name, names[1]) != 0)
			continue;
		runs_any_number_of_iterations(benchmark);
		sees_a_broken_kernel(benchmark);
		found++;
	}
	cr_expect_eq(found, 2);
}

/* A run without a filter, the image's default one too, is to take seconds. */
Test(suites, headline_benchmarks_are_few) {
	unsigned headlines = 0;
	struct bench_row row;
	for (const struct bench_suite *const *suite = bench_suites; *suite; suite++)
		for (size_t i = 0; i < bench_suite_count(*suite); i++)
			headlines += bench_suite_row(*suite, i, &row)->headline;
	cr_expect_geq(headlines, 1);
	cr_expect_leq(headlines, 20);
}

/* What it is made of is what it is called: none cut off, none twice. */
Test(suites, made_rows_are_named_apart) {
	enum { MOST = 4096 };
	static struct bench_row rows[MOST];
	for (const struct bench_suite *const *suite = bench_suites; *suite; suite++) {
		if ((*suite)->benchmarks != NULL)
			continue;
		cr_assert_leq(bench_suite_count(*suite), MOST);
		for (size_t i = 0; i < bench_suite_count(*suite); i++) {
			(void)bench_suite_row(*suite, i, &rows[i]);
			cr_expect_lt(strlen(rows[i].name), sizeof rows[i].name - 1, "%s", rows[i].name);
			cr_expect_lt(strlen(rows[i].iteration), sizeof rows[i].iteration - 1, "%s", rows[i].iteration);
			for (size_t k = 0; k < i; k++)
				cr_expect_str_neq(rows[i].name, rows[k].name);
		}
	}
}

Test(suites, rows_are_complete) {
	for_each_benchmark(is_complete);
}

/* ---- by size ----------------------------------------------------------------------------------------------------- */

static unsigned page_calls, band_calls;

static void copy_of_page(void *destination, const void *source, size_t bytes) {
	memcpy(destination, source, bytes);
	page_calls++;
}

static void copy_of_band(void *destination, const void *source, size_t bytes) {
	memcpy(destination, source, bytes);
	band_calls++;
}

static void run_once(const char *name, struct bench_context *context) {
	for (size_t i = 0; i < suite_copy.count; i++)
		if (strcmp(suite_copy.benchmarks[i].name, name) == 0) {
			const struct benchmark *benchmark = &suite_copy.benchmarks[i];
			cr_assert_eq(benchmark->setup(benchmark, context), BENCH_READY, "%s", name);
			page_calls = band_calls = 0;
			benchmark->run(context->state, 1);
			tear_down(benchmark, context);
			return;
		}
	cr_assert_fail("no %s", name);
}

Test(suites, a_chosen_copy_is_what_simd_copy_calls_at_that_size) {
	struct simd_kernels kernels;
	const simd_features features = simd_features_detect();
	struct bench_context context = {.features = &features, .kernels = &kernels};
	simd_select(features, NULL, &kernels);
	kernels.copies.copy = copy_of_page;
	kernels.by_size.bands[SIMD_OPERATION_COPY].below[0] = 8192;
	kernels.by_size.copy[1] = copy_of_band;
	run_once("copy/4KiB/chosen", &context);
	cr_expect_eq(page_calls, 1);
	run_once("copy/16KiB/chosen", &context);
	cr_expect_eq(band_calls, 1);
	cr_expect_eq(page_calls, 0);
	run_once("copy/strategies/64KiB", &context);
	cr_expect_eq(band_calls, 1);
}

Test(suites, a_copy_with_ordinary_stores_streams_under_no_profile) {
	const struct simd_profile profile = {.copy_stream_bytes = 8192};
	struct simd_kernels kernels;
	const simd_features features = simd_features_detect();
	struct bench_context context = {.features = &features, .kernels = &kernels};
	simd_select(features, &profile, &kernels);
	kernels.copies.copy_stream = copy_of_page;
	kernels.by_size.copy[0] = copy_of_band;
	for (size_t i = 0; i < 2; i++) {
		run_once(i == 0 ? "copy/non_temporal/off" : "copy/prefetch/without", &context);
		cr_expect_eq(band_calls, 1);
		cr_expect_eq(page_calls, 0);
	}
	run_once("copy/strategies/64KiB", &context);
	cr_expect_eq(page_calls, 1);
}
