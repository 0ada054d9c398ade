/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/import/tools.h"
#include "lib/units.h"

#include <string.h>

/* "COMMAND NAME=VALUE": with --command-name all values of a parameter have one command. */
static bool add_name(struct import *import, const json_t *entry, size_t index, struct text *name) {
	const char *command = json_string_value(json_object_get(entry, "command")), *parameter;
	json_t *value;
	if (!command)
		return import_complain(import, "is not a string", "results[%zu].command", index);
	text_add_string(name, command);
	json_object_foreach(json_object_get(entry, "parameters"), parameter, value) {
		if (!json_is_string(value))
			return import_complain(import, "is not a string", "results[%zu].parameters", index);
		text_add_string(name, " ");
		text_add_string(name, parameter);
		text_add_string(name, "=");
		text_add_string(name, json_string_value(value));
	}
	text_add(name, "", 1);
	return !name->failed || import_complain(import, "does not fit into memory", "results[%zu]", index);
}

static bool add_times(struct import *import, const json_t *entry, size_t index, const char *name) {
	const json_t *times = json_object_get(entry, "times");
	if (json_object_get(import->rows, name))
		return import_complain(import, "is that of another, too: name them with --command-name",
				       "results[%zu].command", index);
	json_t *row = import_row(import, name);
	if (!row)
		return false;
	if (!json_is_array(times) || json_array_size(times) == 0)
		return import_complain(import, "is not an array with something in it", "results[%zu].times", index);
	for (size_t i = 0; i < json_array_size(times); i++) {
		const json_t *time = json_array_get(times, i);
		if (!json_is_number(time) || !import_add_sample(row, 1, json_number_value(time) * NS_PER_SECOND))
			return import_complain(import, "is no time that can be", "results[%zu].times[%zu]", index, i);
	}
	return true;
}

static bool add_entry(struct import *import, const json_t *entry, size_t index) {
	struct text name = {0};
	if (!json_is_object(entry))
		return import_complain(import, "is not an object", "results[%zu]", index);
	bool good = add_name(import, entry, index, &name) && add_times(import, entry, index, name.bytes);
	text_free(&name);
	return good;
}

bool import_hyperfine(struct import *import, const json_t *root) {
	const json_t *list = json_object_get(root, "results");
	bool good = true;
	for (size_t i = 0; good && i < json_array_size(list); i++)
		good = add_entry(import, json_array_get(list, i), i);
	return good;
}
