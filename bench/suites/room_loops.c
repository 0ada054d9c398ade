/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/suites/room_loops.h"

#include "bench/consume.h"

/* A compiler may not join additions that it cannot see into; unrolled by hand, as the two compilers' pragmas differ. */
static inline __attribute__((always_inline)) uint64_t add_once(uint64_t sum, uint64_t one) {
	return bench_opaque(sum + one);
}

static inline __attribute__((always_inline)) uint64_t add_four_times(uint64_t sum, uint64_t one) {
	return add_once(add_once(add_once(add_once(sum, one), one), one), one);
}

void room_loop_one(uint64_t steps) {
	uint64_t sum = bench_opaque(0), one = bench_opaque(1);
	for (uint64_t left = steps / ROOM_UNROLLED; left != 0; left--) {
		sum = add_four_times(sum, one);
		sum = add_four_times(sum, one);
		sum = add_four_times(sum, one);
		sum = add_four_times(sum, one);
	}
	bench_consume(sum);
}

struct chains {
	uint64_t a, b, c, d, e, f, g, h;
};

static inline __attribute__((always_inline)) struct chains step(struct chains sums, uint64_t one) {
	return (struct chains){add_once(sums.a, one), add_once(sums.b, one), add_once(sums.c, one),
			       add_once(sums.d, one), add_once(sums.e, one), add_once(sums.f, one),
			       add_once(sums.g, one), add_once(sums.h, one)};
}

static inline __attribute__((always_inline)) struct chains step_four_times(struct chains sums, uint64_t one) {
	return step(step(step(step(sums, one), one), one), one);
}

void room_loop_chains(uint64_t steps) {
	struct chains sums = {bench_opaque(0), bench_opaque(0), bench_opaque(0), bench_opaque(0),
			      bench_opaque(0), bench_opaque(0), bench_opaque(0), bench_opaque(0)};
	uint64_t one = bench_opaque(1);
	for (uint64_t left = steps / ROOM_UNROLLED; left != 0; left--) {
		sums = step_four_times(sums, one);
		sums = step_four_times(sums, one);
		sums = step_four_times(sums, one);
		sums = step_four_times(sums, one);
	}
	bench_consume(sums.a + sums.b + sums.c + sums.d + sums.e + sums.f + sums.g + sums.h);
}
