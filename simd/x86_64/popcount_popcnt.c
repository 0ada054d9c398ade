/* SPDX-License-Identifier: Apache-2.0
 *
 * Population count by POPCNT, which needs no vectors; assumes POPCNT.
 */
#include "simd/x86_64/isa.h"

#include "simd/x86_64/popcount_words.h"

uint64_t simd_popcount_popcnt(const void *memory, size_t bytes) {
	return popcount_words(memory, bytes);
}
