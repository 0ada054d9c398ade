/* SPDX-License-Identifier: Apache-2.0
 *
 * Population count in 512-bit vectors, ZMM registers; assumes AVX-512 F and BW, and POPCNT. Strategy:
 * simd/x86_64/vector_popcount.h.
 */
#include "simd/x86_64/isa.h"

#if !defined(__AVX512F__) || !defined(__AVX512BW__)
#error "compile this file with -mavx512f -mavx512bw"
#endif

#include "simd/x86_64/popcount_words.h"

#define VECTOR_BYTES   64
#define POPCOUNT_LEAST (POPCOUNT_STEP / 2)
#define popcount_rest  popcount_words

typedef uint64_t popcount_vector __attribute__((vector_size(VECTOR_BYTES), aligned(1), may_alias));

/* In three operands each: 0x96 is the sum modulo 2, and 0xd4 the carry from two of the bits and that. */
static inline popcount_vector popcount_add(popcount_vector *sum, popcount_vector x, popcount_vector y) {
	__asm__("vpternlogq $0x96, %2, %1, %0" : "+v"(*sum) : "v"(x), "v"(y));
	__asm__("vpternlogq $0xd4, %2, %1, %0" : "+v"(x) : "v"(y), "v"(*sum));
	return x;
}

/* Half a byte each, looked up among 16; and VPSADBW's sum of eight bytes. */
static inline popcount_vector popcount_sum(popcount_vector x) {
	const uint64_t few = UINT64_C(0x0302020102010100), many = UINT64_C(0x0403030203020201);
	const popcount_vector zero = {0}, low = zero + UINT64_C(0x0f0f0f0f0f0f0f0f);
	popcount_vector counts = {few, many, few, many, few, many, few, many}, more;
	__asm__("vpshufb %2, %1, %0" : "=v"(more) : "v"(counts), "v"(x >> 4 & low));
	__asm__("vpshufb %2, %1, %0" : "=v"(counts) : "v"(counts), "v"(x & low));
	/* No byte has more than 8: lanes of 64 bits do not carry from one to the next. */
	__asm__("vpsadbw %2, %1, %0" : "=v"(counts) : "v"(counts + more), "v"(zero));
	return counts;
}

#include "simd/x86_64/vector_popcount.h"

uint64_t simd_popcount_avx512(const void *memory, size_t bytes) {
	return popcount_vectors(memory, bytes);
}
