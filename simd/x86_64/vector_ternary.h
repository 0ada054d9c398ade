/* SPDX-License-Identifier: Apache-2.0
 *
 * Constants of whole vectors, and the operations of three operands that AVX-512 has of them: internal, included by what
 * defines VECTOR_BYTES first.
 */
#pragma once

#include "simd/vector_lane_types.h"

/* a & b | c, a & b ^ c, of ? a : b: what VPTERNLOGQ makes of its truth table. */
#define AND_OR(a, b, c)  __asm__("vpternlogq $0xea, %2, %1, %0" : "+v"(a) : "v"(b), "v"(c))
#define AND_XOR(a, b, c) __asm__("vpternlogq $0x6a, %2, %1, %0" : "+v"(a) : "v"(b), "v"(c))
#define SELECT(a, b, of) __asm__("vpternlogq $0xe4, %2, %1, %0" : "+v"(a) : "v"(b), "v"(of))

/* Loaded once, whatever often it is used, since loads are what there are fewest of; and as 64-bit lanes: for narrower
 * ones there are longer instructions, made for masks. */
#define IN_REGISTER(vector)                               \
	do {                                              \
		vector_u64 loaded = (vector_u64)(vector); \
		__asm__("" : "+v"(loaded));               \
		(vector) = (__typeof__(vector))loaded;    \
	} while (0)

#if VECTOR_BYTES == 64
#define EACH_16_BYTES(low, high) ((vector_u8)(vector_u64){low, high, low, high, low, high, low, high})
#else
#define EACH_16_BYTES(low, high) ((vector_u8)(vector_u64){low, high, low, high})
#endif

static inline vector_u16 each_word(uint16_t word) {
	return (vector_u16){0} + word;
}

static inline vector_u8 each_quadword(uint64_t bytes) {
	return (vector_u8)((vector_u64){0} + bytes);
}
