/* SPDX-License-Identifier: Apache-2.0
 *
 * The first screen: what was run and where, and the figures that a reader asks for first.
 */
#include "hosted/report/report.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- of each version: when, what, how, where --------------------------------------------------------------------- */

static double number_at(const struct results *results, const char *path) {
	return json_number_value(report_context(results, path));
}

static void open_fact(struct text *text, const char *label) {
	text_format(text, "<div><dt>%s</dt><dd>", label);
}

static void close_fact(struct text *text) {
	text_add_string(text, "</dd></div>");
}

static void when(struct text *text, const struct results *results) {
	const char *start = results_context(results, "start_utc");
	char part[11];
	open_fact(text, "Date");
	if (strlen(start) == sizeof("2026-01-02T03:04:05Z") - 1) {
		snprintf(part, sizeof(part), "%.10s", start);
		report_text(text, part);
		snprintf(part, sizeof(part), " %.8s", start + 11);
		report_text(text, part);
		text_add_string(text, " UTC");
	} else {
		text_add_string(text, "date unknown");
	}
	close_fact(text);
}

/* Twelve digits tell commits apart; what is behind the digits stays. */
static void commit(struct text *text, const struct results *results) {
	const char *all = results_context(results, "commit");
	size_t digits = strspn(all, "0123456789abcdef");
	char start[13];
	snprintf(start, sizeof(start), "%s", all);
	open_fact(text, "Version and commit");
	report_text(text, results_context(results, "version"));
	text_add_string(text, " <code>");
	report_text(text, all[0] ? start : "commit unknown");
	if (digits >= sizeof(start))
		report_text(text, all + digits);
	text_add_string(text, "</code>");
	close_fact(text);
}

/* More would push the figures off the first screen. */
enum { FILTERS_SHOWN = 2 };

static void options(struct text *text, const struct results *results) {
	const json_t *filter = report_context(results, "options/filter");
	open_fact(text, "Options");
	text_format(text, "%.0f samples, ", number_at(results, "options/sample_size"));
	report_time(text, number_at(results, "options/measurement_ns"));
	text_add_string(text, " after ");
	report_time(text, number_at(results, "options/warm_up_ns"));
	text_add_string(text, " of warm-up");
	size_t words = json_array_size(filter);
	if (words > FILTERS_SHOWN)
		text_format(text, "; %zu filters", words);
	for (size_t i = 0; words <= FILTERS_SHOWN && i < words; i++) {
		const char *word = json_string_value(json_array_get(filter, i));
		text_add_string(text, i ? ", " : "; filter ");
		report_text(text, word ? word : "");
	}
	close_fact(text);
}

static void clock_of(struct text *text, const struct results *results) {
	open_fact(text, "Clock");
	report_text(text, results_context(results, "clock/counter"));
	text_format(text, " %.1f MHz, ", number_at(results, "clock/hz") / 1e6);
	report_text(text, results_context(results, "clock/rate"));
	close_fact(text);
}

static void room(struct text *text, const struct results *results) {
	open_fact(text, "Room");
	report_room_of_run(text, results);
	if (json_is_number(report_context(results, "noise/span_ns"))) {
		text_format(text, "%.0f gaps over 1 µs in ", number_at(results, "noise/gaps_over_1us"));
		report_time(text, number_at(results, "noise/span_ns"));
		text_add_string(text, ", the longest ");
		report_time(text, number_at(results, "noise/longest_ns"));
	} else {
		text_add_string(text, "noise unknown");
	}
	if (json_is_number(report_context(results, "interrupts")))
		text_format(text, "; %.0f interrupts", number_at(results, "interrupts"));
	close_fact(text);
}

void report_key_facts(struct text *text, const struct report *report, size_t file) {
	const struct results *results = report->files[file];
	text_add_string(text, "<dl class=\"key\">");
	when(text, results);
	commit(text, results);
	options(text, results);
	clock_of(text, results);
	room(text, results);
	text_add_string(text, "</dl>");
}

/* ---- figures ----------------------------------------------------------------------------------------------------- */

struct tile {
	const char *label, *class, *before, *unit;
	int places;
};

static void tile(struct text *text, const struct tile *tile, double value) {
	text_format(text, "<div class=\"%s\"><dt>%s</dt><dd>%s%.*f%s</dd></div>", tile->class, tile->label,
		    tile->before, tile->places, value, tile->unit);
}

static int ascending(const void *left, const void *right) {
	double a = *(const double *)left, b = *(const double *)right;
	return (a > b) - (a < b);
}

static double half_width_of(const struct report_row *row) {
	return report_has_figures(row->runs[0]) ? report_half_width(row->runs[0]) : -1;
}

static double between_of(const struct report_row *row) {
	return row->between[0].spread.launches > 1 ? row->between[0].spread.between : -1;
}

static size_t rows_apart(const struct report *report) {
	size_t rows = 0;
	for (size_t i = 0; i < report->row_count; i++)
		rows += report->rows[i].between[0].spread.apart_count > 0;
	return rows;
}

/* Over all rows of which `figure` knows one, which is not negative then. */
static double median_over_rows(const struct report *report, double (*figure)(const struct report_row *)) {
	double *figures = calloc(report->row_count + 1, sizeof(*figures)), median = 0;
	size_t count = 0;
	for (size_t i = 0; figures && i < report->row_count; i++)
		if (figure(&report->rows[i]) >= 0)
			figures[count++] = figure(&report->rows[i]);
	if (count) {
		qsort(figures, count, sizeof(*figures), ascending);
		median = (figures[count / 2] + figures[(count - 1) / 2]) / 2;
	}
	free(figures);
	return median;
}

static size_t count_status(const struct results *results, bool ok) {
	size_t count = 0;
	for (size_t i = 0; i < results->count; i++)
		count += (results->benchmarks[i].status == BENCH_STATUS_OK) == ok;
	return count;
}

static void tiles_of_one(struct text *text, const struct report *report) {
	const struct results *results = report->files[0];
	size_t samples = 0, outliers = 0, missing = count_status(results, false);
	for (size_t i = 0; i < results->count; i++) {
		samples += results->benchmarks[i].count;
		for (int class = 0; class < STATS_OUTLIER_CLASSES; class ++)
			outliers += results->benchmarks[i].outliers[class];
	}
	tile(text, &(struct tile){"benchmarks measured", "", "", "", 0}, (double)count_status(results, true));
	tile(text, &(struct tile){"not measured", missing ? "bad" : "", "", "", 0}, (double)missing);
	tile(text, &(struct tile){"median 95 % interval within a launch", "", "± ", " %", 2},
	     median_over_rows(report, half_width_of) * 100);
	if (report->versions[0].count > 1) {
		size_t apart = rows_apart(report);
		tile(text, &(struct tile){"median between launches, least to most", "", "", " %", 2},
		     median_over_rows(report, between_of) * 100);
		tile(text, &(struct tile){"with a launch that lies apart", apart ? "doubt" : "", "", "", 0},
		     (double)apart);
	}
	tile(text, &(struct tile){"samples that are outliers", "", "", " %", 1},
	     samples ? 100.0 * (double)outliers / (double)samples : 0);
}

/* What one of the two has no figure of: in how many rows it says the same. */
static void tiles_of_gaps(struct text *text, const struct report *report, size_t file) {
	for (size_t i = 0; i < report->row_count; i++) {
		const struct report_change *change = &report->rows[i].changes[file];
		size_t alike = 0, before = 0;
		for (size_t k = 0; change->has_gap && k < report->row_count; k++) {
			const struct report_change *other = &report->rows[k].changes[file];
			bool same = other->has_gap && other->gap.kind == change->gap.kind &&
				    other->gap.side == change->gap.side;
			alike += same;
			before += same && k < i;
		}
		if (alike && !before)
			tile(text,
			     &(struct tile){gap_text(&change->gap), gap_any_broken(&change->gap, 1) ? "bad" : "", "",
					    "", 0},
			     (double)alike);
	}
}

/* The greatest change in one direction, sign 1 for slower; one with a verdict goes before those without. row_count:
 * none. */
static size_t extreme(const struct report *report, size_t file, double sign, const char *verdict) {
	size_t found = report->row_count;
	bool found_judged = false;
	for (size_t i = 0; i < report->row_count; i++) {
		const struct report_change *change = &report->rows[i].changes[file];
		if (!change->known || change->has_gap || !(change->point * sign > 0))
			continue;
		bool judged = strcmp(change->verdict, verdict) == 0;
		if (found < report->row_count &&
		    (found_judged != judged ? found_judged
					    : change->point * sign <= report->rows[found].changes[file].point * sign))
			continue;
		found = i;
		found_judged = judged;
	}
	return found;
}

static void tile_of_extreme(struct text *text, const struct report *report, size_t file, bool worst) {
	size_t at = extreme(report, file, worst ? 1 : -1, worst ? "regressed" : "improved");
	if (at == report->row_count)
		return;
	const struct report_change *change = &report->rows[at].changes[file];
	const char *which = worst ? "worst" : "best";
	text_format(text, "<div class=\"named %s\" data-extreme=\"%s\"><dt>%s change, %s: <a href=\"#b%zu\">",
		    report_verdict_class(change->verdict), which, which, change->verdict, at);
	report_name(text, report->rows[at].name);
	text_format(text, "</a></dt><dd data-value=\"%.17g\">", change->point);
	report_percent(text, change->point);
	text_add_string(text, "<small>");
	if (change->lower < change->upper) {
		report_percent(text, change->lower);
		text_add_string(text, " to ");
		report_percent(text, change->upper);
	} else {
		text_add_string(text, "interval unknown");
	}
	text_add_string(text, "</small></dd></div>");
}

static void tiles_of_change(struct text *text, const struct report *report, size_t file) {
	static const struct {
		const char *verdict, *class;
	} verdicts[] = {{"regressed", "bad"},
			{"improved", "good"},
			{"no change", ""},
			{"inconclusive", "doubt"},
			{"not judged", ""}};
	double sum = 0;
	size_t count = 0;
	for (size_t i = 0; i < report->row_count; i++) {
		if (report->rows[i].changes[file].known) {
			sum += log1p(report->rows[i].changes[file].point);
			count++;
		}
	}
	text_add_string(text, "<h3>");
	report_mark(text, report, file);
	text_add_string(text, "against ");
	report_mark(text, report, 0);
	text_add_string(text, "</h3><dl class=\"tiles change\">");
	tile_of_extreme(text, report, file, true);
	tile_of_extreme(text, report, file, false);
	for (size_t v = 0; v < sizeof(verdicts) / sizeof(verdicts[0]); v++) {
		size_t found = 0;
		for (size_t i = 0; i < report->row_count; i++) {
			const struct report_change *change = &report->rows[i].changes[file];
			found += change->known && strcmp(change->verdict, verdicts[v].verdict) == 0;
		}
		if (found || v < 2)
			tile(text, &(struct tile){verdicts[v].verdict, found ? verdicts[v].class : "", "", "", 0},
			     (double)found);
	}
	tiles_of_gaps(text, report, file);
	if (count > 1) {
		text_format(text, "<div><dt>geometric mean of %zu</dt><dd data-value=\"%.17g\">", count,
			    expm1(sum / (double)count));
		report_percent(text, expm1(sum / (double)count));
		text_add_string(text, "</dd></div>");
	}
	text_add_string(text, "</dl>\n");
}

static void change_notes(struct text *text, const struct report *report) {
	bool judged = false;
	for (size_t file = 1; file < report->file_count; file++) {
		judged = judged || !report->refusals[file][0];
		if (!report->refusals[file][0])
			continue;
		text_add_string(text, "<p class=\"note\">");
		report_mark(text, report, file);
		text_add_string(text, "is not judged: ");
		report_text(text, report->refusals[file]);
		text_add_string(text, ". Its changes are the ratios of the estimates, their intervals those within "
				      "each launch.</p>\n");
	}
	if (judged)
		text_format(
			text,
			"<p class=\"note\">Verdicts are those of <code>anechoic compare</code>: they rest on the 10 %% "
			"quantile of the samples and are corrected for the number of benchmarks. %s</p>\n",
			report_has_launches(report)
				? "Launches of both sides are judged as pairs, one launch by how much those of the "
				  "other side differ."
				: "Each file is one launch; unless it is known how much launches differ on this "
				  "machine, the answer is <em>inconclusive</em>.");
}

/* ---- ours against standard --------------------------------------------------------------------------------------- */

enum { PAIRS_SHOWN = 4 };

/* NAME/standard, or standard… in the place of stack_pool… as the last part. NULL: there is none. */
static const struct report_row *standard_of(const struct report *report, const char *name) {
	static const char ours[] = "stack_pool";
	const char *last = strrchr(name, '/');
	bool named_so = last && strncmp(last + 1, ours, sizeof(ours) - 1) == 0;
	for (size_t i = 0; i < report->row_count; i++) {
		const char *other = report->rows[i].name;
		size_t head = named_so ? (size_t)(last + 1 - name) : strlen(name);
		const char *tail = named_so ? last + sizeof(ours) : "";
		const char *standard = named_so ? "standard" : "/standard";
		if (strncmp(other, name, head) == 0 && strncmp(other + head, standard, strlen(standard)) == 0 &&
		    strcmp(other + head + strlen(standard), tail) == 0)
			return &report->rows[i];
	}
	return NULL;
}

static void factor(struct text *text, double value) {
	text_format(text, "%.*f", value < 10 ? 2 : value < 100 ? 1 : 0, value);
}

static void tile_of_standard(struct text *text, const struct report *report, const struct report_row *ours,
			     const struct report_row *standard) {
	text_format(text, "<div class=\"standard\"><dt><a href=\"#b%zu\">", (size_t)(ours - report->rows));
	report_name(text, ours->name);
	text_add_string(text, "</a></dt><dd>");
	for (size_t file = 0; file < report->file_count; file++) {
		struct report_change ratio = report_ratio(ours->runs[file], standard->runs[file]);
		if (!ratio.known)
			continue;
		text_format(text, "<span class=\"%s\" data-value=\"%.17g\">",
			    ratio.upper < 0   ? "bad"
			    : ratio.lower > 0 ? "good"
					      : "even",
			    1 + ratio.point);
		report_mark(text, report, file);
		factor(text, 1 + ratio.point);
		text_add_string(text, " ×</span> <small>");
		factor(text, 1 + ratio.lower);
		text_add_string(text, " – ");
		factor(text, 1 + ratio.upper);
		text_add_string(text, "</small> ");
	}
	text_add_string(text, "</dd></div>");
}

static bool measured_together(const struct report *report, const struct report_row *a, const struct report_row *b) {
	for (size_t file = 0; file < report->file_count; file++)
		if (report_ratio(a->runs[file], b->runs[file]).known)
			return true;
	return false;
}

static void against_standard(struct text *text, const struct report *report) {
	size_t pairs = 0;
	for (size_t i = 0; i < report->row_count && pairs < PAIRS_SHOWN; i++) {
		const struct report_row *standard = standard_of(report, report->rows[i].name);
		if (!standard || !measured_together(report, &report->rows[i], standard))
			continue;
		if (pairs++ == 0)
			text_add_string(text, "<h3>Ours against standard: its time over ours, more than 1 × is "
					      "faster <small>an interval speaks of one launch</small></h3>"
					      "<dl class=\"tiles\">");
		tile_of_standard(text, report, &report->rows[i], standard);
	}
	if (pairs)
		text_add_string(text, "</dl>\n");
}

void report_overview(struct text *text, const struct report *report) {
	text_add_string(text, "<section id=\"summary\"><h2>Summary</h2>\n");
	if (report->file_count == 1) {
		text_add_string(text, "<dl class=\"tiles\">");
		tiles_of_one(text, report);
		text_add_string(text, "</dl>\n");
	}
	for (size_t file = 1; file < report->file_count; file++)
		tiles_of_change(text, report, file);
	against_standard(text, report);
	text_format(text, "<figure class=\"wide\"><figcaption>%s",
		    report->file_count == 1
			    ? "How well each launch knows its own figures: narrow intervals stand on the left. An "
			      "interval speaks of one launch"
			    : "Every change with its interval; the band is the noise threshold");
	report_badges(text, report);
	text_add_string(text, "</figcaption><div class=\"chart overview\" data-chart=\"overview\"></div></figure>\n");
	change_notes(text, report);
	text_add_string(text, "</section>\n");
}
