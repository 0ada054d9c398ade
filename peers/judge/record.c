/* SPDX-License-Identifier: Apache-2.0 */
#include "peers/judge/record.h"

#include <stdlib.h>
#include <string.h>

enum { LAUNCHES_MAX = 64 };

void peer_words_copy(char *to, size_t bytes, const char *from) {
	size_t length = strlen(from) < bytes - 1 ? strlen(from) : bytes - 1;
	memcpy(to, from, length);
	to[length] = 0;
}

static int compare_doubles(const void *a, const void *b) {
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* Sorts them. */
static double median_of(double *values, size_t count) {
	qsort(values, count, sizeof *values, compare_doubles);
	return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

static void merge_entry(struct peer_entry *to, const struct peer_record *const *used, size_t count, size_t i) {
	double medians[LAUNCHES_MAX], paired[LAUNCHES_MAX];
	*to = used[0]->entries[i];
	for (size_t launch = 0; launch < count; launch++) {
		const struct peer_entry *from = &used[launch]->entries[i];
		medians[launch] = from->median_ns;
		paired[launch] = from->paired;
		to->minimum_ns = from->minimum_ns < to->minimum_ns ? from->minimum_ns : to->minimum_ns;
	}
	to->median_ns = median_of(medians, count);
	to->paired = median_of(paired, count);
	to->paired_least = paired[0];
	to->paired_most = paired[count - 1];
}

static void merge_costs(struct peer_record *merged, const struct peer_record *const *used, size_t count) {
	for (size_t launch = 1; launch < count; launch++) {
		const struct peer_record *record = used[launch];
		for (size_t step = 0; step < PEER_STEPS; step++)
			if (record->costs.cycles[step] < merged->costs.cycles[step])
				merged->costs.cycles[step] = record->costs.cycles[step];
		merged->core_ghz = record->core_ghz > merged->core_ghz ? record->core_ghz : merged->core_ghz;
	}
}

/* The first launch alone counts instructions. */
static void take_instructions(struct peer_record *merged, const struct peer_record *const *launches, size_t count) {
	for (size_t i = 0; i < merged->count; i++)
		for (size_t launch = 0; launch < count; launch++) {
			double counted = launches[launch]->entries[i].claim.instructions;
			if (counted > merged->entries[i].claim.instructions)
				merged->entries[i].claim.instructions = counted;
		}
}

void peer_records_merge(const struct peer_record *const *launches, size_t count, const struct peer_alone *alone,
			struct peer_record *merged) {
	const struct peer_record *used[LAUNCHES_MAX] = {launches[0]};
	size_t idle = 0;
	count = count < LAUNCHES_MAX ? count : LAUNCHES_MAX;
	for (size_t i = 0; i < count; i++)
		if (peer_probe_idle(alone, &launches[i]->probe))
			used[idle++] = launches[i];
	size_t take = idle;
	if (idle == 0)
		for (; take < count; take++)
			used[take] = launches[take];
	*merged = *used[0];
	merged->launches = (unsigned)count;
	merged->idle = (unsigned)idle;
	for (size_t i = 0; i < merged->count; i++)
		merge_entry(&merged->entries[i], used, take, i);
	merge_costs(merged, used, take);
	take_instructions(merged, launches, count);
}

bool peer_record_judged(const struct peer_record *merged, unsigned wanted) {
	return merged->idle >= wanted / 2 + 1;
}
