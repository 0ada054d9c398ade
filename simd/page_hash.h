/* SPDX-License-Identifier: Apache-2.0
 *
 * What the page hash is: internal. A page is 32 stripes of sixteen 64-bit lanes (little-endian). Each lane keeps
 * two words over the stripes: the sum of products of the two halves of (data ^ key), where the key changes with
 * lane and stripe, and a word that is turned and added to, which keeps what a half of zero would hide. At the end
 * the sixteen pairs are mixed and added. All steps are 64-bit vector operations and one 32 x 32 bit multiplication,
 * which every instruction set has.
 */
#pragma once

#include "simd/kernels.h"

enum { PAGE_HASH_LANES = 16, PAGE_HASH_STRIPES = SIMD_PAGE_BYTES / 8 / PAGE_HASH_LANES, PAGE_HASH_TURN = 23 };

/* Odd, with bits set as if at random: the fractions of the square roots of 2, 3, 5 and 7. */
#define PAGE_HASH_LANE_KEY   UINT64_C(0x6a09e667f3bcc909)
#define PAGE_HASH_STRIPE_KEY UINT64_C(0xbb67ae8584caa73b)
#define PAGE_HASH_MIX_1      UINT64_C(0x3c6ef372fe94f82b)
#define PAGE_HASH_MIX_2      UINT64_C(0xa54ff53a5f1d36f1)

static inline uint64_t page_hash_turn(uint64_t x) {
	return x << PAGE_HASH_TURN | x >> (64 - PAGE_HASH_TURN);
}

static inline uint64_t page_hash_finish(const uint64_t *products, const uint64_t *turned) {
	uint64_t hash = SIMD_PAGE_BYTES;
	for (uint64_t lane = 0; lane < PAGE_HASH_LANES; lane++) {
		uint64_t x = products[lane] ^ (lane + 1) * PAGE_HASH_LANE_KEY;
		x = (x ^ x >> 32) * PAGE_HASH_MIX_1 + turned[lane];
		x = (x ^ x >> 29) * PAGE_HASH_MIX_2;
		hash += x ^ x >> 32;
	}
	hash = (hash ^ hash >> 33) * PAGE_HASH_MIX_1;
	return hash ^ hash >> 29;
}
