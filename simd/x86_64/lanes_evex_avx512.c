/* SPDX-License-Identifier: Apache-2.0
 *
 * The lane arithmetic that AVX2 has no instruction for, on YMM registers with AVX-512's: multiplication of 8-
 * and 64-bit lanes, shifts by lanes of 16 bits, arithmetic shifts by 64-bit lanes. Assumes AVX-512 F, BW, DQ and
 * VL, and BMI2. Strategy: simd/x86_64/lanes_evex.h. No instruction multiplies 8-bit lanes: even and odd bytes
 * apart, as 16-bit lanes.
 */
#if !defined(__AVX512F__) || !defined(__AVX512BW__) || !defined(__AVX512DQ__) || !defined(__AVX512VL__) || \
	!defined(__BMI2__)
#error "compile this file with -mavx512f -mavx512bw -mavx512dq -mavx512vl -mbmi2"
#endif

#include "simd/x86_64/lanes_evex.h"

INLINE vector_u8 mul_u8(vector_u8 x, vector_u8 y) {
	IN_REGISTER(x);
	IN_REGISTER(y);
	vector_u16 even = (vector_u16)x * (vector_u16)y, odd = ((vector_u16)x >> 8) * ((vector_u16)y & 0xff00);
	AND_OR(even, (vector_u16){0} + 0x00ff, odd);
	return (vector_u8)even;
}

INLINE vector_u8 shl_u16(vector_u8 x, vector_u8 y) {
	return (vector_u8)((vector_u16)x << ((vector_u16)y & 15));
}

INLINE vector_u8 srl_u16(vector_u8 x, vector_u8 y) {
	return (vector_u8)((vector_u16)x >> ((vector_u16)y & 15));
}

INLINE vector_u8 sra_u16(vector_u8 x, vector_u8 y) {
	return (vector_u8)((vector_s16)x >> (vector_s16)((vector_u16)y & 15));
}

INLINE vector_u8 mul_u64(vector_u8 x, vector_u8 y) {
	return (vector_u8)((vector_u64)x * (vector_u64)y);
}

INLINE vector_u8 sra_u64(vector_u8 x, vector_u8 y) {
	return (vector_u8)((vector_s64)x >> (vector_s64)((vector_u64)y & 63));
}

LANES(mul_u8, 1)
LANES(shl_u16, 2)
LANES(srl_u16, 2)
LANES(sra_u16, 2)
LANES(mul_u64, 8)
LANES(sra_u64, 8)

void simd_lanes_extend_evex(struct simd_lanes *lanes) {
	lanes->binary[SIMD_MUL][SIMD_U8] = lanes_mul_u8;
	lanes->binary[SIMD_MUL][SIMD_U64] = lanes_mul_u64;
	lanes->binary[SIMD_SHL][SIMD_U16] = lanes_shl_u16;
	lanes->binary[SIMD_SRL][SIMD_U16] = lanes_srl_u16;
	lanes->binary[SIMD_SRA][SIMD_U16] = lanes_sra_u16;
	lanes->binary[SIMD_SRA][SIMD_U64] = lanes_sra_u64;
}
