/* SPDX-License-Identifier: Apache-2.0
 *
 * The looking loop over a clock that the test winds: what it writes down, and a clock that jumps.
 */
#include "bench/suites/noise_loops.h"
#include "bench/ticks.h"

#include <criterion/criterion.h>

static uint64_t now;
static uint64_t looks;
static const struct jump {
	uint64_t at_look;
	int64_t by;
} * jumps;
static size_t jump_count;

uint64_t ticks_look(void) {
	for (size_t i = 0; i < jump_count; i++)
		if (jumps[i].at_look == looks)
			now += (uint64_t)jumps[i].by;
	looks++;
	return now += 10;
}

uint64_t ticks_begin(void) {
	return ticks_look();
}

uint64_t ticks_end(void) {
	return ticks_look();
}

static struct noise_look *look_for(uint64_t ticks, const struct jump *list, size_t count) {
	static struct noise_look look;
	look = (struct noise_look){.origin = 1000, .threshold = 90};
	now = 1000;
	looks = 0;
	jumps = list;
	jump_count = count;
	noise_look(&look, ticks);
	return &look;
}

Test(noise_loops, nothing_is_lost_where_nothing_comes_between) {
	const struct noise_look *look = look_for(10000, NULL, 0);
	cr_expect_eq(look->looks, 1000);
	cr_expect_eq(look->looked, 10000);
	cr_expect(look->gaps == 0 && look->lost == 0 && look->backs == 0);
}

Test(noise_loops, a_detour_is_written_with_its_begin) {
	static const struct jump list[] = {{100, 490}, {200, 80}, {300, 1990}};
	const struct noise_look *look = look_for(10000, list, 3);
	cr_assert_eq(look->gaps, 2, "one is as long as the threshold, and none");
	cr_expect(look->gap[0].begin == 1000 && look->gap[0].ticks == 500, "%lu", (unsigned long)look->gap[0].begin);
	cr_expect_eq(look->gap[1].ticks, 2000);
	cr_expect_eq(look->lost, 2500);
	cr_expect(look->looked <= 10000 && look->looked >= 10000 - 3 * 10, "%lu", (unsigned long)look->looked);
}

Test(noise_loops, a_clock_that_goes_back_is_counted_and_ends_the_look_no_sooner) {
	static const struct jump list[] = {{100, -5000}, {300, -100000}, {500, 3000}};
	const struct noise_look *look = look_for(10000, list, 3);
	cr_expect_eq(look->backs, 2);
	cr_expect_eq(look->gaps, 1);
	cr_expect(look->looked <= 10000 && look->looked > 9900, "%lu", (unsigned long)look->looked);
	cr_expect(look->looks > 600 && look->looks < 720, "%lu", (unsigned long)look->looks);
}

/* As two looks may be done in the other order. */
Test(noise_loops, a_step_back_that_is_short_is_none) {
	static const struct jump list[] = {{100, -25}, {200, -15}};
	const struct noise_look *look = look_for(10000, list, 2);
	cr_expect(look->backs == 0 && look->gaps == 0);
	cr_expect(look->looked >= 10000 && look->looked < 10020, "%lu", (unsigned long)look->looked);
}

Test(noise_loops, the_longest_step_of_each_span_whatever_the_clock_does_else) {
	static const struct jump list[] = {{30, 140}, {50, 290}, {120, 500}, {250, -700}};
	uint32_t longest[4];
	now = looks = 0;
	jumps = list;
	jump_count = 4;
	noise_longest_steps(longest, 4, 1000);
	cr_expect(longest[0] == 300 && longest[1] == 510 && longest[2] == 10 && longest[3] == 10, "%u %u %u %u",
		  longest[0], longest[1], longest[2], longest[3]);
}

Test(noise_loops, the_least_look_is_the_clocks_step) {
	jump_count = 0;
	cr_expect_eq(noise_least_step(), 10);
}
