/* SPDX-License-Identifier: Apache-2.0
 *
 * Prometheus' text format, for node_exporter's textfile collector. That collector reads all files of a folder as one
 * and keeps one of two series with the same labels without a word, so what tells two runs apart is in every series. A
 * commit is not, but where it is asked for: each new one would end all series and begin others.
 */
#include "hosted/export/export.h"
#include "hosted/export/prometheus_text.h"
#include "lib/civil.h"

#include <string.h>

static void add_facts(struct text *text, const struct results *results, const char *const *facts, size_t count) {
	char path[32] = "platform/";
	for (size_t i = 0; i < count; i++) {
		strcpy(path + sizeof("platform/") - 1, facts[i]);
		prometheus_label(text, ",", facts[i], results_context(results, path));
	}
}

/* What every series of a file has, behind `{`. Hosted, the kernel under the benchmark is Linux; in
 * the image it is ours. */
static void add_identity(struct text *text, const struct results *results, const struct export_labels *labels) {
	static const char *const facts[] = {"way", "hold"};
	const char *cpu = results_context(results, "platform/cpu");
	bool hosted = strcmp(results_context(results, "platform/way"), "hosted") == 0;
	prometheus_label(text, "{", "arch", results_context(results, "platform/architecture"));
	prometheus_label(text, ",", "kernel", hosted ? "linux" : "anechoic");
	prometheus_label(text, ",", "machine", labels->machine ? labels->machine : cpu);
	add_facts(text, results, facts, sizeof(facts) / sizeof(facts[0]));
}

static void add_run(struct text *text, const struct results *results, const struct export_labels *labels) {
	add_identity(text, results, labels);
	if (labels->per_commit)
		prometheus_label(text, ",", "commit", results_context(results, "commit"));
}

static void add_series(struct text *text, const char *metric, const struct results *results,
		       const struct export_labels *labels, const char *benchmark) {
	text_add_string(text, metric);
	add_run(text, results, labels);
	prometheus_label(text, ",", "bench", benchmark);
}

static void add_duration(struct text *text, const struct results *results, const struct export_labels *labels,
			 const char *name, const char *stat, double ns) {
	add_series(text, "anechoic_benchmark_duration_seconds", results, labels, name);
	prometheus_label(text, ",", "stat", stat);
	text_format(text, "} %.12g\n", ns * 1e-9);
}

static void add_info(struct text *text, const struct results *results, const struct export_labels *labels) {
	static const char *const facts[] = {"cpu", "firmware", "hypervisor"};
	prometheus_head(text, "anechoic_platform_info", "gauge", "What was measured on.");
	text_add_string(text, "anechoic_platform_info");
	add_identity(text, results, labels);
	add_facts(text, results, facts, sizeof(facts) / sizeof(facts[0]));
	prometheus_label(text, ",", "commit", results_context(results, "commit"));
	prometheus_label(text, ",", "figures", results_context(results, "figures"));
	text_add_string(text, "} 1\n");
}

/* Left out where the machine did not know the date. */
static void add_start(struct text *text, const struct results *results, const struct export_labels *labels) {
	uint64_t seconds;
	if (!civil_read(results_context(results, "start_utc"), &seconds))
		return;
	prometheus_head(text, "anechoic_run_start_time_seconds", "gauge", "When the run began, since 1970, UTC.");
	text_add_string(text, "anechoic_run_start_time_seconds");
	add_run(text, results, labels);
	text_format(text, "} %llu\n", (unsigned long long)seconds);
}

void export_prometheus(const struct results *results, const struct export_labels *labels, struct text *text) {
	add_info(text, results, labels);
	add_start(text, results, labels);
	prometheus_head(text, "anechoic_benchmark_success", "gauge",
			"1 where the benchmark ran to its end, 0 where it failed or hung.");
	for (size_t i = 0; i < results->count; i++) {
		const struct results_benchmark *benchmark = &results->benchmarks[i];
		if (benchmark->status == BENCH_STATUS_SKIPPED)
			continue;
		add_series(text, "anechoic_benchmark_success", results, labels, benchmark->name);
		text_format(text, "} %d\n", benchmark->status == BENCH_STATUS_OK);
	}
	prometheus_head(text, "anechoic_benchmark_duration_seconds", "gauge", "Time of one iteration.");
	for (size_t i = 0; i < results->count; i++) {
		const struct results_benchmark *benchmark = &results->benchmarks[i];
		if (benchmark->status != BENCH_STATUS_OK)
			continue;
		const struct results_estimate *figure = results_headline(benchmark);
		add_duration(text, results, labels, benchmark->name, STATS_FIGURE, figure->point);
		add_duration(text, results, labels, benchmark->name, STATS_FIGURE "_lower", figure->lower);
		add_duration(text, results, labels, benchmark->name, STATS_FIGURE "_upper", figure->upper);
		add_duration(text, results, labels, benchmark->name, "mean", benchmark->mean.point);
		add_duration(text, results, labels, benchmark->name, "ci_lower", benchmark->mean.lower);
		add_duration(text, results, labels, benchmark->name, "ci_upper", benchmark->mean.upper);
	}
}

/* ---- two files in one folder ------------------------------------------------------------------------------------- */

/* The next line that is a series, without its value; false: none is left. */
static bool next_series(struct json_span *text, struct json_span *series) {
	while (text->length > 0) {
		const char *end = memchr(text->bytes, '\n', text->length);
		size_t length = end ? (size_t)(end - text->bytes) : text->length;
		*series = (struct json_span){text->bytes, length};
		text->bytes += length + (end != NULL);
		text->length -= length + (end != NULL);
		while (series->length > 0 && series->bytes[series->length - 1] != ' ')
			series->length--;
		if (length > 0 && series->bytes[0] != '#' && series->length > 1)
			return true;
	}
	return false;
}

bool export_series_in_both(struct json_span a, struct json_span b, struct json_span *series) {
	struct json_span other;
	while (next_series(&a, series))
		for (struct json_span rest = b; next_series(&rest, &other);)
			if (series->length == other.length && memcmp(series->bytes, other.bytes, other.length) == 0)
				return true;
	return false;
}
