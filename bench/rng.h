/* SPDX-License-Identifier: Apache-2.0
 *
 * The programme's own generator: xoshiro256** 1.0, seeded through SplitMix64. The same seed gives the same numbers on
 * every platform. D. Blackman, S. Vigna: "Scrambled Linear Pseudorandom Number Generators", ACM TOMS 47 (2021), figure
 * 1; G. Steele, D. Lea, C. Flood: "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014. Not for secrets.
 */
#pragma once

#include <stdint.h>

struct rng {
	uint64_t state[4];
};

struct rng rng_seeded(uint64_t seed);

/* The seed of one of many streams under one `seed`: the name's bytes through FNV-1a (G. Fowler, L. Noll, K. Vo; 64
 * bits), and both through SplitMix64. */
uint64_t rng_seed_of(uint64_t seed, const char *name);

static inline uint64_t rng_rotate_left(uint64_t value, unsigned count) {
	return value << count | value >> (64 - count);
}

/* Inline: a bootstrap draws millions of words, and across a call its sums would live in memory. */
static inline uint64_t rng_next(struct rng *rng) {
	uint64_t *s = rng->state;
	uint64_t result = rng_rotate_left(s[1] * 5, 7) * 9;
	uint64_t t = s[1] << 17;
	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rng_rotate_left(s[3], 45);
	return result;
}

/* 0 .. bound - 1, by multiplication: off from uniform by less than bound / 2^32. */
uint32_t rng_below(struct rng *rng, uint32_t bound);
