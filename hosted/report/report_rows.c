/* SPDX-License-Identifier: Apache-2.0
 *
 * The benchmarks of all versions, joined by name.
 */
#include "bench/reach/rows.h"
#include "hosted/report/report.h"

#include <stdlib.h>
#include <string.h>

static struct report_row *find_row(const struct report *report, const char *name) {
	for (size_t i = 0; i < report->row_count; i++)
		if (strcmp(report->rows[i].name, name) == 0)
			return &report->rows[i];
	return NULL;
}

/* The place of a new row: behind the last of its group, so that groups stay together whatever each file's order was. */
static size_t place_of(const struct report *report, const char *group) {
	size_t place = report->row_count;
	while (place > 0 && strcmp(report->rows[place - 1].group, group) != 0)
		place--;
	return place ? place : report->row_count;
}

static void add_launch(struct report *report, const struct results *launch, bool first) {
	for (size_t i = 0; i < launch->count; i++) {
		const struct results_benchmark *run = &launch->benchmarks[i];
		if (!first && find_row(report, run->name))
			continue;
		size_t place = place_of(report, run->group);
		struct report_row *row = &report->rows[place];
		memmove(row + 1, row, (report->row_count++ - place) * sizeof(*row));
		*row = (struct report_row){.name = run->name, .group = run->group};
	}
}

/* As many launches lie below it as above, or one more above. */
static bool is_in_the_middle(const struct launches *version, const char *name, double figure, size_t measured) {
	size_t below = 0, alike = 0;
	for (size_t i = 0; i < version->count; i++) {
		double other = launches_figure(version, i, name);
		below += other > 0 && other < figure;
		alike += other == figure;
	}
	return below <= (measured - 1) / 2 && below + alike > (measured - 1) / 2;
}

static void find_spread(const struct launches *version, const char *name, struct spread *spread) {
	struct spread_launch launches[SPREAD_LAUNCHES_MAX] = {{0}};
	size_t count = version->count < SPREAD_LAUNCHES_MAX ? version->count : SPREAD_LAUNCHES_MAX;
	for (size_t i = 0; i < count; i++) {
		const struct results_benchmark *run = results_find(&version->all[i], name);
		if (report_has_figures(run))
			launches[i] = (struct spread_launch){launches_figure(version, i, name), report_half_width(run)};
	}
	spread_of(launches, count, spread);
}

/* The launch whose figure is in the middle stands for all; where none has one, the first that names the benchmark. */
static void choose_run(const struct launches *version, struct report_row *row, size_t file) {
	struct report_between *between = &row->between[file];
	size_t measured;
	launches_deviation(version, row->name, &measured);
	find_spread(version, row->name, &between->spread);
	for (size_t i = 0; i < version->count; i++) {
		const struct results_benchmark *run = results_find(&version->all[i], row->name);
		double figure = run ? launches_figure(version, i, row->name) : 0;
		bool middle = figure > 0 && is_in_the_middle(version, row->name, figure, measured);
		if (!run || (row->runs[file] && !middle && !(report_has_figures(run) && !row->runs[file]->count)))
			continue;
		row->runs[file] = run;
		between->shown = i;
		if (middle)
			return;
	}
}

bool report_has_launches(const struct report *report) {
	for (size_t file = 0; file < report->file_count; file++)
		if (report->versions[file].count > 1)
			return true;
	return false;
}

bool report_has_rows(const struct report *report, const char *prefix) {
	for (size_t i = 0; i < report->row_count; i++)
		for (size_t file = 0; file < report->file_count; file++)
			if (strncmp(report->rows[i].name, prefix, strlen(prefix)) == 0 &&
			    report_has_figures(report->rows[i].runs[file]))
				return true;
	return false;
}

bool report_has_memory(const struct report *report) {
	static const char *const prefixes[] = {"machine/latency/", "machine/bandwidth/", "machine/parallelism/",
					       "machine/cores/pair/", REACH_PREFIX};
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (report_has_rows(report, prefixes[i]))
			return true;
	return false;
}

enum { CARDS_OF_MEMORY_MOST = 100 };

static bool is_of_machine(const char *name) {
	static const char prefix[] = "machine/";
	return strncmp(name, prefix, sizeof(prefix) - 1) == 0;
}

bool report_is_brief(const struct report *report, const struct report_row *row) {
	return report->memory_rows > CARDS_OF_MEMORY_MOST && is_of_machine(row->name);
}

int report_join(struct report *report) {
	size_t most = 0;
	for (size_t file = 0; file < report->file_count; file++)
		for (size_t i = 0; i < report->versions[file].count; i++)
			most += report->versions[file].all[i].count;
	report->rows = calloc(most ? most : 1, sizeof(*report->rows));
	if (!report->rows)
		return -1;
	for (size_t file = 0; file < report->file_count; file++)
		for (size_t i = 0; i < report->versions[file].count; i++)
			add_launch(report, &report->versions[file].all[i], file == 0 && i == 0);
	for (size_t i = 0; i < report->row_count; i++) {
		report->memory_rows += is_of_machine(report->rows[i].name);
		for (size_t file = 0; file < report->file_count; file++)
			choose_run(&report->versions[file], &report->rows[i], file);
	}
	return 0;
}
