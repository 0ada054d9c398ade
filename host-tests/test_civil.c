/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/civil.h"

#include <criterion/criterion.h>
#include <time.h>

static uint64_t seconds_of(struct civil_time time) {
	uint64_t seconds = 0;
	return civil_to_seconds(&time, &seconds) ? seconds : 0;
}

Test(civil, counts_as_posix_does) {
	cr_assert_eq(seconds_of((struct civil_time){2020, 1, 1, 0, 0, 0}), 1577836800u);
	cr_assert_eq(seconds_of((struct civil_time){2024, 2, 29, 23, 59, 59}), 1709251199u);
	cr_assert_eq(seconds_of((struct civil_time){2038, 1, 19, 3, 14, 8}), UINT64_C(1) << 31);
	cr_assert_eq(seconds_of((struct civil_time){2100, 3, 1, 0, 0, 0}), UINT64_C(4107542400));
}

Test(civil, refuses_what_is_no_date) {
	static const struct civil_time wrong[] = {
		{2019, 12, 31, 0, 0, 0}, {2026, 0, 1, 0, 0, 0},  {2026, 13, 1, 0, 0, 0},       {2026, 4, 31, 0, 0, 0},
		{2023, 2, 29, 0, 0, 0},  {2100, 2, 29, 0, 0, 0}, {2026, 1, 0, 0, 0, 0},        {2026, 1, 1, 24, 0, 0},
		{2026, 1, 1, 0, 60, 0},  {2026, 1, 1, 0, 0, 60}, {0xffff, 0xff, 0xff, 0, 0, 0}};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		cr_assert_eq(seconds_of(wrong[i]), 0, "date %zu", i);
}

/* The C library's own calendar is the oracle. */
Test(civil, says_every_day_as_the_c_library_does) {
	for (uint64_t seconds = 1; seconds < UINT64_C(253402300800); seconds += 86400 * 13 + 12347) {
		time_t time = (time_t)seconds;
		struct tm parts;
		char expected[32], text[CIVIL_TEXT_BYTES];
		gmtime_r(&time, &parts);
		strftime(expected, sizeof(expected), "%Y-%m-%dT%H:%M:%SZ", &parts);
		civil_text(seconds, text);
		cr_assert_str_eq(text, expected);
		uint64_t read = 0;
		if (parts.tm_year >= 120)
			cr_assert(civil_read(text, &read) && read == seconds, "%s", text);
		if (parts.tm_year >= 120)
			cr_assert_eq(seconds_of((struct civil_time){(uint32_t)parts.tm_year + 1900,
								    (uint32_t)parts.tm_mon + 1, (uint32_t)parts.tm_mday,
								    (uint32_t)parts.tm_hour, (uint32_t)parts.tm_min,
								    (uint32_t)parts.tm_sec}),
				     seconds);
	}
}

Test(civil, takes_a_zone_off_and_nothing_that_is_none) {
	static const struct {
		int32_t behind;
		bool known;
		int64_t moved;
	} zones[] = {
		{0, true, 0},          {-540, true, -32400}, {480, true, 28800}, {1440, true, 86400},
		{-1440, true, -86400}, {1441, false, 0},     {-1441, false, 0},  {0x7ff, false, 0},
	};
	const struct civil_time time = {2026, 1, 1, 0, 31, 5};
	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
		uint64_t seconds = 0;
		bool known = !zones[i].known;
		cr_assert(civil_local_to_seconds(&time, zones[i].behind, &seconds, &known));
		cr_assert_eq(known, zones[i].known, "%d minutes", zones[i].behind);
		cr_assert_eq((int64_t)seconds, 1767227465 + zones[i].moved, "%d minutes", zones[i].behind);
	}
}

Test(civil, does_not_believe_a_clock_that_was_never_set) {
	static const uint64_t never[] = {0, 1, 1577836799, UINT64_C(253402300800), UINT64_MAX, (uint64_t)-1577836800};
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		cr_assert_eq(civil_believed(never[i]), 0, "%llu", (unsigned long long)never[i]);
	cr_assert_eq(civil_believed(1577836800), 1577836800);
	cr_assert_eq(civil_believed(UINT64_C(253402300799)), UINT64_C(253402300799));
}

Test(civil, reads_nothing_but_its_own) {
	static const char *const wrong[] = {"",
					    "unknown",
					    "2026-11-27",
					    "2026-11-27T00:31:05",
					    "2026-11-27T00:31:05Zx",
					    "2026-11-27T00:31:05+01:00",
					    "999999-11-27T00:31:05Z",
					    "2026--27T00:31:05Z",
					    "2026-02-30T00:31:05Z"};
	uint64_t seconds;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		cr_assert_not(civil_read(wrong[i], &seconds), "%s", wrong[i]);
}

Test(civil, says_that_it_does_not_know) {
	char text[CIVIL_TEXT_BYTES];
	civil_text(0, text);
	cr_assert_str_eq(text, "unknown");
	civil_text(UINT64_C(253402300800), text);
	cr_assert_str_eq(text, "unknown", "the year 10000");
	civil_text(UINT64_MAX, text);
	cr_assert_str_eq(text, "unknown");
}
