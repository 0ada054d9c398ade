/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of all benchmarks: by group, and of two versions by what became of each. Cells and rows end where the next
 * begins, as HTML allows: of thousands of rows their end tags would be a twentieth of the page.
 */
#include "hosted/report/report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int ascending(const void *left, const void *right) {
	double a = *(const double *)left, b = *(const double *)right;
	return (a > b) - (a < b);
}

static void time_cell(struct text *text, const struct report *report, size_t file,
		      const struct results_benchmark *run) {
	char letter[16] = "";
	if (report->file_count > 1)
		snprintf(letter, sizeof(letter), " data-l=\"%c\"", report_letter(file));
	if (!report_has_figures(run)) {
		text_format(text, "<td class=\"none\"%s>%s", letter, run ? bench_status_name(run->status) : "–");
		return;
	}
	text_format(text, report->file_count > 1 ? "<td class=\"number\"%s" : "<td%s", letter);
	report_attribute(text, "value", results_headline(run)->point);
	text_add_string(text, ">");
	report_time(text, results_headline(run)->point);
}

static void cells_of_one(struct text *text, const struct report *report, const struct results_benchmark *run) {
	time_cell(text, report, 0, run);
	if (!report_has_figures(run)) {
		text_add_string(text, "<td><td><td>");
		return;
	}
	size_t outliers = 0;
	for (int class = 0; class < STATS_OUTLIER_CLASSES; class ++)
		outliers += run->outliers[class];
	double half = report_half_width(run);
	text_format(text, "<td%s>± %.*f %%<td", half > 0.05 ? " class=\"doubt\"" : "", half < 0.1 ? 2 : 1, half * 100);
	report_attribute(text, "value", run->unit[0] ? run->per_second : 0);
	text_add_string(text, ">");
	if (run->unit[0])
		report_rate(text, run->per_second, run->unit);
	text_format(text, "<td>%zu of %zu", outliers, run->count);
}

/* An interval on a scale that all rows share, -reach to reach. */
static void forest(struct text *text, const struct report_change *change, double reach, double threshold) {
	report_forest(text, &(struct report_forest){.lower = change->lower / reach,
						    .point = change->point / reach,
						    .upper = change->upper / reach,
						    .band = fmin(1, threshold / reach)});
}

static void cells_of_change(struct text *text, const struct report *report, const struct report_row *row, size_t file,
			    double reach) {
	const struct report_change *change = &row->changes[file];
	char letter[16] = "";
	if (report->file_count > 2)
		snprintf(letter, sizeof(letter), " data-l=\"%c\"", report_letter(file));
	if (change->has_gap || !change->known) {
		text_format(text, "<td class=\"none gap\"%s>–<td>", letter);
		if (change->has_gap)
			text_format(text, "<td class=\"verdict %s\">%s",
				    gap_any_broken(&change->gap, 1) ? "bad" : "doubt", gap_text(&change->gap));
		else
			text_add_string(text, "<td>");
		return;
	}
	const char *class = report_verdict_class(change->verdict);
	text_format(text, "<td class=\"number %s\"%s data-value=\"%.17g\" title=\"", class, letter, change->point);
	report_percent(text, change->lower);
	text_add_string(text, " to ");
	report_percent(text, change->upper);
	text_add_string(text, "\">");
	report_percent(text, change->point);
	text_format(text, "<td class=\"%s\">", class);
	forest(text, change, reach, report->threshold);
	text_format(text, "<td class=\"verdict %s\">%s", class, change->verdict);
}

/* Nine in ten changes lie within. */
static double reach_of(const struct report *report) {
	size_t most = report->row_count * report->file_count, count = 0;
	double *sizes = calloc(most + 1, sizeof(*sizes)), reach = 3 * report->threshold;
	for (size_t i = 0; sizes && i < report->row_count; i++)
		for (size_t file = 1; file < report->file_count; file++)
			if (report->rows[i].changes[file].known)
				sizes[count++] = fabs(report->rows[i].changes[file].point);
	if (count) {
		qsort(sizes, count, sizeof(*sizes), ascending);
		reach = fmax(reach, 1.2 * sizes[(count - 1) * 9 / 10]);
	}
	free(sizes);
	return reach;
}

/* What all rows of it share. */
struct shape {
	double reach;
	bool has_rooms;
};

static struct shape shape_of(const struct report *report) {
	return (struct shape){reach_of(report), report_has_rooms(report)};
}

static void table_head(struct text *text, const struct report *report, const struct shape *shape) {
	text_add_string(text, "<thead><tr><th data-sort>Benchmark</th>");
	for (size_t file = 0; file < report->file_count; file++) {
		text_add_string(text, "<th class=\"number\" data-sort>");
		report_mark(text, report, file);
		text_add_string(text, "Time");
		report_badge(text, report, file);
		text_add_string(text, "</th>");
	}
	if (report->file_count == 1)
		text_add_string(text, "<th class=\"number\" data-sort>95 % interval</th><th class=\"number\" "
				      "data-sort>Throughput</th>"
				      "<th class=\"number\" data-sort>Outliers</th>");
	for (size_t file = 1; file < report->file_count; file++) {
		text_add_string(text, "<th class=\"number\" data-sort>");
		report_mark(text, report, file);
		text_add_string(text, "Change</th><th>Interval</th><th data-sort>Verdict</th>");
	}
	if (shape->has_rooms)
		text_format(text, "<th%s data-sort>Room</th>", report->file_count == 1 ? " class=\"number\"" : "");
	text_add_string(text, "</tr></thead>\n");
}

static void table_row(struct text *text, const struct report *report, size_t at, const struct shape *shape) {
	const struct report_row *row = &report->rows[at];
	bool brief = report_is_brief(report, row);
	/* Of a brief one the script takes the name from what is shown: there may be thousands. */
	text_add_string(text, brief ? "<tr" : "<tr data-name=\"");
	if (!brief)
		report_text(text, row->name);
	text_format(text, brief ? " id=\"b%zu\"><th scope=\"row\">" : "\"><th scope=\"row\"><a href=\"#b%zu\">", at);
	if (brief)
		report_text(text, row->name);
	else
		report_name(text, row->name);
	text_add_string(text, brief ? "" : "</a>");
	if (!brief)
		report_unchecked(text, report, row);
	text_add_string(text, "</th>");
	if (report->file_count == 1)
		cells_of_one(text, report, row->runs[0]);
	for (size_t file = 0; report->file_count > 1 && file < report->file_count; file++)
		time_cell(text, report, file, row->runs[file]);
	for (size_t file = 1; file < report->file_count; file++)
		cells_of_change(text, report, row, file, shape->reach);
	if (shape->has_rooms)
		report_room_cell(text, report, row);
	text_add_string(text, "</td>\n");
}

static void open_table(struct text *text, const struct report *report, const struct shape *shape) {
	text_add_string(text, report->file_count > 2    ? "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
							  "aria-label=\"All benchmarks\"><table class=\"all many\">"
			      : report->file_count == 1 ? "<table class=\"all one\">"
							: "<table class=\"all\">");
	table_head(text, report, shape);
}

static void close_table(struct text *text, const struct report *report) {
	text_add_string(text, report->file_count > 2 ? "</table></div>\n" : "</table>\n");
}

/* `folds`: on a small screen it is closed at first. */
static void open_group(struct text *text, const struct report *report, const char *name, size_t count,
		       const struct shape *shape, bool folds) {
	size_t columns = report->file_count == 1 ? 5 : 1 + report->file_count + 3 * (report->file_count - 1);
	columns += shape->has_rooms;
	text_format(text, "<tbody data-group%s><tr class=\"group\"><th colspan=\"%zu\">", folds ? " data-folds" : "",
		    columns);
	report_text(text, name);
	text_format(text, " <small>%zu</small></th></tr>\n", count);
}

/* What a row stands under: its group, and of the many rows under machine/ the first two parts of their names. */
static void heading_of(const struct report_row *row, char *heading, size_t size) {
	static const char machine[] = "machine/";
	size_t length = sizeof(machine) - 1;
	if (strncmp(row->name, machine, length) == 0)
		snprintf(heading, size, "%.*s", (int)(length + strcspn(row->name + length, "/")), row->name);
	else
		snprintf(heading, size, "%s", row->group);
}

static void by_group(struct text *text, const struct report *report) {
	const struct shape shape = shape_of(report);
	size_t end;
	open_table(text, report, &shape);
	for (size_t i = 0; i < report->row_count; i = end) {
		char heading[128], other[128];
		heading_of(&report->rows[i], heading, sizeof(heading));
		for (end = i + 1; end < report->row_count; end++) {
			heading_of(&report->rows[end], other, sizeof(other));
			if (strcmp(heading, other) != 0)
				break;
		}
		open_group(text, report, heading, end - i, &shape, true);
		for (size_t at = i; at < end; at++)
			table_row(text, report, at, &shape);
		text_add_string(text, "</tbody>\n");
	}
	close_table(text, report);
}

/* ---- two versions: by change ------------------------------------------------------------------------------------- */

/* In the order of the page. */
enum rank {
	RANK_GAP,
	RANK_REGRESSED,
	RANK_IMPROVED,
	RANK_INCONCLUSIVE,
	RANK_NOT_JUDGED,
	RANK_NO_CHANGE,
	RANK_NONE,
	RANK_COUNT
};

static const struct {
	const char *name; /* also the verdict, but for the first letter */
	bool folds;
} ranks[RANK_COUNT] = {
	[RANK_GAP] = {"Failed, hung, skipped or missing", false},
	[RANK_REGRESSED] = {"Regressed", false},
	[RANK_IMPROVED] = {"Improved", false},
	[RANK_INCONCLUSIVE] = {"Inconclusive", true},
	[RANK_NOT_JUDGED] = {"Not judged", true},
	[RANK_NO_CHANGE] = {"No change", false},
	[RANK_NONE] = {"Measured in neither", false},
};

static enum rank rank_of(const struct report_change *change) {
	if (change->has_gap)
		return RANK_GAP;
	for (enum rank rank = RANK_REGRESSED; change->known && rank < RANK_NONE; rank++)
		if (strcmp(change->verdict + 1, ranks[rank].name + 1) == 0)
			return rank;
	return RANK_NONE;
}

struct place {
	size_t at;
	enum rank rank;
	double size;
};

static int by_change(const void *left, const void *right) {
	const struct place *a = left, *b = right;
	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	if (a->size != b->size)
		return a->size > b->size ? -1 : 1;
	return a->at < b->at ? -1 : 1;
}

/* The largest change first within a verdict; what did not change is folded away. */
static void in_order(struct text *text, const struct report *report, const struct place *places, enum rank first,
		     enum rank behind) {
	const struct shape shape = shape_of(report);
	open_table(text, report, &shape);
	for (size_t i = 0, end; i < report->row_count; i = end) {
		enum rank rank = places[i].rank;
		for (end = i; end < report->row_count && places[end].rank == rank; end++) {
		}
		if (rank < first || rank >= behind)
			continue;
		open_group(text, report, ranks[rank].name, end - i, &shape, ranks[rank].folds);
		for (size_t k = i; k < end; k++)
			table_row(text, report, places[k].at, &shape);
		text_add_string(text, "</tbody>\n");
	}
	close_table(text, report);
}

static void of_two(struct text *text, const struct report *report, struct place *places) {
	size_t folded = 0;
	for (size_t i = 0; i < report->row_count; i++) {
		const struct report_change *change = &report->rows[i].changes[1];
		places[i] = (struct place){i, rank_of(change), change->known ? fabs(change->point) : 0};
		folded += places[i].rank >= RANK_NO_CHANGE;
	}
	qsort(places, report->row_count, sizeof(*places), by_change);
	if (folded < report->row_count)
		in_order(text, report, places, RANK_GAP, RANK_NO_CHANGE);
	if (!folded)
		return;
	text_format(text, "<details class=\"unchanged\"><summary>%zu unchanged</summary>\n", folded);
	in_order(text, report, places, RANK_NO_CHANGE, RANK_COUNT);
	text_add_string(text, "</details>\n");
}

void report_table(struct text *text, const struct report *report) {
	struct place *places = report->file_count == 2 ? calloc(report->row_count + 1, sizeof(*places)) : NULL;
	text_add_string(text, "<section id=\"all\"><h2>All benchmarks</h2><p class=\"filter\"><label>Filter "
			      "<input id=\"filter\" type=\"search\" placeholder=\"part of a name\"></label></p>\n");
	if (places)
		of_two(text, report, places);
	else
		by_group(text, report);
	report_counters(text, report);
	text_add_string(text, "</section>\n");
	free(places);
}
