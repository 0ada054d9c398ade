/* SPDX-License-Identifier: Apache-2.0
 *
 * What the charts are drawn from, as JSON inside a script element that no browser runs. Iteration counts that are
 * multiples of one step are written as that step. A brief row's name stands in the table, and a group has its name
 * where that is not the first part of the row's. A sample is a place in a picture: how far it lies beyond the least, an
 * iteration, in grains, of which the least has six digits.
 */
#include "bench/reach/rows.h"
#include "hosted/report/report.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static void estimate(struct text *text, const char *name, const struct results_estimate *estimate) {
	text_format(text, ",\"%s\":[%.12g,%.12g,%.12g]", name, estimate->point, estimate->lower, estimate->upper);
}

static bool has_step(const struct results_benchmark *run) {
	for (size_t i = 0; i < run->count; i++)
		if (run->iters[i] != (run->linear ? (i + 1) * run->iters[0] : run->iters[0]))
			return false;
	return true;
}

static void iterations(struct text *text, const struct results_benchmark *run) {
	if (has_step(run)) {
		text_format(text, ",\"step\":%" PRIu64, run->iters[0]);
		return;
	}
	text_add_string(text, ",\"iters\":[");
	for (size_t i = 0; i < run->count; i++)
		text_format(text, "%s%" PRIu64, i ? "," : "", run->iters[i]);
	text_add_string(text, "]");
}

static void limit(struct text *text, const struct results_benchmark *run) {
	if (!(run->limit > 0))
		return;
	text_format(text, ",\"limit\":%.9g,\"limitSource\":", run->limit);
	report_json_string(text, run->limit_source);
}

/* What a picture over many rows takes of one. */
static void add_least(struct text *text, const struct results_benchmark *run, bool ladder) {
	text_format(text, "{\"count\":%zu", run->count);
	if (ladder)
		text_format(text, ",\"least\":%.9g", report_least(run));
	const struct results_estimate *headline = results_headline(run);
	text_format(text, ",\"figure\":[%.9g,%.6g,%.6g]", headline->point, headline->lower, headline->upper);
}

/* Beyond the least rather than whole: a quiet row's have three digits, and tens of thousands of them are a page. */
static void samples(struct text *text, const struct results_benchmark *run) {
	double least = report_least(run), grain = pow(10, least > 0 ? floor(log10(least)) - 5 : -5);
	text_format(text, ",\"least\":%.9g,\"grain\":%g,\"beyond\":[", least, grain);
	for (size_t i = 0; i < run->count; i++) {
		double beyond = round((run->times[i] / (double)run->iters[i] - least) / grain);
		text_format(text, "%s%.6g", i ? "," : "", fmin(beyond, 1e300));
	}
	text_add_string(text, "]");
}

static void add_samples(struct text *text, const struct results_benchmark *run) {
	text_format(text, "{\"linear\":%s", run->linear ? "true" : "false");
	iterations(text, run);
	samples(text, run);
	estimate(text, "figure", results_headline(run));
	if (run->has_slope)
		estimate(text, "slope", &run->slope);
}

static void add_run(struct text *text, const struct report *report, const struct report_row *row, size_t file) {
	const struct results_benchmark *run = row->runs[file];
	if (!report_has_figures(run)) {
		text_add_string(text, "null");
		return;
	}
	if (report_is_brief(report, row))
		add_least(text, run, strncmp(row->name, "machine/latency/", sizeof("machine/latency/") - 1) == 0);
	else
		add_samples(text, run);
	if (run->per_iteration && run->unit[0]) {
		text_format(text, ",\"units\":[%" PRIu64 ",", run->per_iteration);
		report_json_string(text, run->unit);
		text_add_string(text, "]");
	}
	limit(text, run);
	text_add_string(text, "}");
}

static void add_changes(struct text *text, const struct report *report, const struct report_row *row) {
	if (report->file_count == 1)
		return;
	text_add_string(text, ",\"changes\":[");
	for (size_t file = 1; file < report->file_count; file++) {
		const struct report_change *change = &row->changes[file];
		text_add_string(text, file > 1 ? "," : "");
		if (change->known)
			text_format(text, "{\"point\":%.9g,\"low\":%.9g,\"high\":%.9g,\"verdict\":\"%s\"}",
				    change->point, change->lower, change->upper, change->verdict);
		else
			text_add_string(text, "null");
	}
	text_add_string(text, "]");
}

/* Each element waits for the one before: a part of the name says so, or they are pages' (bench/suites/machine_pages.c).
 */
static bool is_latency(const char *name) {
	static const char part[] = "latency", held[] = "machine/pages/held/";
	if (strncmp(name, REACH_PREFIX, sizeof(REACH_PREFIX) - 1) == 0 || strncmp(name, held, sizeof(held) - 1) == 0)
		return true;
	for (const char *at = name; at; at = strchr(at, '/')) {
		at += *at == '/';
		size_t length = strcspn(at, "/");
		if (length == sizeof(part) - 1 && memcmp(at, part, length) == 0)
			return true;
	}
	return false;
}

static void add_row(struct text *text, const struct report *report, const struct report_row *row) {
	text_add_string(text, "{\"runs\":[");
	for (size_t file = 0; file < report->file_count; file++) {
		text_add_string(text, file ? "," : "");
		add_run(text, report, row, file);
	}
	text_add_string(text, "]");
	if (!report_is_brief(report, row)) {
		text_add_string(text, ",\"name\":");
		report_json_string(text, row->name);
		report_history_data(text, report, row);
	}
	if (strncmp(row->name, row->group, strlen(row->group)) != 0 || row->name[strlen(row->group)] != '/') {
		text_add_string(text, ",\"group\":");
		report_json_string(text, row->group);
	}
	if (is_latency(row->name))
		text_add_string(text, ",\"latency\":true");
	add_changes(text, report, row);
	text_add_string(text, "}");
}

void report_data(struct text *text, const struct report *report) {
	text_add_string(text, "<script type=\"application/json\" id=\"data\">{\"files\":[");
	for (size_t file = 0; file < report->file_count; file++)
		text_format(text, "%s{\"letter\":\"%c\",\"functional\":%s}", file ? "," : "", report_letter(file),
			    results_functional_only(report->files[file]) ? "true" : "false");
	text_format(text, "],\"threshold\":%g,\"benchmarks\":[", report->threshold);
	for (size_t i = 0; i < report->row_count; i++) {
		text_add_string(text, i ? ",\n" : "\n");
		add_row(text, report, &report->rows[i]);
	}
	text_add_string(text, "]}</script>\n");
}
