/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/decimal.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* What the C library takes for a number, or for more of one than people mean. */
static const char *const odd[] = {"",   "0x10", "0X1p4", "010", "00",  " 5",   "\t5", "+5",
				  "-5", "-0",   "5e3",   "5E3", "1e9", "inf",  "nan", "INFINITY",
				  "x",  ".",    "..5",   "0b1", "0x",  "01.5", ",5"};
enum { ODD = sizeof(odd) / sizeof(odd[0]) };

Test(decimal, fractions_are_read_up_to_what_is_behind_them) {
	static const struct {
		const char *word, *behind;
		double number;
	} cases[] = {
		{"0", "", 0},        {"5", "", 5},         {"10", "", 10},
		{"0.5", "", 0.5},    {".5", "", 0.5},      {"5.", "", 5},
		{"0.010", "", 0.01}, {"0.5s", "s", 0.5},   {"1ms:2us", "ms:2us", 1},
		{"3 %", " %", 3},    {"1.2.3", ".3", 1.2}, {"5x", "x", 5},
		{"5e", "e", 5},      {"0.05", "", 0.05},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *end;
		cr_expect_eq(decimal_of(cases[i].word, &end), cases[i].number, "%s", cases[i].word);
		cr_expect_str_eq(end, cases[i].behind, "%s", cases[i].word);
	}
}

Test(decimal, what_is_no_plain_number_is_none) {
	for (size_t i = 0; i < ODD; i++) {
		char *end;
		uint64_t number;
		double seconds;
		cr_expect_eq(decimal_of(odd[i], &end), 0, "%s", odd[i]);
		/* Behind the number, where one comes first. */
		bool is_none = end == odd[i] || *end != '\0';
		cr_expect(is_none, "%s", odd[i]);
		cr_expect_not(decimal_whole(odd[i], 0, UINT64_MAX, &number), "%s", odd[i]);
		cr_expect_not(decimal_seconds(odd[i], 0, INFINITY, &seconds), "%s", odd[i]);
	}
}

Test(decimal, whole_numbers_are_within_their_bounds) {
	uint64_t number;
	cr_expect(decimal_whole("18446744073709551615", 0, UINT64_MAX, &number) && number == UINT64_MAX);
	cr_expect_not(decimal_whole("18446744073709551616", 0, UINT64_MAX, &number));
	cr_expect(decimal_whole("0", 0, 0, &number) && number == 0);
	cr_expect(decimal_whole("10", 10, 10, &number) && number == 10);
	cr_expect_not(decimal_whole("9", 10, 11, &number));
	cr_expect_not(decimal_whole("12", 10, 11, &number));
	cr_expect_not(decimal_whole("5.0", 0, 10, &number));
	cr_expect_not(decimal_whole("5s", 0, 10, &number));
}

Test(decimal, seconds_have_their_unit_or_none) {
	double seconds;
	cr_expect(decimal_seconds("0.25s", 0.001, 1, &seconds) && seconds == 0.25);
	cr_expect(decimal_seconds("1", 0.001, 1, &seconds) && seconds == 1);
	static const char *const wrong[] = {"1.5", "0", "s", "0.5ss", "0.5 s", "0.5m", "0.5s "};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		cr_expect_not(decimal_seconds(wrong[i], 0.001, 1, &seconds), "%s", wrong[i]);
	char many[400];
	memset(many, '9', sizeof(many) - 1);
	many[sizeof(many) - 1] = '\0';
	cr_expect_not(decimal_seconds(many, 0.001, 86400, &seconds), "more than a number has room for");
}
