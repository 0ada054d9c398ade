/* SPDX-License-Identifier: Apache-2.0
 *
 * The strings of rows that are made on demand. What does not fit is cut off.
 */
#pragma once

#include "lib/units.h"

#include <stddef.h>
#include <stdint.h>

struct row_text {
	char *bytes; /* terminated from the first word on */
	size_t room, length;
};

static inline void row_word(struct row_text *text, const char *word) {
	for (; *word != 0 && text->length + 1 < text->room; word++)
		text->bytes[text->length++] = *word;
	text->bytes[text->length] = 0;
}

static inline void row_number(struct row_text *text, uint64_t number) {
	char digits[21];
	size_t at = sizeof digits - 1;
	digits[at] = 0;
	do
		digits[--at] = (char)('0' + number % 10);
	while ((number /= 10) != 0);
	row_word(text, digits + at);
}

/* "48KiB": in the largest unit that leaves a whole number. */
static inline void row_size(struct row_text *text, uint64_t bytes) {
	static const char *const units[] = {"B", "KiB", "MiB", "GiB"};
	unsigned unit = 0;
	while (unit < 3 && bytes >= 1024 && bytes % 1024 == 0) {
		bytes /= 1024;
		unit++;
	}
	row_number(text, bytes);
	row_word(text, units[unit]);
}
