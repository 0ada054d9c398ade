/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/cli/verdict_summary.h"

#include <math.h>

double verdict_summary_mean(const struct judge_row *rows, size_t count) {
	double sum = 0;
	for (size_t i = 0; i < count; i++)
		sum += log1p(rows[i].change.relative);
	return count ? exp(sum / (double)count) : 1;
}

/* Behind the verdicts; gaps alike are counted together. */
static void add_gap_counts(const struct verdict_table *table, struct text *text) {
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
			text_format(text, ", %zu %s", alike, gap_text(gap));
	}
}

void verdict_summary_add(const struct verdict_table *table, struct text *text) {
	size_t counts[4] = {0};
	for (size_t i = 0; i < table->count; i++)
		counts[table->rows[i].change.verdict]++;
	text_format(text, "%zu improved, %zu regressed, %zu no change, %zu inconclusive", counts[CHANGE_IMPROVED],
		    counts[CHANGE_REGRESSED], counts[CHANGE_NONE], counts[CHANGE_INCONCLUSIVE]);
	add_gap_counts(table, text);
}
