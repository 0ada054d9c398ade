/* SPDX-License-Identifier: Apache-2.0
 *
 * The lane arithmetic of every fixed-width instruction set: internal, included once by each
 * lanes_<isa>.c, which first defines
 *   VECTOR_BYTES          of its registers
 *   VECTOR_SHIFT_BITS     the least lane whose shift by another vector is one instruction; 128 where there is none
 *   VECTOR_SRA64          1 where a 64-bit lane's arithmetic shift is one instruction, else 0
 *   VECTOR_MUL64          0 where it brings its own multiplication of 64-bit lanes, vector_at_mul_u64, else 1
 * and defines lanes_fma_f32 and lanes_fma_f64, and, with simd/vector_lane_types.h, what its instruction set has no
 * instruction for: vector_shl_<lane>, vector_srl_<lane> and vector_sra_<lane> of each lane below VECTOR_SHIFT_BITS,
 * and where that leaves out 8 bits, vector_mul_u8 and vector_<shift>_imm_u8.
 *
 * Strategy. Four vectors a step, by one number two steps a turn, then single vectors, the last of which ends at the
 * last lane and may overlap the one before: it is worked out before the first store, since the result may be an
 * operand. Fewer lanes than one vector's go one by one, and so does the rest of a multiply-add. AND, OR, XOR and NOT
 * know no lanes: there is one function of each, behind the names of all lanes. A function of vectors takes their
 * places, since some shuffles are done by a load and cost no pipe of arithmetic.
 */
#pragma once

#include "simd/vector_lane_types.h"

#if !defined(VECTOR_SHIFT_BITS) || !defined(VECTOR_SRA64) || !defined(VECTOR_MUL64)
#error "define VECTOR_SHIFT_BITS, VECTOR_SRA64 and VECTOR_MUL64 before this header"
#endif

/* ---- one vector -------------------------------------------------------------------------------------------------- */

#define VECTOR_OPERATION(op, t, expression)                                      \
	static inline vector_##t vector_##op##_##t(vector_##t x, vector_##t y) { \
		return expression;                                               \
	}
#define VECTOR_ARITHMETIC(t)            \
	VECTOR_OPERATION(add, t, x + y) \
	VECTOR_OPERATION(sub, t, x - y) \
	VECTOR_OPERATION(mul, t, x *y)

/* By one count. */
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

#define VECTOR_SHIFTS(t, s)                                                                     \
	static inline vector_##t vector_shl_##t(vector_##t x, vector_##t y) {                   \
		return x << (y & (8 * sizeof(x[0]) - 1));                                       \
	}                                                                                       \
	static inline vector_##t vector_srl_##t(vector_##t x, vector_##t y) {                   \
		return x >> (y & (8 * sizeof(x[0]) - 1));                                       \
	}                                                                                       \
	static inline vector_##t vector_sra_##t(vector_##t x, vector_##t y) {                   \
		if (sizeof(x[0]) == 8 && !VECTOR_SRA64) {                                       \
			vector_##t sign = (vector_##t)((vector_##s)x < 0);                      \
			return vector_srl_##t(x ^ sign, y) ^ sign;                              \
		}                                                                               \
		return (vector_##t)((vector_##s)x >> (vector_##s)(y & (8 * sizeof(x[0]) - 1))); \
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
VECTOR_SHIFT_IMM(u16, s16)
VECTOR_SHIFT_IMM(u32, s32)
VECTOR_SHIFT_IMM(u64, s64)
#if VECTOR_SHIFT_BITS <= 8
VECTOR_OPERATION(mul, u8, x *y)
VECTOR_SHIFT_IMM(u8, s8)
VECTOR_SHIFTS(u8, s8)
#endif
#if VECTOR_SHIFT_BITS <= 16
VECTOR_SHIFTS(u16, s16)
#endif
#if VECTOR_SHIFT_BITS <= 32
VECTOR_SHIFTS(u32, s32)
#endif
#if VECTOR_SHIFT_BITS <= 64
VECTOR_SHIFTS(u64, s64)
#endif

static inline vector_u8 vector_not_u8(vector_u8 x, vector_u8 same) {
	(void)same;
	return ~x;
}
static inline lane_u8 lane_not_u8(lane_u8 x, lane_u8 same) {
	(void)same;
	return (lane_u8)~x;
}

/* Of vectors in memory. */
#define VECTOR_AT(op, t)                                                                          \
	static inline vector_##t vector_at_##op##_##t(const vector_##t *x, const vector_##t *y) { \
		return vector_##op##_##t(*x, *y);                                                 \
	}
#define VECTOR_AT_FLOAT(t, lane) \
	VECTOR_AT(add, t)        \
	VECTOR_AT(sub, t)        \
	VECTOR_AT(mul, t)
#define VECTOR_AT_INTEGER(t, lane, bits) \
	VECTOR_AT(add, t)                \
	VECTOR_AT(sub, t)                \
	VECTOR_AT(shl, t)                \
	VECTOR_AT(srl, t)                \
	VECTOR_AT(sra, t)

LANES_EACH_INTEGER(VECTOR_AT_INTEGER)
LANES_EACH_FLOAT(VECTOR_AT_FLOAT)
VECTOR_AT(mul, u8)
VECTOR_AT(mul, u16)
VECTOR_AT(mul, u32)
#if VECTOR_MUL64
VECTOR_AT(mul, u64)
#endif
VECTOR_AT(and, u8)
VECTOR_AT(or, u8)
VECTOR_AT(xor, u8)
VECTOR_AT(not, u8)

/* ---- arrays ------------------------------------------------------------------------------------------------------ */

#define LANES_INLINE static inline __attribute__((always_inline))

/* Addressed by its distance from the result, the first operand needs no addition of its own; the second has a pointer,
 * since x86_64's CPUs split what loads by an index as part of another instruction, and so has the result, since Intel's
 * give a store by an index a port that loads want. */
#define AT_DISTANCE(t, to, distance) ((const vector_##t *)((uintptr_t)(to) + (distance)))

/* The loops over one kind of lane; what is done with a vector and a lane is a constant, and inlined. All loads before
 * all stores, so that no store stands between two loads that the CPU might take to depend on it. */
#define LANES_LOOPS(t, lane)                                                                                        \
	LANES_INLINE void loop_binary_##t(void *result, const void *a, const void *b, size_t count,                 \
					  vector_##t (*vector)(const vector_##t *, const vector_##t *),             \
					  lane (*single)(lane, lane)) {                                             \
		enum { LANES = VECTOR_BYTES / sizeof(lane) };                                                       \
		lane *to = result;                                                                                  \
		const lane *from_a = a, *from_b = b;                                                                \
		if (count < LANES) {                                                                                \
			for (size_t i = 0; i < count; i++) {                                                        \
				to[i] = single(from_a[i], from_b[i]);                                               \
				LANE_ALONE();                                                                       \
			}                                                                                           \
			return;                                                                                     \
		}                                                                                                   \
		uintptr_t a_from_to = (uintptr_t)a - (uintptr_t)result;                                             \
		lane *last = to + (count - LANES), *single_vectors = to + count / (4 * LANES) * (4 * LANES);        \
		vector_##t z = vector(AT_DISTANCE(t, last, a_from_to), (const vector_##t *)(from_b + (last - to))); \
		for (; to != single_vectors; to += 4 * LANES, from_b += 4 * LANES) {                                \
			const vector_##t *va = AT_DISTANCE(t, to, a_from_to), *vb = (const vector_##t *)from_b;     \
			vector_##t *vr = (vector_##t *)to;                                                          \
			vector_##t r0 = vector(va, vb), r1 = vector(va + 1, vb + 1);                                \
			vector_##t r2 = vector(va + 2, vb + 2), r3 = vector(va + 3, vb + 3);                        \
			vr[0] = r0;                                                                                 \
			vr[1] = r1;                                                                                 \
			vr[2] = r2;                                                                                 \
			vr[3] = r3;                                                                                 \
		}                                                                                                   \
		for (; to < last; to += LANES, from_b += LANES)                                                     \
			*(vector_##t *)to = vector(AT_DISTANCE(t, to, a_from_to), (const vector_##t *)from_b);      \
		*(vector_##t *)last = z;                                                                            \
	}

#define LANES_LOOP_SHIFT(t, lane)                                                                                  \
	LANES_INLINE void step_shift_##t(vector_##t *to, const vector_##t *from, unsigned bits,                    \
					 vector_##t (*vector)(vector_##t, unsigned)) {                             \
		vector_##t r0 = vector(from[0], bits), r1 = vector(from[1], bits);                                 \
		vector_##t r2 = vector(from[2], bits), r3 = vector(from[3], bits);                                 \
		to[0] = r0;                                                                                        \
		to[1] = r1;                                                                                        \
		to[2] = r2;                                                                                        \
		to[3] = r3;                                                                                        \
	}                                                                                                          \
	LANES_INLINE void loop_shift_##t(void *result, const void *a, unsigned bits, size_t count,                 \
					 vector_##t (*vector)(vector_##t, unsigned), lane (*single)(lane, lane)) { \
		enum { LANES = VECTOR_BYTES / sizeof(lane) };                                                      \
		bits &= 8 * sizeof(lane) - 1;                                                                      \
		if (count < LANES) {                                                                               \
			for (size_t i = 0; i < count; i++) {                                                       \
				((lane *)result)[i] = single(((const lane *)a)[i], (lane)bits);                    \
				LANE_ALONE();                                                                      \
			}                                                                                          \
			return;                                                                                    \
		}                                                                                                  \
		uintptr_t distance = (uintptr_t)a - (uintptr_t)result;                                             \
		lane *last = (lane *)result + (count - LANES);                                                     \
		vector_##t *to = result, *pairs_end = to + count / (8 * LANES) * 8;                                \
		vector_##t z = vector(*AT_DISTANCE(t, last, distance), bits);                                      \
		for (; to != pairs_end; to += 8) {                                                                 \
			step_shift_##t(to, AT_DISTANCE(t, to, distance), bits, vector);                            \
			step_shift_##t(to + 4, AT_DISTANCE(t, to + 4, distance), bits, vector);                    \
		}                                                                                                  \
		if (count / LANES % 8 >= 4) {                                                                      \
			step_shift_##t(to, AT_DISTANCE(t, to, distance), bits, vector);                            \
			to += 4;                                                                                   \
		}                                                                                                  \
		for (; (lane *)to < last; to++)                                                                    \
			*to = vector(*AT_DISTANCE(t, to, distance), bits);                                         \
		*(vector_##t *)last = z;                                                                           \
	}

#define LANES_BINARY(op, t)                                                                      \
	static void lanes_##op##_##t(void *result, const void *a, const void *b, size_t count) { \
		loop_binary_##t(result, a, b, count, vector_at_##op##_##t, lane_##op##_##t);     \
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

static void lanes_not_u8(void *result, const void *a, size_t count) {
	loop_binary_u8(result, a, a, count, vector_at_not_u8, lane_not_u8);
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
