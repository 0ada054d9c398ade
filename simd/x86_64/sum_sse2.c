/* SPDX-License-Identifier: Apache-2.0
 *
 * Sums in 128-bit vectors, XMM registers: every x86_64 CPU has SSE2. Strategy: simd/vector_sum.h.
 */
#include "simd/x86_64/isa.h"

#define VECTOR_BYTES 16
#include "simd/vector_sum.h"

#define POPCOUNT_LEAST (2 * POPCOUNT_STEP)

typedef uint64_t popcount_vector __attribute__((vector_size(VECTOR_BYTES), aligned(1), may_alias));
typedef char popcount_chars __attribute__((vector_size(VECTOR_BYTES)));

static inline popcount_vector popcount_add(popcount_vector *sum, popcount_vector x, popcount_vector y) {
	popcount_vector differ = x ^ y, carry = (x & y) | (differ & *sum);
	*sum ^= differ;
	return carry;
}

/* Pairs, nibbles, bytes, and PSADBW's sum of eight bytes. */
static inline popcount_vector popcount_sum(popcount_vector x) {
	x -= x >> 1 & UINT64_C(0x5555555555555555);
	x = (x & UINT64_C(0x3333333333333333)) + (x >> 2 & UINT64_C(0x3333333333333333));
	x = (x + (x >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
	return (popcount_vector)__builtin_ia32_psadbw128((popcount_chars)x, (popcount_chars){0});
}

static inline uint64_t popcount_rest(const uint8_t *at, size_t bytes) {
	popcount_vector sum = {0};
	for (; bytes >= VECTOR_BYTES; at += VECTOR_BYTES, bytes -= VECTOR_BYTES)
		sum += popcount_sum(*(const popcount_vector *)at);
	if (bytes != 0)
		sum += popcount_sum(sum_below_16(at, bytes));
	return sum[0] + sum[1];
}

#include "simd/x86_64/vector_popcount.h"

static uint64_t sum_popcount(const void *memory, size_t bytes) {
	return popcount_vectors(memory, bytes);
}

SUMS_TABLE(sse2, sum_popcount);
