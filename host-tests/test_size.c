/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/size.h"

#include <criterion/criterion.h>
#include <stddef.h>

Test(size, in_the_largest_unit_and_so_many_digits) {
	static const struct {
		uint64_t bytes;
		const char *three, *four;
	} cases[] = {
		{0, "0 B", "0 B"},
		{91, "91 B", "91 B"},
		{1023, "1023 B", "1023 B"},
		{1024, "1 KiB", "1 KiB"},
		{1025, "1 KiB", "1.001 KiB"},
		{24 << 10, "24 KiB", "24 KiB"},
		{92672, "90.5 KiB", "90.5 KiB"},
		{370688, "362 KiB", "362 KiB"},
		{1011712, "988 KiB", "988 KiB"},
		{1000 << 10, "1000 KiB", "1000 KiB"},
		{(1 << 20) - 1, "1 MiB", "1 MiB"},
		{3 << 19, "1.5 MiB", "1.5 MiB"},
		{14690000, "14 MiB", "14.01 MiB"},
		{UINT64_C(1) << 30, "1 GiB", "1 GiB"},
		{UINT64_MAX, "16 EiB", "16 EiB"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char words[SIZE_WORDS_BYTES];
		cr_expect_str_eq(size_words(words, cases[i].bytes, 3), cases[i].three);
		cr_expect_str_eq(size_words(words, cases[i].bytes, 4), cases[i].four);
	}
}
