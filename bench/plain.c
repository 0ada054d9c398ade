/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/plain.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES = 512 };

/* Of the character at `at`, in UTF-8; 0: it is none. */
static size_t length_of(const unsigned char *at, size_t left) {
	static const struct {
		unsigned char first, last;         /* of its first byte */
		unsigned char least, most, length; /* of its second; RFC 3629, section 4 */
	} kinds[] = {
		{0x00, 0x7f, 0x00, 0x00, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
		{0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
		{0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
	};
	size_t kind = 0, count = sizeof(kinds) / sizeof(kinds[0]);
	while (kind < count && (*at < kinds[kind].first || *at > kinds[kind].last))
		kind++;
	if (kind == count || kinds[kind].length > left)
		return 0;
	if (kinds[kind].length > 1 && (at[1] < kinds[kind].least || at[1] > kinds[kind].most))
		return 0;
	for (size_t i = 2; i < kinds[kind].length; i++)
		if (at[i] < 0x80 || at[i] > 0xbf)
			return 0;
	return kinds[kind].length;
}

static bool is_control(const unsigned char *at, size_t length) {
	return (length == 1 && (*at < 0x20 || *at == 0x7f)) || (length == 2 && at[0] == 0xc2 && at[1] < 0xa0);
}

void plain_bytes(char *bytes, size_t length, const char *kept) {
	for (size_t i = 0, step; i < length; i += step) {
		const unsigned char *at = (const unsigned char *)bytes + i;
		step = length_of(at, length - i);
		bool is_plain = step > 0 && (!is_control(at, step) || (*at && strchr(kept, *at)));
		step = step ? step : 1;
		if (!is_plain)
			memset(bytes + i, '?', step);
	}
}

char *plain_string(char *string) {
	plain_bytes(string, strlen(string), "");
	return string;
}

void plain_add(struct text *text, const char *bytes, size_t length) {
	text_add(text, bytes, length);
	if (!text->failed)
		plain_bytes(text->bytes + text->length - length, length, "");
}

void plain_add_string(struct text *text, const char *string) {
	plain_add(text, string, strlen(string));
}

size_t plain_line(char *line, size_t size, const char *format, va_list arguments) {
	int length = vsnprintf(line, size, format, arguments);
	if (length < 0)
		return 0;
	bool is_whole = (size_t)length < size;
	size_t kept = is_whole ? (size_t)length : size - 1;
	bool is_ended = is_whole && *format != '\0' && format[strlen(format) - 1] == '\n';
	plain_bytes(line, kept - is_ended, "\t");
	return kept;
}

void plain_format_list(struct text *text, const char *format, va_list arguments) {
	char room[LINE_BYTES]; /* what says that memory is wanting asks for little */
	va_list again;
	va_copy(again, arguments);
	int length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	size_t size = length < 0 ? 0 : (size_t)length + 1;
	char *line = size <= sizeof(room) ? room : malloc(size);
	if (size == 0 || line == NULL) {
		text->failed = true;
		return;
	}
	text_add(text, line, plain_line(line, size, format, arguments));
	if (line != room)
		free(line);
}

void plain_format(struct text *text, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	plain_format_list(text, format, arguments);
	va_end(arguments);
}
