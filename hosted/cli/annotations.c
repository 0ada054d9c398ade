/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/cli/annotations.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A property ends at a colon or a comma, a message does not. */
static void print_escaped(const char *string, bool property) {
	for (; *string; string++)
		if (strchr("%\r\n", *string) || (property && strchr(":,", *string)))
			fprintf(stderr, "%%%02X", (unsigned char)*string);
		else
			putc(*string, stderr);
}

static void print_title(const char *verdict, const char *name) {
	fprintf(stderr, "::error title=");
	print_escaped(verdict, true);
	fprintf(stderr, " ");
	print_escaped(name, true);
	fprintf(stderr, "::");
}

static void print_regression(const struct judge_row *row) {
	const struct change *change = &row->change;
	print_title(change_verdict_name(change->verdict), row->name);
	fprintf(stderr, "%.4g ns -> %.4g ns, %+.2f%%25 [%+.2f%%25, %+.2f%%25], p %.2g, B: ", row->a_ns, row->b_ns,
		change->relative * 100, change->lower * 100, change->upper * 100, change->corrected);
	print_escaped(row->against, false);
	fprintf(stderr, "\n");
}

static void print_gap(const struct gap *gap) {
	print_title(gap_text(gap), gap->name);
	print_escaped(*gap->reason ? gap->reason : gap_text(gap), false);
	fprintf(stderr, ", B: ");
	print_escaped(gap->against, false);
	fprintf(stderr, "\n");
}

void annotations_print(const struct verdict_table *table) {
	const char *actions = getenv("GITHUB_ACTIONS");
	if (!actions || strcmp(actions, "true") != 0)
		return;
	for (size_t i = 0; i < table->gap_count; i++)
		if (table->gaps[i].side == 'B' && gap_any_broken(&table->gaps[i], 1))
			print_gap(&table->gaps[i]);
	for (size_t i = 0; i < table->count; i++)
		if (table->rows[i].change.verdict == CHANGE_REGRESSED)
			print_regression(&table->rows[i]);
}
