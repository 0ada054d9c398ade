/* SPDX-License-Identifier: Apache-2.0
 *
 * Lane arithmetic in 128-bit vectors, XMM registers: every x86_64 CPU has SSE2. Strategy: simd/vector_lanes.h. SSE2
 * has no fused multiply-add, and shifts all lanes by one count only. Shifts by lanes are therefore
 *   of 8 bits    by four, two and one, where that bit of the count is set
 *   of 16, 32    a multiplication by a power of two, which is a float's exponent: CVTTPS2DQ
 *   of 64        two shifts by one count
 */
#include "simd/x86_64/isa.h"

#define VECTOR_BYTES      16
#define VECTOR_SHIFT_BITS 128
#define VECTOR_SRA64      0
#define VECTOR_MUL64      0
#include "simd/x86_64/vector_lanes_narrow.h"

/* ---- 8 bits ------------------------------------------------------------------------------------------------------ */

/* By one count: as 16-bit lanes, and what came over from the neighbour taken off. */
static inline vector_u8 vector_shl_imm_u8(vector_u8 x, unsigned bits) {
	return (vector_u8)((vector_u16)x << bits) & (uint8_t)(0xffu << bits);
}
static inline vector_u8 vector_srl_imm_u8(vector_u8 x, unsigned bits) {
	return (vector_u8)((vector_u16)x >> bits) & (uint8_t)(0xffu >> bits);
}

/* -1 in each lane whose greatest bit is set, else 0; no copy of a zero kept elsewhere. */
static inline vector_u8 negative(vector_u8 x) {
	vector_u8 is;
	__asm__("pxor %0, %0\n\tpcmpgtb %1, %0" : "=&x"(is) : "x"(x));
	return is;
}

/* Those lanes of y whose lanes in `of` have their greatest bit set, the others of x. */
static inline vector_u8 choose(vector_u8 x, vector_u8 y, vector_u8 of) {
	return x ^ ((x ^ y) & negative(of));
}

/* Bit 2 of each count in its lane's greatest; bits 1 and 0 follow as it is doubled. */
static inline vector_u8 counts_first(vector_u8 y) {
	return (vector_u8)((vector_u16)y << 5);
}

static inline vector_u8 vector_shl_u8(vector_u8 x, vector_u8 y) {
	vector_u8 by = counts_first(y);
	x = choose(x, vector_shl_imm_u8(x, 4), by);
	by += by;
	x = choose(x, vector_shl_imm_u8(x, 2), by);
	by += by;
	return x + (x & negative(by));
}

static inline vector_u8 vector_srl_u8(vector_u8 x, vector_u8 y) {
	vector_u8 by = counts_first(y);
	x = choose(x, vector_srl_imm_u8(x, 4), by);
	by += by;
	x = choose(x, vector_srl_imm_u8(x, 2), by);
	by += by;
	return choose(x, vector_srl_imm_u8(x, 1), by);
}

/* ---- 16 and 32 bits ---------------------------------------------------------------------------------------------- */

#define FLOAT_ONE           0x3f800000u /* 1.0f: a biased exponent of 127 */
#define FLOAT_EXPONENT(bit) ((uint32_t)(bit) << 23)

/* 2 to the power that each lane's float has for an exponent, at most 31: what no positive int can hold becomes
 * 0x80000000, which is 2 to the 31st. Intel SDM volume 2A, CVTTPS2DQ. */
static inline vector_u32 power(vector_u32 of) {
	vector_u32 is;
	__asm__("cvttps2dq %1, %0" : "=x"(is) : "x"(of));
	return is;
}

static inline vector_u16 high_halves(vector_u16 x, vector_u16 y) {
	__asm__("pmulhuw %1, %0" : "+x"(x) : "x"(y));
	return x;
}

static inline vector_u16 vector_shl_u16(vector_u16 x, vector_u16 y) {
	vector_u32 even = ((vector_u32)y & 15) << 23, odd = ((vector_u32)y & 15 << 16) << (23 - 16);
	vector_u32 by = power(even + FLOAT_ONE) | power(odd + (FLOAT_ONE + FLOAT_EXPONENT(16)));
	return x * (vector_u16)by;
}

/* By n as the product with 2 to the power of 15 - n, shifted by 15: a factor of 2 to the 16th would not fit. */
static inline vector_u16 vector_srl_u16(vector_u16 x, vector_u16 y) {
	vector_u32 even = ((vector_u32)y & 15) << 23, odd = ((vector_u32)y & 15 << 16) << (23 - 16);
	vector_u16 by = (vector_u16)(power((FLOAT_ONE + FLOAT_EXPONENT(15)) - even) |
				     power((FLOAT_ONE + FLOAT_EXPONENT(31)) - odd));
	vector_u16 high = high_halves(x, by), low = x * by;
	return high + high + (low >> 15);
}

static inline vector_u64 products(vector_u64 x, vector_u64 y) {
	__asm__("pmuludq %1, %0" : "+x"(x) : "x"(y));
	return x;
}

static inline vector_u32 vector_shl_u32(vector_u32 x, vector_u32 y) {
	return x * power(((y & 31) << 23) + FLOAT_ONE);
}

static inline vector_u32 vector_srl_u32(vector_u32 x, vector_u32 y) {
	vector_u64 by = (vector_u64)power((FLOAT_ONE + FLOAT_EXPONENT(31)) - ((y & 31) << 23));
	vector_u64 even = products((vector_u64)x, by) >> 31, odd = products((vector_u64)x >> 32, by >> 32) << 1;
	return (vector_u32)(even | (odd & UINT64_C(0xffffffff00000000)));
}

/* ---- 64 bits ----------------------------------------------------------------------------------------------------- */

#define SHIFT_BOTH(shift)                                                                              \
	vector_u64 low = x, high = x, by = y & 63, by_high;                                            \
	__asm__("pshufd $0xee, %1, %0" : "=x"(by_high) : "x"(by));                                     \
	__asm__(shift " %2, %0\n\t" shift " %3, %1" : "+&x"(low), "+x"(high) : "x"(by), "x"(by_high)); \
	__asm__("shufpd $2, %1, %0" : "+x"(low) : "x"(high));                                          \
	return low

static inline vector_u64 vector_shl_u64(vector_u64 x, vector_u64 y) {
	SHIFT_BOTH("psllq");
}

static inline vector_u64 vector_srl_u64(vector_u64 x, vector_u64 y) {
	SHIFT_BOTH("psrlq");
}

/* The upper halves by PSHUFD, since shifts go where the multiplications do. */
static inline vector_u64 vector_at_mul_u64(const vector_u64 *x, const vector_u64 *y) {
	vector_u64 a = *x, b = *y, high, other;
	__asm__("pshufd $0xf5, %1, %0" : "=x"(high) : "x"(a));
	__asm__("pshufd $0xf5, %1, %0" : "=x"(other) : "x"(b));
	vector_u64 across = products(high, b) + products(other, a);
	return products(a, b) + (across << 32);
}

/* ---- signs ------------------------------------------------------------------------------------------------------- */

/* A negative lane's complement goes in and comes out. */
#define VECTOR_SRA(t, s)                                                      \
	static inline vector_##t vector_sra_##t(vector_##t x, vector_##t y) { \
		vector_##t sign = (vector_##t)((vector_##s)x < 0);            \
		return vector_srl_##t(x ^ sign, y) ^ sign;                    \
	}
VECTOR_SRA(u8, s8)
VECTOR_SRA(u16, s16)
VECTOR_SRA(u32, s32)
VECTOR_SRA(u64, s64)

#include "simd/vector_lanes.h"

#define lanes_fma_f32 simd_fma_f32_soft
#define lanes_fma_f64 simd_fma_f64_soft

LANES_TABLE(sse2);
