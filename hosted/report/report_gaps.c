/* SPDX-License-Identifier: Apache-2.0
 *
 * What the pictures of the memory are without, and why: in words, where a reader looks for it.
 */
#include "bench/machine/words.h"
#include "hosted/report/report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A sample of fewer steps of the clock is off by more than a hundredth. */
enum { STEPS_LEAST = 100, REASONS_SHOWN = 8 };

static void open_note(struct text *text, const struct report *report, size_t file) {
	text_add_string(text, "<p class=\"note\" data-gap>");
	report_mark(text, report, file);
}

static void no_level(struct text *text, const struct report *report, size_t file) {
	const struct results *results = report->files[file];
	for (size_t i = 0; i < results->ladder_count; i++) {
		if (results->ladders[i].count)
			continue;
		open_note(text, report, file);
		text_add_string(text, "No level in pages of ");
		machine_add_bytes(text, results->ladders[i].page_bytes);
		text_add_string(text, ": ");
		report_text(text, results->ladders[i].outcome);
		text_add_string(text, ".</p>\n");
	}
}

/* Of "machine/latency/1GiB/line/1KiB" what three parts say. */
static size_t kind_length(const char *name) {
	const char *at = name;
	for (int parts = 0; parts < 3 && *at; parts++) {
		at += *at == '/';
		at += strcspn(at, "/");
	}
	return (size_t)(at - name);
}

static bool is_lost(const struct report *report, size_t at, size_t file) {
	const struct results_benchmark *run = report->rows[at].runs[file];
	return run && run->status != BENCH_STATUS_OK && strncmp(run->name, "machine/", 8) == 0;
}

/* Numbers in it are each row's own. */
static bool same_reason(const char *a, const char *b) {
	static const char digits[] = "0123456789";
	for (;; a++, b++) {
		a += strspn(a, digits);
		b += strspn(b, digits);
		if (*a != *b || *a == 0)
			return *a == *b;
	}
}

static bool same_loss(const struct results_benchmark *a, const struct results_benchmark *b) {
	size_t length = kind_length(a->name);
	return length == kind_length(b->name) && strncmp(a->name, b->name, length) == 0 && a->status == b->status &&
	       same_reason(a->reason, b->reason);
}

/* Rows of a kind that were lost for one reason are one line, with the first one's numbers. */
static void lost_rows(struct text *text, const struct report *report, size_t file) {
	size_t shown = 0;
	for (size_t i = 0; i < report->row_count && shown < REASONS_SHOWN; i++) {
		const struct results_benchmark *run = report->rows[i].runs[file];
		size_t count = 0, before = 0;
		for (size_t k = 0; is_lost(report, i, file) && k < report->row_count; k++) {
			bool same = is_lost(report, k, file) && same_loss(run, report->rows[k].runs[file]);
			count += same;
			before += same && k < i;
		}
		if (count == 0 || before)
			continue;
		shown++;
		open_note(text, report, file);
		char kind[128];
		snprintf(kind, sizeof(kind), "%.*s", (int)kind_length(run->name), run->name);
		text_format(text, "%zu row%s of <code>", count, count == 1 ? "" : "s");
		report_text(text, kind);
		text_format(text, "</code> %s: ", bench_status_name(run->status));
		report_text(text, run->reason[0] ? run->reason : "no reason was given");
		text_add_string(text, ".</p>\n");
	}
}

static void coarse_clock(struct text *text, const struct report *report, size_t file) {
	const struct results *results = report->files[file];
	double step = json_number_value(report_context(results, "runner/clock_step_ticks")) * 1e9 /
		      fmax(json_number_value(report_context(results, "clock/hz")), 1);
	double shortest = INFINITY;
	for (size_t i = 0; i < report->row_count; i++) {
		const struct results_benchmark *run = report->rows[i].runs[file];
		bool ladder = report_has_figures(run) && strncmp(run->name, "machine/latency/", 16) == 0;
		for (size_t k = 0; ladder && k < run->count; k++)
			shortest = fmin(shortest, run->times[k]);
	}
	if (!(shortest < step * STEPS_LEAST))
		return;
	open_note(text, report, file);
	text_format(text,
		    "The clock is too coarse for the ladder: a step of it is %.2g %% of the shortest sample; a "
		    "longer <code>--measurement-time</code> helps.</p>\n",
		    100 * step / fmax(shortest, step / 1000));
}

void report_gaps(struct text *text, const struct report *report, size_t file) {
	no_level(text, report, file);
	coarse_clock(text, report, file);
	lost_rows(text, report, file);
}
