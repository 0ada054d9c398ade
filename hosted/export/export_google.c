/* SPDX-License-Identifier: Apache-2.0
 *
 * Google Benchmark's JSON (its docs/user_guide.md, "Output Formats"; json_schema_version 1): each sample is a
 * repetition, so that its compare.py has what a U test needs.
 */
#include "hosted/export/export.h"
#include "lib/units.h"

#include <stdio.h>
#include <string.h>

/* "L1 Data 32K shared by 1, L2 ..." */
static json_t *caches(const struct results *results) {
	json_t *list = json_array();
	const char *at = results_context(results, "caches");
	int level, taken, sharing;
	long size;
	char type[32], unit;
	/* Widths, since the text may come from any file, and a number too large for its type has no defined value. */
	while (sscanf(at, "L%3d %31s %9ld%c%n", &level, type, &size, &unit, &taken) == 4) {
		at += taken;
		if (sscanf(at, " shared by %9d%n", &sharing, &taken) == 1)
			at += taken;
		else
			sharing = 0;
		json_int_t bytes = (json_int_t)size * (unit == 'M' ? 1 << 20 : unit == 'K' ? 1 << 10 : 1);
		json_array_append_new(list, json_pack("{s:s, s:i, s:I, s:i}", "type", type, "level", level, "size",
						      bytes, "num_sharing", sharing));
		at += strspn(at, ", ");
	}
	return list;
}

static json_t *context(const struct results *results) {
	const json_t *platform = json_object_get(results->context, "platform");
	double mhz = json_number_value(json_object_get(json_object_get(results->context, "clock"), "hz")) / 1e6;
	const char *governor = results_context(results, "governor");
	const char *start = results_context(results, "start_utc"); /* a file may have none */
	json_int_t cores = json_integer_value(json_object_get(platform, "cores"));
	bool sanitized = strstr(results_context(results, "build/flags"), "-fsanitize") != NULL;
	return json_pack("{s:s*, s:s, s:I, s:I, s:b, s:o, s:[], s:s, s:i, s:s, s:s}", "date", *start ? start : NULL,
			 "executable", "anechoic", "num_cpus", cores, "mhz_per_cpu",
			 mhz > 0 && mhz < INT32_MAX ? (json_int_t)(mhz + 0.5) : 0, "cpu_scaling_enabled",
			 *governor && strcmp(governor, "performance") != 0, "caches", caches(results), "load_avg",
			 "library_build_type", sanitized ? "debug" : "release", "json_schema_version", 1, "cpu_model",
			 results_context(results, "platform/cpu"), "figures", results_context(results, "figures"));
}

/* What every entry of a benchmark begins with. */
static json_t *entry(const struct results_benchmark *benchmark, size_t family, const char *suffix, const char *run_type,
		     json_int_t repetitions) {
	json_t *name = json_sprintf("%s%s", benchmark->name, suffix);
	return json_pack("{s:o, s:I, s:i, s:s, s:s, s:I, s:i}", "name", name, "family_index", (json_int_t)family,
			 "per_family_instance_index", 0, "run_name", benchmark->name, "run_type", run_type,
			 "repetitions", repetitions, "threads", 1);
}

static void set_times(json_t *object, json_int_t iterations, double ns) {
	json_object_set_new(object, "iterations", json_integer(iterations));
	json_object_set_new(object, "real_time", json_real(ns));
	json_object_set_new(object, "cpu_time", json_real(ns));
	json_object_set_new(object, "time_unit", json_string("ns"));
}

static void set_throughput(json_t *object, const struct results_benchmark *benchmark, double ns) {
	double per_second = ns > 0 ? (double)benchmark->per_iteration * NS_PER_SECOND / ns : 0;
	if (*benchmark->unit && per_second > 0)
		json_object_set_new(object,
				    strcmp(benchmark->unit, "bytes") == 0 ? "bytes_per_second" : "items_per_second",
				    json_real(per_second));
}

static void add_repetitions(json_t *list, const struct results_benchmark *benchmark, size_t family) {
	for (size_t i = 0; i < benchmark->count; i++) {
		json_t *object = entry(benchmark, family, "", "iteration", (json_int_t)benchmark->count);
		double ns = benchmark->times[i] / (double)benchmark->iters[i];
		json_object_set_new(object, "repetition_index", json_integer((json_int_t)i));
		set_times(object, (json_int_t)benchmark->iters[i], ns);
		set_throughput(object, benchmark, ns);
		json_array_append_new(list, object);
	}
}

/* The list's. */
static json_t *add_aggregate(json_t *list, const struct results_benchmark *benchmark, size_t family, const char *name,
			     double ns) {
	char suffix[32];
	snprintf(suffix, sizeof(suffix), "_%s", name);
	json_t *object = entry(benchmark, family, suffix, "aggregate", (json_int_t)benchmark->count);
	json_object_set_new(object, "aggregate_name", json_string(name));
	json_object_set_new(object, "aggregate_unit", json_string("time"));
	set_times(object, (json_int_t)benchmark->count, ns);
	json_array_append_new(list, object);
	return object;
}

/* What the benchmark's time is to verdicts, with its interval as two counters of its own. */
static void add_figure(json_t *list, const struct results_benchmark *benchmark, size_t family) {
	const struct results_estimate *figure = results_headline(benchmark);
	json_t *object = add_aggregate(list, benchmark, family, STATS_FIGURE, figure->point);
	set_throughput(object, benchmark, figure->point);
	json_object_set_new(object, STATS_FIGURE "_lower", json_real(figure->lower));
	json_object_set_new(object, STATS_FIGURE "_upper", json_real(figure->upper));
}

static void add_error(json_t *list, const struct results_benchmark *benchmark, size_t family) {
	json_t *object = entry(benchmark, family, "", "iteration", 1);
	json_object_set_new(object, "repetition_index", json_integer(0));
	json_object_set_new(object, "error_occurred", json_true());
	json_object_set_new(object, "error_message", json_string(benchmark->reason));
	set_times(object, 0, 0);
	json_array_append_new(list, object);
}

void export_google(const struct results *results, struct text *text) {
	json_t *list = json_array();
	for (size_t i = 0; i < results->count; i++) {
		const struct results_benchmark *benchmark = &results->benchmarks[i];
		if (benchmark->status == BENCH_STATUS_FAILED || benchmark->status == BENCH_STATUS_HUNG)
			add_error(list, benchmark, i);
		if (benchmark->status != BENCH_STATUS_OK)
			continue;
		add_repetitions(list, benchmark, i);
		add_figure(list, benchmark, i);
		add_aggregate(list, benchmark, i, "mean", benchmark->mean.point);
		add_aggregate(list, benchmark, i, "median", benchmark->median.point);
		add_aggregate(list, benchmark, i, "stddev", benchmark->std_dev.point);
	}
	export_add_json(text, json_pack("{s:o, s:o}", "context", context(results), "benchmarks", list));
}
