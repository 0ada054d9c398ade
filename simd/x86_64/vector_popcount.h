/* SPDX-License-Identifier: Apache-2.0
 *
 * Population count by carry-save adders: internal, included once by each file that has vectors and no VPOPCNTQ, which
 * first defines
 *   VECTOR_BYTES              16, 32 or 64
 *   popcount_vector           of uint64_t, at any address
 *   popcount_add(sum, x, y)   adds x and y to *sum, bit by bit; returns the carries
 *   popcount_sum(x)           the bits that are set, in parts, one in each lane
 *   popcount_rest(at, bytes)  all of them, of what is less than POPCOUNT_LEAST or than a step
 *   POPCOUNT_LEAST            bytes from which on vectors gain something
 * and, where words are to be counted beside the vectors of a step,
 *   POPCOUNT_WORDS            16, popcount_four_words(at) of each four of them
 *
 * Strategy. Sixteen vectors are fifteen additions of three bits to two, after which one vector is left to be counted
 * instead of sixteen. (W. Mula, N. Kurz, D. Lemire: "Faster Population Counts Using AVX2 Instructions", The Computer
 * Journal 61 (1), 2018.) Of what is left behind the last sixteen, 512-bit vectors count eight likewise: as words they
 * would take longer than all that wide vectors gain.
 */
#pragma once

#include "simd/kernels.h"

#if !defined(POPCOUNT_WORDS)
#define POPCOUNT_WORDS          0
#define popcount_four_words(at) ((void)(at), UINT64_C(0))
#endif

enum { POPCOUNT_STEP = 16 * VECTOR_BYTES + 8 * POPCOUNT_WORDS };

/* Sums of weight 1, 2, 4, 8; of weight 16 in lanes, and of words. */
struct popcount_sums {
	popcount_vector ones, twos, fours, eights, sixteens;
	uint64_t words;
};

static inline __attribute__((always_inline)) popcount_vector
popcount_carry_4(struct popcount_sums *sums, const popcount_vector *from, const uint8_t *words) {
	popcount_vector low = popcount_add(&sums->ones, from[0], from[1]);
	sums->words += popcount_four_words(words);
	popcount_vector high = popcount_add(&sums->ones, from[2], from[3]);
	return popcount_add(&sums->twos, low, high);
}

static inline __attribute__((always_inline)) popcount_vector
popcount_carry_8(struct popcount_sums *sums, const popcount_vector *from, const uint8_t *words) {
	popcount_vector low = popcount_carry_4(sums, from, words);
	return popcount_add(&sums->fours, low, popcount_carry_4(sums, from + 4, words + 32));
}

static inline uint64_t popcount_vectors(const void *memory, size_t bytes) {
	const uint8_t *at = memory;
	if (bytes < POPCOUNT_LEAST)
		return popcount_rest(at, bytes);
	struct popcount_sums sums = {.words = 0};
	popcount_vector eights = {0};
	for (; bytes >= POPCOUNT_STEP; at += POPCOUNT_STEP, bytes -= POPCOUNT_STEP) {
		const popcount_vector *from = (const popcount_vector *)at;
		const uint8_t *words = at + 16 * VECTOR_BYTES;
		popcount_vector low = popcount_carry_8(&sums, from, words);
		popcount_vector high = popcount_carry_8(&sums, from + 8, words + 64);
		sums.sixteens += popcount_sum(popcount_add(&sums.eights, low, high));
	}
	if (VECTOR_BYTES == 64 && bytes >= POPCOUNT_STEP / 2) {
		eights = popcount_sum(popcount_carry_8(&sums, (const popcount_vector *)at, at));
		at += POPCOUNT_STEP / 2;
		bytes -= POPCOUNT_STEP / 2;
	}
	popcount_vector sum = popcount_sum(sums.ones) + (popcount_sum(sums.twos) << 1) +
			      (popcount_sum(sums.fours) << 2) + ((popcount_sum(sums.eights) + eights) << 3) +
			      (sums.sixteens << 4);
	uint64_t count = sums.words + popcount_rest(at, bytes);
	for (size_t lane = 0; lane < VECTOR_BYTES / 8; lane++)
		count += sum[lane];
	return count;
}
