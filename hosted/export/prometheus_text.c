/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/export/prometheus_text.h"

void prometheus_head(struct text *text, const char *name, const char *type, const char *help) {
	text_format(text, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* In quotes backslash, quote and line end are escaped, nothing else. */
void prometheus_label(struct text *text, const char *separator, const char *name, const char *value) {
	text_add_string(text, separator);
	text_add_string(text, name);
	text_add_string(text, "=\"");
	for (; *value; value++) {
		if (*value == '\n') {
			text_add_string(text, "\\n");
			continue;
		}
		if (*value == '"' || *value == '\\')
			text_add_string(text, "\\");
		text_add(text, value, 1);
	}
	text_add_string(text, "\"");
}
