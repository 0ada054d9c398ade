/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/import/rows.h"

#include "bench/plain.h"
#include "bench/results.h"
#include "bench/stats.h"
#include "build_info.h"
#include "platform.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_MOST = 1000, SAMPLES_MOST = 100000, RESAMPLES = 1000 };

static const double NANOSECONDS_MOST = 1e15; /* eleven days */

bool import_complain(struct import *import, const char *what, const char *member, ...) {
	char place[160];
	va_list arguments;
	va_start(arguments, member);
	vsnprintf(place, sizeof(place), member, arguments);
	va_end(arguments);
	plain_add_string(import->complaint, import->file);
	plain_format(import->complaint, ": %s%s%s\n", place, *place ? " " : "", what);
	return false;
}

json_t *import_row(struct import *import, const char *name) {
	json_t *row = json_object_get(import->rows, name);
	if (row)
		return row;
	if (!*name || json_object_size(import->rows) == ROWS_MOST) {
		import_complain(import, *name ? "is one of more than 1000 benchmarks" : "is empty", "a name");
		return NULL;
	}
	row = json_pack("{s:[], s:[]}", "iters", "times");
	if (row && json_object_set(import->rows, name, row) == 0) {
		json_decref(row);
		return row;
	}
	json_decref(row);
	import_complain(import, "does not fit into memory", "%s", "");
	return NULL;
}

bool import_add_sample(json_t *row, json_int_t iterations, double nanoseconds) {
	json_t *iters = json_object_get(row, "iters");
	if (iterations < 1 || !isfinite(nanoseconds) || nanoseconds < 0 || nanoseconds > NANOSECONDS_MOST ||
	    json_array_size(iters) == SAMPLES_MOST)
		return false;
	return json_array_append_new(iters, json_integer(iterations)) == 0 &&
	       json_array_append_new(json_object_get(row, "times"), json_real(nanoseconds)) == 0;
}

void import_set_reason(json_t *row, const char *status, const char *reason) {
	json_object_set_new(row, "status", json_string(status));
	json_object_set_new(row, "reason", json_string(reason));
}

/* UTF-8 as it came, within quotes. */
static void add_string(struct text *text, const char *name, const char *string) {
	json_t *value = json_string(string);
	char *quoted = value ? json_dumps(value, JSON_ENCODE_ANY | JSON_ENSURE_ASCII) : NULL;
	text->failed |= !quoted;
	text_member(text, name);
	text_add_string(text, quoted ? quoted : "null");
	free(quoted);
	json_decref(value);
}

/* stats.h counts in ticks of whole numbers of iterations; times an iteration in ticks so short that the longest of them
 * has fifteen digits are that, to within what a double is. */
static bool write_measured(const json_t *row, struct text *text) {
	const json_t *iters = json_object_get(row, "iters"), *times = json_object_get(row, "times");
	struct stats_input input = {
		.count = json_array_size(iters), .step = 1, .resamples = RESAMPLES, .confidence_level = 0.95};
	uint64_t *ticks = malloc(input.count * sizeof(*ticks));
	size_t bytes = stats_workspace_bytes(input.count, input.resamples);
	void *workspace = bytes ? malloc(bytes) : NULL;
	struct stats_summary summary;
	double longest = 0;
	for (size_t i = 0; i < input.count; i++)
		longest = fmax(longest, json_real_value(json_array_get(times, i)) /
						(double)json_integer_value(json_array_get(iters, i)));
	double tick_ns = longest > 0 ? longest / 1e15 : 1;
	for (size_t i = 0; ticks && i < input.count; i++)
		ticks[i] = (uint64_t)(json_real_value(json_array_get(times, i)) /
					      (double)json_integer_value(json_array_get(iters, i)) / tick_ns +
				      0.5);
	input.ticks = ticks;
	bool good = ticks && workspace && stats_summarise(&input, workspace, &summary);
	if (good)
		results_write_estimates(&summary, tick_ns, input.confidence_level, text);
	free(workspace);
	free(ticks);
	text_member_string(text, "sampling", "flat");
	text_member_array(text, "iters");
	for (size_t i = 0; i < input.count; i++)
		text_member_u64(text, NULL, (uint64_t)json_integer_value(json_array_get(iters, i)));
	text_add_string(text, "]");
	text_member_array(text, "times");
	for (size_t i = 0; i < input.count; i++)
		text_member_double(text, NULL, json_real_value(json_array_get(times, i)));
	text_add_string(text, "]");
	return good;
}

static bool write_row(const char *name, const json_t *row, struct text *text) {
	const char *status = json_string_value(json_object_get(row, "status"));
	const char *reason = json_string_value(json_object_get(row, "reason"));
	char *group = strndup(name, strcspn(name, "/"));
	bool measured = !status && json_array_size(json_object_get(row, "iters")) > 0, good = group != NULL;
	text_member(text, NULL);
	text_add_string(text, "\n{");
	add_string(text, "name", name);
	add_string(text, "group", group && *group ? group : name);
	text_member_array(text, "parameters");
	text_add_string(text, "]");
	text_member_string(text, "status", measured ? "ok" : status ? status : "skipped");
	text_member_string(text, "unit", "ns");
	if (measured)
		good = write_measured(row, text) && good;
	else
		add_string(text, "reason", reason ? reason : "there is no sample of it");
	text_add_string(text, "}");
	free(group);
	return good;
}

static void write_context(const char *tool, struct text *text) {
	const struct platform_info *info = platform_describe();
	text_member_object(text, "context");
	text_member_string(text, "version", BUILD_VERSION);
	text_member_string(text, "commit", "unknown");
	text_member_string(text, "imported_from", tool);
	text_member_object(text, "platform");
	text_member_string(text, "architecture", info->architecture);
	text_member_string(text, "way", info->way);
	text_member_string(text, "hold", info->hold);
	text_member_string(text, "cpu", info->cpu_model);
	text_member_u64(text, "cores", info->cores);
	text_member_string(text, "hypervisor", info->hypervisor);
	text_add_string(text, "}");
	/* Another tool's: what this build has in it does not matter. */
	text_member_string(text, "figures", strcmp(info->hypervisor, "TCG") == 0 ? "functional only" : "hardware");
	text_member_object(text, "options");
	text_add_string(text, "}");
	/* That tool's, whatever it is: it gives nanoseconds, so that is its rate. */
	text_member_object(text, "clock");
	text_member_string(text, "counter", tool);
	text_member_u64(text, "hz", 1000000000);
	text_member_string(text, "rate", "unverified");
	text_member_string(text, "source", tool);
	text_add_string(text, "}");
	text_member_bool(text, "complete", true);
	text_add_string(text, "}");
}

bool import_write(struct import *import, struct text *results) {
	const char *name;
	json_t *row;
	bool good = true;
	if (json_object_size(import->rows) == 0)
		return import_complain(import, "has no benchmark in it", "%s", "");
	text_add_string(results, "{\"schema\":\"anechoic/1\"");
	write_context(import->tool, results);
	text_member_array(results, "benchmarks");
	json_object_foreach(import->rows, name, row) {
		good = good && write_row(name, row, results);
	}
	text_add_string(results, "]}\n");
	return (good && !results->failed) || import_complain(import, "does not fit into memory", "%s", "");
}
