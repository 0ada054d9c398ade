/* SPDX-License-Identifier: Apache-2.0
 *
 * Population count by POPCNT, which needs no vectors; assumes POPCNT.
 */
#include "simd/x86_64/isa.h"

#if !defined(__POPCNT__)
#error "compile this file with -mpopcnt"
#endif

typedef uint64_t popcount_word __attribute__((aligned(1), may_alias));

/* POPCNT: several a cycle, so that eight bytes each is more than what vectors without VPOPCNTQ do. */
uint64_t simd_popcount_popcnt(const void *memory, size_t bytes) {
	const uint8_t *at = memory;
	uint64_t c0 = 0, c1 = 0, c2 = 0, c3 = 0;
	for (; bytes >= 32; at += 32, bytes -= 32) {
		const popcount_word *words = (const popcount_word *)at;
		c0 += (uint64_t)__builtin_popcountll(words[0]);
		c1 += (uint64_t)__builtin_popcountll(words[1]);
		c2 += (uint64_t)__builtin_popcountll(words[2]);
		c3 += (uint64_t)__builtin_popcountll(words[3]);
	}
	for (; bytes > 0; at++, bytes--)
		c0 += (uint64_t)__builtin_popcountll(*at);
	return (c0 + c1) + (c2 + c3);
}
