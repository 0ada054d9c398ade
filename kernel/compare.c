/* SPDX-License-Identifier: Apache-2.0
 *
 * memcmp, which compilers call for, and the comparison of a configured word.
 */
#include "kernel/compare.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

int memcmp(const void *left, const void *right, size_t length) {
	const uint8_t *a = left, *b = right;
	for (size_t i = 0; i < length; i++) {
		if (a[i] != b[i])
			return a[i] - b[i];
	}
	return 0;
}

bool word_is(const char *word, const char *wanted) {
	if (word == NULL)
		return false;
	while (*word != '\0' && *word == *wanted)
		word++, wanted++;
	return *word == *wanted;
}
