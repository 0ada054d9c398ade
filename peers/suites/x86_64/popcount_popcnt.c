/* SPDX-License-Identifier: Apache-2.0 */
#include "peers/suites/popcount.h"

uint64_t popcount_plain(const void *memory, size_t words) {
	const uint64_t *word = memory;
	uint64_t sum = 0;
	for (size_t i = 0; i < words; i++)
		sum += (uint64_t)__builtin_popcountll(word[i]);
	return sum;
}

const char *popcount_plain_absent(simd_features features) {
	return simd_has(features, SIMD_X86_POPCNT) ? NULL : "this CPU has no POPCNT";
}
