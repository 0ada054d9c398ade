/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/cli/comparison.h"

#include "hosted/cli/output.h"
#include "hosted/cli/verdict_table.h"
#include "hosted/verdict/comparable.h"
#include "hosted/verdict/versions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool may_compare(const struct launches *a, const struct launches *b) {
	const char *why = comparable_refusal(&a->all[0], &b->all[0]);
	if (why)
		fprintf(stderr, "%s and %s cannot be compared: %s (--platforms sets them side by side)\n", a->name,
			b->name, why);
	else if (a->count > 1 && b->count > 1 && a->count != b->count)
		fprintf(stderr, "%s has %zu launches and %s %zu: those beyond the shorter of the two pair with none\n",
			a->name, a->count, b->name, b->count);
	return !why;
}

bool comparison_complain_of_no_time(const struct launches *versions, size_t count) {
	struct text complaint = {0};
	for (size_t k = 0; k < count; k++) {
		bool again = false;
		for (size_t before = 0; before < k; before++)
			again |= strcmp(versions[before].name, versions[k].name) == 0;
		for (size_t i = 0; !again && i < versions[k].count; i++)
			launches_without_time(&versions[k].all[i], versions[k].all[i].file, &complaint);
	}
	return output_complain(&complaint);
}

static bool has_benchmark(const struct launches *launches, const char *name) {
	bool found = false;
	for (size_t i = 0; !found && i < launches->count; i++)
		found = results_find(&launches->all[i], name) != NULL;
	return found;
}

void comparison_complain_of_nothing_in_common(const struct launches *versions, size_t count) {
	size_t common = 0;
	for (size_t k = 0; k < count; k++)
		if (versions[k].all[0].count == 0) {
			fprintf(stderr, "%s: there is no benchmark in it\n", versions[k].name);
			return;
		}
	for (size_t k = 1; k < count; k++)
		for (size_t i = 0; i < versions[0].all[0].count; i++)
			common += has_benchmark(&versions[k], versions[0].all[0].benchmarks[i].name);
	if (common)
		fprintf(stderr, "no benchmark has samples in both\n");
	else
		fprintf(stderr, "no benchmark is in both\n");
}

/* One whose rows and gaps have room for all benchmarks. false: no memory. */
static bool open_table(const struct launches *versions, size_t count, struct verdict_table *table, struct gap **gaps) {
	size_t most = 1;
	for (size_t i = 1; i < count; i++)
		most += versions[0].all[0].count + versions[i].all[0].count;
	table->rows = malloc(most * sizeof(*table->rows));
	table->gaps = *gaps = malloc(most * sizeof(**gaps));
	return table->rows && *gaps;
}

static size_t drop_unasked(struct gap *gaps, size_t count) {
	size_t kept = 0;
	for (size_t i = 0; i < count; i++)
		if (gaps[i].kind != GAP_ONLY_IN_A)
			gaps[kept++] = gaps[i];
	return kept;
}

static void write_head(const struct launches *a, char *head, size_t capacity) {
	if (a->count > 1)
		snprintf(head, capacity, "against %zu launches of %.200s", a->count, a->name);
	else
		snprintf(head, capacity, "against a single launch, %.200s", a->name);
}

int comparison_show(const struct comparison *comparison) {
	const struct launches *versions = comparison->versions;
	size_t count = comparison->count;
	char head[300];
	struct verdict_table table = {.head = head, .json = comparison->json};
	struct gap *gaps = NULL;
	int status = 2;
	for (size_t i = 1; i < count; i++)
		if (!may_compare(&versions[0], &versions[i]))
			return 2;
	bool said = comparison_complain_of_no_time(versions, count);
	bool opened = open_table(versions, count, &table, &gaps);
	for (size_t i = 1; opened && i < count; i++) {
		table.count +=
			versions_compare(comparison->judge, &versions[0], &versions[i], table.rows + table.count);
		table.gap_count += versions_gaps(&versions[0], &versions[i], gaps + table.gap_count);
	}
	if (comparison->selected)
		table.gap_count = drop_unasked(gaps, table.gap_count);
	write_head(&versions[0], head, sizeof(head));
	if (!opened)
		fprintf(stderr, "out of memory\n");
	else if (table.count || gap_any_broken(gaps, table.gap_count))
		status = verdict_table_show(comparison->judge, &table);
	else if (!said)
		comparison_complain_of_nothing_in_common(versions, count);
	free(table.rows);
	free(gaps);
	return status;
}
