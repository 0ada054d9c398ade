/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/still/form.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { PART_BYTES = 512 };

static void add_harmless(struct text *text, const char *answer) {
	for (const char *at = answer; *at; at++) {
		char c = *at >= ' ' && *at <= '~' ? *at : '?';
		if (strchr("\\|`*[", c))
			text_add_string(text, "\\");
		if (c == '<' || c == '&')
			text_add_string(text, c == '<' ? "&lt;" : "&amp;");
		else
			text_add(text, &c, 1);
	}
}

void form_add_row(struct text *text, const char *label, const char *answer) {
	text_format(text, "| %s | ", label);
	add_harmless(text, answer[0] ? answer : "not known");
	text_add_string(text, " |\n");
}

void form_add_head(struct text *text, const char *heading) {
	text_format(text, "## %s\n\n| | |\n|---|---|\n", heading);
}

void form_list(struct text *list, const char *part) {
	size_t length = strlen(part);
	bool is_last = list->length >= length && memcmp(list->bytes + list->length - length, part, length) == 0 &&
		       (list->length == length || list->bytes[list->length - length - 1] == ' ');
	if (length == 0 || is_last)
		return;
	text_add_string(list, list->length ? ", " : "");
	text_add_string(list, part);
}

void form_list_format(struct text *list, const char *format, ...) {
	char part[PART_BYTES];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(part, sizeof(part), format, arguments);
	va_end(arguments);
	form_list(list, part);
}
