/* SPDX-License-Identifier: Apache-2.0
 *
 * The past of each benchmark out of `anechoic history`: its levels in a table, and for the script the last figures.
 * Only series of the machines and ways that the report's files are of, and no more of named machines than a page takes;
 * a level's figure is the median of its runs,
 * which one wild run does not move.
 */
#include "hosted/history/levels.h"
#include "hosted/report/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RUNS_READ = 1000, RUNS_DRAWN = 200, NAMED_SERIES_DRAWN = 8 };

/* The first file of the report whose series the entry belongs to; file_count: none. */
static size_t file_of(const struct report *report, const struct history_entry *entry) {
	char machine[HISTORY_MACHINE_BYTES];
	size_t file = 0;
	for (; file < report->file_count; file++) {
		history_machine(report->files[file], machine, sizeof(machine));
		if (strcmp(machine, entry->machine) == 0)
			break;
	}
	return file;
}

/* Entries of other machines are dropped, in place. */
static void keep_ours(const struct report *report, struct report_row *row) {
	size_t kept = 0;
	for (size_t i = 0; i < row->past_count; i++)
		if (file_of(report, &row->past[i]) < report->file_count)
			row->past[kept++] = row->past[i];
	row->past_count = kept;
}

/* Those of a fleet would make the page long, and are shown as one: where there are many, they are dropped. */
static void keep_few(struct report_row *row) {
	size_t named = 0, kept = 0;
	for (size_t i = 0; i < row->past_count; i++)
		named += *row->past[i].name && (i == 0 || !history_same_series(&row->past[i], &row->past[i - 1]));
	for (size_t i = 0; named > NAMED_SERIES_DRAWN && i < row->past_count; i++)
		if (!*row->past[i].name)
			row->past[kept++] = row->past[i];
	row->past_count = named > NAMED_SERIES_DRAWN ? kept : row->past_count;
}

int report_history_read(struct report *report, const char *file, struct text *complaint) {
	struct history *history;
	size_t found = 0;
	if (history_open(file, HISTORY_READ, &history, complaint) < 0)
		return 2;
	int status = 0;
	for (size_t i = 0; i < report->row_count && status == 0; i++) {
		struct report_row *row = &report->rows[i];
		if (history_read(history, row->name, RUNS_READ, &row->past, &row->past_count, complaint) < 0)
			status = 2;
		keep_ours(report, row);
		found += row->past_count;
		keep_few(row);
	}
	status = status ? status : report_fleet_read(report, history, complaint);
	history_close(history);
	if (status == 0 && found == 0)
		text_add_string(complaint, "report: the history has nothing of these benchmarks on this machine\n");
	return status;
}

void report_history_free(struct report *report) {
	for (size_t i = 0; i < report->row_count; i++)
		free(report->rows[i].past);
}

/* ---- levels ------------------------------------------------------------------------------------------------------ */

static void level_row(struct text *text, const struct report *report, size_t at, size_t first, double before) {
	const struct report_row *row = &report->rows[at];
	const struct history_entry *entry = &row->past[first];
	size_t end = level_end(row->past, row->past_count, first);
	double figure = level_figure(row->past, first, end);
	text_add_string(text, "<tr data-name=\"");
	report_text(text, row->name);
	text_format(text, "\" data-run=\"%" PRId64 "\"><th scope=\"row\"><a href=\"#b%zu\">", entry->run, at);
	report_text(text, row->name);
	text_add_string(text, "</a> ");
	report_mark(text, report, file_of(report, entry));
	report_text(text, entry->name);
	text_format(text, "</th><td>run %" PRId64 ", ", entry->run);
	report_text(text, entry->added);
	text_add_string(text, " UTC <code>");
	report_text(text, entry->commit);
	text_format(text, "</code></td><td class=\"number\" data-value=\"%zu\">%zu</td>", end - first, end - first);
	text_format(text, "<td class=\"number\" data-value=\"%.17g\">", figure);
	report_time(text, figure);
	if (before > 0) {
		double change = figure / before - 1;
		text_format(text, "</td><td class=\"number%s\" data-value=\"%.17g\">",
			    change > 0   ? " bad"
			    : change < 0 ? " good"
					 : "",
			    change);
		report_percent(text, change);
	} else {
		text_add_string(text, "</td><td class=\"number\">");
	}
	text_add_string(text, "</td></tr>\n");
}

static void levels_of(struct text *text, const struct report *report, size_t at) {
	const struct report_row *row = &report->rows[at];
	double before = 0;
	for (size_t first = 0; first < row->past_count; first = level_end(row->past, row->past_count, first)) {
		if (first > 0 && !history_same_series(&row->past[first], &row->past[first - 1]))
			before = 0;
		level_row(text, report, at, first, before);
		before = level_figure(row->past, first, level_end(row->past, row->past_count, first));
	}
}

bool report_has_history(const struct report *report) {
	for (size_t i = 0; i < report->row_count; i++)
		if (report->rows[i].past_count > 0)
			return true;
	return false;
}

void report_history(struct text *text, const struct report *report) {
	if (!report_has_history(report))
		return;
	text_format(text,
		    "<section id=\"history\"><h2>History</h2><p class=\"note\">Levels of each machine's last %d runs, "
		    "oldest "
		    "first: a row says with which run a level began, how many runs it lasted, their median, and the "
		    "change against the level before. Levels are PELT's (Killick, Fearnhead, Eckley 2012); the charts "
		    "with each benchmark show the last %d runs.</p>\n",
		    RUNS_READ, RUNS_DRAWN);
	text_add_string(text, "<table class=\"plain levels\"><thead><tr><th>Benchmark</th><th>Since</th>"
			      "<th class=\"number\">Runs</th><th class=\"number\">Level</th>"
			      "<th class=\"number\">Change</th></tr></thead>\n");
	for (size_t i = 0; i < report->row_count; i++) {
		if (report->rows[i].past_count == 0)
			continue;
		text_add_string(text, "<tbody data-group>");
		levels_of(text, report, i);
		text_add_string(text, "</tbody>\n");
	}
	text_add_string(text, "</table></section>\n");
}

/* ---- for the script ---------------------------------------------------------------------------------------------- */

static void add_points(struct text *text, const struct report_row *row, size_t first, size_t end) {
	for (size_t i = first; i < end; i++)
		text_format(text, "%s[%" PRId64 ",%.9g,%.9g,%.9g]", i > first ? "," : "", row->past[i].run,
			    row->past[i].time, row->past[i].lower, row->past[i].upper);
}

/* Levels as [index of the first point, index behind the last, figure], of the points that are drawn. */
static void add_levels(struct text *text, const struct report_row *row, size_t series, size_t drawn, size_t end) {
	bool any = false;
	for (size_t first = series; first < end; first = level_end(row->past, row->past_count, first)) {
		size_t last = level_end(row->past, row->past_count, first);
		if (last <= drawn)
			continue;
		text_format(text, "%s[%zu,%zu,%.9g]", any ? "," : "", first > drawn ? first - drawn : 0, last - drawn,
			    level_figure(row->past, first, last));
		any = true;
	}
}

void report_history_data(struct text *text, const struct report *report, const struct report_row *row) {
	if (row->past_count == 0)
		return;
	text_add_string(text, ",\"past\":[");
	for (size_t first = 0, end; first < row->past_count; first = end) {
		for (end = first + 1; end < row->past_count; end++)
			if (!history_same_series(&row->past[end], &row->past[first]))
				break;
		size_t drawn = end - first > RUNS_DRAWN ? end - RUNS_DRAWN : first;
		text_format(text, "%s{\"file\":%zu,\"points\":[", first ? "," : "", file_of(report, &row->past[first]));
		add_points(text, row, drawn, end);
		text_add_string(text, "],\"levels\":[");
		add_levels(text, row, first, drawn, end);
		text_add_string(text, "]}");
	}
	text_add_string(text, "]");
}
