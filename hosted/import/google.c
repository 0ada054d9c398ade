/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/import/tools.h"

#include <string.h>

/* 0: it is no unit of its. */
static double nanoseconds_of(const char *unit) {
	static const struct {
		const char *name;
		double nanoseconds;
	} units[] = {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}};
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(unit, units[i].name) == 0)
			return units[i].nanoseconds;
	return 0;
}

/* One from before 1.5 does not say what it is. */
static bool is_aggregate(const json_t *entry) {
	const char *type = json_string_value(json_object_get(entry, "run_type"));
	return type ? strcmp(type, "aggregate") == 0 : json_object_get(entry, "aggregate_name") != NULL;
}

static bool add_message(json_t *row, const json_t *entry, const char *mark, const char *member, const char *status) {
	const char *message = json_string_value(json_object_get(entry, member));
	if (!json_is_true(json_object_get(entry, mark)))
		return false;
	import_set_reason(row, status, message ? message : "");
	return true;
}

static bool add_entry(struct import *import, const json_t *entry, size_t index) {
	const char *name = json_string_value(json_object_get(entry, "name"));
	const char *unit = json_string_value(json_object_get(entry, "time_unit"));
	const json_t *time = json_object_get(entry, "real_time"), *iterations = json_object_get(entry, "iterations");
	if (!json_is_object(entry))
		return import_complain(import, "is not an object", "benchmarks[%zu]", index);
	if (is_aggregate(entry))
		return true;
	if (!name)
		return import_complain(import, "is not a string", "benchmarks[%zu].name", index);
	json_t *row = import_row(import, name);
	if (!row)
		return false;
	if (add_message(row, entry, "error_occurred", "error_message", "failed") ||
	    add_message(row, entry, "skipped", "skip_message", "skipped"))
		return true;
	double scale = unit ? nanoseconds_of(unit) : 0;
	if (!json_is_integer(iterations) || json_integer_value(iterations) < 1)
		return import_complain(import, "is not a whole number from 1 on", "benchmarks[%zu].iterations", index);
	if (!json_is_number(time))
		return import_complain(import, "is not a number", "benchmarks[%zu].real_time", index);
	if (scale == 0)
		return import_complain(import, "is none of ns, us, ms, s", "benchmarks[%zu].time_unit", index);
	json_int_t count = json_integer_value(iterations);
	return import_add_sample(row, count, json_number_value(time) * scale * (double)count) ||
	       import_complain(import, "is no time that can be", "benchmarks[%zu].real_time", index);
}

bool import_google(struct import *import, const json_t *root) {
	const json_t *list = json_object_get(root, "benchmarks");
	for (size_t i = 0; i < json_array_size(list); i++)
		if (!add_entry(import, json_array_get(list, i), i))
			return false;
	if (json_object_size(import->rows) == 0 && json_array_size(list) > 0)
		return import_complain(import,
				       "has aggregates alone: leave --benchmark_report_aggregates_only away, so that "
				       "repetitions are in it",
				       "benchmarks");
	return true;
}
