/* SPDX-License-Identifier: Apache-2.0
 *
 * The page's frame, its summary, and the table of all benchmarks.
 */
#include "hosted/report/report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Nothing may be fetched, whatever a hostile file brought in. */
static const char head[] =
	"<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
	"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
	"script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'\">\n"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	"<meta name=\"color-scheme\" content=\"light dark\">\n<link rel=\"icon\" href=\"data:,\">\n<title>Anechoic: ";

static const char *or_unknown(const char *string) {
	return string[0] ? string : "unknown";
}

static void file_line(struct text *text, const struct report *report, size_t file) {
	const struct results *results = report->files[file];
	static const char *const paths[] = {"platform/architecture", "platform/way", "platform/hypervisor"};
	report_mark(text, report, file);
	if (report->file_count > 1) {
		report_text(text, or_unknown(results_context(results, "platform/cpu")));
		text_add_string(text, " · ");
	}
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		const char *value = results_context(results, paths[i]);
		if (value[0])
			report_text(text, value);
		if (value[0])
			text_add_string(text, " · ");
	}
	text_add_string(text, "<span class=\"file\">");
	report_text(text, report->versions[file].name);
	text_add_string(text, "</span>");
	if (report->versions[file].count > 1)
		text_format(text, " · %zu launches", report->versions[file].count);
	report_badge(text, report, file);
}

static void banner(struct text *text, const struct report *report) {
	for (size_t file = 0; file < report->file_count; file++) {
		const char *emulated = results_context(report->files[file], "emulated");
		if (!results_functional_only(report->files[file]))
			continue;
		text_add_string(text, "<p class=\"banner\">");
		report_mark(text, report, file);
		text_add_string(text, "<strong>Functional only.</strong> ");
		report_text(text, emulated[0] ? emulated : "Not measured on hardware");
		text_add_string(
			text,
			". These figures show that the code ran; they say nothing of how fast hardware is.</p>\n");
	}
}

static void header(struct text *text, const struct report *report) {
	const char *cpu = or_unknown(results_context(report->files[0], "platform/cpu"));
	bool several = report->file_count > 1;
	text_add_string(text, "<header><p class=\"brand\">Anechoic</p><h1>");
	report_text(text, several ? "Comparison" : cpu);
	text_add_string(text, "</h1>\n<ul class=\"files\">");
	for (size_t file = 0; file < report->file_count; file++) {
		text_add_string(text, "<li>");
		file_line(text, report, file);
		text_add_string(text, "</li>");
	}
	text_add_string(text, "</ul>\n");
	banner(text, report);
	text_add_string(text, "</header>\n<nav><a href=\"#summary\">Summary</a><a href=\"#all\">All benchmarks</a>"
			      "<a href=\"#sizes\" hidden>Over size</a>");
	if (report_has_history(report))
		text_add_string(text, "<a href=\"#history\">History</a>");
	text_add_string(text, "<a href=\"#each\">Each benchmark</a><a href=\"#room\">The room</a><a "
			      "href=\"#machine\">The machine</a></nav>\n");
}

struct tile {
	const char *label, *class, *before, *unit;
	int places;
};

static void tile(struct text *text, const struct tile *tile, double value) {
	text_format(text, "<div class=\"%s\"><dt>%s</dt><dd>%s%.*f%s</dd></div>", tile->class, tile->label,
		    tile->before, tile->places, value, tile->unit);
}

static double half_width(const struct results_benchmark *run) {
	const struct results_estimate *headline = results_headline(run);
	return headline->point > 0 ? (headline->upper - headline->lower) / 2 / headline->point : 0;
}

static int ascending(const void *left, const void *right) {
	double a = *(const double *)left, b = *(const double *)right;
	return (a > b) - (a < b);
}

static double median_half_width(const struct report *report) {
	double *widths = calloc(report->row_count + 1, sizeof(*widths)), median = 0;
	size_t count = 0;
	for (size_t i = 0; widths && i < report->row_count; i++)
		if (report_has_figures(report->rows[i].runs[0]))
			widths[count++] = half_width(report->rows[i].runs[0]);
	if (count) {
		qsort(widths, count, sizeof(*widths), ascending);
		median = (widths[count / 2] + widths[(count - 1) / 2]) / 2;
	}
	free(widths);
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
	tile(text, &(struct tile){"median 95 % interval", "", "± ", " %", 2}, median_half_width(report) * 100);
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
	text_add_string(text, "</h3><dl class=\"tiles\">");
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
	text_format(text, "<div><dt>geometric mean of %zu</dt><dd data-value=\"%.17g\">", count,
		    count ? expm1(sum / (double)count) : 0);
	report_percent(text, count ? expm1(sum / (double)count) : 0);
	text_add_string(text, "</dd></div></dl>\n");
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
		text_add_string(
			text,
			"<p class=\"note\">Verdicts are those of <code>anechoic compare</code>: they rest on the 10 % "
			"quantile of "
			"the samples and are corrected for the number of benchmarks. Each file is one launch; unless "
			"it is "
			"known how much launches differ on this machine, the answer is <em>inconclusive</em>.</p>\n");
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
	change_notes(text, report);
	text_format(text, "<figure class=\"wide\"><figcaption>%s",
		    report->file_count == 1 ? "How far each figure may be trusted: narrow intervals stand on the left"
					    : "Every change with its interval; the band is the noise threshold");
	for (size_t file = 0; file < report->file_count; file++) {
		if (!results_functional_only(report->files[file]))
			continue;
		text_add_string(text, " ");
		report_mark(text, report, file);
		report_badge(text, report, file);
	}
	text_add_string(
		text, "</figcaption><div class=\"chart overview\" data-chart=\"overview\"></div></figure></section>\n");
}

/* ---- the table --------------------------------------------------------------------------------------------------- */

static void time_cell(struct text *text, const struct results_benchmark *run) {
	if (!report_has_figures(run)) {
		text_format(text, "<td class=\"none\">%s</td>", run ? bench_status_name(run->status) : "–");
		return;
	}
	text_format(text, "<td class=\"number\" data-value=\"%.17g\">", results_headline(run)->point);
	report_time(text, results_headline(run)->point);
	text_add_string(text, "</td>");
}

static void cells_of_one(struct text *text, const struct results_benchmark *run) {
	time_cell(text, run);
	if (!report_has_figures(run)) {
		text_add_string(text, "<td></td><td class=\"more\"></td><td class=\"more\"></td>");
		return;
	}
	size_t outliers = 0;
	for (int class = 0; class < STATS_OUTLIER_CLASSES; class ++)
		outliers += run->outliers[class];
	double half = half_width(run);
	text_format(text, "<td class=\"number%s\" data-value=\"%.17g\">± %.*f %%</td>", half > 0.05 ? " doubt" : "",
		    half, half < 0.1 ? 2 : 1, half * 100);
	text_format(text, "<td class=\"number more\" data-value=\"%.17g\">", run->unit[0] ? run->per_second : 0);
	if (run->unit[0])
		report_rate(text, run->per_second, run->unit);
	text_format(text, "</td><td class=\"number more\" data-value=\"%zu\">%zu of %zu</td>", outliers, outliers,
		    run->count);
}

/* An interval on a scale that all rows share, -reach to reach. */
static void forest(struct text *text, const struct report_change *change, double reach, double threshold) {
	double clamped[3], ends[3] = {change->lower, change->point, change->upper};
	for (int i = 0; i < 3; i++)
		clamped[i] = 60 + 58 * fmax(-1, fmin(1, ends[i] / reach));
	double band = 58 * fmin(1, threshold / reach);
	text_format(
		text,
		"<svg class=\"forest\" viewBox=\"0 0 120 14\" width=\"120\" height=\"14\" aria-hidden=\"true\">"
		"<rect x=\"%.1f\" width=\"%.1f\" height=\"14\" class=\"band\"/><path d=\"M60 0V14\" class=\"zero\"/>"
		"<path d=\"M%.1f 7H%.1f\" class=\"interval\"/><circle cx=\"%.1f\" cy=\"7\" r=\"3\"/></svg>",
		60 - band, 2 * band, clamped[0], fmax(clamped[2], clamped[0] + 0.5), clamped[1]);
}

static const char *verdict_class(const char *verdict) {
	if (strcmp(verdict, "improved") == 0)
		return "good";
	if (strcmp(verdict, "regressed") == 0)
		return "bad";
	return strcmp(verdict, "inconclusive") == 0 ? "doubt" : "even";
}

static void cells_of_change(struct text *text, const struct report_change *change, double reach, double threshold) {
	if (!change->known) {
		text_add_string(text, "<td class=\"none\">–</td><td class=\"more\"></td><td></td>");
		return;
	}
	const char *class = verdict_class(change->verdict);
	text_format(text, "<td class=\"number %s\" data-value=\"%.17g\" title=\"", class, change->point);
	report_percent(text, change->lower);
	text_add_string(text, " to ");
	report_percent(text, change->upper);
	text_add_string(text, "\">");
	report_percent(text, change->point);
	text_format(text, "</td><td class=\"more %s\">", class);
	forest(text, change, reach, threshold);
	text_format(text, "</td><td class=\"verdict %s\">%s</td>", class, change->verdict);
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

static void table_head(struct text *text, const struct report *report) {
	text_add_string(text, "<thead><tr><th data-sort>Benchmark</th>");
	for (size_t file = 0; file < report->file_count; file++) {
		text_add_string(text, "<th class=\"number\" data-sort>");
		report_mark(text, report, file);
		text_add_string(text, "Time");
		report_badge(text, report, file);
		text_add_string(text, "</th>");
	}
	if (report->file_count == 1)
		text_add_string(text, "<th class=\"number\" data-sort>95 % interval</th><th class=\"number more\" "
				      "data-sort>Throughput</th>"
				      "<th class=\"number more\" data-sort>Outliers</th>");
	for (size_t file = 1; file < report->file_count; file++) {
		text_add_string(text, "<th class=\"number\" data-sort>");
		report_mark(text, report, file);
		text_add_string(text, "Change</th><th class=\"more\">Interval</th><th data-sort>Verdict</th>");
	}
	text_add_string(text, "</tr></thead>\n");
}

/* A line may break behind each slash. */
static void broken_name(struct text *text, const char *name) {
	char part[256];
	while (*name) {
		size_t length = strcspn(name, "/");
		length += name[length] == '/';
		length = length < sizeof(part) ? length : sizeof(part) - 1;
		memcpy(part, name, length);
		part[length] = '\0';
		report_text(text, part);
		text_add_string(text, "<wbr>");
		name += length;
	}
}

static void table_row(struct text *text, const struct report *report, size_t at, double reach) {
	const struct report_row *row = &report->rows[at];
	text_add_string(text, "<tr data-name=\"");
	report_text(text, row->name);
	text_format(text, "\"><th scope=\"row\"><a href=\"#b%zu\">", at);
	broken_name(text, row->name);
	text_add_string(text, "</a></th>");
	if (report->file_count == 1)
		cells_of_one(text, row->runs[0]);
	for (size_t file = 0; report->file_count > 1 && file < report->file_count; file++)
		time_cell(text, row->runs[file]);
	for (size_t file = 1; file < report->file_count; file++)
		cells_of_change(text, &row->changes[file], reach, report->threshold);
	text_add_string(text, "</tr>\n");
}

void report_table(struct text *text, const struct report *report) {
	double reach = reach_of(report);
	size_t columns = report->file_count == 1 ? 5 : 1 + report->file_count + 3 * (report->file_count - 1);
	text_format(text,
		    "<section id=\"all\"><h2>All benchmarks</h2><p class=\"filter\"><label>Filter "
		    "<input id=\"filter\" type=\"search\" placeholder=\"part of a name\"></label></p>\n"
		    "<table class=\"all%s\">",
		    report->file_count > 2 ? " many" : "");
	table_head(text, report);
	for (size_t i = 0; i < report->row_count; i++) {
		const char *group = report->rows[i].group;
		if (i == 0 || strcmp(report->rows[i - 1].group, group) != 0) {
			text_format(text, "%s<tbody data-group><tr class=\"group\"><th colspan=\"%zu\">",
				    i ? "</tbody>\n" : "", columns);
			report_text(text, group);
			text_add_string(text, "</th></tr>\n");
		}
		table_row(text, report, i, reach);
	}
	text_format(text, "%s</table></section>\n", report->row_count ? "</tbody>" : "");
}

void report_page(struct text *text, const struct report *report) {
	text_add(text, head, sizeof(head) - 1);
	report_text(text, or_unknown(results_context(report->files[0], "platform/cpu")));
	text_add_string(text, "</title>\n<style>");
	text_add(text, report_style, report_style_bytes);
	text_add_string(text, "</style>\n");
	if (report_script_bytes > 0)
		text_add_string(text, "<script>document.documentElement.className=\"scripted\"</script>\n");
	text_add_string(text, "</head><body>\n");
	header(text, report);
	text_add_string(text, "<main>\n");
	report_overview(text, report);
	report_missing(text, report);
	report_table(text, report);
	text_add_string(text,
			"<section id=\"sizes\" hidden><h2>Over size</h2><div class=\"charts\"></div></section>\n");
	report_history(text, report);
	report_cards(text, report);
	report_room(text, report);
	report_machine(text, report);
	text_add_string(text, "</main>\n");
	report_data(text, report);
	text_add_string(text, "<script>");
	text_add(text, report_script, report_script_bytes);
	text_add_string(text, "</script>\n</body></html>\n");
}
