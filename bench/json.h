/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads JSON text in place (RFC 8259): a strict scanner, no tree, no allocation. Any bytes may be given; what is
 * not JSON is answered with false. Deliberately not a general library: UTF-8 is not checked, and a member is
 * found by walking to it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_span {
	const char *bytes;
	size_t length;
};

/* The length of the one value at the start of `text`, 0 where there is none. Nesting deeper than 16 is refused. */
size_t json_value_length(struct json_span text);

/* Member `name` of an object that json_value_length accepted; false: no object, or no such member. */
bool json_member(struct json_span object, const char *name, struct json_span *value);

/* Whether an object that json_value_length accepted has at most JSON_UNIQUE_MEMBERS members, and no name of them twice:
 * what a name that is there twice means differs from reader to reader (RFC 8259, section 4). */
enum { JSON_UNIQUE_MEMBERS = 32 };
bool json_is_unique(struct json_span object);

/* Walks an array that json_value_length accepted: *cursor is the array at first. false: past the last element. */
bool json_next(struct json_span *cursor, struct json_span *element);

bool json_to_u64(struct json_span value, uint64_t *number); /* a plain integer only */
bool json_to_double(struct json_span value, double *number);
bool json_to_bool(struct json_span value, bool *truth);

/* Unescaped, terminated, cut off at the capacity; \u beyond one byte becomes '?'. */
bool json_to_string(struct json_span value, char *string, size_t capacity);

/* Of a member, in one step. */
bool json_member_u64(struct json_span object, const char *name, uint64_t *number);
bool json_member_string(struct json_span object, const char *name, char *string, size_t capacity);
bool json_member_is(struct json_span object, const char *name, const char *string);
