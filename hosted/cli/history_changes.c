/* SPDX-License-Identifier: Apache-2.0
 *
 * `anechoic history changes`: what changed anywhere, newest first.
 */
#include "bench/csv.h"
#include "bench/match.h"
#include "hosted/cli/fold.h"
#include "hosted/cli/history_request.h"
#include "hosted/cli/output.h"
#include "hosted/export/export.h"
#include "hosted/history/changes.h"
#include "hosted/platform/columns.h"
#include "hosted/results/files.h"

#include <stdio.h>
#include <string.h>

bool history_asks_for(const void *request_, const char *benchmark) {
	const struct history_request *request = request_;
	bool asked = request->count == 0;
	for (int i = 0; i < request->count && !asked; i++)
		asked = match_name(request->words[i], benchmark, false);
	return asked;
}

static double share_of(const struct history_change *change) {
	return change->from > 0 ? change->to / change->from - 1 : 0;
}

static void show_table(const struct history_change *changes, size_t count, struct text *text) {
	text_add_string(text, count ? "   run  added (UTC)          commit         change  levels and benchmark\n"
				    : "no level changed\n");
	for (size_t i = 0; i < count; i++) {
		const struct history_change *change = &changes[i];
		const struct history_entry *first = &change->first;
		text_format(text, "%6lld  %-19s  %-12s  %+6.2f %%  %.6g -> %.6g ns (%zu and %zu runs)  %s: %s%s%s\n",
			    (long long)first->run, first->added, first->commit, share_of(change) * 100, change->from,
			    change->to, change->runs_before, change->runs, change->benchmark, first->name,
			    *first->name ? ", " : "", first->machine);
	}
}

static void show_json(const struct history_change *changes, size_t count, struct text *text) {
	json_t *list = json_array();
	for (size_t i = 0; i < count; i++) {
		const struct history_entry *first = &changes[i].first;
		json_array_append_new(list, json_pack("{s:o, s:I, s:s, s:s, s:o, s:o, s:f, s:f, s:f, s:I, s:I}",
						      "benchmark", output_name_json(changes[i].benchmark), "run",
						      (json_int_t)first->run, "added", first->added, "commit",
						      first->commit, "machine", output_name_json(first->machine),
						      "name", output_name_json(first->name), "from_ns", changes[i].from,
						      "to_ns", changes[i].to, "change", share_of(&changes[i]),
						      "runs_before", (json_int_t)changes[i].runs_before, "runs",
						      (json_int_t)changes[i].runs));
	}
	export_add_json(text, json_pack("{s:s, s:o}", "schema", "anechoic-changes/1", "changes", list));
}

static void show_csv(const struct history_change *changes, size_t count, struct text *text) {
	text_add_string(text, "run,added,commit,benchmark,machine,name,from_ns,to_ns,change,runs_before,runs\n");
	for (size_t i = 0; i < count; i++) {
		const struct history_entry *first = &changes[i].first;
		text_format(text, "%lld,", (long long)first->run);
		csv_field(text, first->added);
		csv_field(text, first->commit);
		csv_field(text, changes[i].benchmark);
		csv_field(text, first->machine);
		csv_field(text, first->name);
		text_format(text, "%.12g,%.12g,%.6g,%zu,%zu\n", changes[i].from, changes[i].to, share_of(&changes[i]),
			    changes[i].runs_before, changes[i].runs);
	}
}

int history_show_changes(struct history *history, const struct history_request *request, struct text *complaint) {
	struct history_change *changes;
	struct text text = {0}, wide = {0};
	size_t count;
	int status = history_changes(history, history_asks_for, request, request->last ? request->last : HISTORY_LAST,
				     &changes, &count, complaint);
	if (status == 0 && strcmp(request->format, "json") == 0)
		show_json(changes, count, &text);
	else if (status == 0 && strcmp(request->format, "csv") == 0)
		show_csv(changes, count, &text);
	else if (status == 0) {
		show_table(changes, count, &wide);
		fold_add(&text, wide.bytes, wide.length, columns_of_output());
		text.failed |= wide.failed;
	}
	if (status == 0 && (text.failed || files_save("-", &text, complaint) < 0))
		status = 2;
	text_free(&wide);
	text_free(&text);
	history_changes_free(changes, count);
	return status ? 2 : 0;
}
