/* SPDX-License-Identifier: Apache-2.0
 *
 * What was counted beside the time (`run --counters`), folded: a table a file that has any. A file whose machine has no
 * counters says why.
 */
#include "bench/counters/events.h"
#include "hosted/report/report.h"

static const char *const titles[EVENT_COUNT] = {
	[EVENT_CYCLES] = "Cycles",
	[EVENT_INSTRUCTIONS] = "Instructions",
	[EVENT_L1D_MISSES] = "L1D misses",
	[EVENT_L2_MISSES] = "L2 misses",
	[EVENT_LLC_MISSES] = "Last-level misses",
	[EVENT_DTLB_MISSES] = "DTLB misses",
	[EVENT_PAGE_WALKS] = "Page walks",
	[EVENT_BRANCHES] = "Branches",
	[EVENT_BRANCH_MISSES] = "Mispredicted",
};

/* An object of numbers by event; NULL: nothing was counted. */
static const json_t *counts_of(const struct results_benchmark *run) {
	const json_t *counts = run ? json_object_get(json_object_get(run->json, "counters"), "per_iteration") : NULL;
	return json_is_object(counts) && json_object_size(counts) > 0 ? counts : NULL;
}

static size_t counted_rows(const struct report *report, size_t file, bool has[EVENT_COUNT]) {
	size_t count = 0;
	for (size_t i = 0; i < report->row_count; i++) {
		const json_t *counts = counts_of(report->rows[i].runs[file]);
		count += counts != NULL;
		for (int event = 0; event < EVENT_COUNT; event++)
			has[event] |= json_is_number(json_object_get(counts, event_name((enum event)event)));
	}
	return count;
}

static void add_row(struct text *text, const struct report_row *row, size_t file, const bool has[EVENT_COUNT]) {
	const json_t *counts = counts_of(row->runs[file]);
	if (!counts)
		return;
	text_add_string(text, "<tr><th scope=\"row\">");
	report_name(text, row->name);
	text_add_string(text, "</th>");
	for (int event = 0; event < EVENT_COUNT; event++) {
		const json_t *number = json_object_get(counts, event_name((enum event)event));
		if (!has[event])
			continue;
		if (json_is_number(number))
			text_format(text, "<td>%.4g</td>", json_number_value(number));
		else
			text_add_string(text, "<td class=\"none\">–</td>");
	}
	text_add_string(text, "</tr>\n");
}

static void add_table(struct text *text, const struct report *report, size_t file, size_t rows,
		      const bool has[EVENT_COUNT]) {
	text_add_string(text, "<details class=\"counted\"><summary>");
	report_mark(text, report, file);
	text_format(text, "Counted beside the time, of %zu benchmark%s", rows, rows == 1 ? "" : "s");
	text_add_string(text, "</summary>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Counted "
			      "beside the time\"><table><thead><tr><th>An iteration of</th>");
	for (int event = 0; event < EVENT_COUNT; event++)
		if (has[event])
			text_format(text, "<th class=\"number\">%s</th>", titles[event]);
	text_add_string(text, "</tr></thead><tbody>\n");
	for (size_t i = 0; i < report->row_count; i++)
		add_row(text, &report->rows[i], file, has);
	text_add_string(text, "</tbody></table></div></details>\n");
}

static void add_reason(struct text *text, const struct report *report, size_t file) {
	const char *missing = json_string_value(report_context(report->files[file], "counters/missing"));
	if (!missing)
		return;
	text_add_string(text, "<p>");
	report_mark(text, report, file);
	text_add_string(text, "Nothing was counted beside the time: ");
	report_text(text, missing);
	text_add_string(text, ".</p>\n");
}

void report_counters(struct text *text, const struct report *report) {
	for (size_t file = 0; file < report->file_count; file++) {
		bool has[EVENT_COUNT] = {false};
		size_t rows = counted_rows(report, file, has);
		if (rows)
			add_table(text, report, file, rows, has);
		else
			add_reason(text, report, file);
	}
}
