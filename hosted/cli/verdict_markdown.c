/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/cli/verdict_markdown.h"

#include "hosted/cli/verdict_summary.h"

#include <stdio.h>
#include <string.h>

static const char columns[] = "| verdict | benchmark | A, ns | B, ns | change | p |\n|---|---|--:|--:|:--|--:|\n";

/* A code span keeps everything but a bar, which ends a table's cell, a backslash before one, and a backquote; these
 * are character references, which a span does not know, in an element. Neither lets "@name" call anybody. */
static void add_code(struct text *text, const char *string) {
	bool element = !*string || strpbrk(string, "|`\\");
	text_add_string(text, element ? "<code>" : "`");
	for (; *string; string++) {
		unsigned char c = (unsigned char)*string;
		if (c < ' ' || c == 0x7f)
			text_add_string(text, " ");
		else if (element && strchr("!\"#$&'()*+<>@[\\]^_`{|}~", c))
			text_format(text, "&#%d;", c);
		else
			text_add(text, string, 1);
	}
	text_add_string(text, element ? "</code>" : "`");
}

static void add_row(const struct judge_row *row, struct text *text) {
	const struct change *change = &row->change;
	bool changed = change->verdict == CHANGE_REGRESSED || change->verdict == CHANGE_IMPROVED;
	const char *strong = changed ? "**" : "";
	char reason[JUDGE_REASON_BYTES];
	bool open = judge_reason(row, reason);
	text_format(text, "| %s%s%s%s%s | ", strong, change_verdict_name(change->verdict), strong, open ? ": " : "",
		    open ? reason : "");
	add_code(text, row->name);
	text_format(text, " | %.4g | %.4g | %+.2f%% ", row->a_ns, row->b_ns, change->relative * 100);
	if (change->bounded)
		text_format(text, "[%+.2f%%, %+.2f%%] | %.2g |\n", change->lower * 100, change->upper * 100,
			    change->corrected);
	else
		text_add_string(text, "[unknown] | - |\n");
}

static bool is_broken(const struct gap *gap) {
	return gap_any_broken(gap, 1);
}

static void add_gaps(const struct verdict_table *table, const char *against, bool broken, struct text *text) {
	for (size_t i = 0; i < table->gap_count; i++) {
		const struct gap *gap = &table->gaps[i];
		if (gap->against != against || is_broken(gap) != broken)
			continue;
		text_format(text, "| %s%s%s | ", broken ? "**" : "", gap_text(gap), broken ? "**" : "");
		add_code(text, gap->name);
		text_add_string(text, " | - | - | ");
		if (*gap->reason)
			add_code(text, gap->reason);
		else
			text_add_string(text, "-");
		text_add_string(text, " | - |\n");
	}
}

static size_t add_rows(const struct verdict_table *table, const char *against, enum change_verdict verdict,
		       struct text *text) {
	size_t added = 0;
	for (size_t i = 0; i < table->count; i++)
		if (table->rows[i].against == against && table->rows[i].change.verdict == verdict) {
			add_row(&table->rows[i], text);
			added++;
		}
	return added;
}

/* What has to be looked at stands first. */
static void add_version(const struct verdict_table *table, const char *against, struct text *text) {
	struct text open = {0}, folded = {0};
	add_gaps(table, against, true, &open);
	add_rows(table, against, CHANGE_REGRESSED, &open);
	add_rows(table, against, CHANGE_IMPROVED, &open);
	add_rows(table, against, CHANGE_INCONCLUSIVE, &open);
	add_gaps(table, against, false, &open);
	size_t unchanged = add_rows(table, against, CHANGE_NONE, &folded);
	text_add_string(text, "\nB: ");
	add_code(text, against);
	text_add_string(text, "\n\n");
	if (open.length) {
		text_add_string(text, columns);
		text_add(text, open.bytes, open.length);
	}
	if (folded.length) {
		text_format(text, "%s<details><summary>%zu no change</summary>\n\n%s", open.length ? "\n" : "",
			    unchanged, columns);
		text_add(text, folded.bytes, folded.length);
		text_add_string(text, "\n</details>\n");
	}
	text->failed |= open.failed || folded.failed;
	text_free(&open);
	text_free(&folded);
}

/* Rows and gaps of a B each stand together, in the order of the Bs; one may have no row, or no gap. */
static void add_versions(const struct verdict_table *table, struct text *text) {
	const char *against = NULL;
	for (size_t i = 0; i < table->count; i++) {
		if (table->rows[i].against != against)
			add_version(table, table->rows[i].against, text);
		against = table->rows[i].against;
	}
	against = NULL;
	for (size_t i = 0; i < table->gap_count; i++) {
		bool shown = table->gaps[i].against == against;
		against = table->gaps[i].against;
		for (size_t k = 0; !shown && k < table->count; k++)
			shown = table->rows[k].against == against;
		if (!shown)
			add_version(table, against, text);
	}
}

void verdict_markdown_print(const struct judge *judge, const struct verdict_table *table) {
	struct text text = {0};
	text_add_string(&text, "**");
	verdict_summary_add(table, &text);
	text_add_string(&text, "**\n\n");
	add_code(&text, table->head);
	text_add_string(&text, "\n");
	add_versions(table, &text);
	text_add_string(&text, "\n");
	if (table->count > 1)
		text_format(&text, "Geometric mean of B/A: %.4f over %zu benchmarks.\n",
			    verdict_summary_mean(table->rows, table->count), table->count);
	text_format(
		&text,
		"A and B are the 10 %% quantile of the time an iteration; p is corrected over %zu benchmark%s and must "
		"be below %g; the interval must lie beyond ±%g%%.\n",
		table->count, table->count == 1 ? "" : "s", judge->rules.significance,
		judge->rules.noise_threshold * 100);
	if (text.failed)
		fprintf(stderr, "out of memory\n");
	else
		fwrite(text.bytes, 1, text.length, stdout);
	text_free(&text);
}
