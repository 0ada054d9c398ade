/* SPDX-License-Identifier: Apache-2.0
 *
 * Population count in 256-bit vectors, YMM registers, beside POPCNT; assumes AVX2 and POPCNT. An addition is five
 * operations. Cores that do one POPCNT a cycle do three of those, cores that do four of those do more than two POPCNTs:
 * what both do in a cycle is more than either, of which a fifth by POPCNT is about right for all. Strategy:
 * simd/x86_64/vector_popcount.h.
 */
#include "simd/x86_64/isa.h"

#if !defined(__AVX2__)
#error "compile this file with -mavx2"
#endif

#include "simd/x86_64/popcount_words.h"

#define VECTOR_BYTES 32
#include "simd/x86_64/popcount_256.h"

#define POPCOUNT_WORDS 16
#define POPCOUNT_LEAST (2 * POPCOUNT_STEP)
#define popcount_rest  popcount_words

/* What comes last has one operation to wait for, and is what the next addition waits for. */
static inline popcount_vector popcount_add(popcount_vector *sum, popcount_vector x, popcount_vector y) {
	popcount_vector differ = x ^ y, carry = (x & y) | (differ & *sum);
	*sum ^= differ;
	return carry;
}

#include "simd/x86_64/vector_popcount.h"

uint64_t simd_popcount_csa(const void *memory, size_t bytes) {
	return popcount_vectors(memory, bytes);
}
