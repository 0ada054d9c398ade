/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/decimal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS "0123456789"

static bool is_padded(const char *word) {
	return *word == '0' && strspn(word, DIGITS) > 1;
}

double decimal_of(const char *word, char **end) {
	size_t length = strspn(word, DIGITS);
	if (word[length] == '.')
		length += 1 + strspn(word + length + 1, DIGITS);
	double number = strtod(word, end);
	if (length > 0 && *end == word + length && !is_padded(word))
		return number;
	*end -= *end - word;
	return 0;
}

bool decimal_whole(const char *word, uint64_t least, uint64_t most, uint64_t *number) {
	size_t digits = strspn(word, DIGITS);
	errno = 0;
	*number = strtoull(word, NULL, 10);
	return digits > 0 && word[digits] == '\0' && !is_padded(word) && errno == 0 && *number >= least &&
	       *number <= most;
}

bool decimal_seconds(const char *word, double least, double most, double *seconds) {
	char *end;
	*seconds = decimal_of(word, &end);
	return end != word && strcmp(end, *end == 's' ? "s" : "") == 0 && *seconds >= least && *seconds <= most;
}
