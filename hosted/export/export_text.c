/* SPDX-License-Identifier: Apache-2.0
 *
 * The small formats: Bencher, github-action-benchmark, CSV.
 */
#include "hosted/export/export.h"

#include "bench/csv.h"

void export_bencher(const struct results *results, struct text *text) {
	json_t *root = json_object();
	for (size_t i = 0; i < results->count; i++) {
		const struct results_benchmark *benchmark = &results->benchmarks[i];
		const struct results_estimate *time = results_headline(benchmark);
		if (benchmark->status == BENCH_STATUS_OK)
			json_object_set_new(root, benchmark->name,
					    json_pack("{s:{s:f, s:f, s:f}}", "latency", "value", time->point,
						      "lower_value", time->lower, "upper_value", time->upper));
	}
	export_add_json(text, root);
}

void export_github(const struct results *results, struct text *text) {
	json_t *root = json_array();
	const char *note = results_functional_only(results) ? ", functional only" : "";
	for (size_t i = 0; i < results->count; i++) {
		const struct results_benchmark *benchmark = &results->benchmarks[i];
		const struct results_estimate *time = results_headline(benchmark);
		if (benchmark->status != BENCH_STATUS_OK)
			continue;
		json_t *range = json_sprintf("%.6g .. %.6g", time->lower, time->upper);
		json_t *extra = json_sprintf("%d samples, median %.6g ns%s", (int)benchmark->count,
					     benchmark->median.point, note);
		json_array_append_new(root, json_pack("{s:s, s:s, s:f, s:o, s:o}", "name", benchmark->name, "unit",
						      "ns/iter", "value", time->point, "range", range, "extra", extra));
	}
	export_add_json(text, root);
}

void export_csv(const struct results *results, struct text *text) {
	csv_head(text);
	for (size_t i = 0; i < results->count; i++) {
		const struct results_benchmark *benchmark = &results->benchmarks[i];
		const struct results_estimate *time = results_headline(benchmark);
		struct csv_row row = {
			.name = benchmark->name,
			.group = benchmark->group,
			.status = bench_status_name(benchmark->status),
			.figures = results_context(results, "figures"),
			.reason = benchmark->reason,
			.samples = benchmark->count,
			.time = {time->point, time->standard_error, time->lower, time->upper},
			.mean = benchmark->mean.point,
			.median = benchmark->median.point,
			.std_dev = benchmark->std_dev.point,
			.median_abs_dev = benchmark->median_abs_dev.point,
			.unit = benchmark->unit,
			.per_iteration = benchmark->per_iteration,
			.per_second = benchmark->per_second,
		};
		for (int kind = 0; kind < STATS_OUTLIER_CLASSES; kind++)
			row.outliers += benchmark->outliers[kind];
		csv_row(text, &row);
	}
}
