/* SPDX-License-Identifier: Apache-2.0
 *
 * Shifts of 8-bit lanes, on YMM registers. Assumes AVX-512 F, BW, VL and VBMI, GFNI, and BMI2. Strategy:
 * simd/x86_64/lanes_evex.h. No instruction shifts 8-bit lanes by a vector. To the left, a product in GF(2^8) that has
 * no more than eight bits is a product; to the right, VPMULTISHIFTQB takes eight bits of a quadword from any
 * bit on, and what came from the neighbour is taken off by a mask that VPERMB looks up. By one count, a shift
 * is a product with a matrix of bits.
 */
#if !defined(__AVX512F__) || !defined(__AVX512BW__) || !defined(__AVX512VL__) || !defined(__BMI2__)
#error "compile this file with -mavx512f -mavx512bw -mavx512vl -mbmi2"
#endif

#include "simd/x86_64/lanes_evex.h"

#define BYTES_FIRST_BIT UINT64_C(0x3830282018100800)
#define BYTES_LEFT      UINT64_C(0x80c0e0f0f8fcfeff) /* 0xff << n */
#define BYTES_REST      UINT64_C(0x0103070f1f3f7fff) /* 0xff >> n */

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

INLINE vector_u8 vector_shl_u8(vector_u8 x, vector_u8 y) {
	IN_REGISTER(y);
	return bits_from(x, each_quadword(BYTES_FIRST_BIT) - (y & 7)) & look_up(BYTES_LEFT, y);
}

INLINE vector_u8 bits_right(vector_u8 x, vector_u8 y) {
	AND_OR(y, (vector_u8){0} + 7, each_quadword(BYTES_FIRST_BIT));
	return bits_from(x, y);
}

INLINE vector_u8 vector_srl_u8(vector_u8 x, vector_u8 y) {
	IN_REGISTER(y);
	vector_u8 rest = look_up(BYTES_REST, y);
	return bits_right(x, y) & rest;
}

INLINE vector_u8 vector_sra_u8(vector_u8 x, vector_u8 y) {
	IN_REGISTER(x);
	IN_REGISTER(y);
	vector_u8 rest = look_up(BYTES_REST, y), bits = bits_right(x, y), sign = (vector_u8)((vector_s8)x < 0);
	SELECT(bits, sign, rest);
	return bits;
}

/* Byte 7 - i of a matrix chooses the bits whose sum is bit i: one for each i makes it move, none makes it 0. Intel SDM
 * volume 2A, GF2P8AFFINEQB. */
#define MATRIX_SAME  UINT64_C(0x0102040810204080)
#define MATRIX_SIGNS UINT64_C(0x8080808080808080)

INLINE vector_u8 transform(vector_u8 x, uint64_t matrix) {
	IN_REGISTER(x);
	__asm__("vgf2p8affineqb $0, %1, %0, %0" : "+v"(x) : "v"(each_quadword(matrix)));
	return x;
}

INLINE vector_u8 vector_shl_imm_u8(vector_u8 x, unsigned bits) {
	return transform(x, MATRIX_SAME >> 8 * bits);
}

INLINE vector_u8 vector_srl_imm_u8(vector_u8 x, unsigned bits) {
	return transform(x, MATRIX_SAME << 8 * bits);
}

INLINE vector_u8 vector_sra_imm_u8(vector_u8 x, unsigned bits) {
	uint64_t above = (UINT64_C(1) << 8 * bits) - 1;
	return transform(x, MATRIX_SAME << 8 * bits | (MATRIX_SIGNS & above));
}

LANES(shl, u8, 1, false)
LANES(srl, u8, 1, false)
LANES(sra, u8, 1, false)
LANES_BY_ONE(shl_imm_u8)
LANES_BY_ONE(srl_imm_u8)
LANES_BY_ONE(sra_imm_u8)

void simd_lanes_extend_vbmi(struct simd_lanes *lanes) {
	lanes->binary[SIMD_SHL][SIMD_U8] = lanes_shl_u8;
	lanes->binary[SIMD_SRL][SIMD_U8] = lanes_srl_u8;
	lanes->binary[SIMD_SRA][SIMD_U8] = lanes_sra_u8;
	lanes->shift[SIMD_SHIFT_SHL][SIMD_U8] = lanes_shl_imm_u8;
	lanes->shift[SIMD_SHIFT_SRL][SIMD_U8] = lanes_srl_imm_u8;
	lanes->shift[SIMD_SHIFT_SRA][SIMD_U8] = lanes_sra_imm_u8;
}
