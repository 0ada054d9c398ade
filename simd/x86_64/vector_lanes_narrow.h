/* SPDX-License-Identifier: Apache-2.0
 *
 * What no x86_64 instruction does with 8-bit lanes, as far as it needs SSE2 alone and is the same in every width:
 * internal, included by what defines VECTOR_BYTES first.
 */
#pragma once

#include "simd/vector_lane_types.h"

/* Loaded once, whatever often it is used: loads are what there are fewest of. */
#define IN_REGISTER(vector) __asm__("" : "+x"(vector))

static inline vector_u8 vector_shl_imm_u8(vector_u8 x, unsigned bits);
static inline vector_u8 vector_srl_imm_u8(vector_u8 x, unsigned bits);

/* By one count: the sign bit, wherever it came to lie, spread by a subtraction. */
static inline vector_u8 vector_sra_imm_u8(vector_u8 x, unsigned bits) {
	uint8_t sign = (uint8_t)(0x80u >> bits);
	return (vector_srl_imm_u8(x, bits) ^ sign) - sign;
}

/* Even and odd bytes apart, as 16-bit lanes, the odd ones in the upper half of theirs. */
static inline vector_u8 vector_mul_u8(vector_u8 x, vector_u8 y) {
	IN_REGISTER(x);
	IN_REGISTER(y);
	vector_u16 even = ((vector_u16)x * (vector_u16)y) & 0x00ff;
	vector_u16 odd = ((vector_u16)x >> 8) * ((vector_u16)y & 0xff00);
	return (vector_u8)(even | odd);
}
