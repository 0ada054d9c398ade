/* SPDX-License-Identifier: Apache-2.0
 *
 * Of UTF-8 only the mark is looked at: whoever reads the text judges its characters.
 */
#include "lib/unicode.h"

#include <stdbool.h>
#include <stdint.h>

#define REPLACEMENT    0xfffdu
#define SURROGATE_HIGH 0xd800u
#define SURROGATE_LOW  0xdc00u
#define SURROGATE_END  0xe000u
#define PLANE_1        0x10000u

struct units {
	const uint8_t *at;
	const uint8_t *end;
	unsigned low; /* which of a unit's two bytes is the lower half */
};

static uint32_t unit_at(const struct units *units, const uint8_t *at) {
	return (uint32_t)at[units->low] | (uint32_t)at[1 - units->low] << 8;
}

/* Moves on by a character, or by what stands where one should. */
static uint32_t next_character(struct units *units) {
	if (units->end - units->at < 2) {
		units->at = units->end;
		return REPLACEMENT;
	}
	uint32_t high = unit_at(units, units->at);
	units->at += 2;
	if (high < SURROGATE_HIGH || high >= SURROGATE_END)
		return high;
	if (high >= SURROGATE_LOW || units->end - units->at < 2)
		return REPLACEMENT;
	uint32_t low = unit_at(units, units->at);
	if (low < SURROGATE_LOW || low >= SURROGATE_END)
		return REPLACEMENT;
	units->at += 2;
	return PLANE_1 + ((high - SURROGATE_HIGH) << 10 | (low - SURROGATE_LOW));
}

/* Returns the number of bytes, 1 to 4. */
static size_t encode(uint32_t character, uint8_t bytes[4]) {
	if (character < 0x80) {
		bytes[0] = (uint8_t)character;
		return 1;
	}
	size_t length = character < 0x800 ? 2 : character < PLANE_1 ? 3 : 4;
	static const uint8_t lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
	for (size_t i = length; i-- > 1; character >>= 6)
		bytes[i] = (uint8_t)(0x80 | (character & 0x3f));
	bytes[0] = (uint8_t)(lead[length] | character);
	return length;
}

static size_t from_utf16(struct units units, char *text, size_t capacity) {
	size_t used = 0;
	while (units.at < units.end) {
		uint8_t bytes[4];
		size_t length = encode(next_character(&units), bytes);
		if (length > capacity - used)
			break;
		for (size_t i = 0; i < length; i++)
			text[used++] = (char)bytes[i];
	}
	return used;
}

/* The longest beginning of UTF-8 that ends between two characters. */
static size_t whole_characters(const uint8_t *bytes, size_t length, size_t capacity) {
	if (length <= capacity)
		return length;
	while (capacity > 0 && (bytes[capacity] & 0xc0) == 0x80)
		capacity--;
	return capacity;
}

static bool begins_with(const uint8_t *bytes, size_t length, const char *mark, size_t mark_length) {
	size_t same = 0;
	while (same < mark_length && same < length && bytes[same] == (uint8_t)mark[same])
		same++;
	return same == mark_length;
}

size_t unicode_to_utf8(const void *bytes, size_t length, char *text, size_t capacity) {
	const uint8_t *from = bytes;
	if (length == 0)
		return 0;
	if (begins_with(from, length, "\xff\xfe", 2))
		return from_utf16((struct units){from + 2, from + length, 0}, text, capacity);
	if (begins_with(from, length, "\xfe\xff", 2))
		return from_utf16((struct units){from + 2, from + length, 1}, text, capacity);
	size_t mark = begins_with(from, length, "\xef\xbb\xbf", 3) ? 3 : 0;
	size_t used = whole_characters(from + mark, length - mark, capacity);
	for (size_t i = 0; i < used; i++)
		text[i] = (char)from[mark + i];
	return used;
}
