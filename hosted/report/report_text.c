/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/report/report.h"
#include "lib/units.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *entity(unsigned char byte) {
	switch (byte) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return (byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7f ? "&#xfffd;" : NULL;
	}
}

void report_text(struct text *text, const char *string) {
	for (const char *at = string; *at; at++) {
		const char *escaped = entity((unsigned char)*at);
		if (escaped)
			text_add_string(text, escaped);
		else
			text_add(text, at, 1);
	}
}

void report_words(struct text *text, struct text *words) {
	text_add(words, "", 1);
	if (words->failed)
		text->failed = true;
	else
		report_text(text, words->bytes);
	text_free(words);
}

void report_json_string(struct text *text, const char *string) {
	text_add_string(text, "\"");
	for (const char *at = string; *at; at++) {
		if ((unsigned char)*at < 0x20 || strchr("\"\\<>&", *at))
			text_format(text, "\\u%04x", (unsigned char)*at);
		else
			text_add(text, at, 1);
	}
	text_add_string(text, "\"");
}

/* Four digits that count. */
static int decimals(double value) {
	value = fabs(value);
	return value < 10 ? 3 : value < 100 ? 2 : value < 1000 ? 1 : 0;
}

struct time_unit {
	double ns;
	const char *name;
};

static struct time_unit unit_of(double ns) {
	static const struct time_unit units[] = {
		{NS_PER_SECOND, "s"}, {NS_PER_MS, "ms"}, {NS_PER_US, "µs"}, {1, "ns"}, {1e-3, "ps"}};
	size_t i = ns > 0 && ns < 0.1 ? 4 : 0;
	while (i < 3 && fabs(ns) < units[i].ns)
		i++;
	return units[i];
}

void report_time(struct text *text, double ns) {
	struct time_unit unit = unit_of(ns);
	text_format(text, "%.*f %s", decimals(ns / unit.ns), ns / unit.ns, unit.name);
}

void report_interval(struct text *text, double lower, double upper) {
	struct time_unit unit = unit_of(upper);
	int places = decimals(upper / unit.ns);
	text_format(text, "%.*f – %.*f %s", places, lower / unit.ns, places, upper / unit.ns, unit.name);
}

void report_percent(struct text *text, double share) {
	double value = fabs(share) * 100;
	int places = value < 10 ? 2 : value < 100 ? 1 : 0;
	text_format(text, "%s%.*f %%", share < 0 ? "−" : "+", places, value);
}

void report_rate(struct text *text, double per_second, const char *unit) {
	bool bytes = strcmp(unit, "bytes") == 0;
	double least = bytes ? 1073741824.0 : 1e6, value = per_second / least;
	text_format(text, "%.*f %s", decimals(value), value, bytes ? "GiB/s" : "M/s");
}

void report_attribute(struct text *text, const char *name, double value) {
	char digits[32];
	for (int precision = 12; precision <= 17; precision++) {
		snprintf(digits, sizeof(digits), "%.*g", precision, value);
		if (strtod(digits, NULL) == value)
			break;
	}
	text_format(text, " data-%s=\"%s\"", name, digits);
}

void report_unchecked(struct text *text, const struct report *report, const struct report_row *row) {
	for (size_t file = 0; file < report->file_count; file++)
		if (report_has_figures(row->runs[file]) && row->runs[file]->unchecked) {
			text_add_string(text, " <span class=\"badge\">unchecked</span>");
			return;
		}
}

void report_badge(struct text *text, const struct report *report, size_t file) {
	if (results_functional_only(report->files[file]))
		text_add_string(text, " <span class=\"badge\">functional only</span>");
}

void report_mark(struct text *text, const struct report *report, size_t file) {
	if (report->file_count > 1)
		text_format(text, "<b class=\"mark s%zu\">%c</b> ", file, report_letter(file));
}

void report_badges(struct text *text, const struct report *report) {
	for (size_t file = 0; file < report->file_count; file++) {
		if (!results_functional_only(report->files[file]))
			continue;
		text_add_string(text, " ");
		report_mark(text, report, file);
		report_badge(text, report, file);
	}
}

void report_name(struct text *text, const char *name) {
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

const char *report_verdict_class(const char *verdict) {
	if (strcmp(verdict, "improved") == 0)
		return "good";
	if (strcmp(verdict, "regressed") == 0)
		return "bad";
	return strcmp(verdict, "inconclusive") == 0 ? "doubt" : "even";
}

double report_least(const struct results_benchmark *run) {
	double least = INFINITY;
	for (size_t i = 0; i < run->count; i++)
		least = fmin(least, run->times[i] / (double)run->iters[i]);
	return least;
}

double report_half_width(const struct results_benchmark *run) {
	const struct results_estimate *headline = results_headline(run);
	return headline->point > 0 ? (headline->upper - headline->lower) / 2 / headline->point : 0;
}
