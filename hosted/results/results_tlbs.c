/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/results/results_tlbs.h"

#include "bench/ladder/geometry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double least_time(const struct results_benchmark *benchmark) {
	double least = 0;
	for (size_t i = 0; i < benchmark->count; i++) {
		double ns = benchmark->times[i] / (double)benchmark->iters[i];
		least = i == 0 || ns < least ? ns : least;
	}
	return least;
}

/* bench/json.h's readers read text; the caller frees it. */
static struct json_span text_of(const json_t *json, char **text) {
	*text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	return *text ? (struct json_span){*text, strlen(*text)} : (struct json_span){"", 0};
}

static enum results_verdict verdict_of(enum reach_verdict verdict) {
	static const enum results_verdict verdicts[] = {
		[REACH_NOT_MEASURED] = RESULTS_NOT_MEASURED, [REACH_UNCERTAIN] = RESULTS_UNCERTAIN,
		[REACH_NOT_TOLD] = RESULTS_NOT_TOLD,         [REACH_AGREES] = RESULTS_AGREES,
		[REACH_DIFFERS] = RESULTS_DIFFERS,
	};
	return verdicts[verdict];
}

static struct results_tlb_row row_of(const struct reach_tlbs *tlbs, const struct reach_told *told, size_t size,
				     size_t level) {
	static const char *const pages[REACH_PAGE_SIZES] = {"4K", "2M", "1G"};
	const struct reach_level *found = reach_tlbs_level(tlbs, level);
	struct results_tlb_row row = {
		.size = size,
		.level = level,
		.told = tlbs->told[level],
		.is_found = found != NULL,
		.outcome = tlbs->points > 0 && !found ? reach_outcome_name(tlbs->found.outcome) : "",
		.verdict = verdict_of(tlbs->verdict[level]),
	};
	if (found)
		row.found = *found;
	snprintf(row.name, sizeof(row.name), "TLB%c %s", level == 0 ? '1' : '2', pages[size]);
	snprintf(row.source, sizeof(row.source), "%s", told->source[size][level]);
	return row;
}

size_t results_tlb_rows(const struct results *results, struct results_tlb_row rows[RESULTS_TLB_ROWS_MOST]) {
	struct reach_rows *times = calloc(1, sizeof(*times));
	struct reach_told told;
	char *context = NULL;
	size_t count = 0;
	if (!times)
		return 0;
	for (size_t i = 0; i < results->count; i++)
		if (results->benchmarks[i].count > 0 && results->benchmarks[i].status == BENCH_STATUS_OK)
			reach_rows_take(times, results->benchmarks[i].name, least_time(&results->benchmarks[i]));
	reach_told_of(text_of(results->context, &context), &told);
	for (size_t size = 0; size < REACH_PAGE_SIZES; size++) {
		struct reach_tlbs tlbs;
		reach_tlbs_of(times, &told, size, &tlbs);
		for (size_t level = 0; level < REACH_LEVELS_MOST; level++)
			if (tlbs.told[level] || reach_tlbs_level(&tlbs, level))
				rows[count++] = row_of(&tlbs, &told, size, level);
	}
	free(context);
	free(times);
	return count;
}

void results_tlb_geometry(const struct results *results, struct text *text) {
	char *context = NULL;
	const struct json_span told = text_of(results->context, &context);
	for (size_t i = 0; i < results->count; i++) {
		const json_t *found = json_object_get(results->benchmarks[i].json, "tlb_geometry");
		char *geometry = NULL;
		const struct json_span span = text_of(found, &geometry);
		if (span.length)
			geometry_show_one(span, told, text);
		free(geometry);
	}
	free(context);
}
