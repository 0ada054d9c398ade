/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/rng.h"

#include "lib/splitmix.h"

struct rng rng_seeded(uint64_t seed) {
	struct rng rng;
	for (int i = 0; i < 4; i++)
		rng.state[i] = splitmix64_next(&seed);
	return rng;
}

uint64_t rng_seed_of(uint64_t seed, const char *name) {
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	for (; *name != '\0'; name++)
		hash = (hash ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
	hash ^= splitmix64_next(&seed);
	return splitmix64_next(&hash);
}

uint32_t rng_below(struct rng *rng, uint32_t bound) {
	return (uint32_t)((rng_next(rng) >> 32) * bound >> 32);
}
