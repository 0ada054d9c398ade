/* SPDX-License-Identifier: Apache-2.0
 *
 * What the pictures of the memory are without, and why: in words, where a reader looks for it.
 */
#include "bench/machine/words.h"
#include "hosted/report/report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
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

struct loss {
	const struct results_benchmark *run;
	size_t at;    /* of its kind the first that there is, as the rows stand */
	size_t count; /* of its kind */
};

static bool is_lost(const struct results_benchmark *run) {
	return run && run->status != BENCH_STATUS_OK && strncmp(run->name, "machine/", 8) == 0;
}

/* Numbers in it are each row's own. */
static int compare_reasons(const char *a, const char *b) {
	static const char digits[] = "0123456789";
	for (;; a++, b++) {
		a += strspn(a, digits);
		b += strspn(b, digits);
		if (*a != *b || *a == 0)
			return (unsigned char)*a - (unsigned char)*b;
	}
}

/* Rows of a kind that were lost for one reason are one loss, with the first one's numbers. */
static int compare_kinds(const struct loss *a, const struct loss *b) {
	size_t a_length = kind_length(a->run->name), b_length = kind_length(b->run->name);
	int order = strncmp(a->run->name, b->run->name, a_length < b_length ? a_length : b_length);
	if (order == 0 && a_length != b_length)
		order = a_length < b_length ? -1 : 1;
	if (order == 0 && a->run->status != b->run->status)
		order = a->run->status < b->run->status ? -1 : 1;
	return order ? order : compare_reasons(a->run->reason, b->run->reason);
}

static int by_place(const void *a, const void *b) {
	const struct loss *one = a, *other = b;
	return one->at < other->at ? -1 : one->at > other->at;
}

static int by_kind(const void *a, const void *b) {
	int order = compare_kinds(a, b);
	return order ? order : by_place(a, b);
}

/* How many there are, as their first rows stand; `losses` has room for all rows. */
static size_t find_losses(const struct report *report, size_t file, struct loss *losses) {
	size_t rows = 0, count = 0;
	for (size_t i = 0; i < report->row_count; i++)
		if (is_lost(report->rows[i].runs[file]))
			losses[rows++] = (struct loss){report->rows[i].runs[file], i, 1};
	qsort(losses, rows, sizeof(*losses), by_kind);
	for (size_t i = 0; i < rows; i++)
		if (count > 0 && compare_kinds(&losses[count - 1], &losses[i]) == 0)
			losses[count - 1].count++;
		else
			losses[count++] = losses[i];
	qsort(losses, count, sizeof(*losses), by_place);
	return count;
}

static void lost_rows(struct text *text, const struct report *report, size_t file) {
	struct loss *losses = calloc(report->row_count + 1, sizeof(*losses));
	if (!losses) {
		text->failed = true;
		return;
	}
	size_t count = find_losses(report, file, losses);
	for (size_t i = 0; i < count && i < REASONS_SHOWN; i++) {
		const struct results_benchmark *run = losses[i].run;
		char kind[128];
		open_note(text, report, file);
		snprintf(kind, sizeof(kind), "%.*s", (int)kind_length(run->name), run->name);
		text_format(text, "%zu row%s of <code>", losses[i].count, losses[i].count == 1 ? "" : "s");
		report_text(text, kind);
		text_format(text, "</code> %s: ", bench_status_name(run->status));
		report_text(text, run->reason[0] ? run->reason : "no reason was given");
		text_add_string(text, ".</p>\n");
	}
	free(losses);
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
