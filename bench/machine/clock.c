/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/machine/clock.h"

#include "bench/ticks.h"
#include "platform.h"

enum { ROUNDS = 100, PASSES = 4000, CHAIN = 16, SCALE_BITS = 20 };

/* One addition waits for the other: what the compiler may not join, as it does not see into the empty statement. */
static uint64_t add_dependent(uint64_t sum, uint64_t step) {
#define ADD          \
	sum += step; \
	__asm__("" : "+r"(sum));
	for (unsigned i = 0; i < PASSES; i++) {
		ADD ADD ADD ADD ADD ADD ADD ADD ADD ADD ADD ADD ADD ADD ADD ADD
	}
#undef ADD
	return sum;
}

uint64_t machine_clock_probe(void) {
	uint64_t least = UINT64_MAX, sum = 0;
	for (unsigned i = 0; i < ROUNDS; i++) {
		uint64_t begin = ticks_begin();
		sum = add_dependent(sum, i);
		uint64_t ticks = ticks_end() - begin;
		if (ticks && ticks < least)
			least = ticks;
	}
	__asm__ volatile("" : : "r"(sum));
	return least == UINT64_MAX ? 0 : ((uint64_t)PASSES * CHAIN << SCALE_BITS) / least;
}

uint64_t machine_clock_hz(uint64_t probed) {
	struct platform_clock clock = {0};
	if (platform_clock_calibrate(&clock) != 0)
		return 0;
	return (uint64_t)((double)probed / (1u << SCALE_BITS) * (double)clock.hz);
}
