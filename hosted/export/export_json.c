/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/export/export.h"

#include <stdlib.h>

void export_add_json(struct text *text, json_t *value) {
	/* 15 digits: as many as every decimal number keeps through a double. */
	char *bytes = value ? json_dumps(value, JSON_INDENT(2) | JSON_REAL_PRECISION(15)) : NULL;
	if (bytes) {
		text_add_string(text, bytes);
		text_add_string(text, "\n");
	} else {
		text->failed = true;
	}
	free(bytes);
	json_decref(value);
}
