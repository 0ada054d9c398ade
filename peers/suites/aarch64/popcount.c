/* SPDX-License-Identifier: Apache-2.0
 *
 * CNT, of Advanced SIMD, by way of a vector register.
 */
#include "peers/suites/popcount.h"

uint64_t popcount_plain(const void *memory, size_t words) {
	return popcount_words(memory, words);
}

const char *popcount_plain_absent(simd_features features) {
	(void)features;
	return NULL;
}
