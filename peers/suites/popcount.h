/* SPDX-License-Identifier: Apache-2.0
 *
 * Bits counted by the CPU's instruction for one word, a word a step, their sum in one register: what a user writes.
 */
#pragma once

#include "simd/features.h"

#include <stddef.h>
#include <stdint.h>

uint64_t popcount_plain(const void *memory, size_t words);

/* Its text, for each architecture's file, which is compiled for the instruction. */
static inline uint64_t popcount_words(const void *memory, size_t words) {
	const uint64_t *word = memory;
	uint64_t sum = 0;
	for (size_t i = 0; i < words; i++)
		sum += (uint64_t)__builtin_popcountll(word[i]);
	return sum;
}

/* NULL: it runs here. */
const char *popcount_plain_absent(simd_features features);
