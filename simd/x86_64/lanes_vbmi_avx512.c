/* SPDX-License-Identifier: Apache-2.0
 *
 * Shifts by lanes of 8 bits, on YMM registers. Assumes AVX-512 F, BW, VL and VBMI, and BMI2. Strategy:
 * simd/x86_64/lanes_evex.h. No instruction shifts 8-bit lanes: VPMULTISHIFTQB takes eight bits of a quadword from any
 * bit on, and what came from the neighbour is taken off by a mask that VPERMB looks up.
 */
#if !defined(__AVX512F__) || !defined(__AVX512BW__) || !defined(__AVX512VL__) || !defined(__BMI2__)
#error "compile this file with -mavx512f -mavx512bw -mavx512vl -mbmi2"
#endif

#include "simd/x86_64/lanes_evex.h"

/* Byte i: table's byte i modulo 8. */
INLINE vector_u8 look_up(uint64_t table, vector_u8 index) {
	vector_u8 found;
	__asm__("vpermb %2, %1, %0" : "=v"(found) : "v"(index), "v"(each_quadword(table)));
	return found;
}

/* Byte i: eight bits of x's quadword, from its bit from[i] modulo 64 on. */
INLINE vector_u8 bits_from(vector_u8 x, vector_u8 from) {
	vector_u8 bits;
	__asm__("vpmultishiftqb %2, %1, %0" : "=v"(bits) : "v"(from), "vm"(x));
	return bits;
}

#define BYTES_FIRST_BIT UINT64_C(0x3830282018100800)
#define BYTES_SHL_MASK  UINT64_C(0x80c0e0f0f8fcfeff) /* 0xff << n */
#define BYTES_SRL_MASK  UINT64_C(0x0103070f1f3f7fff) /* 0xff >> n */
#define BYTES_SRL_SIGN  UINT64_C(0x0102040810204080) /* 0x80 >> n */

INLINE vector_u8 shl_u8(vector_u8 x, vector_u8 y) {
	IN_REGISTER(y);
	return bits_from(x, each_quadword(BYTES_FIRST_BIT) - (y & 7)) & look_up(BYTES_SHL_MASK, y);
}

INLINE vector_u8 bits_right(vector_u8 x, vector_u8 y) {
	AND_OR(y, (vector_u8){0} + 7, each_quadword(BYTES_FIRST_BIT));
	return bits_from(x, y);
}

INLINE vector_u8 srl_u8(vector_u8 x, vector_u8 y) {
	IN_REGISTER(y);
	return bits_right(x, y) & look_up(BYTES_SRL_MASK, y);
}

/* The sign's bit, moved along, borrows through those above it. */
INLINE vector_u8 sra_u8(vector_u8 x, vector_u8 y) {
	IN_REGISTER(y);
	vector_u8 bits = bits_right(x, y), sign = look_up(BYTES_SRL_SIGN, y);
	AND_XOR(bits, look_up(BYTES_SRL_MASK, y), sign);
	return bits - sign;
}

LANES(shl_u8, 1)
LANES(srl_u8, 1)
LANES(sra_u8, 1)

void simd_lanes_extend_vbmi(struct simd_lanes *lanes) {
	lanes->binary[SIMD_SHL][SIMD_U8] = lanes_shl_u8;
	lanes->binary[SIMD_SRL][SIMD_U8] = lanes_srl_u8;
	lanes->binary[SIMD_SRA][SIMD_U8] = lanes_sra_u8;
}
