/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/cli/verdict_table.h"

#include <math.h>
#include <stdio.h>

/* Of the changes that the rows show. */
static double geometric_mean(const struct judge_row *rows, size_t count) {
	double sum = 0;
	for (size_t i = 0; i < count; i++)
		sum += log1p(rows[i].change.relative);
	return count ? exp(sum / (double)count) : 1;
}

static void print_row(const struct judge_row *row) {
	const struct change *change = &row->change;
	printf("%-44s %10.4g %10.4g %+7.2f%% ", row->name, row->a_ns, row->b_ns, change->relative * 100);
	if (change->bounded)
		printf("[%+7.2f%% %+7.2f%%] %8.2g %6.2f%%  ", change->lower * 100, change->upper * 100,
		       change->corrected, change->smallest * 100);
	else
		printf("%19s %8s %7s  ", "[unknown]", "-", "-");
	printf("%s\n", change_verdict_name(change->verdict));
}

static void print_gaps(const struct verdict_table *table) {
	const char *against = NULL;
	for (size_t i = 0; i < table->gap_count; i++) {
		const struct gap *gap = &table->gaps[i];
		if (gap->against != against)
			printf("%s, not judged:\n", gap->against);
		against = gap->against;
		printf("%-44s %s%s%s\n", gap->name, gap_text(gap), *gap->reason ? ": " : "", gap->reason);
	}
}

/* Behind the verdicts, "2 failed in B": gaps alike are counted together. */
static void print_gap_counts(const struct verdict_table *table) {
	for (size_t i = 0; i < table->gap_count; i++) {
		const struct gap *gap = &table->gaps[i];
		size_t alike = 0;
		bool counted = false;
		for (size_t k = 0; k < table->gap_count; k++) {
			bool same = table->gaps[k].kind == gap->kind && table->gaps[k].side == gap->side;
			counted |= same && k < i;
			alike += same;
		}
		if (!counted)
			printf(", %zu %s", alike, gap_text(gap));
	}
}

static void print_table(const struct judge *judge, const struct verdict_table *table) {
	const char *against = NULL;
	size_t counts[4] = {0};
	bool open = false;
	printf("%s\n", table->head);
	for (size_t i = 0; i < table->count; i++) {
		const struct judge_row *row = &table->rows[i];
		if (row->against != against) {
			against = row->against;
			printf("%s\n%-44s %10s %10s %8s %19s %8s %7s  %s\n", against, "benchmark", "A ns", "B ns",
			       "change", "interval", "p", "shows", "verdict");
		}
		print_row(row);
		open |= !row->change.bounded;
		counts[row->change.verdict]++;
	}
	print_gaps(table);
	if (table->count > 1)
		printf("geometric mean of B/A: %.4f over %zu benchmarks\n", geometric_mean(table->rows, table->count),
		       table->count);
	printf("%zu improved, %zu regressed, %zu no change, %zu inconclusive", counts[CHANGE_IMPROVED],
	       counts[CHANGE_REGRESSED], counts[CHANGE_NONE], counts[CHANGE_INCONCLUSIVE]);
	print_gap_counts(table);
	printf("\nA and B are the 10 %% quantile of t / x; p is corrected by Holm's procedure over %zu benchmarks, and "
	       "must be below %g;\nthe interval must lie beyond +-%g%%; `shows`: the change that would be found in 9 "
	       "of 10 cases\n",
	       table->count, judge->rules.significance, judge->rules.noise_threshold * 100);
	if (open)
		printf("[unknown]: how much launches differ is not known; `anechoic ab` measures it, and `ab "
		       "--save-launches` keeps it\n");
}

static json_t *gaps_json(const struct verdict_table *table) {
	json_t *list = json_array();
	for (size_t i = 0; i < table->gap_count; i++) {
		const struct gap *gap = &table->gaps[i];
		json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s}", "name", gap->name, "against",
						      gap->against, "verdict", gap_text(gap), "reason", gap->reason));
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
		json_t *entry = json_pack("{s:s, s:s, s:s, s:f, s:f, s:I, s:f, s:f, s:f}", "name", row->name, "against",
					  row->against, "verdict", change_verdict_name(c->verdict), "a_ns", row->a_ns,
					  "b_ns", row->b_ns, "launches", (json_int_t)row->launches, "change",
					  c->relative, "noise_threshold", row->rules.noise_threshold, "p", c->p);
		json_object_set_new(entry, "p_corrected", json_real(c->corrected));
		json_object_set_new(entry, "lower", c->bounded ? json_real(c->lower) : json_null());
		json_object_set_new(entry, "upper", c->bounded ? json_real(c->upper) : json_null());
		json_object_set_new(entry, "smallest_effect", c->bounded ? json_real(c->smallest) : json_null());
		json_array_append_new(list, entry);
	}
	json_t *root = json_pack("{s:s, s:f, s:f, s:f, s:i, s:o, s:o}", "schema", "anechoic-compare/1",
				 "significance_level", judge->rules.significance, "effect", judge->rules.effect,
				 "geometric_mean", geometric_mean(rows, count), "status", status, "benchmarks", list,
				 "not_judged", gaps_json(table));
	json_dumpf(root, stdout, JSON_INDENT(1));
	printf("\n");
	json_decref(root);
}

int verdict_table_show(const struct judge *judge, const struct verdict_table *table) {
	int status = judge_status(judge_rows(table->rows, table->count), table->gaps, table->gap_count);
	if (status == 2)
		fprintf(stderr, "out of memory\n");
	else if (table->json)
		print_json(judge, table, status);
	else
		print_table(judge, table);
	return status;
}
