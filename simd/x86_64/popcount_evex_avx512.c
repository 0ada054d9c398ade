/* SPDX-License-Identifier: Apache-2.0
 *
 * Population count in 256-bit vectors, YMM registers, with AVX-512's logic of three operands; assumes AVX-512 F, DQ
 * and VL, and POPCNT. The cores that have those and no VPOPCNTDQ do one POPCNT a cycle. Strategy:
 * simd/x86_64/vector_popcount.h.
 */
#include "simd/x86_64/isa.h"

#if !defined(__AVX512F__) || !defined(__AVX512DQ__) || !defined(__AVX512VL__)
#error "compile this file with -mavx512f -mavx512dq -mavx512vl"
#endif

#include "simd/x86_64/popcount_words.h"

#define VECTOR_BYTES 32
#include "simd/x86_64/popcount_256.h"

#define POPCOUNT_LEAST POPCOUNT_STEP
#define popcount_rest  popcount_words

/* In three operands each: 0x96 is the sum modulo 2, and 0xd4 the carry from two of the bits and that. */
static inline popcount_vector popcount_add(popcount_vector *sum, popcount_vector x, popcount_vector y) {
	__asm__("vpternlogq $0x96, %2, %1, %0" : "+v"(*sum) : "v"(x), "v"(y));
	__asm__("vpternlogq $0xd4, %2, %1, %0" : "+v"(x) : "v"(y), "v"(*sum));
	return x;
}

#include "simd/x86_64/vector_popcount.h"

uint64_t simd_popcount_evex(const void *memory, size_t bytes) {
	return popcount_vectors(memory, bytes);
}
