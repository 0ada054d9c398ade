/* SPDX-License-Identifier: Apache-2.0 */
#include "host-tests/advise_fixture.h"
#include "hosted/advise/advice.h"
#include "hosted/advise/replay.h"

#include <criterion/criterion.h>
#include <math.h>

static struct record record;
static struct replay_mixture mixture;

/* A million blocks of 80 bytes, one each 100 ns, all of them freed. */
static void begin(void) {
	memset(&record, 0, sizeof(record));
	memset(&mixture, 0, sizeof(mixture));
	record.processes = record.threads = 1;
	record.user_ns = 100000000;
	record.allocated = record.freed = 1000000;
	record.sums.allocations[COUNTS_MALLOC][counts_class(80)] = 1000000;
	record.sums.small[80 / COUNTS_STEP_BYTES - 1] = 1000000;
}

TestSuite(replay, .init = begin);

static const struct replay_group *group(enum costs_shape shape) {
	cr_assert(replay_mixture_of(&record, &mixture));
	for (uint32_t i = 0; i < mixture.group_count; i++)
		if (mixture.groups[i].shape == shape)
			return &mixture.groups[i];
	cr_assert_fail("no group of shape %d", (int)shape);
	return mixture.groups;
}

static void is_within(uint32_t found, uint32_t least, uint32_t most) {
	cr_assert(found >= least && found <= most, "%u, and not from %u to %u", found, least, most);
}

Test(replay, as_many_live_as_are_allocated_in_a_lifetime) {
	record.sums.lifetimes[16] = 1000; /* 33 to 66 us, in which 330 to 660 are allocated */
	record.sums.orders[COUNTS_QUEUE] = 1000;
	const struct replay_group *queue = group(COSTS_QUEUE);
	cr_assert_eq(mixture.group_count, 1);
	cr_assert_eq(queue->share, REPLAY_SHARES);
	is_within(queue->count, 325, 660);
	record.sums.orders[COUNTS_QUEUE] = 0;
	record.sums.orders[COUNTS_STACK] = 1000;
	is_within(group(COSTS_STACK)->count, 650, 1320); /* a batch, of which half live on the mean */
}

Test(replay, while_a_program_waits_it_allocates_nothing) {
	record.wall_ns = 10 * record.user_ns;
	record.sums.lifetimes[16] = 1000;
	record.sums.orders[COUNTS_QUEUE] = 1000;
	is_within(group(COSTS_QUEUE)->count, 32, 66);
}

Test(replay, one_that_lived_long_makes_no_batch_longer) {
	record.sums.lifetimes[16] = 1000;
	record.sums.lifetimes[30] = 100;
	record.sums.orders[COUNTS_STACK] = 1000;
	is_within(group(COSTS_STACK)->count, 650, 1320);
}

Test(replay, times_that_differ_are_groups) {
	record.sums.lifetimes[12] = 750;
	record.sums.lifetimes[20] = 250;
	record.sums.orders[COUNTS_BETWEEN] = 1000;
	cr_assert_eq(group(COSTS_RANDOM)->share, REPLAY_SHARES * 3 / 4);
	cr_assert_eq(mixture.group_count, 2);
	is_within(mixture.groups[1].count, 1300, 2600); /* a quarter of what comes in 0.5 to 1 ms */
}

Test(replay, a_block_that_is_never_freed_is_kept) {
	record.freed = 250000;
	cr_assert_eq(group(COSTS_KEPT)->share, REPLAY_SHARES * 3 / 4);
}

Test(replay, other_threads_free_batches) {
	record.freed_more = record.freed;
	record.sums.lifetimes[16] = 1000;
	record.sums.orders[COUNTS_ELSEWHERE] = 1000;
	is_within(group(COSTS_ELSEWHERE)->count, 650, 1320);
	record.wall_ns = record.user_ns + record.system_ns;
	cr_assert(replay_mixture_of(&record, &mixture));
	cr_assert_eq(mixture.other, REPLAY_WAITED_FOR);
	record.wall_ns = (record.user_ns + record.system_ns) * 3 / 4;
	cr_assert(replay_mixture_of(&record, &mixture));
	cr_assert_eq(mixture.other, REPLAY_BESIDE, "more CPU time than passed");
	record.threads = 1001;
	cr_assert(replay_mixture_of(&record, &mixture));
	cr_assert_eq(mixture.other, REPLAY_ENDS);
}

Test(replay, small_sizes_are_known_by_steps) {
	cr_assert(replay_mixture_of(&record, &mixture));
	for (uint32_t size = 0; size < REPLAY_SIZES; size++)
		if (mixture.sizes[REPLAY_MALLOC][size]) {
			cr_assert_eq(replay_span_of(size).least, 80);
			cr_assert_eq(replay_span_of(size).more, 1);
		}
	record.sums.small[80 / COUNTS_STEP_BYTES - 1] = 0; /* as an earlier record has it */
	cr_assert(replay_mixture_of(&record, &mixture));
	cr_assert_eq(mixture.sizes[REPLAY_MALLOC][COUNTS_SMALL_STEPS + counts_class(80)], REPLAY_SHARES);
}

/* Classes have them apart, steps together. */
Test(replay, blocks_are_asked_for_as_they_were) {
	record.sums.allocations[COUNTS_MALLOC][counts_class(80)] = 100000;
	record.sums.allocations[COUNTS_ALIGNED][counts_class(80)] = 150000;
	record.sums.allocations[COUNTS_CALLOC][counts_class(80)] = 250000;
	record.sums.small[80 / COUNTS_STEP_BYTES - 1] = 500000;
	record.sums.allocations[COUNTS_REALLOC][counts_class(200)] = 500000;
	cr_assert(replay_mixture_of(&record, &mixture));
	cr_assert_eq(mixture.sizes[REPLAY_MALLOC][80 / COUNTS_STEP_BYTES - 1], REPLAY_SHARES / 4);
	cr_assert_eq(mixture.sizes[REPLAY_CALLOC][80 / COUNTS_STEP_BYTES - 1], REPLAY_SHARES / 4);
	cr_assert_eq(mixture.sizes[REPLAY_REALLOC][COUNTS_SMALL_STEPS + counts_class(200)], REPLAY_SHARES / 2);
}

Test(replay, what_lives_is_bounded) {
	record.sums.small[80 / COUNTS_STEP_BYTES - 1] = 0;
	memset(record.sums.allocations, 0, sizeof(record.sums.allocations));
	record.sums.allocations[COUNTS_MALLOC][counts_class(65536)] = 1000000;
	record.sums.lifetimes[COUNTS_LIFETIMES - 1] = 1000;
	record.sums.orders[COUNTS_QUEUE] = 1000;
	cr_assert_leq(group(COSTS_QUEUE)->count, REPLAY_BYTES_MOST / 65536);
	memset(record.sums.allocations, 0, sizeof(record.sums.allocations));
	cr_assert(!replay_mixture_of(&record, &mixture), "larger blocks are not played");
}

Test(replay, what_a_heap_needs_beside_small_blocks_is_bounded_too) {
	enum { HEAPS_LEAST = 32 }; /* bytes of a block of glibc's */
	uint64_t count = 0;
	memset(record.sums.small, 0, sizeof(record.sums.small));
	memset(record.sums.allocations, 0, sizeof(record.sums.allocations));
	record.sums.small[0] = record.sums.allocations[COUNTS_MALLOC][counts_class(7)] = 1000000;
	for (size_t i = 30; i < COUNTS_LIFETIMES; i++)
		record.sums.lifetimes[i] = 1000;
	record.sums.orders[COUNTS_BETWEEN] = 1000;
	(void)group(COSTS_RANDOM);
	for (uint32_t i = 0; i < mixture.group_count; i++)
		count += mixture.groups[i].count;
	cr_assert_gt(count, REPLAY_BLOCKS_MOST);
	cr_assert_leq(count * HEAPS_LEAST, REPLAY_BYTES_MOST);
}

Test(replay, a_word_is_read_as_it_was_written) {
	struct replay_mixture again;
	struct text word = {0}, other = {0};
	record.sums.lifetimes[16] = 1000;
	record.sums.orders[COUNTS_QUEUE] = record.sums.orders[COUNTS_BETWEEN] = 500;
	cr_assert(replay_mixture_of(&record, &mixture));
	replay_mixture_write(&mixture, &word);
	text_add(&word, "", 1);
	cr_assert(replay_mixture_read(word.bytes, &again));
	replay_mixture_write(&again, &other);
	text_add(&other, "", 1);
	cr_assert_str_eq(word.bytes, other.bytes);
	for (size_t length = 0; length + 1 < word.length; length++) {
		char end = word.bytes[length];
		word.bytes[length] = '\0';
		if (replay_mixture_read(word.bytes, &again)) /* cut within a group's last number */
			cr_assert_gt(again.group_count, 0);
		word.bytes[length] = end;
	}
	word.bytes[0] = 'x';
	cr_assert(!replay_mixture_read(word.bytes, &again));
	text_free(&word);
	text_free(&other);
}

Test(replay, there_is_as_much_work_as_a_program_has_time_for) {
	struct replay replay = {.figures = {[COSTS_PLAIN] = {40, 0}, [COSTS_RECORDED] = {10, 0}}};
	cr_assert_eq(replay_work_of(&record, &replay, 1), 24, "of 50 ns, before two calls a block");
	cr_assert_eq(replay_work_of(&record, &replay, 2), 12);
	replay.figures[COSTS_PLAIN].ns = 95;
	cr_assert_eq(replay_work_of(&record, &replay, 1), 0, "blocks take all the time");
	replay.figures[COSTS_PLAIN].ns = 8;
	cr_assert_eq(replay_work_of(&record, &replay, 1), 8, "longer than a block hides nothing more");
	replay.figures[COSTS_PLAIN].ns = 1e6;
	record.user_ns = UINT64_MAX / 2;
	cr_assert_eq(replay_work_of(&record, &replay, 1), REPLAY_WORK_MOST);
}

static const struct replay played_back = {
	.is_known = true,
	.figures = {[COSTS_PLAIN] = {40, 0.1}, [COSTS_RECORDED] = {5, 0.1}, [COSTS_POOLS] = {-4, 0.1}},
	.worked = {-4, 0.1},
	.spread = 0.3,
};

static struct advice_range gain_of_pools(const struct replay *replay, double *time_ns) {
	static struct costs costs;
	struct advice advice;
	advise_fixture_costs(&costs);
	record.machine = costs.machine;
	advice_make(&record, &costs, replay, &advice);
	*time_ns = advice.time_ns;
	return advice.settings[ADVICE_POOLS].gain;
}

Test(replay, an_advice_goes_by_what_was_played) {
	double time = 100e6 - 1e6 * 5 - 1e5, time_ns;
	struct advice_range gain = gain_of_pools(NULL, &time_ns);
	cr_assert_float_eq(gain.point, 1e6 * 10 / (100e6 - 1e6 - 1e5), 0.001);
	gain = gain_of_pools(&played_back, &time_ns);
	cr_assert_float_eq(time_ns, time, 1);
	cr_assert_float_eq(gain.point, 1e6 * 4 / time, 0.0001);
	double blocks = 1e6 * hypot(0.15 * 4, 0.04 * 40) / time;
	cr_assert_float_eq(gain.upper - gain.point, hypot(blocks, 0.006), 0.001,
			   "the mixture, what is around the calls, and places");
}

Test(replay, what_work_may_hide_is_in_doubt) {
	struct replay replay = played_back;
	double time_ns;
	replay.figures[COSTS_POOLS].ns = -12;
	struct advice_range gain = gain_of_pools(&replay, &time_ns);
	cr_assert_float_eq(gain.point, 1e6 * 8 / time_ns, 0.0001, "between both");
	cr_assert(gain.lower < 1e6 * 4 / time_ns && gain.upper > 1e6 * 12 / time_ns);
}

Test(replay, what_is_freed_elsewhere_is_as_uncertain_as_one_round) {
	struct replay replay = played_back;
	double time_ns;
	replay.spread = 3;
	struct advice_range here = gain_of_pools(&replay, &time_ns);
	record.freed_more = record.freed;
	struct advice_range elsewhere = gain_of_pools(&replay, &time_ns);
	cr_assert_float_eq(here.point, elsewhere.point, 1e-9);
	cr_assert_gt(elsewhere.upper - elsewhere.point, 1e6 * 1.96 * 3 / time_ns);
	cr_assert_lt(here.upper - here.point, 1e6 * 2 / time_ns);
}

Test(replay, recording_takes_no_greater_part_of_a_program_than_of_what_was_played) {
	struct replay replay = played_back;
	double time_ns;
	replay.figures[COSTS_PLAIN].ns = 120;
	replay.figures[COSTS_RECORDED].ns = 40;
	(void)gain_of_pools(&replay, &time_ns);
	cr_assert_float_eq(time_ns, 100e6 * 120 / 160 - 1e5, 1);
}

Test(replay, pools_gain_no_greater_part_of_a_program_than_of_what_was_played) {
	struct replay replay = played_back;
	double time_ns;
	replay.figures[COSTS_PLAIN].ns = 120;
	replay.figures[COSTS_RECORDED].ns = 40;
	replay.figures[COSTS_POOLS].ns = replay.worked.ns = -60;
	struct advice_range gain = gain_of_pools(&replay, &time_ns);
	cr_assert_float_eq(gain.point, 0.5, 0.002);
}
