/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/plain.h"
#include "hosted/report/report.h"

#include <math.h>

const char *report_word_of(const json_t *object, const char *name) {
	const char *word = json_string_value(json_object_get(object, name));
	return word ? word : "";
}

double report_number_of(const json_t *object, const char *name) {
	const json_t *value = json_object_get(object, name);
	return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

static int parse(const char *name, const struct report_json *kind, const struct text *bytes, json_t **root,
		 struct text *complaint) {
	*root = json_loadb(bytes->bytes, bytes->length, JSON_REJECT_DUPLICATES, NULL);
	if (*root && (kind->array == NULL || json_is_array(json_object_get(*root, kind->array))))
		return 1;
	if (*root)
		plain_format(complaint, "%s: %s is no array\n", name, kind->array);
	else
		plain_format(complaint, "%s: it is not JSON, or not UTF-8, or names a member twice\n", name);
	json_decref(*root);
	return -1;
}

int report_json_read(const char *name, const struct report_json *kind, size_t count, json_t **root,
		     struct text *complaint) {
	struct text bytes = {0};
	int taken = report_file_read(name, kind->schema, &bytes, complaint);
	if (taken > 0)
		taken = parse(name, kind, &bytes, root, complaint);
	if (taken > 0 && count == REPORT_FILES_MAX) {
		plain_format(complaint, "%s: there are too many files of %s\n", name, kind->what);
		json_decref(*root);
		taken = -1;
	}
	text_free(&bytes);
	return taken;
}
