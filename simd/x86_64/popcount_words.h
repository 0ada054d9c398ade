/* SPDX-License-Identifier: Apache-2.0
 *
 * Population count by POPCNT, word by word: internal, also for what is less than the vectors of others take.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#if !defined(__POPCNT__)
#error "compile this file with -mpopcnt"
#endif

typedef uint64_t popcount_8 __attribute__((aligned(1), may_alias));

/* POPCNT waits for what was in its result's register, on Intel's cores before Ice Lake, and a compiler clears it each
 * time: an instruction more for each eight bytes. Where four results are wanted at once they go into four registers,
 * and what each waits for is four back. */
static inline uint64_t popcount_word(const uint8_t *at) {
	uint64_t count;
	__asm__("popcntq %1, %0" : "=r"(count) : "m"(*(const popcount_8 *)at));
	return count;
}

static inline uint64_t popcount_four_words(const uint8_t *at) {
	uint64_t a = popcount_word(at), b = popcount_word(at + 8);
	uint64_t c = popcount_word(at + 16), d = popcount_word(at + 24);
	return (a + b) + (c + d);
}

static inline uint64_t popcount_words(const uint8_t *at, size_t bytes) {
	uint64_t even = 0, odd = 0, rest = 0;
	for (; bytes >= 64; at += 64, bytes -= 64) {
		even += popcount_four_words(at);
		odd += popcount_four_words(at + 32);
	}
	if (bytes >= 32) {
		odd += popcount_four_words(at);
		at += 32;
		bytes -= 32;
	}
	for (; bytes >= 8; at += 8, bytes -= 8)
		even += popcount_word(at);
	for (; bytes > 0; at++, bytes--)
		rest = rest << 8 | *at;
	return even + odd + (uint64_t)__builtin_popcountll(rest);
}
