/* SPDX-License-Identifier: Apache-2.0
 *
 * Sums in 128-bit vectors, Q registers; assumes Advanced SIMD. Strategy: simd/vector_sum.h.
 */
#include "simd/aarch64/isa.h"

#define VECTOR_BYTES 16
#include "simd/vector_sum.h"

typedef uint8_t popcount_vector __attribute__((vector_size(VECTOR_BYTES), aligned(1), may_alias));

static inline popcount_vector popcount_bytes(popcount_vector x) {
	__asm__("cnt %0.16b, %1.16b" : "=w"(x) : "w"(x));
	return x;
}

/* UADDLP adds pairs into lanes of twice the width. */
static inline sum_vector_u64 popcount_wide(popcount_vector counts) {
	__asm__("uaddlp %0.8h, %0.16b\n\tuaddlp %0.4s, %0.8h\n\tuaddlp %0.2d, %0.4s" : "+w"(counts));
	return (sum_vector_u64)counts;
}

/* CNT counts by byte: the counts of 31 vectors, at most 8 each, fit in bytes. */
static uint64_t sum_popcount(const void *memory, size_t bytes) {
	enum { MOST = 31, STEP_BYTES = 4 * VECTOR_BYTES };
	const uint8_t *at = memory;
	sum_vector_u64 sum = {0};
	while (bytes >= STEP_BYTES) {
		const popcount_vector zero = {0};
		popcount_vector c0 = zero, c1 = zero, c2 = zero, c3 = zero;
		size_t steps = bytes / STEP_BYTES < MOST ? bytes / STEP_BYTES : MOST;
		bytes -= steps * STEP_BYTES;
		for (const uint8_t *end = at + steps * STEP_BYTES; at < end; at += STEP_BYTES) {
			const popcount_vector *from = (const popcount_vector *)at;
			c0 += popcount_bytes(from[0]);
			c1 += popcount_bytes(from[1]);
			c2 += popcount_bytes(from[2]);
			c3 += popcount_bytes(from[3]);
		}
		sum += (popcount_wide(c0) + popcount_wide(c1)) + (popcount_wide(c2) + popcount_wide(c3));
	}
	popcount_vector counts = popcount_bytes((popcount_vector)sum_below_16(at + bytes / 16 * 16, bytes % 16));
	for (; bytes >= VECTOR_BYTES; at += VECTOR_BYTES, bytes -= VECTOR_BYTES)
		counts += popcount_bytes(*(const popcount_vector *)at);
	sum += popcount_wide(counts);
	return sum[0] + sum[1];
}

SUMS_TABLE(neon, sum_popcount);
