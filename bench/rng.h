/* SPDX-License-Identifier: Apache-2.0
 *
 * The programme's own generator: xoshiro256** 1.0, seeded through SplitMix64. The same seed gives the same numbers on every platform.
 * D. Blackman, S. Vigna: "Scrambled Linear Pseudorandom Number Generators", ACM TOMS 47 (2021), figure 1; G. Steele, D. Lea, C. Flood:
 * "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014. Not for secrets.
 */
#pragma once

#include <stdint.h>

struct rng {
	uint64_t state[4];
};

struct rng rng_seeded(uint64_t seed);
uint64_t rng_next(struct rng *rng);

/* 0 .. bound - 1, by multiplication: off from uniform by less than bound / 2^32. */
uint32_t rng_below(struct rng *rng, uint32_t bound);
