/* SPDX-License-Identifier: Apache-2.0
 *
 * The tree that Criterion.rs keeps below target/criterion, as its readers (critcmp, cargo-criterion) find it.
 */
#include "hosted/export/export.h"

#include "bench/plain.h"
#include "hosted/results/files.h"
#include "platform.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* A name as one part of a path: of a file that a stranger wrote, no part may lead out of the tree. */
static void path_part(char *part, size_t capacity, const char *name) {
	size_t length = 0;
	for (; *name && length + 1 < capacity; name++) {
		bool is_plain = *name >= 0x20 && *name < 0x7f && !strchr("?\"/\\*<>:|^", *name);
		part[length++] = is_plain ? *name : '_';
	}
	part[length] = '\0';
	if (length == 0 || strspn(part, ".") == length)
		part[0] = '_';
	part[length ? length : 1] = '\0';
}

static json_t *estimate(const struct results_estimate *estimate) {
	return json_pack("{s:{s:f, s:f, s:f}, s:f, s:f}", "confidence_interval", "confidence_level", estimate->level,
			 "lower_bound", estimate->lower, "upper_bound", estimate->upper, "point_estimate",
			 estimate->point, "standard_error", estimate->standard_error);
}

static json_t *estimates(const struct results_benchmark *benchmark) {
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", STATS_FIGURE, estimate(&benchmark->low_decile), "mean",
			 estimate(&benchmark->mean), "median", estimate(&benchmark->median), "median_abs_dev",
			 estimate(&benchmark->median_abs_dev), "slope",
			 benchmark->has_slope ? estimate(&benchmark->slope) : json_null(), "std_dev",
			 estimate(&benchmark->std_dev));
}

static json_t *sample(const struct results_benchmark *benchmark) {
	json_t *iters = json_array(), *times = json_array();
	for (size_t i = 0; i < benchmark->count; i++) {
		json_array_append_new(iters, json_real((double)benchmark->iters[i]));
		json_array_append_new(times, json_real(benchmark->times[i]));
	}
	return json_pack("{s:s, s:o, s:o}", "sampling_mode", benchmark->linear ? "Linear" : "Flat", "iters", iters,
			 "times", times);
}

static json_t *throughput(const struct results_benchmark *benchmark) {
	if (!*benchmark->unit)
		return json_null();
	return json_pack("{s:I}", strcmp(benchmark->unit, "bytes") == 0 ? "Bytes" : "Elements",
			 (json_int_t)benchmark->per_iteration);
}

static json_t *description(const struct results_benchmark *benchmark, const char *function, const char *directory) {
	return json_pack("{s:s, s:s, s:n, s:o, s:s, s:s, s:s}", "group_id", benchmark->group, "function_id", function,
			 "value_str", "throughput", throughput(benchmark), "full_id", benchmark->name, "directory_name",
			 directory, "title", benchmark->name);
}

static int save(const char *directory, const char *name, json_t *value, struct text *complaint) {
	char path[PATH_MAX];
	struct text content = {0};
	snprintf(path, sizeof(path), "%s/%s", directory, name);
	export_add_json(&content, value);
	int status = PLATFORM_ENOMEM;
	if (content.failed)
		text_add_string(complaint, "out of memory\n");
	else
		status = files_save(path, &content, complaint);
	text_free(&content);
	return status;
}

static int make_folder(const char *path, struct text *complaint) {
	if (mkdir(path, 0777) == 0 || errno == EEXIST)
		return 0;
	plain_add_string(complaint, path);
	plain_format(complaint, ": %s\n", strerror(errno));
	return PLATFORM_EIO;
}

/* A place of its own for each: names that differ in what a path cannot hold get a number. */
static void choose_place(char *place, size_t capacity, const char *group, const char *function, json_t *taken) {
	char parts[2][65];
	path_part(parts[0], sizeof(parts[0]), group);
	path_part(parts[1], sizeof(parts[1]), function);
	snprintf(place, capacity, "%s/%s", parts[0], parts[1]);
	for (int number = 2; json_object_get(taken, place); number++)
		snprintf(place, capacity, "%s/%s_%d", parts[0], parts[1], number);
	json_object_set_new(taken, place, json_true());
}

static int export_one(const struct results_benchmark *benchmark, const char *root, json_t *taken,
		      struct text *complaint) {
	char place[160], path[PATH_MAX];
	size_t group = strlen(benchmark->group);
	bool has_function = strncmp(benchmark->name, benchmark->group, group) == 0 && benchmark->name[group] == '/';
	const char *function = has_function ? benchmark->name + group + 1 : benchmark->name;
	choose_place(place, sizeof(place), benchmark->group, function, taken);
	snprintf(path, sizeof(path), "%s/%.*s", root, (int)strcspn(place, "/"), place);
	int status = make_folder(path, complaint);
	snprintf(path, sizeof(path), "%s/%s", root, place);
	status = status ? status : make_folder(path, complaint);
	snprintf(path, sizeof(path), "%s/%s/new", root, place);
	status = status ? status : make_folder(path, complaint);
	if (status == 0)
		status = save(path, "benchmark.json", description(benchmark, function, place), complaint);
	if (status == 0)
		status = save(path, "estimates.json", estimates(benchmark), complaint);
	return status ? status : save(path, "sample.json", sample(benchmark), complaint);
}

/* Of a tree that is not whole: a new one goes, of one that was there it is said. */
static void give_up(const char *directory, bool is_new, struct text *complaint) {
	if (is_new && files_remove_tree(directory))
		return;
	plain_add_string(complaint, directory);
	text_add_string(complaint, ": the tree in it is not whole\n");
}

int export_criterion(const struct results *results, const char *directory, struct text *complaint) {
	if (strlen(directory) > PATH_MAX - 256) {
		text_add_string(complaint, "the directory's name is too long\n");
		return PLATFORM_EINVAL;
	}
	json_t *taken = json_object();
	bool is_new = mkdir(directory, 0777) == 0;
	int status = is_new ? 0 : make_folder(directory, complaint);
	for (size_t i = 0; i < results->count && status == 0; i++)
		if (results->benchmarks[i].status == BENCH_STATUS_OK)
			status = export_one(&results->benchmarks[i], directory, taken, complaint);
	json_decref(taken);
	if (status)
		give_up(directory, is_new, complaint);
	return status;
}
