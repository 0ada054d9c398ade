/* SPDX-License-Identifier: Apache-2.0
 *
 * What `doctor` found (its --format json) on the page: each topic in the file's words, those that make figures worse
 * first. A file is a stranger's: what is not as it should be is left out.
 */
#include "hosted/report/report.h"
#include "hosted/still/helped.h"

#include <math.h>
#include <string.h>

enum { FINDINGS_SHOWN = 256, HELD_MOST = 200 /* bytes */ };

static void cell(struct text *text, const char *label, const char *words) {
	text_format(text, "<td data-l=\"%s\">", label);
	report_text(text, words);
	text_add_string(text, "</td>");
}

static void row(struct text *text, const json_t *finding) {
	bool is_worse = strcmp(report_word_of(finding, "state"), "worse") == 0;
	text_format(text, "<tr data-finding><th scope=\"row\">");
	report_text(text, report_word_of(finding, "name"));
	text_format(text, "</th><td class=\"%s\" data-l=\"state\">", is_worse ? "bad" : "even");
	report_text(text, report_word_of(finding, "state"));
	text_add_string(text, "</td>");
	cell(text, "found", report_word_of(finding, "found"));
	cell(text, "why", is_worse ? report_word_of(finding, "why") : "");
	text_add_string(text, "<td data-l=\"mend\"><code>");
	report_text(text, report_word_of(finding, "mend"));
	text_add_string(text, json_is_true(json_object_get(finding, "still")) ? "</code>" DOCTOR_STILL "</td>"
									      : "</code></td>");
	cell(text, "worth", report_word_of(finding, "worth"));
	text_add_string(text, "</tr>\n");
}

static void findings(struct text *text, const json_t *all) {
	static const char *const heads[] = {"State", "Found", "Why", "Mend", "Worth"};
	size_t count = json_array_size(all);
	text_add_string(text, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Findings\"><table "
			      "class=\"plain\"><thead><tr><th>Topic</th>");
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		text_format(text, "<th>%s</th>", heads[i]);
	text_add_string(text, "</tr></thead><tbody>\n");
	for (size_t i = 0; i < count && i < FINDINGS_SHOWN; i++)
		row(text, json_array_get(all, i));
	text_add_string(text, "</tbody></table></div>\n");
	if (count > FINDINGS_SHOWN)
		text_format(text, "<p class=\"note\">The first %d of %zu findings.</p>\n", FINDINGS_SHOWN, count);
}

/* 0 to the most that a count may be; what is none is 0. */
static unsigned count_of(const json_t *object, const char *name) {
	enum { COUNT_MOST = 1 << 20 };
	double number = report_number_of(object, name);
	return number > 0 ? (unsigned)fmin(number, COUNT_MOST) : 0;
}

static void add_head(struct text *words, const json_t *root) {
	double seconds = report_number_of(root, "seconds");
	bool watched = !json_is_true(json_object_get(root, "since_start")) && seconds > 0;
	doctor_show_head(count_of(root, "core"), watched ? fmin(seconds, 1e9) : 0, count_of(root, "worse"), words);
}

/* Of --measure: nothing where a figure is missing. */
static void add_helped(struct text *words, const json_t *root) {
	const json_t *json = json_object_get(root, "helped");
	struct helped helped = {.outcome = helped_outcome_of(report_word_of(json, "lost")),
				.plain = report_number_of(json, "lost_without"),
				.still = report_number_of(json, "lost_with"),
				.ratio = report_number_of(json, "ratio"),
				.lower = report_number_of(json, "lower"),
				.upper = report_number_of(json, "upper"),
				.looked_us = report_number_of(json, "piece_seconds") * HELPED_PAIRS * 1e6};
	const double figures[] = {helped.plain, helped.still, helped.ratio,
				  helped.lower, helped.upper, helped.looked_us};
	bool whole = true;
	for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++)
		whole = whole && figures[i] >= 0 && figures[i] < 1e18;
	const char *held = report_word_of(json, "still");
	if (json && strlen(held) <= HELD_MOST && (whole || helped.outcome == HELPED_UNMEASURED))
		helped_show(&helped, count_of(root, "core"), held, words);
}

static void show(struct text *text, const struct report_part *part) {
	struct text words = {0};
	add_head(&words, part->root);
	add_helped(&words, part->root);
	report_part_open(text, part);
	text_add_string(text, "<h2>What makes figures worse</h2>\n<p class=\"file\">");
	report_text(text, part->file);
	text_add_string(text, "</p>\n<p class=\"lines\">");
	report_words(text, &words);
	text_add_string(text, "</p>\n");
	findings(text, json_object_get(part->root, "findings"));
	text_add_string(text, "</section>\n");
}

static bool read(struct report_part *part, const struct text *bytes, struct text *complaint) {
	return report_part_parse(part, bytes, "findings", complaint);
}

const struct report_kind report_doctor_kind = {
	.schema = DOCTOR_SCHEMA, .anchor = "doctor", .link = "What makes it worse", .read = read, .show = show};
