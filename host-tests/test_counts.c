/* SPDX-License-Identifier: Apache-2.0
 *
 * What is counted beside the time: from counts to a record, from there to figures, results and lines of the table; and
 * Linux's counters over software events, which every Linux has.
 */
#include "bench/counters/counting.h"
#include "bench/record.h"
#include "hosted/platform/pmu.h"
#include "hosted/platform/pmu_core.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static struct counts counts;

/* 10 iterations: 3.2 cycles each, 8 instructions, 0.5 misses; reading costs 70, 200 and 1. */
static void start(void) {
	static const uint64_t costs[][2] = {
		[EVENT_CYCLES] = {32, 70}, [EVENT_INSTRUCTIONS] = {80, 200}, [EVENT_L1D_MISSES] = {5, 1}};
	counts = (struct counts){.iterations = 10, .rounds = COUNTING_ROUNDS};
	for (size_t i = 0; i < sizeof(costs) / sizeof(costs[0]); i++) {
		counts.counted[i] = true;
		for (int round = 0; round < COUNTING_ROUNDS; round++) {
			counts.values[i][round][0] = costs[i][1] + costs[i][0];
			counts.values[i][round][1] = costs[i][1] + 2 * costs[i][0];
		}
	}
}

TestSuite(counts, .init = start);

static bool figures_of(struct counts_figures *figures) {
	static const struct benchmark benchmark = {.name = "group/one", .iteration = ""};
	struct measurement m = {.counts = &counts};
	struct text text = {0};
	record_end(&text, &benchmark, 3, &m);
	struct json_span at = {text.bytes, text.length};
	struct record record;
	cr_assert(record_next(&at, &record));
	bool has = counts_read(record.json, figures);
	text_free(&text);
	return has;
}

Test(counts, what_reading_costs_is_in_no_figure) {
	struct counts_figures figures;
	cr_assert(figures_of(&figures));
	cr_expect_eq(figures.per_iteration[EVENT_CYCLES], 3.2);
	cr_expect_eq(figures.per_iteration[EVENT_INSTRUCTIONS], 8);
	cr_expect_eq(figures.per_iteration[EVENT_L1D_MISSES], 0.5);
	cr_expect_not(figures.counted[EVENT_L2_MISSES]);
	cr_expect_eq(figures.rounds, COUNTING_ROUNDS);
	cr_expect_eq(figures.iterations, 10);
}

Test(counts, one_round_that_something_came_into_does_not_count) {
	struct counts_figures figures;
	counts.values[EVENT_CYCLES][2][1] += 100000;
	counts.values[EVENT_CYCLES][4][0] += 100000;
	counts.values[EVENT_L1D_MISSES][0][1] = 0;
	cr_assert(figures_of(&figures));
	cr_expect_eq(figures.per_iteration[EVENT_CYCLES], 3.2);
	cr_expect_eq(figures.per_iteration[EVENT_L1D_MISSES], 0.5);
	for (int round = 0; round < COUNTING_ROUNDS; round++)
		counts.values[EVENT_L1D_MISSES][round][0] = counts.values[EVENT_L1D_MISSES][round][1] + 2;
	cr_assert(figures_of(&figures));
	cr_expect_eq(figures.per_iteration[EVENT_L1D_MISSES], 0, "less than nothing is nothing");
}

Test(counts, unasked_there_are_none) {
	struct counts_figures figures;
	counts = (struct counts){0};
	cr_expect_not(figures_of(&figures));
	cr_expect_not(counts_read((struct json_span){"{}", 2}, &figures), "a record of before");
}

Test(counts, why_there_are_none_is_said) {
	struct counts_figures figures;
	counts = (struct counts){.iterations = 10, .rounds = 1, .reason = "the firmware has them"};
	cr_assert(figures_of(&figures));
	cr_expect_str_eq(figures.reason, "the firmware has them");
	struct text text = {0};
	counts_show(&text, &figures);
	text_add(&text, "", 1);
	cr_expect_str_eq(text.bytes, "          not counted: the firmware has them\n");
	text_free(&text);
}

Test(counts, results_and_table) {
	struct counts_figures figures;
	struct text results = {0}, table = {0};
	cr_assert(figures_of(&figures));
	text_add_string(&results, "{");
	counts_write(&results, &figures);
	text_add(&results, "", 1);
	cr_expect_str_eq(results.bytes, "{\"counters\":{\"of\":{\"samples\":5,\"iterations\":10},\"per_iteration\":"
					"{\"cycles\":3.2,\"instructions\":8,\"l1d_misses\":0.5}}");
	counts_show(&table, &figures);
	text_add(&table, "", 1);
	cr_expect_str_eq(table.bytes, "          3.200 cycles, 8.000 instructions (2.50/cycle)\n"
				      "          misses L1D 0.500\n");
	text_free(&results);
	text_free(&table);
}

/* A line is no wider than its neighbours, whatever was counted. */
Test(counts, lines_are_narrow) {
	struct counts_figures figures = {.iterations = 1, .rounds = 1};
	const double numbers[] = {0, 0.00001, 0.5, 999.96, 9999999, 1.5e15};
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct text text = {0};
		for (int event = 0; event < EVENT_COUNT; event++) {
			figures.counted[event] = true;
			figures.per_iteration[event] = numbers[i];
		}
		counts_show(&text, &figures);
		text_add(&text, "", 1);
		for (const char *line = text.bytes; *line; line += strcspn(line, "\n") + 1)
			cr_expect_leq(strcspn(line, "\n"), 100, "%s", line);
		text_free(&text);
	}
}

/* What no counter ever gave: a stranger's record. */
Test(counts, odd_records_are_survived) {
	static const char *const odd[] = {
		"{\"counters\":7}",
		"{\"counters\":{}}",
		"{\"counters\":{\"iterations\":0,\"cycles\":[1,2]}}",
		"{\"counters\":{\"iterations\":5,\"cycles\":[]}}",
		"{\"counters\":{\"iterations\":5,\"cycles\":[1]}}",
		"{\"counters\":{\"iterations\":5,\"cycles\":[1,\"2\"]}}",
		"{\"counters\":{\"iterations\":5,\"cycles\":{}}}",
		"{\"counters\":{\"iterations\":5,\"cycles\":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16]}}",
	};
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		struct counts_figures figures;
		struct text text = {0};
		counts_read((struct json_span){odd[i], strlen(odd[i])}, &figures);
		cr_expect_eq(figures.counted[EVENT_CYCLES], i + 1 == sizeof(odd) / sizeof(odd[0]), "%s", odd[i]);
		counts_show(&text, &figures);
		text_free(&text);
	}
}

/* ---- codes ------------------------------------------------------------------------------------------------------- */

static uint64_t code_of(const char *design, enum event event) {
	struct event_code code = events_code(CAPS_X86_64, strncmp(design, "Zen", 3) != 0, design, event);
	return code.name ? code.code : 0;
}

/* Intel's perfmon files for Cascade Lake and Sapphire Rapids; AMD's for Zen 5, as in Linux. */
Test(events, of_a_design) {
	cr_expect_eq(code_of("Cascade Lake", EVENT_L1D_MISSES), 0x0151);
	cr_expect_eq(code_of("Cascade Lake", EVENT_L2_MISSES), 0x2124);
	cr_expect_eq(code_of("Cascade Lake", EVENT_LLC_MISSES), 0x412e, "the architecture's own");
	cr_expect_eq(code_of("Cascade Lake", EVENT_PAGE_WALKS), 0x0e08);
	cr_expect_eq(code_of("Golden Cove", EVENT_PAGE_WALKS), 0x0e12);
	cr_expect_eq(code_of("Zen 5", EVENT_LLC_MISSES), 0x4843);
	cr_expect_eq(code_of("Zen 5", EVENT_PAGE_WALKS), 0xf045);
	cr_expect_eq(code_of("Zen 5", EVENT_BRANCHES), 0xc2);
}

Test(events, of_one_that_is_not_known_only_what_its_architecture_promises) {
	cr_expect_eq(code_of("Gracemont", EVENT_BRANCHES), 0xc4);
	cr_expect_eq(code_of("Gracemont", EVENT_L1D_MISSES), 0);
	cr_expect_eq(code_of("Zen 9", EVENT_BRANCH_MISSES), 0xc3);
	cr_expect_eq(code_of("Zen 9", EVENT_LLC_MISSES), 0);
	cr_expect_eq(events_code(CAPS_AARCH64, false, "", EVENT_L1D_MISSES).code, 3);
}

/* What the kernel would refuse is no code (kernel/x86_64/pmu_plan.c). */
Test(events, have_no_bits_but_an_event_s) {
	for (const struct event_row *row = events_table; row->designs[0]; row++)
		for (int event = 0; event < EVENT_COUNT; event++)
			cr_expect_eq(row->codes[event].code & ~UINT64_C(0xfff84ffff), 0, "%s", row->designs[0]);
}

/* ---- Linux ------------------------------------------------------------------------------------------------------- */

Test(perf, a_group_counts_together) {
	const struct pmu_event events[] = {{PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK},
					   {PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS},
					   {PERF_TYPE_SOFTWARE, UINT64_MAX}};
	int started = pmu_group_start(events, 3);
	if (started == -EACCES || started == -EPERM || started == -ENOSYS)
		cr_skip_test("perf_event_open is not allowed here");
	cr_assert_eq(started, 2, "as many as there are, from the first on: %d", started);
	uint64_t before[PLATFORM_PMU_EVENTS_MAX], after[PLATFORM_PMU_EVENTS_MAX];
	static volatile char pages[64 << 12];
	cr_assert_eq(platform_pmu_read(before), 0);
	for (size_t i = 0; i < sizeof(pages); i += 4096)
		pages[i] = 1;
	cr_assert_eq(platform_pmu_read(after), 0);
	cr_expect_gt(after[0], before[0], "time");
	cr_expect_geq(after[1] - before[1], 1, "faults: %lu", after[1] - before[1]);
	platform_pmu_stop();
	cr_expect_eq(platform_pmu_read(after), PLATFORM_EBUSY);
	cr_expect_eq(pmu_group_start(&events[2], 1), -ENOENT);
}

static void put(const char *root, const char *pmu, const char *file, const char *line) {
	char path[400];
	snprintf(path, sizeof(path), "%s/%s", root, pmu);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/%s/events", root, pmu);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/%s/%s", root, pmu, file);
	FILE *to = fopen(path, "w");
	cr_assert_not_null(to);
	fprintf(to, "%s\n", line);
	fclose(to);
}

static void clear(const char *root) {
	char command[64];
	snprintf(command, sizeof(command), "rm -r %s", root);
	cr_expect_eq(system(command), 0);
}

static struct pmu_event event_of(const struct pmu_core *core, uint64_t kind, uint64_t code) {
	const struct platform_pmu_event event = {kind, code};
	struct pmu_event as;
	cr_expect(pmu_core_event(core, &event, &as));
	return as;
}

/* An Alder Lake's two PMUs, and one of neither. */
Test(perf, a_core_of_a_kind_has_its_own_pmu) {
	char root[] = "/tmp/pmu-XXXXXX";
	struct pmu_core core;
	cr_assert_not_null(mkdtemp(root));
	pmu_core_find(root, 3, &core);
	cr_expect_eq(core.type, PERF_TYPE_RAW, "none has a name");
	cr_expect_eq(event_of(&core, PLATFORM_PMU_CYCLES, 0).type, PERF_TYPE_HARDWARE);
	cr_expect_eq(event_of(&core, PLATFORM_PMU_CODE, 0x412e).config, 0x412e);
	put(root, "cpu_core", "cpus", "0-15");
	put(root, "cpu_core", "type", "4");
	put(root, "cpu_atom", "cpus", "16,18-23");
	put(root, "cpu_atom", "type", "10");
	put(root, "uncore_imc", "cpus", "0-23");
	put(root, "uncore_imc", "type", "12");
	pmu_core_find(root, 3, &core);
	cr_expect_eq(core.type, 4);
	pmu_core_find(root, 19, &core);
	cr_expect_eq(core.type, 10);
	cr_expect_eq(event_of(&core, PLATFORM_PMU_INSTRUCTIONS, 0).config, 0xc0);
	cr_expect_eq(event_of(&core, PLATFORM_PMU_CODE, 0xc4).type, 10);
	pmu_core_find(root, 17, &core);
	cr_expect_eq(core.type, PERF_TYPE_RAW, "no PMU of its");
	clear(root);
}

Test(perf, an_event_that_an_arm_core_lacks_is_not_counted_as_nothing) {
	char root[] = "/tmp/pmu-XXXXXX";
	struct pmu_core core;
	struct pmu_event as;
	cr_assert_not_null(mkdtemp(root));
	put(root, "armv8_cortex_a72", "cpus", "4-5");
	put(root, "armv8_cortex_a72", "type", "8");
	put(root, "armv8_cortex_a72", "events/l1d_cache_refill", "event=0x0003");
	pmu_core_find(root, 5, &core);
	cr_expect(core.is_arm);
	cr_expect_eq(event_of(&core, PLATFORM_PMU_CYCLES, 0).config, 0x11);
	cr_expect_eq(event_of(&core, PLATFORM_PMU_CODE, 0x03).type, 8);
	cr_expect_not(pmu_core_event(&core, &(struct platform_pmu_event){PLATFORM_PMU_CODE, 0x34}, &as));
	clear(root);
}

Test(perf, what_to_do_is_said) {
	char text[128];
	pmu_explain(EACCES, "4", text, sizeof(text));
	cr_expect(strstr(text, "is 4") && strstr(text, "sysctl kernel.perf_event_paranoid=2"), "%s", text);
	pmu_explain(ENOENT, "2", text, sizeof(text));
	cr_expect(strstr(text, "ENOENT") && strstr(text, "hypervisor"), "%s", text);
	pmu_explain(EBUSY, "2", text, sizeof(text));
	cr_expect(strstr(text, "nmi_watchdog"), "%s", text);
	pmu_explain(ENOSYS, "", text, sizeof(text));
	cr_expect(strstr(text, "ENOSYS"), "%s", text);
}

/* Whatever this machine has: the reason, or counters that do count. */
Test(perf, this_machine_counts_or_says_why_not) {
	struct counting counting;
	counting_prepare(&counting);
	cr_expect_eq(counting.group_count == 0, counting.pmu.reason[0] != '\0');
	if (counting.group_count == 0)
		return;
	cr_expect_eq(counting.groups[0].events[0], EVENT_CYCLES);
	cr_expect_eq(counting.groups[0].events[1], EVENT_INSTRUCTIONS);
}
