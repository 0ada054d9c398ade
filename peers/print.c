/* SPDX-License-Identifier: Apache-2.0 */
#include "peers/print.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char busy[] = "**void: the sibling is busy**";

/* ---- what comes at the end --------------------------------------------------------------------------------------- */

struct list {
	char *text;
	size_t bytes;
	FILE *file;
};

static struct {
	unsigned met, judged;
	struct list missed, voids, unjudged;
} total;

static void list_open(struct list *list) {
	list->file = open_memstream(&list->text, &list->bytes);
	if (list->file == NULL)
		abort();
}

static void list_close(struct list *list, const char *name) {
	fclose(list->file);
	if (list->bytes != 0)
		printf("; %s: %s", name, list->text);
	free(list->text);
}

static void count(enum peer_verdict verdict, const char *row, const char *against) {
	static struct list *const of[] = {[PEER_MISSED] = &total.missed,
					  [PEER_VOID] = &total.voids,
					  [PEER_VOID_BUSY] = &total.voids,
					  [PEER_ABSENT] = &total.unjudged,
					  [PEER_NO_LIMIT] = &total.unjudged};
	total.met += verdict == PEER_MET;
	total.judged += verdict != PEER_ABSENT && verdict != PEER_NO_LIMIT;
	if (verdict == PEER_MET)
		return;
	struct list *list = of[verdict];
	fprintf(list->file, "%s%s beside %s%s", ftell(list->file) > 0 ? ", " : "", row, against,
		verdict == PEER_VOID_BUSY ? " (the sibling is busy)" : "");
	fflush(list->file);
}

/* ---- rows -------------------------------------------------------------------------------------------------------- */

static double operations_of(const struct peer_row *row) {
	return row->operations != 0 ? (double)row->operations : 1;
}

static const char *words_of(enum peer_verdict verdict) {
	static const char *const words[] = {
		[PEER_MET] = "met", [PEER_MISSED] = "**missed**", [PEER_VOID] = "**void**", [PEER_VOID_BUSY] = busy};
	return words[verdict];
}

/* "0.220 of at most 0.250 best peer: met; ", and where either will do "0.3 of at most 0.2 best peer, or 1.0 of at most
 * 1.1 the limit: met; ". Returns the bar behind. */
static const struct peer_bar *print_bar(const struct peer_row *row, const struct peer_record *record, unsigned wanted,
					const struct peer_bar *bar) {
	const struct peer_bar *first = bar;
	enum peer_verdict verdict = PEER_NO_LIMIT;
	for (bool more = true; more; bar++) {
		struct peer_judgement seen = peer_bar_judge(bar, record, operations_of(row), wanted);
		verdict = bar == first ? seen.verdict : peer_verdict_of_either(verdict, seen.verdict);
		if (seen.verdict == PEER_ABSENT)
			printf("%s is absent", bar->against);
		else if (seen.verdict == PEER_NO_LIMIT)
			printf("no limit of this width");
		else
			printf("%.3f of at most %.3f %s%s", seen.seen, bar->ratio, bar->against,
			       !bar->methods                           ? ""
			       : strcmp(bar->against, PEER_LIMIT) == 0 ? ", each method"
								       : ", best method");
		more = bar->or_next;
		if (more)
			printf(", or ");
	}
	if (verdict != PEER_ABSENT && verdict != PEER_NO_LIMIT)
		printf(": %s", words_of(verdict));
	printf("; ");
	count(verdict, row->name, first->against);
	return bar;
}

static void print_validity(const struct peer_entry *entry, const struct peer_record *record, double operations) {
	const struct peer_claim *claim = &entry->claim;
	if (entry->walks != 0)
		printf("%llu walks from empty; ", (unsigned long long)entry->walks);
	if (!entry->claims)
		return;
	struct peer_range range = peer_range_of(claim, &record->costs);
	printf("%.1f of %.1f to %.1f cycles", entry->minimum_ns / operations * record->core_ghz, range.least,
	       range.most);
	if (claim->instructions > 0)
		printf(", %.1f of at most %.0f instructions", claim->instructions, claim->instructions_most);
	printf(": %s ", peer_validity_name(peer_entry_validity(entry, record, operations)));
}

static void print_name(const struct peer_row *row, const struct peer_entry *entry) {
	static const char *const before[] = {[PEER_OURS] = "**ours** (",
					     [PEER_OURS_METHOD] = "ours by ",
					     [PEER_OTHER] = "",
					     [PEER_LIMIT_OF_OURS] = "limit: ",
					     [PEER_LIMIT_OF_METHOD] = "limit of that: "};
	printf("|%s%s | %s%s%s | ", entry->role == PEER_OURS ? " " : "", entry->role == PEER_OURS ? row->name : "",
	       before[entry->role], entry->name, entry->role == PEER_OURS ? ")" : "");
}

static void print_entry(const struct peer_row *row, const struct peer_record *record, size_t i) {
	const struct peer_entry *entry = &record->entries[i];
	double operations = operations_of(row);
	print_name(row, entry);
	if (entry->absent[0] != 0) {
		printf("skipped: %s | | | | | |\n", entry->absent);
		return;
	}
	printf("%.3f | %.3f | ", entry->minimum_ns / operations, entry->median_ns / operations);
	if (row->bytes != 0)
		printf("%.1f", (double)row->bytes * operations / (entry->minimum_ns * record->core_ghz));
	if (i == 0)
		return;
	/* A method's limit is behind it. */
	const struct peer_entry *ours = &record->entries[entry->role == PEER_LIMIT_OF_METHOD ? i - 1 : 0];
	printf(" | %.3f | ", ours->minimum_ns / entry->minimum_ns);
	if (entry->role == PEER_OTHER || entry->role == PEER_OURS_METHOD)
		printf("%.3f [%.3f, %.3f]", entry->paired, entry->paired_least, entry->paired_most);
	printf(" | ");
	print_validity(entry, record, operations);
	printf("|\n");
}

static void print_row(const struct peer_results *results, uint32_t place) {
	static struct peer_record merged;
	const struct peer_row *row = results->rows->listed[place].row;
	peer_results_merge(results, place, &merged);
	if (merged.skipped[0] != 0) {
		printf("| %s | skipped: %s | | | | | | |\n", row->name, merged.skipped);
		return;
	}
	print_entry(row, &merged, 0);
	printf(" | | | ");
	print_validity(&merged.entries[0], &merged, operations_of(row));
	for (const struct peer_bar *bar = row->bars; bar < row->bars + PEER_BARS_MAX && bar->against != NULL;)
		bar = print_bar(row, &merged, results->launches, bar);
	if (!peer_record_judged(&merged, results->launches))
		printf("alone in %u of %u launches; ", merged.idle, merged.launches);
	printf("|\n");
	for (size_t i = 1; i < merged.count; i++)
		print_entry(row, &merged, i);
}

/* ---- the grid ---------------------------------------------------------------------------------------------------- */

static void print_grid(const struct peer_results *results, uint32_t place) {
	struct grid_tally tallies[GRID_CLASSES];
	const char *name = results->rows->listed[place].row->name;
	if (results->of[place].cells == NULL)
		return;
	grid_tally(results->of[place].cells, tallies);
	printf("\n## %s\n\nOurs over glibc's, median of pairs; a cell failed that was slower than 0.97x in three of "
	       "three launches; at most a hundredth of a class may:\n\n| cells | number | mean ratio | greatest ratio "
	       "of an interval within 5 %% | failed |\n|---|---|---|---|---|\n",
	       name);
	for (size_t i = 0; i < GRID_CLASSES; i++) {
		const struct grid_tally *tally = &tallies[i];
		if (tally->cells == 0)
			continue;
		printf("| %s | %u | %.3f | %.3f of at most %.3f: %s | %u of %u: %s |\n", tally->name, tally->cells,
		       tally->mean, tally->greatest, grid_greatest_most, words_of(tally->by_greatest), tally->failed,
		       tally->cells, words_of(tally->by_count));
		char row[2 * PEER_NAME_BYTES];
		snprintf(row, sizeof row, "%s, %s,", name, tally->name);
		count(tally->by_count, row, "glibc");
		count(tally->by_greatest, row, "1.10 of glibc in each cell");
	}
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

static void print_best_method(const struct peer_results *results, uint32_t place, bool *headed) {
	static struct peer_record merged;
	const struct peer_row *row = results->rows->listed[place].row;
	peer_results_merge(results, place, &merged);
	size_t best = 0, methods = 0;
	for (size_t i = 0; i < merged.count; i++) {
		if (merged.entries[i].role != PEER_OURS_METHOD)
			continue;
		methods++;
		if (merged.entries[i].minimum_ns < merged.entries[best].minimum_ns)
			best = i;
	}
	if (methods == 0)
		return;
	const struct peer_entry *chosen = &merged.entries[0], *fastest = &merged.entries[best];
	double operations = operations_of(row);
	if (!*headed)
		printf("\n## Chosen beside the best method\n\n| kernel and size | chosen | ns | best | ns | "
		       "chosen/best |\n|---|---|---|---|---|---|\n");
	*headed = true;
	printf("| %s | %s | %.3f | %s | %.3f | %.3f |\n", row->name, chosen->name, chosen->minimum_ns / operations,
	       fastest->name, fastest->minimum_ns / operations, chosen->minimum_ns / fastest->minimum_ns);
}

static void print_suites(const struct peer_results *results) {
	const struct peer_suite *headed = NULL;
	for (uint32_t i = 0; i < results->rows->count; i++) {
		const struct peer_listed *listed = &results->rows->listed[i];
		if (results->of[i].cells != NULL)
			print_grid(results, i);
		if (results->of[i].count == 0)
			continue;
		if (listed->suite != headed)
			printf("\n## %s\n\n| row | who | ns, least | ns, median | B/cycle | ours/peer, least | "
			       "ours/peer, "
			       "median of pairs [all launches] | bar |\n|---|---|---|---|---|---|---|---|\n",
			       listed->suite->name);
		headed = listed->suite;
		print_row(results, i);
	}
	bool best = false;
	for (uint32_t i = 0; i < results->rows->count; i++)
		if (results->of[i].count != 0)
			print_best_method(results, i, &best);
}

/* A figure of the core; a sibling that never rested during the run would be in it. */
static void print_alone(const struct peer_results *results) {
	size_t taken = 0, company = 0;
	for (uint32_t i = 0; i < results->rows->count; i++)
		for (size_t launch = 0; launch < results->of[i].count; launch++, taken++)
			company += !peer_probe_idle(&results->alone, &results->of[i].launches[launch]->probe);
	printf("\nThe core alone: four chains of additions take %.2f times as long as one, eight %.2f times. Of %zu "
	       "launches "
	       "of rows %zu had company on the core.\n",
	       peer_alone_ratio(&results->alone, PEER_CHAINS_FOUR),
	       peer_alone_ratio(&results->alone, PEER_CHAINS_EIGHT), taken, company);
}

void peer_print(const struct peer_results *results, const char *cpu) {
	list_open(&total.missed);
	list_open(&total.voids);
	list_open(&total.unjudged);
	print_suites(results);
	print_alone(results);
	printf("\nbars met on %s: %u of %u", cpu, total.met, total.judged);
	list_close(&total.missed, "missed");
	list_close(&total.voids, "void");
	list_close(&total.unjudged, "not judged");
	printf("\n");
}
