/* SPDX-License-Identifier: Apache-2.0
 *
 * The small formats: Bencher, github-action-benchmark, Prometheus, CSV.
 */
#include "hosted/export.h"

#include "bench/csv.h"

#include <string.h>

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

/* ---- Prometheus ---------------------------------------------------------------------------------------------------------- */

/* Label values in quotes: backslash, quote and line end are escaped, nothing else. */
static void add_label(struct text *text, const char *separator, const char *name, const char *value) {
	text_add_string(text, separator);
	text_add_string(text, name);
	text_add_string(text, "=\"");
	for (; *value; value++) {
		if (*value == '\n') {
			text_add_string(text, "\\n");
			continue;
		}
		if (*value == '"' || *value == '\\')
			text_add_string(text, "\\");
		text_add(text, value, 1);
	}
	text_add_string(text, "\"");
}

/* Hosted, the kernel under the benchmark is Linux; in the image it is ours. */
static void add_benchmark_labels(struct text *text, const struct results *results, const char *name) {
	bool hosted = strcmp(results_context(results, "platform/way"), "hosted") == 0;
	add_label(text, "{", "bench", name);
	add_label(text, ",", "arch", results_context(results, "platform/architecture"));
	add_label(text, ",", "kernel", hosted ? "linux" : "anechoic");
}

static void add_duration(struct text *text, const struct results *results, const char *name, const char *stat,
			 double ns) {
	text_add_string(text, "anechoic_benchmark_duration_seconds");
	add_benchmark_labels(text, results, name);
	add_label(text, ",", "stat", stat);
	text_format(text, "} %.12g\n", ns * 1e-9);
}

static void add_head(struct text *text, const char *name, const char *help) {
	text_format(text, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
}

void export_prometheus(const struct results *results, struct text *text) {
	static const char *const facts[] = {"way", "hold", "cpu", "firmware", "hypervisor"};
	char path[32] = "platform/";
	add_head(text, "anechoic_platform_info", "What was measured on.");
	text_add_string(text, "anechoic_platform_info");
	add_label(text, "{", "arch", results_context(results, "platform/architecture"));
	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		strcpy(path + sizeof("platform/") - 1, facts[i]);
		add_label(text, ",", facts[i], results_context(results, path));
	}
	add_label(text, ",", "commit", results_context(results, "commit"));
	add_label(text, ",", "figures", results_context(results, "figures"));
	text_add_string(text, "} 1\n");
	add_head(text, "anechoic_benchmark_success",
		 "1 where the benchmark ran to its end, 0 where it failed or hung.");
	for (size_t i = 0; i < results->count; i++) {
		if (results->benchmarks[i].status == BENCH_STATUS_SKIPPED)
			continue;
		text_add_string(text, "anechoic_benchmark_success");
		add_benchmark_labels(text, results, results->benchmarks[i].name);
		text_format(text, "} %d\n", results->benchmarks[i].status == BENCH_STATUS_OK);
	}
	add_head(text, "anechoic_benchmark_duration_seconds", "Time of one iteration.");
	for (size_t i = 0; i < results->count; i++) {
		const struct results_benchmark *benchmark = &results->benchmarks[i];
		if (benchmark->status != BENCH_STATUS_OK)
			continue;
		add_duration(text, results, benchmark->name, "mean", benchmark->mean.point);
		add_duration(text, results, benchmark->name, "ci_lower", benchmark->mean.lower);
		add_duration(text, results, benchmark->name, "ci_upper", benchmark->mean.upper);
	}
}

/* ---- CSV ------------------------------------------------------------------------------------------------------------------ */

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
