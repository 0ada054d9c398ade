/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/size.h"

#include <stddef.h>
#include <stdio.h>

/* From 1000 on %g would write an exponent; what rounds to 1024 is one of the next unit. */
const char *size_words(char *words, uint64_t bytes, int digits) {
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	double value = (double)bytes;
	size_t unit = 0;
	for (; value >= 1023.5 && unit + 1 < sizeof(units) / sizeof(units[0]); unit++)
		value /= 1024;
	if (value < 999.5)
		snprintf(words, SIZE_WORDS_BYTES, "%.*g %s", digits, value, units[unit]);
	else
		snprintf(words, SIZE_WORDS_BYTES, "%.0f %s", value, units[unit]);
	return words;
}
