/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/snippet/publish.h"

static int digit_of(char c) {
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool snippet_bytes_of(const char *digits, uint8_t bytes[SNIPPET_BYTES_MOST], uint32_t *count) {
	for (*count = 0; *count < SNIPPET_BYTES_MOST && *digits != '\0'; digits += 2) {
		int high = digit_of(digits[0]), low = high < 0 ? -1 : digit_of(digits[1]);
		if (low < 0)
			return false;
		bytes[(*count)++] = (uint8_t)(high << 4 | low);
	}
	return *count != 0 && *digits == '\0';
}
