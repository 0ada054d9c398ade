/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/cli/baseline.h"

#include "hosted/cli/comparison.h"
#include "hosted/cli/judge_options.h"
#include "hosted/cli/output.h"
#include "hosted/results/files.h"
#include "platform.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A benchmark failed or hung. */
enum { STATUS_BROKEN = 4 };

static struct {
	const char *save;
	const char *against;
	struct judge judge; /* as the options made it, once `judge_started` */
	bool judge_started;
	struct text results;
} baseline;

bool baseline_may_be_called(const char *name) {
	size_t length = strlen(name);
	if (length > 0 && length < 128 && name[0] != '.' && !strchr(name, '/'))
		return true;
	output_say(stderr, "'%s': not a baseline's name, which is 1 to 127 bytes without / and begins with no dot\n",
		   name);
	return false;
}

static int check_name(const char *name, const char **kept) {
	if (!baseline_may_be_called(name))
		return PLATFORM_EINVAL;
	*kept = name;
	return 0;
}

bool baseline_path(const char *name, bool make, char *path, size_t capacity) {
	char file[160], what[160];
	struct text complaint = {0};
	snprintf(file, sizeof(file), "baselines/%s.json", name);
	if (files_data_path(file, make, path, capacity))
		return true;
	snprintf(what, sizeof(what), "baseline '%s'", name);
	files_complain_of_data_path(what, &complaint);
	output_complain(&complaint);
	return false;
}

/* Before anything is measured for nothing, as below. */
int baseline_set_save(const char *name) {
	char path[4096];
	struct text complaint = {0};
	if (check_name(name, &baseline.save) != 0)
		return PLATFORM_EINVAL;
	if (!baseline_path(name, true, path, sizeof(path)))
		return PLATFORM_EIO;
	(void)files_may_write(path, &complaint);
	return output_complain(&complaint) ? PLATFORM_EIO : 0;
}

int baseline_set_against(const char *name) {
	char path[4096];
	if (check_name(name, &baseline.against) != 0)
		return PLATFORM_EINVAL;
	if (baseline_path(name, false, path, sizeof(path)) && access(path, R_OK) == 0)
		return 0;
	output_say(stderr, "no baseline '%s': %s: %s\n", name, path, strerror(errno));
	return PLATFORM_EIO;
}

static struct judge *judge_of_options(void) {
	if (!baseline.judge_started)
		judge_start(&baseline.judge);
	baseline.judge_started = true;
	return &baseline.judge;
}

/* A gate that lets everything pass would be taken for one. */
static int set_value(const char *name, const char *value) {
	if (judge_set(judge_of_options(), name, value) < 0)
		return PLATFORM_EINVAL;
	if (baseline.against)
		return 0;
	output_say(stderr, "%s needs --baseline: what is judged by it\n", name);
	return PLATFORM_EINVAL;
}

int baseline_set_noise_threshold(const char *value) {
	return set_value("--noise-threshold", value);
}

int baseline_set_room(const char *value) {
	return set_value("--room", value);
}

int baseline_set_significance_level(const char *value) {
	return set_value("--significance-level", value);
}

int baseline_set_per_benchmark(const char *value) {
	return set_value("--per-benchmark", value);
}

static int take(enum platform_stream stream, const void *bytes, size_t length) {
	if (stream != PLATFORM_STREAM_RESULTS || (!baseline.save && !baseline.against))
		return PLATFORM_EUNSUPPORTED;
	text_add(&baseline.results, bytes, length);
	return baseline.results.failed ? PLATFORM_ENOMEM : 0;
}

/* A run with a filter, or without --all beside one with it, lacks nothing that it was not asked for. */
static bool is_selected(const struct results *now, const struct results *kept) {
	const json_t *mine = json_object_get(now->context, "options"),
		     *theirs = json_object_get(kept->context, "options");
	bool all = json_is_true(json_object_get(mine, "all"));
	return json_array_size(json_object_get(mine, "filter")) > 0 ||
	       (!all && json_is_true(json_object_get(theirs, "all"))) ||
	       (!all && json_array_size(json_object_get(theirs, "filter")) > 0);
}

/* `now` is the later one, read already. */
static int compare_with_baseline(struct results *now) {
	char path[4096];
	struct judge *judge = judge_of_options();
	struct launches versions[2] = {{0}, {.name = "this run", .all = now, .count = 1}};
	struct text complaint = {0};
	int status = 2;
	if (baseline_path(baseline.against, false, path, sizeof(path)) && judge_open_or_say(judge)) {
		if (launches_read(path, &versions[0], &complaint) == 0) {
			const struct comparison comparison = {
				.judge = judge,
				.versions = versions,
				.count = 2,
				.selected = is_selected(now, &versions[0].all[0]),
			};
			status = comparison_show(&comparison);
			launches_free(&versions[0]);
		}
		judge_say_and_close(judge);
	}
	output_complain(&complaint);
	return status;
}

static bool save(void) {
	char path[4096];
	return baseline_path(baseline.save, true, path, sizeof(path)) && output_save(path, &baseline.results) == 0;
}

int baseline_set_load(const char *name) {
	char path[4096];
	const char *kept;
	struct results now;
	struct text complaint = {0};
	int status = 2;
	if (!baseline.against)
		fprintf(stderr, "--load-baseline needs --baseline: what it is to be compared with\n");
	else if (check_name(name, &kept) == 0 && baseline_path(kept, false, path, sizeof(path)) &&
		 results_read(path, &now, &complaint) == 0)
		status = compare_with_baseline(&now);
	output_complain(&complaint);
	platform_exit(status);
}

static int finish(int status) {
	struct results now;
	struct text complaint = {0};
	const char *against = baseline.against;
	bool broken = status == STATUS_BROKEN;
	if ((status != 0 && !broken) || baseline.results.length == 0)
		return status;
	if (against &&
	    results_parse("this run", baseline.results.bytes, baseline.results.length, &now, &complaint) == 0) {
		status = compare_with_baseline(&now);
		results_free(&now);
	} else if (against) {
		status = 2;
	}
	output_complain(&complaint);
	if (broken && baseline.save)
		output_say(stderr, "baseline '%s' is not kept: a benchmark failed or hung\n", baseline.save);
	else if (baseline.save && !save())
		status = 2;
	return broken ? STATUS_BROKEN : status;
}

const struct stream_listener baseline_listener = {take, finish};
