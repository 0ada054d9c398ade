/* SPDX-License-Identifier: Apache-2.0
 *
 * The cores, where results have rows on the memory: drawn as the machine tells of them, what a line takes from each to
 * each, and which belong together by that (`context.cores_found`), beside what is told. A stranger's: what is of
 * another type is left out.
 */
#include "hosted/report/report.h"

#include <stdint.h>
#include <string.h>

enum { CLUSTERS_SHOWN = 8, LEVELS_SHOWN = 16, CORES_SHOWN = 64 };

static const char *string_of(const json_t *object, const char *name) {
	const char *string = json_string_value(json_object_get(object, name));
	return string ? string : "";
}

/* "0–5, 12" */
static void add_cores(struct text *text, const json_t *cores) {
	for (size_t i = 0, end; i < json_array_size(cores) && i < CORES_SHOWN; i = end) {
		json_int_t first = json_integer_value(json_array_get(cores, i)), last = first;
		for (end = i + 1; end < json_array_size(cores) && last < UINT32_MAX; end++, last++)
			if (json_integer_value(json_array_get(cores, end)) != last + 1)
				break;
		text_format(text, last > first ? "%s%lld–%lld" : "%s%lld", i ? ", " : "", (long long)first,
			    (long long)last);
	}
}

static void clusters_cell(struct text *text, const json_t *clusters) {
	size_t count = json_array_size(clusters);
	text_add_string(text, "<td data-l=\"cores\">");
	for (size_t i = 0; i < count && i < CLUSTERS_SHOWN; i++) {
		text_add_string(text, i ? " · <span class=\"cluster\">" : "<span class=\"cluster\">");
		add_cores(text, json_array_get(clusters, i));
		text_add_string(text, "</span>");
	}
	if (count > CLUSTERS_SHOWN)
		text_format(text, " · and %zu more", count - CLUSTERS_SHOWN);
	text_add_string(text, "</td>");
}

static void told_cell(struct text *text, const json_t *level) {
	const json_t *as_told = json_object_get(level, "as_told");
	const char *splits = string_of(level, "splits"), *joins = string_of(level, "joins");
	size_t kinds = json_array_size(as_told);
	text_add_string(text, "<td data-l=\"verdict\">");
	if (json_is_integer(json_object_get(level, "contrary"))) {
		text_format(text,
			    "<b class=\"even\">uncertain</b> <small>%lld of %lld pairs take twice as long one way"
			    "</small></td></tr>\n",
			    (long long)json_integer_value(json_object_get(level, "contrary")),
			    (long long)json_integer_value(json_object_get(level, "pairs")));
		return;
	}
	if (!json_is_array(as_told)) {
		text_add_string(text, "<b class=\"even\">not told</b></td></tr>\n");
		return;
	}
	text_add_string(text, kinds ? "<b class=\"good\">agrees</b> <small>as told:"
				    : "<b class=\"bad\">differs</b> <small>");
	for (size_t i = 0; i < kinds && i < LEVELS_SHOWN; i++) {
		const char *kind = json_string_value(json_array_get(as_told, i));
		text_add_string(text, i ? ", " : " ");
		report_text(text, kind ? kind : "");
	}
	if (kinds == 0 && splits[0]) {
		text_add_string(text, "what is told as one ");
		report_text(text, splits);
		text_add_string(text, " falls apart");
	} else if (kinds == 0) {
		text_add_string(text, joins[0] ? "what is told apart is together: " : "lies across all that is told");
		report_text(text, joins);
	}
	text_add_string(text, "</small></td></tr>\n");
}

static void level_row(struct text *text, const json_t *level, size_t index) {
	double ns = json_number_value(json_object_get(level, "ns"));
	double least = json_number_value(json_object_get(level, "ns_least"));
	double most = json_number_value(json_object_get(level, "ns_most"));
	text_format(text, "<tr data-near=\"%zu\"><th scope=\"row\">%zu</th><td data-l=\"a line\"", index + 1,
		    index + 1);
	report_attribute(text, "value", ns);
	text_add_string(text, ">");
	report_time(text, ns);
	text_add_string(text, " <small>");
	report_interval(text, least, most);
	text_add_string(text, "</small></td>");
	clusters_cell(text, json_object_get(level, "clusters"));
	told_cell(text, level);
}

static void found(struct text *text, const struct report *report, size_t file) {
	const json_t *found = report_context(report->files[file], "cores_found");
	const json_t *levels = json_object_get(found, "levels");
	const char *outcome = string_of(found, "outcome");
	if (!json_is_object(found))
		return;
	text_format(text, "<div data-found=\"%zu\"><h3>", file);
	report_mark(text, report, file);
	text_add_string(text, "Who is near to whom, by these times");
	report_badge(text, report, file);
	text_add_string(text, "</h3>\n");
	if (strcmp(outcome, "found") != 0) {
		text_add_string(text, "<p class=\"note\">");
		report_text(text, outcome);
		text_add_string(text, ".</p>\n");
	}
	if (json_array_size(levels))
		text_add_string(text, "<table class=\"plain levels-told\"><thead><tr><th>Level</th><th>There and back, "
				      "least to most</th><th>Cores</th><th>Verdict</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < json_array_size(levels) && i < LEVELS_SHOWN; i++)
		level_row(text, json_array_get(levels, i), i);
	text_add_string(text, json_array_size(levels) ? "</tbody></table></div>\n" : "</div>\n");
}

void report_cores(struct text *text, const struct report *report) {
	text_add_string(text, "<section id=\"cores\"><h2>Cores</h2>\n");
	for (size_t file = 0; file < report->file_count; file++)
		report_drawing(text, report, file);
	for (size_t file = 0; file < report->file_count; file++) {
		report_pairs(text, report, file);
		found(text, report, file);
	}
	text_add_string(text, "</section>\n");
}
