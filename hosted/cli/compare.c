/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/cli/compare.h"

#include "hosted/cli/output.h"
#include "hosted/cli/verdict_table.h"
#include "hosted/verdict/comparable.h"
#include "hosted/verdict/compare.h"

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

bool compare_complain_of_no_time(const struct launches *versions, size_t count) {
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

void compare_complain_of_nothing_in_common(const struct launches *versions, size_t count) {
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

int compare_launches(const struct judge *judge, const struct launches *versions, size_t count) {
	for (size_t i = 1; i < count; i++)
		if (!may_compare(&versions[0], &versions[i]))
			return 2;
	bool said = compare_complain_of_no_time(versions, count);
	struct judge_row *rows = malloc(((count - 1) * versions[0].all[0].count + 1) * sizeof(*rows));
	size_t found = 0;
	if (!rows) {
		fprintf(stderr, "out of memory\n");
		return 2;
	}
	for (size_t i = 1; i < count; i++)
		found += compare_versions(judge, &versions[0], &versions[i], rows + found);
	char head[300];
	if (versions[0].count > 1)
		snprintf(head, sizeof(head), "against %zu launches of %.200s", versions[0].count, versions[0].name);
	else
		snprintf(head, sizeof(head), "against a single launch, %.200s", versions[0].name);
	int status = 2;
	if (found)
		status = verdict_table_show(judge, head, rows, found);
	else if (!said)
		compare_complain_of_nothing_in_common(versions, count);
	free(rows);
	return status;
}
