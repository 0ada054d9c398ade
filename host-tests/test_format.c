/* SPDX-License-Identifier: Apache-2.0
 *
 * The kernel's text from values, against the C library's snprintf and against its own promises where the two differ.
 */
#include "kernel/format.h"

#include <criterion/criterion.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define SAME(...)                                                            \
	do {                                                                 \
		char ours[128], theirs[128];                                 \
		size_t length = format_text(ours, sizeof ours, __VA_ARGS__); \
		int expected = snprintf(theirs, sizeof theirs, __VA_ARGS__); \
		cr_expect_str_eq(ours, theirs);                              \
		cr_expect_eq(length, (size_t)expected);                      \
	} while (0)

Test(format, as_snprintf) {
	SAME("plain");
	SAME("%s and %s", "one", "");
	SAME("%c%c", 'a', 'Z');
	SAME("%d %d %d", 0, INT_MIN, INT_MAX);
	SAME("%u %x", UINT_MAX, UINT_MAX);
	SAME("%ld %ld", LONG_MIN, LONG_MAX);
	SAME("%lu %lx %lx", ULONG_MAX, ULONG_MAX, 0ul);
	SAME("100 %%");
}

Test(format, cuts_and_terminates) {
	for (size_t size = 1; size <= 12; size++) {
		char buffer[16];
		memset(buffer, '#', sizeof buffer);
		size_t length = format_text(buffer, size, "%s%u", "abcdef", 12345u);
		cr_expect_eq(length, size - 1 < 11 ? size - 1 : 11);
		cr_expect_eq(strlen(buffer), length);
		cr_expect_eq(memcmp(buffer, "abcdef12345", length), 0);
		for (size_t i = size; i < sizeof buffer; i++)
			cr_expect_eq(buffer[i], '#');
	}
}

Test(format, copies_and_cuts) {
	for (size_t size = 1; size <= 9; size++) {
		char buffer[16];
		memset(buffer, '#', sizeof buffer);
		size_t length = format_copy(buffer, size, "abcdef");
		cr_expect_eq(length, size - 1 < 6 ? size - 1 : 6);
		cr_expect_eq(strlen(buffer), length);
		cr_expect_eq(memcmp(buffer, "abcdef", length), 0);
		for (size_t i = length + 1; i < sizeof buffer; i++)
			cr_expect_eq(buffer[i], '#');
	}
}

Test(format, a_null_string_is_said) {
	char buffer[16];
	const char *volatile null = NULL;
	format_text(buffer, sizeof buffer, "<%s>", null);
	cr_expect_str_eq(buffer, "<(null)>");
}
