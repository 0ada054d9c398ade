/* SPDX-License-Identifier: Apache-2.0
 *
 * The results reader over any bytes: it refuses with a line, or what it gives is whole, and goes through every export.
 */
#include "fuzz/fuzz.h"
#include "hosted/export/export.h"
#include "hosted/results/results_read.h"

#include <math.h>
#include <stdlib.h>

static void prometheus(const struct results *results, struct text *text) {
	const struct export_labels labels = {.per_commit = true};
	export_prometheus(results, &labels, text);
}

static void (*const exports[])(const struct results *results, struct text *text) = {
	export_google, export_bencher, export_github, prometheus, export_csv,
};

static void check(const struct results *results) {
	for (size_t i = 0; i < results->count; i++) {
		const struct results_benchmark *benchmark = &results->benchmarks[i];
		if (benchmark->status == BENCH_STATUS_OK && benchmark->count == 0)
			abort();
		for (size_t sample = 0; sample < benchmark->count; sample++)
			if (benchmark->iters[sample] == 0 || !isfinite(benchmark->times[sample]))
				abort();
	}
	for (size_t i = 0; i < results->ladder_count; i++)
		for (size_t k = 0; k < results->ladders[i].count; k++) {
			const struct results_level *level = &results->ladders[i].levels[k];
			if (!(level->ns > 0) || !json_is_array(level->doubts) ||
			    (level->bytes == 0) != (level->kind == LEVEL_LAST))
				abort();
		}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
	struct results results;
	struct text complaint = {0};
	if (results_parse("input", (const char *)bytes, length, &results, &complaint) == 0) {
		check(&results);
		for (size_t i = 0; i < sizeof(exports) / sizeof(exports[0]); i++) {
			struct text text = {0};
			exports[i](&results, &text);
			text_free(&text);
		}
		results_free(&results);
	} else if (complaint.length == 0) {
		abort();
	}
	text_free(&complaint);
	return 0;
}
