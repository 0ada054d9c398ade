/* SPDX-License-Identifier: Apache-2.0
 *
 * Growing text. Capacity doubles; with a sink the bytes leave in pieces of about 16 KiB, since each piece may cost a
 * switch to the firmware.
 */
#include "bench/text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SINK_PIECE_BYTES = 16 * 1024, FORMAT_BYTES = 512 };

static bool text_reserve(struct text *text, size_t more) {
	if (text->failed || more > (size_t)-1 / 4 - text->length)
		text->failed = true;
	if (text->failed)
		return false;
	if (text->length + more <= text->capacity)
		return true;
	size_t capacity = text->capacity ? text->capacity : 256;
	while (capacity < text->length + more)
		capacity *= 2;
	char *bytes = realloc(text->bytes, capacity);
	if (!bytes) {
		text->failed = true;
		return false;
	}
	text->bytes = bytes;
	text->capacity = capacity;
	return true;
}

void text_flush(struct text *text) {
	if (!text->sink || text->failed || text->length == 0)
		return;
	text->sink_status = text->sink(text->bytes, text->length);
	text->failed = text->sink_status < 0;
	text->length = 0;
}

void text_add(struct text *text, const char *bytes, size_t length) {
	if (length == 0 || !text_reserve(text, length))
		return;
	memcpy(text->bytes + text->length, bytes, length);
	text->length += length;
	text->last = bytes[length - 1];
	if (text->sink && text->length >= SINK_PIECE_BYTES)
		text_flush(text);
}

void text_add_string(struct text *text, const char *string) {
	text_add(text, string, strlen(string));
}

void text_format(struct text *text, const char *format, ...) {
	char short_bytes[FORMAT_BYTES];
	va_list arguments;
	va_start(arguments, format);
	int length = vsnprintf(short_bytes, sizeof(short_bytes), format, arguments);
	va_end(arguments);
	if (length < 0 || (size_t)length >= sizeof(short_bytes))
		text->failed = true; /* no caller formats that much: long strings go through text_add_string */
	else
		text_add(text, short_bytes, (size_t)length);
}

void text_add_json(struct text *text, const char *string) {
	text_add(text, "\"", 1);
	for (const unsigned char *at = (const unsigned char *)string; *at; at++) {
		if (*at == '"' || *at == '\\') {
			char escaped[2] = {'\\', (char)*at};
			text_add(text, escaped, 2);
		} else if (*at < 0x20 || *at > 0x7e) {
			text_format(text, "\\u%04x", *at);
		} else {
			char plain = (char)*at;
			text_add(text, &plain, 1);
		}
	}
	text_add(text, "\"", 1);
}

void text_member(struct text *text, const char *name) {
	if (text->last != '{' && text->last != '[')
		text_add(text, ",", 1);
	if (!name)
		return;
	text_add_json(text, name);
	text_add(text, ":", 1);
}

void text_member_object(struct text *text, const char *name) {
	text_member(text, name);
	text_add_string(text, "{");
}

void text_member_array(struct text *text, const char *name) {
	text_member(text, name);
	text_add_string(text, "[");
}

void text_member_null(struct text *text, const char *name) {
	text_member(text, name);
	text_add_string(text, "null");
}

void text_member_string(struct text *text, const char *name, const char *string) {
	text_member(text, name);
	text_add_json(text, string);
}

void text_member_u64(struct text *text, const char *name, uint64_t number) {
	text_member(text, name);
	text_format(text, "%" PRIu64, number);
}

void text_member_hex(struct text *text, const char *name, uint64_t number) {
	text_member(text, name);
	text_format(text, "\"0x%" PRIx64 "\"", number);
}

void text_member_bool(struct text *text, const char *name, bool truth) {
	text_member(text, name);
	text_add_string(text, truth ? "true" : "false");
}

void text_member_double(struct text *text, const char *name, double number) {
	text_member(text, name);
	if (number - number == 0)
		text_format(text, "%.12g", number);
	else
		text_add_string(text, "null");
}

void text_pad(struct text *text, size_t column) {
	size_t begin = text->length;
	while (begin > 0 && text->bytes[begin - 1] != '\n')
		begin--;
	while (!text->failed && text->length - begin < column)
		text_add(text, " ", 1);
}

void text_free(struct text *text) {
	free(text->bytes);
	*text = (struct text){0};
}
