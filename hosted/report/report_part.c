/* SPDX-License-Identifier: Apache-2.0
 *
 * What files of any kind but results are read and shown with.
 */
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

bool report_part_parse(struct report_part *part, const struct text *bytes, const char *array, struct text *complaint) {
	part->root = json_loadb(bytes->bytes, bytes->length, JSON_REJECT_DUPLICATES, NULL);
	if (!part->root)
		plain_format(complaint, "%s: it is not JSON, or not UTF-8, or names a member twice\n", part->file);
	else if (array && !json_is_array(json_object_get(part->root, array)))
		plain_format(complaint, "%s: %s is no array\n", part->file, array);
	else
		return true;
	return false;
}

void report_part_open(struct text *text, const struct report_part *part) {
	if (part->number == 0)
		text_format(text, "<section id=\"%s\">", part->kind->anchor);
	else
		text_add_string(text, "<section>");
}
