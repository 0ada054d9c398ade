/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/cli/verdict_table.h"

#include "hosted/cli/annotations.h"
#include "hosted/cli/fold.h"
#include "hosted/cli/output.h"
#include "hosted/cli/verdict_markdown.h"
#include "hosted/cli/verdict_summary.h"

#include <stdio.h>

enum { NAME_COLUMNS = 44 };

/* Up to `column`, and always on one line: under GitHub Actions one that begins with "::" is a command, which no name or
 * reason of a result file may give. */
static void print_on_line(const char *string, int column) {
	for (; *string; string++, column--)
		putchar((unsigned char)*string < ' ' ? ' ' : *string);
	printf("%*s", column > 0 ? column : 0, "");
}

static void print_row(const struct judge_row *row) {
	const struct change *change = &row->change;
	print_on_line(row->name, NAME_COLUMNS);
	printf(" %10.4g %10.4g %+7.2f%% ", row->a_ns, row->b_ns, change->relative * 100);
	if (change->bounded)
		printf("[%+7.2f%% %+7.2f%%] %8.2g %6.2f%%  ", change->lower * 100, change->upper * 100,
		       change->corrected, change->smallest * 100);
	else
		printf("%19s %8s %7s  ", "[unknown]", "-", "-");
	const char *refusal = row_room_refusal(&row->room);
	printf("%s%s%s\n", change_verdict_name(change->verdict), refusal ? ": " : "", refusal ? refusal : "");
}

static void print_gaps(const struct verdict_table *table) {
	const char *against = NULL;
	for (size_t i = 0; i < table->gap_count; i++) {
		const struct gap *gap = &table->gaps[i];
		if (gap->against != against) {
			print_on_line(gap->against, 0);
			printf(", not judged:\n");
		}
		against = gap->against;
		print_on_line(gap->name, NAME_COLUMNS);
		printf(" %s%s", gap_text(gap), *gap->reason ? ": " : "");
		print_on_line(gap->reason, 0);
		printf("\n");
	}
}

/* Of rows without an interval: what they lack. */
static void print_what_is_unknown(const struct verdict_table *table) {
	const struct judge_row *single = NULL, *few = NULL;
	for (size_t i = 0; i < table->count; i++) {
		const struct judge_row *row = &table->rows[i];
		if (row->change.bounded)
			continue;
		if (row->launches < 2)
			single = row;
		else if (!few || row->launches < few->launches)
			few = row;
	}
	if (few)
		printf("[unknown]: %zu launches of each: %zu are needed\n", few->launches,
		       few->needed ? few->needed : change_pairs_least(few->rules.significance));
	if (single)
		printf("[unknown]: how much launches differ is not known; `anechoic ab` measures it, and `ab "
		       "--save-launches` keeps it\n");
}

static void print_table(const struct judge *judge, const struct verdict_table *table) {
	const char *against = NULL;
	struct text summary = {0};
	print_on_line(table->head, 0);
	printf("\n");
	for (size_t i = 0; i < table->count; i++) {
		const struct judge_row *row = &table->rows[i];
		if (row->against != against) {
			against = row->against;
			print_on_line(against, 0);
			printf("\n%-*s %10s %10s %8s %19s %8s %7s  %s\n", NAME_COLUMNS, "benchmark", "A ns", "B ns",
			       "change", "interval", "p", "shows", "verdict");
		}
		print_row(row);
	}
	print_gaps(table);
	if (table->count > 1)
		printf("geometric mean of B/A: %.4f over %zu benchmarks\n",
		       verdict_summary_mean(table->rows, table->count), table->count);
	verdict_summary_add(table, &summary);
	if (!summary.failed)
		fwrite(summary.bytes, 1, summary.length, stdout);
	text_free(&summary);
	printf("\nA and B are the 10 %% quantile of t / x; p is corrected by Holm's procedure over %zu benchmark%s, "
	       "and "
	       "must be below %g;\nthe interval must lie beyond +-%g%%; `shows`: the change that would be found in 9 "
	       "of 10 cases\n",
	       table->count, table->count == 1 ? "" : "s", judge->rules.significance,
	       judge->rules.noise_threshold * 100);
	print_what_is_unknown(table);
}

static json_t *gaps_json(const struct verdict_table *table) {
	json_t *list = json_array();
	for (size_t i = 0; i < table->gap_count; i++) {
		const struct gap *gap = &table->gaps[i];
		json_array_append_new(list, json_pack("{s:s, s:o, s:s, s:s}", "name", gap->name, "against",
						      output_name_json(gap->against), "verdict", gap_text(gap),
						      "reason", gap->reason));
	}
	return list;
}

static void print_json(const struct judge *judge, const struct verdict_table *table, int status) {
	const struct judge_row *rows = table->rows;
	size_t count = table->count;
	json_t *list = json_array();
	for (size_t i = 0; i < count; i++) {
		const struct judge_row *row = &rows[i];
		const struct change *c = &row->change;
		json_t *entry =
			json_pack("{s:s, s:o, s:s, s:f, s:f, s:I, s:f, s:f, s:f}", "name", row->name, "against",
				  output_name_json(row->against), "verdict", change_verdict_name(c->verdict), "a_ns",
				  row->a_ns, "b_ns", row->b_ns, "launches", (json_int_t)row->launches, "change",
				  c->relative, "noise_threshold", row->rules.noise_threshold, "p", c->p);
		json_object_set_new(entry, "p_corrected", json_real(c->corrected));
		json_object_set_new(entry, "lower", c->bounded ? json_real(c->lower) : json_null());
		json_object_set_new(entry, "upper", c->bounded ? json_real(c->upper) : json_null());
		json_object_set_new(entry, "smallest_effect", c->bounded ? json_real(c->smallest) : json_null());
		char reason[JUDGE_REASON_BYTES];
		json_object_set_new(entry, "room", json_string(room_word_name(row->room.word)));
		if (judge_reason(row, reason))
			json_object_set_new(entry, "reason", json_string(reason));
		json_array_append_new(list, entry);
	}
	json_t *mean = count > 1 ? json_real(verdict_summary_mean(rows, count)) : json_null();
	json_t *root =
		json_pack("{s:s, s:f, s:f, s:o, s:i, s:o, s:o}", "schema", "anechoic-compare/1", "significance_level",
			  judge->rules.significance, "effect", judge->rules.effect, "geometric_mean", mean, "status",
			  status, "benchmarks", list, "not_judged", gaps_json(table));
	json_dumpf(root, stdout, JSON_INDENT(1));
	printf("\n");
	json_decref(root);
}

int verdict_table_show(const struct judge *judge, const struct verdict_table *table) {
	int status = judge_status(judge_rows(table->rows, table->count), table->gaps, table->gap_count);
	if (status == 2)
		fprintf(stderr, "out of memory\n");
	else if (table->format == VERDICT_FORMAT_JSON)
		print_json(judge, table, status);
	else if (table->format == VERDICT_FORMAT_MARKDOWN)
		verdict_markdown_print(judge, table);
	else {
		fold_begin();
		print_table(judge, table);
		fold_end();
	}
	if (status != 2)
		annotations_print(table);
	return status;
}
