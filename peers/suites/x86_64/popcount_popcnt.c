/* SPDX-License-Identifier: Apache-2.0 */
#include "peers/suites/popcount.h"

uint64_t popcount_plain(const void *memory, size_t words) {
	return popcount_words(memory, words);
}

const char *popcount_plain_absent(simd_features features) {
	return simd_has(features, SIMD_X86_POPCNT) ? NULL : "this CPU has no POPCNT";
}
