/* SPDX-License-Identifier: Apache-2.0
 *
 * Sums in 128-bit vectors, XMM registers: every x86_64 CPU has SSE2. Strategy: simd/vector_sum.h.
 */
#include "simd/x86_64/isa.h"

#define VECTOR_BYTES 16
#include "simd/vector_sum.h"

typedef uint64_t popcount_vector __attribute__((vector_size(VECTOR_BYTES), aligned(1), may_alias));
typedef uint8_t popcount_bytes __attribute__((vector_size(VECTOR_BYTES), aligned(1), may_alias));
typedef char popcount_chars __attribute__((vector_size(VECTOR_BYTES)));

/* Pairs, nibbles, bytes, and PSADBW's sum of eight bytes. */
static uint64_t sum_popcount(const void *memory, size_t bytes) {
	const uint8_t *at = memory;
	popcount_vector sum = {0};
	for (; bytes >= VECTOR_BYTES; at += VECTOR_BYTES, bytes -= VECTOR_BYTES) {
		popcount_vector x = *(const popcount_vector *)at;
		x -= x >> 1 & UINT64_C(0x5555555555555555);
		x = (x & UINT64_C(0x3333333333333333)) + (x >> 2 & UINT64_C(0x3333333333333333));
		x = (x + (x >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
		sum += (popcount_vector)__builtin_ia32_psadbw128((popcount_chars)x, (popcount_chars){0});
	}
	uint64_t count = sum[0] + sum[1];
	for (; bytes > 0; at++, bytes--)
		for (unsigned byte = *at; byte != 0; byte &= byte - 1)
			count++;
	return count;
}

SUMS_TABLE(sse2, sum_popcount);
