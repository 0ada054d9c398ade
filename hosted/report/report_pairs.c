/* SPDX-License-Identifier: Apache-2.0
 *
 * From core to core: the rows machine/cores/pair/A/B as a table of which each cell is as dark as its time is long, by
 * the style sheet alone.
 */
#include "hosted/report/report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CORES_MOST = 256 };

static const char prefix[] = "machine/cores/pair/";

struct pairs {
	const struct results_benchmark *run[CORES_MOST][CORES_MOST]; /* [home][other]; NULL: not measured */
	bool is_there[CORES_MOST];
	double least, most;
};

static bool cores_of(const char *name, unsigned *home, unsigned *other) {
	char rest;
	return strncmp(name, prefix, sizeof(prefix) - 1) == 0 &&
	       sscanf(name + sizeof(prefix) - 1, "%3u/%3u%c", home, other, &rest) == 2 && *home < CORES_MOST &&
	       *other < CORES_MOST;
}

static bool collect(const struct report *report, size_t file, struct pairs *pairs) {
	bool any = false;
	for (size_t i = 0; i < report->row_count; i++) {
		const struct results_benchmark *run = report->rows[i].runs[file];
		unsigned home, other;
		if (!report_has_figures(run) || !cores_of(report->rows[i].name, &home, &other))
			continue;
		double ns = results_headline(run)->point;
		pairs->run[home][other] = run;
		pairs->is_there[home] = pairs->is_there[other] = true;
		pairs->least = any ? fmin(pairs->least, ns) : ns;
		pairs->most = any ? fmax(pairs->most, ns) : ns;
		any = true;
	}
	return any;
}

/* From 0, the least time, on a logarithm's scale to 1, which is the longest, and twice the least at the least: colours
 * of times that hardly differ hardly do. */
static double heat_of(const struct pairs *pairs, double ns) {
	return pairs->least > 0 ? log(ns / pairs->least) / log(fmax(pairs->most / pairs->least, 2)) : 0;
}

static void cell(struct text *text, const struct pairs *pairs, const struct results_benchmark *run) {
	if (!run) {
		text_add_string(text, "<td></td>");
		return;
	}
	double ns = results_headline(run)->point;
	text_format(text, "<td class=\"number\" style=\"--heat:%.3f\"", heat_of(pairs, ns));
	report_attribute(text, "value", ns);
	text_add_string(text, " data-pair=\"");
	report_text(text, run->name);
	text_format(text, "\">%.*f</td>", ns < 9.95 ? 1 : 0, ns);
}

static void table(struct text *text, const struct pairs *pairs) {
	text_add_string(text, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"From core to core\">"
			      "<table class=\"heat\"><thead><tr><th></th>");
	for (unsigned other = 0; other < CORES_MOST; other++)
		if (pairs->is_there[other])
			text_format(text, "<th class=\"number\" scope=\"col\">%u</th>", other);
	text_add_string(text, "</tr></thead><tbody>\n");
	for (unsigned home = 0; home < CORES_MOST; home++) {
		if (!pairs->is_there[home])
			continue;
		text_format(text, "<tr><th class=\"number\" scope=\"row\">%u</th>", home);
		for (unsigned other = 0; other < CORES_MOST; other++)
			if (pairs->is_there[other])
				cell(text, pairs, pairs->run[home][other]);
		text_add_string(text, "</tr>\n");
	}
	text_add_string(text, "</tbody></table></div>\n");
}

void report_pairs(struct text *text, const struct report *report, size_t file) {
	struct pairs *pairs = calloc(1, sizeof(*pairs));
	if (pairs && collect(report, file, pairs)) {
		text_add_string(text, "<h3>");
		report_mark(text, report, file);
		text_add_string(text, "From core to core, ns for a line to go and come back");
		report_badge(text, report, file);
		text_add_string(text,
				"</h3>\n<p class=\"note\">Rows: the core where the line is at home, which writes it "
				"first. Columns: the other. 0 is the one that the programme ran on.</p>\n");
		table(text, pairs);
	}
	free(pairs);
}
