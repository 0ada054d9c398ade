/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/cli/memory_table.h"

#include "bench/machine/words.h"
#include "bench/size.h"
#include "hosted/results/results_tlbs.h"

#include <stdlib.h>

enum { COLUMN_TOLD = 8, COLUMN_READ = 17, COLUMN_MEASURED = 27, COLUMN_TIME = 64, COLUMN_VERDICT = 87 };

/* Padding counts from the line's start: each line is made alone. */
static void add_size(struct text *line, uint64_t bytes, size_t column) {
	char words[SIZE_WORDS_BYTES];
	text_add_string(line, bytes ? size_words(words, bytes, 4) : "-");
	if (column)
		text_pad(line, column);
}

static void add_found(struct text *line, const struct results_level *level) {
	if (level && level->kind != LEVEL_LAST) {
		add_size(line, level->named_bytes ? level->named_bytes : level->bytes, 0);
		text_add_string(line, " [");
		add_size(line, level->bytes_lower, 0);
		text_add_string(line, " ");
		add_size(line, level->bytes_upper, 0);
		text_add_string(line, level->kind == LEVEL_BETWEEN ? "] ramp" : "]");
	} else {
		text_add_string(line, "-");
	}
	text_pad(line, COLUMN_TIME);
	if (level)
		text_format(line, "%.3g ns [%.3g %.3g]", level->ns, level->ns_lower, level->ns_upper);
	else
		text_add_string(line, "-");
	text_pad(line, COLUMN_VERDICT);
}

static void add_row(struct text *text, const struct results_memory_row *row) {
	struct text line = {0};
	text_add_string(&line, row->name);
	text_pad(&line, COLUMN_TOLD);
	add_size(&line, row->told_bytes, COLUMN_READ);
	add_size(&line, row->read_bytes, COLUMN_MEASURED);
	add_found(&line, row->found);
	text_format(&line, "%s\n", results_verdict_name(row->verdict));
	text_add(text, line.bytes, line.length);
	text->failed |= line.failed;
	text_free(&line);
	for (size_t i = 0; row->found && i < json_array_size(row->found->doubts); i++) {
		text_format(text, "%*suncertain: ", COLUMN_TOLD, "");
		text_add_string(text, json_string_value(json_array_get(row->found->doubts, i)));
		text_add_string(text, "\n");
	}
}

static void add_reach(struct text *line, const struct results_tlb_row *row) {
	const struct reach_level *found = &row->found;
	if (row->is_found && found->kind == REACH_STEP)
		text_format(line, "[%u %u] entries", (unsigned)found->lower, (unsigned)found->upper);
	else if (row->is_found)
		text_format(line, "%u entries or more", (unsigned)found->lower);
	else
		text_add_string(line, "-");
	text_pad(line, COLUMN_TIME);
	if (row->is_found && found->ns > 0)
		text_format(line, "%.3g ns [%.3g %.3g]", found->ns, found->ns_lower, found->ns_upper);
	else
		text_add_string(line, "-");
	text_pad(line, COLUMN_VERDICT);
}

static void add_tlb(struct text *text, const struct results_tlb_row *row) {
	struct text line = {0};
	text_add_string(&line, row->name);
	text_pad(&line, COLUMN_TOLD);
	text_format(&line, row->told ? "%llu" : "-", (unsigned long long)row->told);
	text_pad(&line, COLUMN_READ);
	text_add_string(&line, "-");
	text_pad(&line, COLUMN_MEASURED);
	add_reach(&line, row);
	text_format(&line, "%s\n", results_verdict_name(row->verdict));
	text_add(text, line.bytes, line.length);
	text->failed |= line.failed;
	text_free(&line);
	for (unsigned doubt = REACH_CACHE; row->is_found && doubt < REACH_DOUBTS_END; doubt *= 2)
		if (row->found.doubts & doubt)
			text_format(text, "%*suncertain: %s\n", COLUMN_TOLD, "",
				    reach_doubt_name((enum reach_doubt)doubt));
	if (row->outcome[0] && row->level == 0)
		text_format(text, "%*snothing found: %s\n", COLUMN_TOLD, "", row->outcome);
}

static void add_tlbs(struct text *text, const struct results *results) {
	struct results_tlb_row rows[RESULTS_TLB_ROWS_MOST];
	size_t count = results_tlb_rows(results, rows);
	bool is_measured = false;
	for (size_t i = 0; i < count; i++) {
		add_tlb(text, &rows[i]);
		is_measured |= rows[i].is_found || rows[i].outcome[0];
	}
	if (count && !is_measured)
		text_add_string(text,
				"the TLBs were not measured: `anechoic run machine/pages/reach machine/pages/held "
				"--out FILE` does\n");
	results_tlb_geometry(results, text);
}

static void add_head(struct text *text, const struct results *results, const struct results_ladder *ladder) {
	text_format(text, "%s, %s, %s\n", results_context(results, "platform/cpu"),
		    results_context(results, "platform/architecture"), results_context(results, "platform/way"));
	if (results_functional_only(results))
		text_add_string(text, "FUNCTIONAL ONLY, no time or size measured here is the hardware's\n");
	if (ladder) {
		text_add_string(text, "measured in pages of ");
		machine_add_bytes(text, ladder->page_bytes);
		text_add_string(text, "\n");
	}
	for (size_t i = 0; i < results->ladder_count; i++)
		if (results->ladders[i].count == 0) {
			text_add_string(text, "pages of ");
			machine_add_bytes(text, results->ladders[i].page_bytes);
			text_format(text, ": none: %s\n", results->ladders[i].outcome);
		}
	if (results->ladder_count == 0)
		text_add_string(text, "nothing of the memory was measured: `anechoic ladder --out FILE` does\n");
}

void memory_table_show(const struct results *results, struct text *text) {
	const struct results_ladder *ladder = results_best_ladder(results);
	struct results_memory_row rows[RESULTS_MEMORY_ROWS_MOST];
	size_t count = results_memory_rows(results, ladder, rows);
	add_head(text, results, ladder);
	text_format(text, "%-*s%-*s%-*s%-*s%-*s%s\n", COLUMN_TOLD, "level", COLUMN_READ - COLUMN_TOLD, "told",
		    COLUMN_MEASURED - COLUMN_READ, "read", COLUMN_TIME - COLUMN_MEASURED, "measured [interval]",
		    COLUMN_VERDICT - COLUMN_TIME, "a load [interval]", "verdict");
	for (size_t i = 0; i < count; i++)
		add_row(text, &rows[i]);
	add_tlbs(text, results);
}
