/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/cli/verdict_table.h"

#include <math.h>
#include <stdio.h>

static double geometric_mean(const struct judge_row *rows, size_t count) {
	double sum = 0;
	for (size_t i = 0; i < count; i++)
		sum += log(rows[i].b_ns / rows[i].a_ns);
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

static void print_table(const struct judge *judge, const char *head, const struct judge_row *rows, size_t count) {
	const char *against = NULL;
	size_t counts[4] = {0};
	bool open = false;
	printf("%s\n", head);
	for (size_t i = 0; i < count; i++) {
		if (rows[i].against != against) {
			against = rows[i].against;
			printf("%s\n%-44s %10s %10s %8s %19s %8s %7s  %s\n", against, "benchmark", "A ns", "B ns",
			       "change", "interval", "p", "shows", "verdict");
		}
		print_row(&rows[i]);
		open |= !rows[i].change.bounded;
		counts[rows[i].change.verdict]++;
	}
	printf("geometric mean of B/A: %.4f over %zu benchmarks\n", geometric_mean(rows, count), count);
	printf("%zu improved, %zu regressed, %zu no change, %zu inconclusive\n", counts[CHANGE_IMPROVED],
	       counts[CHANGE_REGRESSED], counts[CHANGE_NONE], counts[CHANGE_INCONCLUSIVE]);
	printf("A and B are the 10 %% quantile of t / x; p is corrected by Holm's procedure over %zu benchmarks, and "
	       "must be "
	       "below %g;\nthe interval must lie beyond +-%g%%; `shows`: the change that would be found in 9 of 10 "
	       "cases\n",
	       count, judge->rules.significance, judge->rules.noise_threshold * 100);
	if (open)
		printf("[unknown]: how much launches differ is not known; `anechoic ab` measures it, and `ab "
		       "--save-launches` "
		       "keeps it\n");
}

static void print_json(const struct judge *judge, const struct judge_row *rows, size_t count, int status) {
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
	json_t *root = json_pack("{s:s, s:f, s:f, s:f, s:i, s:o}", "schema", "anechoic-compare/1", "significance_level",
				 judge->rules.significance, "effect", judge->rules.effect, "geometric_mean",
				 geometric_mean(rows, count), "status", status, "benchmarks", list);
	json_dumpf(root, stdout, JSON_INDENT(1));
	printf("\n");
	json_decref(root);
}

int verdict_table_show(const struct judge *judge, const char *head, struct judge_row *rows, size_t count) {
	int status = judge_rows(rows, count);
	if (status == 2)
		fprintf(stderr, "out of memory\n");
	else if (judge->json)
		print_json(judge, rows, count, status);
	else
		print_table(judge, head, rows, count);
	return status;
}
