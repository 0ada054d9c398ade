/* SPDX-License-Identifier: Apache-2.0
 *
 * A growing run of bytes on the C library's heap, for records, tables and results. Once memory or the sink has failed,
 * `failed` stays set and further bytes are dropped: checked once at the end. Not for timed regions.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
	char *bytes;
	size_t length;
	size_t capacity;
	bool failed;
	char last; /* the last byte added, kept across flushes */
	/* Where set, takes what has gathered whenever that is much; 0 or negative. */
	int (*sink)(const char *bytes, size_t length);
	int sink_status; /* what the sink said when it failed */
};

void text_add(struct text *text, const char *bytes, size_t length);
void text_add_string(struct text *text, const char *string);
void text_format(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* As a JSON string, quotes and escapes included; all beyond printable ASCII becomes \u00xx, so that a record is one
 * line of ASCII whatever was in it. */
void text_add_json(struct text *text, const char *string);

/* A member of a JSON object, or with a NULL name an element of an array; the comma before it where one is due. */
void text_member(struct text *text, const char *name);
void text_member_object(struct text *text, const char *name); /* opened; the caller adds "}" */
void text_member_array(struct text *text, const char *name);  /* opened; the caller adds "]" */
void text_member_null(struct text *text, const char *name);
void text_member_string(struct text *text, const char *name, const char *string);
void text_member_u64(struct text *text, const char *name, uint64_t number);
void text_member_hex(struct text *text, const char *name, uint64_t number); /* "0x1f": JSON's numbers end at 2^53 */
void text_member_bool(struct text *text, const char *name, bool truth);
void text_member_double(struct text *text, const char *name, double number); /* finite, or null */

/* Blanks until `column` bytes stand in the last line. */
void text_pad(struct text *text, size_t column);

/* Hands what is left to the sink. */
void text_flush(struct text *text);

void text_free(struct text *text);
