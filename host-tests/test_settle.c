/* SPDX-License-Identifier: Apache-2.0
 *
 * The rule on made-up windows; what this machine's clock does decides nothing.
 */
#include "bench/settle.h"

#include <criterion/criterion.h>
#include <string.h>

/* How many windows it takes. */
static unsigned windows_of(const uint64_t *ticks, unsigned count) {
	struct settling settling = {0};
	for (unsigned i = 0; i < count; i++)
		if (settling_take(&settling, ticks[i]))
			return settling.windows;
	return 0;
}

Test(settle, is_two_windows_alike) {
	static const uint64_t steady[] = {1000, 1000}, rising[] = {1000, 800, 640, 560, 551, 550}, edge[] = {98, 100};
	cr_assert_eq(windows_of(steady, 2), 2);
	cr_assert_eq(windows_of(rising, 6), 5, "551 of 560 is 0.984");
	cr_assert_eq(windows_of(edge, 2), 2, "0.98 itself");
}

Test(settle, is_not_one_window_or_a_clock_that_stands) {
	static const uint64_t one[] = {1000}, apart[] = {100, 97, 100, 97}, still[] = {0, 0, 0, 0};
	cr_assert_eq(windows_of(one, 1), 0);
	cr_assert_eq(windows_of(apart, 4), 0);
	cr_assert_eq(windows_of(still, 4), 0);
}

Test(settle, ends_whatever_the_clock_does) {
	struct settling settling;
	settle_clock(1000000, 1, &settling);
	cr_assert(settling.windows <= SETTLE_WINDOWS_MOST, "a counter of one hertz: %u windows", settling.windows);
	settle_clock(0, 1000000000, &settling);
	cr_assert_eq(settling.windows, 0, "no warm-up, no windows");
	settle_clock(1000000, 0, &settling);
	cr_assert_eq(settling.windows, 0, "no clock, no windows");
	struct text text = {0};
	settling_describe(&settling, &text);
	cr_assert_eq(text.length, 0, "not tried, not said");
	text_add_string(&text, "{");
	settling = (struct settling){.windows = 60, .window_ns = 5000000, .ratio = 0.5};
	settling_describe(&settling, &text);
	text_add(&text, "", 1);
	cr_assert_str_eq(text.bytes,
			 "{\"settling\":{\"settled\":false,\"windows\":60,\"window_ns\":5000000,\"ratio\":0.5}");
	text_free(&text);
}
