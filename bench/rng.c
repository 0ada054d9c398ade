/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/rng.h"

#include "lib/splitmix.h"

struct rng rng_seeded(uint64_t seed) {
	struct rng rng;
	for (int i = 0; i < 4; i++)
		rng.state[i] = splitmix64_next(&seed);
	return rng;
}

static uint64_t rotate_left(uint64_t value, unsigned count) {
	return value << count | value >> (64 - count);
}

uint64_t rng_next(struct rng *rng) {
	uint64_t *s = rng->state;
	uint64_t result = rotate_left(s[1] * 5, 7) * 9;
	uint64_t t = s[1] << 17;
	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotate_left(s[3], 45);
	return result;
}

uint32_t rng_below(struct rng *rng, uint32_t bound) {
	return (uint32_t)((rng_next(rng) >> 32) * bound >> 32);
}
