/* SPDX-License-Identifier: Apache-2.0
 *
 * The lane arithmetic that AVX2 has no instruction for, on YMM registers with AVX-512's: of 8-bit lanes, multiplication
 * of 64-bit lanes, shifts by lanes of 16 bits, arithmetic shifts by 64-bit lanes. Assumes AVX-512 F, BW, DQ and VL,
 * and BMI2. Strategy: simd/x86_64/lanes_evex.h and vector_lanes_bw.h. VPMULLQ is three micro-operations on Intel's
 * CPUs and one or two on AMD's, fewer than the eight of a product of halves on either.
 */
#if !defined(__AVX512F__) || !defined(__AVX512BW__) || !defined(__AVX512DQ__) || !defined(__AVX512VL__) || \
	!defined(__BMI2__)
#error "compile this file with -mavx512f -mavx512bw -mavx512dq -mavx512vl -mbmi2"
#endif

#include "simd/x86_64/lanes_evex.h"
#include "simd/x86_64/vector_lanes_bw.h"

INLINE vector_u64 vector_mul_u64(vector_u64 x, vector_u64 y) {
	return x * y;
}

INLINE vector_u64 vector_sra_u64(vector_u64 x, vector_u64 y) {
	return (vector_u64)((vector_s64)x >> (vector_s64)(y & 63));
}

LANES(mul, u8, 1, false)
LANES(shl, u8, 1, false)
LANES(srl, u8, 1, false)
LANES(sra, u8, 1, false)
LANES_BY_ONE(shl_imm_u8)
LANES_BY_ONE(srl_imm_u8)
LANES_BY_ONE(sra_imm_u8)
LANES(shl, u16, 2, true)
LANES(srl, u16, 2, true)
LANES(sra, u16, 2, true)
LANES(mul, u64, 8, false)
LANES(sra, u64, 8, false)

void simd_lanes_extend_evex(struct simd_lanes *lanes) {
	lanes->binary[SIMD_MUL][SIMD_U8] = lanes_mul_u8;
	lanes->binary[SIMD_MUL][SIMD_U64] = lanes_mul_u64;
	lanes->binary[SIMD_SHL][SIMD_U8] = lanes_shl_u8;
	lanes->binary[SIMD_SRL][SIMD_U8] = lanes_srl_u8;
	lanes->binary[SIMD_SRA][SIMD_U8] = lanes_sra_u8;
	lanes->binary[SIMD_SHL][SIMD_U16] = lanes_shl_u16;
	lanes->binary[SIMD_SRL][SIMD_U16] = lanes_srl_u16;
	lanes->binary[SIMD_SRA][SIMD_U16] = lanes_sra_u16;
	lanes->binary[SIMD_SRA][SIMD_U64] = lanes_sra_u64;
	lanes->shift[SIMD_SHIFT_SHL][SIMD_U8] = lanes_shl_imm_u8;
	lanes->shift[SIMD_SHIFT_SRL][SIMD_U8] = lanes_srl_imm_u8;
	lanes->shift[SIMD_SHIFT_SRA][SIMD_U8] = lanes_sra_imm_u8;
}
