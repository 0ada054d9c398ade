/* SPDX-License-Identifier: Apache-2.0
 *
 * The lane arithmetic of every fixed-width instruction set: internal, included once by each
 * lanes_<isa>.c, which first defines
 *   VECTOR_BYTES          of its registers
 *   VECTOR_SHIFT_BITS     the least lane whose shift by another vector is one instruction; 128 where there is none
 *   VECTOR_SRA64          1 where a 64-bit lane's arithmetic shift is one instruction, else 0
 * and defines lanes_fma_f32 and lanes_fma_f64.
 *
 * Strategy. Four vectors a step, then single vectors, the last of which ends at the last lane and may overlap the one
 * before: it is worked out before the first store, since the result may be an operand. Fewer lanes than one vector's
 * go one by one, and so does the rest of a multiply-add. AND, OR, XOR and NOT know no lanes: there is one
 * function of each, behind the names of all lanes.
 *
 * Vectors are the compiler's own vector types rather than <immintrin.h>: one text for all widths, and no header of a C
 * library behind it. What it makes of them is as good as written by hand, but for shifts by lanes
 * that the instruction set does not shift by: those go bit by bit of the count.
 */
#pragma once

#include "simd/lanes.h"

#if !defined(VECTOR_BYTES) || !defined(VECTOR_SHIFT_BITS) || !defined(VECTOR_SRA64)
#error "define VECTOR_BYTES, VECTOR_SHIFT_BITS and VECTOR_SRA64 before this header"
#endif

#define VECTOR_OF(lane, bytes) __attribute__((vector_size(VECTOR_BYTES), aligned(bytes), may_alias))
typedef uint8_t vector_u8 VECTOR_OF(uint8_t, 1);
typedef uint16_t vector_u16 VECTOR_OF(uint16_t, 2);
typedef uint32_t vector_u32 VECTOR_OF(uint32_t, 4);
typedef uint64_t vector_u64 VECTOR_OF(uint64_t, 8);
typedef int8_t vector_s8 VECTOR_OF(int8_t, 1);
typedef int16_t vector_s16 VECTOR_OF(int16_t, 2);
typedef int32_t vector_s32 VECTOR_OF(int32_t, 4);
typedef int64_t vector_s64 VECTOR_OF(int64_t, 8);
typedef float vector_f32 VECTOR_OF(float, 4);
typedef double vector_f64 VECTOR_OF(double, 8);

/* ---- one vector -------------------------------------------------------------------------------------------------- */

#define VECTOR_OPERATION(op, t, expression)                                      \
	static inline vector_##t vector_##op##_##t(vector_##t x, vector_##t y) { \
		return expression;                                               \
	}
#define VECTOR_ARITHMETIC(t)            \
	VECTOR_OPERATION(add, t, x + y) \
	VECTOR_OPERATION(sub, t, x - y) \
	VECTOR_OPERATION(mul, t, x *y)

/* Where bit `bit` of a lane's count is set, its lane shifted by that much. */
#define VECTOR_SHIFT_STEP(t, s, bit, shifted)                       \
	if ((bit) < 8 * sizeof(x[0])) {                             \
		vector_##t chosen = (vector_##t)((y & (bit)) != 0); \
		x = (vector_##t)((shifted)&chosen) | (x & ~chosen); \
	}
#define VECTOR_SHIFT_STEPS(t, s, direction)                          \
	VECTOR_SHIFT_STEP(t, s, 1, vector_##direction##_##t(x, 1))   \
	VECTOR_SHIFT_STEP(t, s, 2, vector_##direction##_##t(x, 2))   \
	VECTOR_SHIFT_STEP(t, s, 4, vector_##direction##_##t(x, 4))   \
	VECTOR_SHIFT_STEP(t, s, 8, vector_##direction##_##t(x, 8))   \
	VECTOR_SHIFT_STEP(t, s, 16, vector_##direction##_##t(x, 16)) \
	VECTOR_SHIFT_STEP(t, s, 32, vector_##direction##_##t(x, 32))

/* By one count. 8-bit lanes have no shift on x86_64: as 16-bit lanes, and what came over from the
 * neighbour taken off. */
static inline vector_u8 vector_shl_imm_u8(vector_u8 x, unsigned bits) {
	return (vector_u8)((vector_u16)x << bits) & (uint8_t)(0xffu << bits);
}
static inline vector_u8 vector_srl_imm_u8(vector_u8 x, unsigned bits) {
	return (vector_u8)((vector_u16)x >> bits) & (uint8_t)(0xffu >> bits);
}
static inline vector_u8 vector_sra_imm_u8(vector_u8 x, unsigned bits) {
	uint8_t sign = (uint8_t)(0x80u >> bits);
	return (vector_srl_imm_u8(x, bits) ^ sign) - sign;
}
#define VECTOR_SHIFT_IMM(t, s)                                                        \
	static inline vector_##t vector_shl_imm_##t(vector_##t x, unsigned bits) {    \
		return x << bits;                                                     \
	}                                                                             \
	static inline vector_##t vector_srl_imm_##t(vector_##t x, unsigned bits) {    \
		return x >> bits;                                                     \
	}                                                                             \
	static inline vector_##t vector_sra_imm_##t(vector_##t x, unsigned bits) {    \
		if (sizeof(x[0]) == 8 && !VECTOR_SRA64) {                             \
			uint64_t sign = UINT64_C(1) << 63 >> bits;                    \
			return (vector_##t)((((vector_u64)x >> bits) ^ sign) - sign); \
		}                                                                     \
		return (vector_##t)((vector_##s)x >> (int)bits);                      \
	}
VECTOR_SHIFT_IMM(u16, s16)
VECTOR_SHIFT_IMM(u32, s32)
VECTOR_SHIFT_IMM(u64, s64)

/* 16-bit lanes as the halves of 32-bit ones, where those shift by another vector. */
static inline vector_u16 vector_shl_halves(vector_u16 x, vector_u16 y) {
	vector_u32 wide = (vector_u32)x, by = (vector_u32)y & 0x000f000f;
	vector_u32 low = (wide << (by & 0xffff)) & 0xffff, high = (wide & 0xffff0000) << (by >> 16);
	return (vector_u16)(low | high);
}
static inline vector_u16 vector_srl_halves(vector_u16 x, vector_u16 y) {
	vector_u32 wide = (vector_u32)x, by = (vector_u32)y & 0x000f000f;
	vector_u32 low = (wide & 0xffff) >> (by & 0xffff), high = (wide >> (by >> 16)) & 0xffff0000;
	return (vector_u16)(low | high);
}
static inline vector_u16 vector_sra_halves(vector_u16 x, vector_u16 y) {
	vector_s16 sign = (vector_s16)x < 0;
	return vector_srl_halves(x ^ (vector_u16)sign, y) ^ (vector_u16)sign;
}

#define VECTOR_SHIFTS(t, s)                                                                             \
	static inline vector_##t vector_shl_##t(vector_##t x, vector_##t y) {                           \
		if (VECTOR_SHIFT_BITS == 32 && sizeof(x[0]) == 2)                                       \
			return (vector_##t)vector_shl_halves((vector_u16)x, (vector_u16)y);             \
		if (8 * sizeof(x[0]) >= VECTOR_SHIFT_BITS)                                              \
			return x << (y & (8 * sizeof(x[0]) - 1));                                       \
		VECTOR_SHIFT_STEPS(t, s, shl_imm)                                                       \
		return x;                                                                               \
	}                                                                                               \
	static inline vector_##t vector_srl_##t(vector_##t x, vector_##t y) {                           \
		if (VECTOR_SHIFT_BITS == 32 && sizeof(x[0]) == 2)                                       \
			return (vector_##t)vector_srl_halves((vector_u16)x, (vector_u16)y);             \
		if (8 * sizeof(x[0]) >= VECTOR_SHIFT_BITS)                                              \
			return x >> (y & (8 * sizeof(x[0]) - 1));                                       \
		VECTOR_SHIFT_STEPS(t, s, srl_imm)                                                       \
		return x;                                                                               \
	}                                                                                               \
	static inline vector_##t vector_sra_##t(vector_##t x, vector_##t y) {                           \
		if (VECTOR_SHIFT_BITS == 32 && sizeof(x[0]) == 2)                                       \
			return (vector_##t)vector_sra_halves((vector_u16)x, (vector_u16)y);             \
		if (sizeof(x[0]) == 8 && !VECTOR_SRA64) {                                               \
			vector_##t sign = (vector_##t)((vector_##s)x < 0);                              \
			return vector_srl_##t(x ^ sign, y) ^ sign;                                      \
		}                                                                                       \
		if (8 * sizeof(x[0]) >= VECTOR_SHIFT_BITS)                                              \
			return (vector_##t)((vector_##s)x >> (vector_##s)(y & (8 * sizeof(x[0]) - 1))); \
		VECTOR_SHIFT_STEPS(t, s, sra_imm)                                                       \
		return x;                                                                               \
	}

/* x86_64 multiplies 16-bit lanes at the least: even and odd bytes apart, the odd ones in the upper half of theirs. */
static inline vector_u8 vector_mul_u8(vector_u8 x, vector_u8 y) {
	if (VECTOR_SHIFT_BITS == 8)
		return x * y;
	vector_u16 even = ((vector_u16)x * (vector_u16)y) & 0x00ff;
	vector_u16 odd = ((vector_u16)x >> 8) * ((vector_u16)y & 0xff00);
	return (vector_u8)(even | odd);
}

VECTOR_OPERATION(add, u8, x + y)
VECTOR_OPERATION(sub, u8, x - y)
VECTOR_ARITHMETIC(u16)
VECTOR_ARITHMETIC(u32)
VECTOR_ARITHMETIC(u64)
VECTOR_ARITHMETIC(f32)
VECTOR_ARITHMETIC(f64)
VECTOR_OPERATION(and, u8, x &y)
VECTOR_OPERATION(or, u8, x | y)
VECTOR_OPERATION(xor, u8, x ^ y)
VECTOR_SHIFTS(u8, s8)
VECTOR_SHIFTS(u16, s16)
VECTOR_SHIFTS(u32, s32)
VECTOR_SHIFTS(u64, s64)

/* ---- arrays ------------------------------------------------------------------------------------------------------ */

#define LANES_INLINE static inline __attribute__((always_inline))

/* The loops over one kind of lane; what is done with a vector and a lane is a constant, and inlined. All loads before
 * all stores, so that no store stands between two loads that the CPU might take to depend on it. */
#define LANES_LOOPS(t, lane)                                                                                          \
	LANES_INLINE void loop_binary_##t(void *result, const void *a, const void *b, size_t count,                   \
					  vector_##t (*vector)(vector_##t, vector_##t), lane (*single)(lane, lane)) { \
		enum { LANES = VECTOR_BYTES / sizeof(lane) };                                                         \
		lane *to = result;                                                                                    \
		const lane *from_a = a, *from_b = b;                                                                  \
		if (count < LANES) {                                                                                  \
			for (size_t i = 0; i < count; i++) {                                                          \
				to[i] = single(from_a[i], from_b[i]);                                                 \
				LANE_ALONE();                                                                         \
			}                                                                                             \
			return;                                                                                       \
		}                                                                                                     \
		size_t i = 0, last = count - LANES;                                                                   \
		vector_##t z = vector(*(const vector_##t *)(from_a + last), *(const vector_##t *)(from_b + last));    \
		for (; count - i >= 4 * LANES; i += 4 * LANES) {                                                      \
			const vector_##t *va = (const vector_##t *)(from_a + i),                                      \
					 *vb = (const vector_##t *)(from_b + i);                                      \
			vector_##t *vr = (vector_##t *)(to + i);                                                      \
			vector_##t r0 = vector(va[0], vb[0]), r1 = vector(va[1], vb[1]);                              \
			vector_##t r2 = vector(va[2], vb[2]), r3 = vector(va[3], vb[3]);                              \
			vr[0] = r0;                                                                                   \
			vr[1] = r1;                                                                                   \
			vr[2] = r2;                                                                                   \
			vr[3] = r3;                                                                                   \
		}                                                                                                     \
		for (; i < last; i += LANES)                                                                          \
			*(vector_##t *)(to + i) =                                                                     \
				vector(*(const vector_##t *)(from_a + i), *(const vector_##t *)(from_b + i));         \
		*(vector_##t *)(to + last) = z;                                                                       \
	}

#define LANES_LOOP_SHIFT(t, lane)                                                                                  \
	LANES_INLINE void loop_shift_##t(void *result, const void *a, unsigned bits, size_t count,                 \
					 vector_##t (*vector)(vector_##t, unsigned), lane (*single)(lane, lane)) { \
		enum { LANES = VECTOR_BYTES / sizeof(lane) };                                                      \
		lane *to = result;                                                                                 \
		const lane *from = a;                                                                              \
		bits &= 8 * sizeof(lane) - 1;                                                                      \
		if (count < LANES) {                                                                               \
			for (size_t i = 0; i < count; i++) {                                                       \
				to[i] = single(from[i], (lane)bits);                                               \
				LANE_ALONE();                                                                      \
			}                                                                                          \
			return;                                                                                    \
		}                                                                                                  \
		size_t i = 0, last = count - LANES;                                                                \
		vector_##t z = vector(*(const vector_##t *)(from + last), bits);                                   \
		for (; count - i >= 4 * LANES; i += 4 * LANES) {                                                   \
			const vector_##t *va = (const vector_##t *)(from + i);                                     \
			vector_##t *vr = (vector_##t *)(to + i);                                                   \
			vector_##t r0 = vector(va[0], bits), r1 = vector(va[1], bits);                             \
			vector_##t r2 = vector(va[2], bits), r3 = vector(va[3], bits);                             \
			vr[0] = r0;                                                                                \
			vr[1] = r1;                                                                                \
			vr[2] = r2;                                                                                \
			vr[3] = r3;                                                                                \
		}                                                                                                  \
		for (; i < last; i += LANES)                                                                       \
			*(vector_##t *)(to + i) = vector(*(const vector_##t *)(from + i), bits);                   \
		*(vector_##t *)(to + last) = z;                                                                    \
	}

#define LANES_BINARY(op, t)                                                                      \
	static void lanes_##op##_##t(void *result, const void *a, const void *b, size_t count) { \
		loop_binary_##t(result, a, b, count, vector_##op##_##t, lane_##op##_##t);        \
	}
#define LANES_SHIFT(op, t)                                                                           \
	static void lanes_##op##_imm_##t(void *result, const void *a, unsigned bits, size_t count) { \
		loop_shift_##t(result, a, bits, count, vector_##op##_imm_##t, lane_##op##_##t);      \
	}

#define LANES_INTEGER(t, lane, bits) \
	LANES_LOOPS(t, lane)         \
	LANES_LOOP_SHIFT(t, lane)    \
	LANES_BINARY(add, t)         \
	LANES_BINARY(sub, t)         \
	LANES_BINARY(mul, t)         \
	LANES_BINARY(shl, t)         \
	LANES_BINARY(srl, t)         \
	LANES_BINARY(sra, t) LANES_SHIFT(shl, t) LANES_SHIFT(srl, t) LANES_SHIFT(sra, t)
#define LANES_FLOAT(t, lane) \
	LANES_LOOPS(t, lane) \
	LANES_BINARY(add, t) \
	LANES_BINARY(sub, t) \
	LANES_BINARY(mul, t)

LANES_EACH_INTEGER(LANES_INTEGER)
LANES_EACH_FLOAT(LANES_FLOAT)
LANES_BINARY(and, u8)
LANES_BINARY(or, u8)
LANES_BINARY(xor, u8)

static inline vector_u8 vector_not_u8(vector_u8 x, vector_u8 same) {
	(void)same;
	return ~x;
}
static inline lane_u8 lane_not_u8(lane_u8 x, lane_u8 same) {
	(void)same;
	return (lane_u8)~x;
}
static void lanes_not_u8(void *result, const void *a, size_t count) {
	loop_binary_u8(result, a, a, count, vector_not_u8, lane_not_u8);
}

LANES_AS_BYTES(u16, lane_u16)
LANES_AS_BYTES(u32, lane_u32)
LANES_AS_BYTES(u64, lane_u64)

/* VECTOR_FMA(t, x, y, z): x * y + z of vectors, LANE_FMA(t, x, y, z) of lanes; the instruction set's. */
#define LANES_FMA(t, lane)                                                                                       \
	static void lanes_fma_##t(void *result, const void *a, const void *b, const void *c, size_t count) {     \
		enum { LANES = VECTOR_BYTES / sizeof(lane) };                                                    \
		lane *to = result;                                                                               \
		const lane *from_a = a, *from_b = b, *from_c = c;                                                \
		size_t i = 0;                                                                                    \
		for (; count - i >= LANES; i += LANES) {                                                         \
			vector_##t x = *(const vector_##t *)(from_a + i), y = *(const vector_##t *)(from_b + i); \
			vector_##t z = *(const vector_##t *)(from_c + i);                                        \
			VECTOR_FMA(t, x, y, z);                                                                  \
			*(vector_##t *)(to + i) = z;                                                             \
		}                                                                                                \
		for (; i < count; i++) {                                                                         \
			lane z = from_c[i];                                                                      \
			LANE_FMA(t, from_a[i], from_b[i], z);                                                    \
			to[i] = z;                                                                               \
		}                                                                                                \
	}
