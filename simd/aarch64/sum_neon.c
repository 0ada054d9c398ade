/* SPDX-License-Identifier: Apache-2.0
 *
 * Sums in 128-bit vectors, Q registers; assumes Advanced SIMD. Strategy: simd/vector_sum.h.
 */
#include "simd/aarch64/isa.h"

#define VECTOR_BYTES 16
#include "simd/vector_sum.h"

typedef uint8_t popcount_vector __attribute__((vector_size(VECTOR_BYTES), aligned(1), may_alias));

/* CNT counts bytes, UADALP adds pairs to wider lanes: 31 vectors of counts of at most 8 fit in a byte. */
static uint64_t sum_popcount(const void *memory, size_t bytes) {
	enum { MOST = 31 };
	const uint8_t *at = memory;
	sum_vector_u64 sum = {0};
	while (bytes >= VECTOR_BYTES) {
		popcount_vector counts = {0}, x;
		for (unsigned i = 0; i < MOST && bytes >= VECTOR_BYTES;
		     i++, at += VECTOR_BYTES, bytes -= VECTOR_BYTES) {
			__asm__("cnt %0.16b, %1.16b" : "=w"(x) : "w"(*(const popcount_vector *)at));
			counts += x;
		}
		__asm__("uaddlp %0.8h, %1.16b\n\tuaddlp %0.4s, %0.8h\n\tuadalp %2.2d, %0.4s"
			: "=&w"(x), "+w"(counts), "+w"(sum));
	}
	uint64_t count = sum[0] + sum[1];
	for (; bytes > 0; at++, bytes--)
		for (unsigned byte = *at; byte != 0; byte &= byte - 1)
			count++;
	return count;
}

SUMS_TABLE(neon, sum_popcount);
