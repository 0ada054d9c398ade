/* SPDX-License-Identifier: Apache-2.0
 *
 * A card for each benchmark: a place for two charts, and its estimates in figures, whose end tags HTML lets out: they
 * would be a fiftieth of the page. Before them, what could not be measured, and why.
 */
#include "bench/rooms.h"
#include "hosted/report/report.h"

#include <inttypes.h>
#include <string.h>

static void figure(struct text *text, const char *label, const struct results_estimate *estimate) {
	text_format(text, "<div><dt>%s</dt><dd", label);
	report_attribute(text, "value", estimate->point);
	text_add_string(text, ">");
	report_time(text, estimate->point);
	text_add_string(text, "<small");
	report_attribute(text, "low", estimate->lower);
	report_attribute(text, "high", estimate->upper);
	text_add_string(text, ">");
	report_interval(text, estimate->lower, estimate->upper);
	text_add_string(text, "</small></div>");
}

static void outliers(struct text *text, const struct results_benchmark *run) {
	static const char *const names[] = {"low severe", "low mild", "high mild", "high severe"};
	size_t all = 0;
	for (int class = 0; class < STATS_OUTLIER_CLASSES; class ++)
		all += run->outliers[class];
	text_format(text, "<div><dt>outliers</dt><dd>%zu of %zu<small>", all, run->count);
	bool first = true;
	for (int class = 0; class < STATS_OUTLIER_CLASSES; class ++) {
		if (!run->outliers[class])
			continue;
		text_format(text, "%s%u %s", first ? "" : ", ", run->outliers[class], names[class]);
		first = false;
	}
	text_add_string(text, first ? "by Tukey's fences</small></div>" : "</small></div>");
}

static void throughput(struct text *text, const struct results_benchmark *run) {
	if (!run->unit[0] || !run->per_iteration)
		return;
	text_add_string(text, "<div><dt>throughput</dt><dd");
	report_attribute(text, "value", run->per_second);
	text_add_string(text, ">");
	report_rate(text, run->per_second, run->unit);
	size_t length = strlen(run->unit);
	bool one = run->per_iteration == 1 && run->unit[length - 1] == 's';
	text_format(text, "<small>%llu ", (unsigned long long)run->per_iteration);
	report_text(text, run->unit);
	if (one)
		text->length--;
	text_add_string(text, " an iteration</small></div>");
}

static void limit(struct text *text, const struct results_benchmark *run) {
	if (!(run->limit > 0))
		return;
	text_add_string(text, "<div><dt>limit</dt><dd");
	report_attribute(text, "value", run->limit);
	text_add_string(text, ">");
	report_rate(text, run->limit, run->unit);
	text_format(text, "<small>%.0f %% of ", 100 * run->per_second / run->limit);
	report_text(text, run->limit_source);
	text_add_string(text, "</small></div>");
}

/* Of several launches, what they say together and which of them is shown. */
static void between(struct text *text, const struct report_row *row, size_t file) {
	const struct report_between *found = &row->between[file];
	const struct spread *spread = &found->spread;
	if (spread->launches < 2)
		return;
	text_format(text, "<div%s><dt>between launches</dt><dd data-value=\"%.17g\">%.2f %%",
		    spread->apart_count ? " class=\"doubt\"" : "", spread->between, spread->between * 100);
	text_format(text, "<small>from the least to the most of %zu; within one ± %.2f %%</small>", spread->launches,
		    spread->within * 100);
	for (size_t i = 0; i < spread->apart_count; i++)
		text_format(text, "<small>launch %zu lies apart</small>", spread->apart[i] + 1);
	text_format(text, "<small>all else here is of launch %zu, the one in the middle</small></div>",
		    found->shown + 1);
}

/* What random placements did, where they were asked for. */
static void luck(struct text *text, const struct results_benchmark *run) {
	const struct layout_luck *found = &run->luck;
	if (!run->has_luck)
		return;
	text_format(text, "<div><dt>layout luck</dt><dd data-value=\"%.17g\">%.2f %%", found->layout,
		    found->layout * 100);
	text_format(text, "<small data-low=\"%.17g\" data-high=\"%.17g\">%.2f – %.2f %%</small>", found->lower,
		    found->upper, found->lower * 100, found->upper * 100);
	text_format(text, "<small>sampling %.2f %%, worst over best %.3f, %" PRIu64 " layouts</small>",
		    found->sampling * 100, found->worst_to_best, run->layouts);
	if (rooms_show_tally(&run->luck_rooms, "<small>their room: ", text))
		text_add_string(text, "</small>");
	text_add_string(text, "</div>");
}

static void estimates(struct text *text, const struct report *report, const struct report_row *row, size_t file) {
	const struct results_benchmark *run = row->runs[file];
	text_format(text, "<dl class=\"estimates s%zu\" data-file=\"%zu\">", file, file);
	if (report->file_count > 1) {
		text_add_string(text, "<div class=\"letter\"><dt></dt><dd>");
		report_mark(text, report, file);
		text_add_string(text, "</dd></div>");
	}
	figure(text, "figure: 10 % quantile", results_headline(run));
	if (run->has_slope)
		figure(text, "slope", &run->slope);
	figure(text, "mean", &run->mean);
	figure(text, "median", &run->median);
	figure(text, "median abs. dev.", &run->median_abs_dev);
	figure(text, "standard deviation", &run->std_dev);
	throughput(text, run);
	limit(text, run);
	luck(text, run);
	between(text, row, file);
	outliers(text, run);
	text_add_string(text, "</dl>");
}

static void card_head(struct text *text, const struct report *report, size_t at) {
	const struct report_row *row = &report->rows[at];
	const char *iteration = "";
	text_format(text, "<article class=\"card\" id=\"b%zu\" data-name=\"", at);
	report_text(text, row->name);
	text_format(text, "\"><h4><a href=\"#b%zu\">", at);
	report_text(text, row->name);
	text_add_string(text, "</a>");
	for (size_t file = 0; file < report->file_count; file++) {
		if (row->runs[file] && row->runs[file]->iteration[0])
			iteration = row->runs[file]->iteration;
		if (report_has_figures(row->runs[file]) && results_functional_only(report->files[file])) {
			text_add_string(text, " ");
			report_mark(text, report, file);
			report_badge(text, report, file);
		}
	}
	report_unchecked(text, report, row);
	text_add_string(text, "</h4>");
	if (iteration[0]) {
		text_add_string(text, "<p class=\"what\">One iteration: ");
		report_text(text, iteration);
		text_add_string(text, "</p>");
	}
}

static void card(struct text *text, const struct report *report, size_t at) {
	const struct report_row *row = &report->rows[at];
	bool drawn = false;
	card_head(text, report, at);
	for (size_t file = 0; file < report->file_count; file++)
		drawn |= report_has_figures(row->runs[file]) && row->runs[file]->count > 1;
	if (drawn)
		text_add_string(text, "<div class=\"pair\"></div>");
	if (row->past_count > 1)
		text_format(text, "<div class=\"chart past\" data-chart=\"past\" data-at=\"%zu\"></div>", at);
	for (size_t file = 0; file < report->file_count; file++)
		if (report_has_figures(row->runs[file])) {
			report_room_of_card(text, report, row, file);
			estimates(text, report, row, file);
		}
	text_add_string(text, "</article>\n");
}

static void briefness(struct text *text, const struct report *report) {
	size_t brief = 0;
	for (size_t i = 0; i < report->row_count; i++)
		brief += report_is_brief(report, &report->rows[i]);
	if (brief)
		text_format(text,
			    "<p class=\"note\">The %zu rows under machine/ have no card: their figures stand in the "
			    "pictures of the memory and in the table, their samples in the file.</p>\n",
			    brief);
}

static bool any_figures(const struct report *report, size_t at) {
	for (size_t file = 0; file < report->file_count; file++)
		if (report_has_figures(report->rows[at].runs[file]))
			return true;
	return false;
}

void report_cards(struct text *text, const struct report *report) {
	const char *group = NULL;
	text_add_string(text,
			"<section id=\"each\"><h2>Each benchmark</h2>\n<p class=\"note\">First chart: how the samples "
			"of one iteration's time lie, each dot a sample, the line is the figure: their 10 % quantile, "
			"which verdicts "
			"go by. Second: time against iterations, the line is the figure again, the dashed one the "
			"fitted slope. "
			"Bands are the figures' intervals, and each speaks of one launch. Outliers are drawn, or "
			"counted at the "
			"axis's end. Below, what happened meanwhile, and where samples were disturbed, marks at their "
			"places, the first at the left.</p>\n");
	briefness(text, report);
	for (size_t i = 0; i < report->row_count; i++) {
		if (!any_figures(report, i) || report_is_brief(report, &report->rows[i]))
			continue;
		if (!group || strcmp(group, report->rows[i].group) != 0) {
			text_add_string(text, group ? "</div>\n<div data-group><h3>" : "<div data-group><h3>");
			report_text(text, report->rows[i].group);
			text_add_string(text, "</h3>\n");
			group = report->rows[i].group;
		}
		card(text, report, i);
	}
	text_add_string(text, group ? "</div></section>\n" : "</section>\n");
}

/* ---- what could not be measured ---------------------------------------------------------------------------------- */

static void fault(struct text *text, const json_t *fault) {
	static const char *const members[][2] = {
		{"name", ""}, {"symbol", " in "}, {"instruction", " at "}, {"address", ", address "}};
	if (!json_is_object(fault))
		return;
	text_add_string(text, "<br><code>");
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		const char *value = json_string_value(json_object_get(fault, members[i][0]));
		if (!value || !value[0])
			continue;
		text_add_string(text, members[i][1]);
		report_text(text, value);
	}
	text_add_string(text, "</code>");
}

static void missing_row(struct text *text, const struct report *report, size_t file,
			const struct results_benchmark *run, size_t alike) {
	size_t launches = report->versions[file].count;
	text_add_string(text, "<tr><th scope=\"row\">");
	report_mark(text, report, file);
	report_text(text, run->name);
	text_format(text, "</th><td class=\"%s\">%s", run->status == BENCH_STATUS_SKIPPED ? "even" : "bad",
		    bench_status_name(run->status));
	if (launches > 1)
		text_format(text, " in %zu of %zu launches", alike, launches);
	text_add_string(text, "</td><td>");
	report_text(text, run->reason[0] ? run->reason : "no reason was given");
	fault(text, json_object_get(run->json, "fault"));
	text_add_string(text, "</td></tr>\n");
}

/* The launch of this version that is the worst of the benchmark, and how many ended alike; NULL: it was measured. */
static const struct results_benchmark *worst_of(const struct launches *version, const char *name, size_t *alike) {
	struct gap_outcome outcome = launches_outcome(version, name);
	const struct results_benchmark *worst = NULL;
	*alike = 0;
	for (size_t i = 0; outcome.seen && outcome.status != BENCH_STATUS_OK && i < version->count; i++) {
		const struct results_benchmark *run = results_find(&version->all[i], name);
		if (!run || run->status != outcome.status)
			continue;
		worst = worst ? worst : run;
		++*alike;
	}
	return worst;
}

void report_missing(struct text *text, const struct report *report) {
	size_t missing = 0, alike;
	for (size_t file = 0; file < report->file_count; file++) {
		for (size_t i = 0; i < report->row_count; i++) {
			const struct results_benchmark *run =
				worst_of(&report->versions[file], report->rows[i].name, &alike);
			if (!run)
				continue;
			if (missing++ == 0)
				text_add_string(text,
						"<section id=\"missing\"><h2>Not measured</h2><table "
						"class=\"plain\"><thead><tr>"
						"<th>Benchmark</th><th>Status</th><th>Why</th></tr></thead><tbody>\n");
			missing_row(text, report, file, run, alike);
		}
	}
	if (missing)
		text_add_string(text, "</tbody></table></section>\n");
}
