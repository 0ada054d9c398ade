/* SPDX-License-Identifier: Apache-2.0
 *
 * The runner where the clock jumps: this test's clock is Linux's, set forward and back while a benchmark runs.
 */
#include "bench/runner.h"
#include "bench/ticks.h"

#include <criterion/criterion.h>
#include <time.h>

enum { SAMPLES = 20, HZ = 1000000000 };

static struct {
	int64_t by;  /* nanoseconds that the clock is set forward, in the middle of the samples */
	int reads;   /* of the runner's, from there on; 1: within a sample, 2: behind it */
	int64_t set; /* so far */
	int calls;
} jump;

uint64_t ticks_look(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)((now.tv_sec + 1000) * HZ + now.tv_nsec + jump.set);
}

uint64_t ticks_begin(void) {
	if (jump.calls >= 15 && jump.reads > 0 && --jump.reads == 0)
		jump.set = jump.by;
	return ticks_look();
}

uint64_t ticks_end(void) {
	return ticks_begin();
}

static enum bench_setup_result ready(const struct benchmark *benchmark, struct bench_context *context) {
	(void)benchmark;
	context->state = &jump;
	return BENCH_READY;
}

static void run(void *state, uint64_t iterations) {
	(void)state;
	uint64_t begin = ticks_look();
	while (ticks_look() - begin < 1000 * iterations)
		;
	jump.calls++;
}

static struct measurement measure(int64_t by, int reads, struct room_seen *seen) {
	static uint64_t ticks[SAMPLES], gaps[SAMPLES];
	static double sorted[SAMPLES];
	static struct room_watch room = {.gaps = gaps, .sorted = sorted};
	static const struct bench_context nothing;
	static const struct benchmark benchmark = {.name = "t", .setup = ready, .run = run};
	const struct runner_plan plan = {
		.sample_size = SAMPLES,
		.warm_up_ns = 100000,
		.measurement_ns = 1000000,
		.timeout_ns = UINT64_C(60000000000),
	};
	struct measurement m = {.ticks = ticks, .room = &room, .hz = HZ};
	jump.by = by;
	jump.reads = reads;
	jump.set = jump.calls = 0;
	runner_measure(&benchmark, &nothing, &plan, &m);
	*seen = room.seen;
	return m;
}

Test(runner_clock, one_that_goes_back_makes_no_figures) {
	struct room_seen seen;
	for (int reads = 1; reads <= 2; reads++) {
		struct measurement m = measure(-(int64_t)HZ, reads, &seen);
		cr_expect_eq(m.status, BENCH_STATUS_FAILED);
		cr_expect_str_eq(m.reason, "the clock went backwards");
		cr_expect(m.count == 0 && seen.measured_ns == 0);
	}
}

Test(runner_clock, one_that_goes_forward_is_a_detour) {
	struct room_seen seen;
	struct measurement m = measure(HZ, 1, &seen);
	cr_assert_eq(m.status, BENCH_STATUS_OK, "%s", m.reason);
	cr_expect(seen.within >= 1 && seen.within_ns > 900000000, "%lu", (unsigned long)seen.within_ns);
	cr_expect_eq(room_judge(&seen, seen.ratio_low), ROOM_LOUD);
	m = measure(HZ, 2, &seen);
	cr_assert_eq(m.status, BENCH_STATUS_OK, "%s", m.reason);
	cr_expect(seen.between >= 1 && seen.between_ns > 900000000, "%lu", (unsigned long)seen.between_ns);
}
