/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/cli/comparison.h"

#include "hosted/cli/output.h"
#include "hosted/verdict/comparable.h"
#include "hosted/verdict/versions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool may_compare(const struct launches *a, const struct launches *b) {
	const char *why = comparable_refusal(&a->all[0], &b->all[0]);
	if (why)
		output_say(stderr, "%s and %s cannot be compared: %s (--platforms sets them side by side)\n", a->name,
			   b->name, why);
	else if (a->count > 1 && b->count > 1 && a->count != b->count)
		output_say(stderr,
			   "%s has %zu launches and %s %zu: those beyond the shorter of the two pair with none\n",
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

void comparison_complain_of_incomplete(const struct launches *versions, size_t count) {
	struct text complaint = {0};
	for (size_t k = 0; k < count; k++)
		for (size_t i = 0; i < versions[k].count; i++)
			launches_incomplete(&versions[k].all[i], versions[k].all[i].file, &complaint);
	output_complain(&complaint);
}

void comparison_complain_of_nothing_in_common(const struct launches *versions, size_t count) {
	size_t common = 0;
	for (size_t k = 0; k < count; k++)
		if (versions[k].all[0].count == 0) {
			output_say(stderr, "%s: there is no benchmark in it\n", versions[k].name);
			return;
		}
	for (size_t k = 1; k < count; k++)
		for (size_t i = 0; i < versions[0].all[0].count; i++)
			common += launches_outcome(&versions[k], versions[0].all[0].benchmarks[i].name).seen;
	if (common)
		fprintf(stderr, "no benchmark has samples in both\n");
	else
		fprintf(stderr, "no benchmark is in both\n");
}

/* With room for all benchmarks. false: no memory. */
static bool open_found(const struct launches *versions, size_t count, struct versions_found *found) {
	size_t most = 1;
	for (size_t i = 1; i < count; i++)
		most += versions[0].all[0].count + versions[i].all[0].count;
	found->rows = malloc(most * sizeof(*found->rows));
	found->gaps = malloc(most * sizeof(*found->gaps));
	return found->rows && found->gaps;
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
	struct versions_found found = {0};
	int status = 2;
	for (size_t i = 1; i < count; i++)
		if (!may_compare(&versions[0], &versions[i]))
			return 2;
	comparison_complain_of_incomplete(versions, count);
	bool said = comparison_complain_of_no_time(versions, count), opened = open_found(versions, count, &found);
	for (size_t i = 1; opened && i < count; i++)
		versions_compare(comparison->judge, &versions[0], &versions[i], &found);
	if (comparison->selected)
		found.gap_count = drop_unasked(found.gaps, found.gap_count);
	write_head(&versions[0], head, sizeof(head));
	const struct verdict_table table = {
		.head = head,
		.rows = found.rows,
		.count = found.count,
		.gaps = found.gaps,
		.gap_count = found.gap_count,
		.format = comparison->format,
	};
	if (!opened)
		fprintf(stderr, "out of memory\n");
	else if (table.count || gap_any_broken(table.gaps, table.gap_count))
		status = verdict_table_show(comparison->judge, &table);
	else if (!said)
		comparison_complain_of_nothing_in_common(versions, count);
	free(found.rows);
	free(found.gaps);
	return status;
}
