/* SPDX-License-Identifier: Apache-2.0
 *
 * Lane arithmetic in SVE vectors of whatever length the CPU has; assumes SVE. Four vectors a step, then single vectors
 * under a predicate, which leaves no rest and touches nothing behind the end. And, or, xor, not know no lanes: there
 * is one function of each.
 */
#include "simd/aarch64/sve.h"
#include "simd/lanes.h"

/* The types that SVE's loads know. */
#define PLAIN_u8  uint8_t
#define PLAIN_u16 uint16_t
#define PLAIN_u32 uint32_t
#define PLAIN_u64 uint64_t
#define PLAIN_f32 float
#define PLAIN_f64 double
#define COUNT_u8  svcntb()
#define COUNT_u16 svcnth()
#define COUNT_u32 svcntw()
#define COUNT_u64 svcntd()
#define COUNT_f32 svcntw()
#define COUNT_f64 svcntd()
#define ALL_u8    svptrue_b8()
#define ALL_u16   svptrue_b16()
#define ALL_u32   svptrue_b32()
#define ALL_u64   svptrue_b64()
#define ALL_f32   svptrue_b32()
#define ALL_f64   svptrue_b64()
#define SOME_u8   svwhilelt_b8_u64
#define SOME_u16  svwhilelt_b16_u64
#define SOME_u32  svwhilelt_b32_u64
#define SOME_u64  svwhilelt_b64_u64
#define SOME_f32  svwhilelt_b32_u64
#define SOME_f64  svwhilelt_b64_u64

/* value(predicate, i, n): of the vector n vectors behind lane i. */
#define SVE_LOOPS(t, value)                                               \
	do {                                                              \
		const svbool_t all = ALL_##t;                             \
		const size_t lanes = COUNT_##t;                           \
		size_t i = 0;                                             \
		for (; count - i >= 4 * lanes; i += 4 * lanes) {          \
			sv##t##_t r0 = value(all, 0), r1 = value(all, 1); \
			sv##t##_t r2 = value(all, 2), r3 = value(all, 3); \
			svst1_vnum(all, to + i, 0, r0);                   \
			svst1_vnum(all, to + i, 1, r1);                   \
			svst1_vnum(all, to + i, 2, r2);                   \
			svst1_vnum(all, to + i, 3, r3);                   \
		}                                                         \
		for (; i < count; i += lanes) {                           \
			svbool_t some = SOME_##t(i, count);               \
			svst1(some, to + i, value(some, 0));              \
		}                                                         \
	} while (0)

typedef svuint8_t svu8_t;
typedef svuint16_t svu16_t;
typedef svuint32_t svu32_t;
typedef svuint64_t svu64_t;
typedef svfloat32_t svf32_t;
typedef svfloat64_t svf64_t;

#define A(p, n) svld1_vnum(p, from_a + i, n)
#define B(p, n) svld1_vnum(p, from_b + i, n)
#define C(p, n) svld1_vnum(p, from_c + i, n)

#define SVE_BINARY(op, t, lane, value)                                                           \
	static void lanes_##op##_##t(void *result, const void *a, const void *b, size_t count) { \
		PLAIN_##t *to = result;                                                          \
		const PLAIN_##t *from_a = a, *from_b = b;                                        \
		SVE_LOOPS(t, value);                                                             \
	}
#define SVE_SHIFT(op, t, lane, value)                                                                \
	static void lanes_##op##_imm_##t(void *result, const void *a, unsigned bits, size_t count) { \
		PLAIN_##t *to = result;                                                              \
		const PLAIN_##t *from_a = a;                                                         \
		const lane by = (lane)(bits & (8 * sizeof(lane) - 1));                               \
		SVE_LOOPS(t, value);                                                                 \
	}

#define VALUE_add(p, n) svadd_x(p, A(p, n), B(p, n))
#define VALUE_sub(p, n) svsub_x(p, A(p, n), B(p, n))
#define VALUE_mul(p, n) svmul_x(p, A(p, n), B(p, n))
#define VALUE_and(p, n) svand_x(p, A(p, n), B(p, n))
#define VALUE_or(p, n)  svorr_x(p, A(p, n), B(p, n))
#define VALUE_xor(p, n) sveor_x(p, A(p, n), B(p, n))
#define VALUE_not(p, n) svnot_x(p, A(p, n))
#define VALUE_fma(p, n) svmla_x(p, C(p, n), A(p, n), B(p, n))

/* Counts modulo the lane's bits; SVE itself shifts everything out from there on. */
#define VALUE_shl(p, n)     svlsl_x(p, A(p, n), svand_x(p, B(p, n), 8 * sizeof(to[0]) - 1))
#define VALUE_srl(p, n)     svlsr_x(p, A(p, n), svand_x(p, B(p, n), 8 * sizeof(to[0]) - 1))
#define VALUE_shl_imm(p, n) svlsl_x(p, A(p, n), by)
#define VALUE_srl_imm(p, n) svlsr_x(p, A(p, n), by)

#define SVE_SIGNED(t, s)                                                         \
	static inline sv##t##_t sra_##t(svbool_t p, sv##t##_t x, sv##t##_t by) { \
		return svreinterpret_##t(svasr_x(p, svreinterpret_##s(x), by));  \
	}
SVE_SIGNED(u8, s8)
SVE_SIGNED(u16, s16)
SVE_SIGNED(u32, s32)
SVE_SIGNED(u64, s64)
#define VALUE_sra_u8(p, n)      sra_u8(p, A(p, n), svand_x(p, B(p, n), 7))
#define VALUE_sra_u16(p, n)     sra_u16(p, A(p, n), svand_x(p, B(p, n), 15))
#define VALUE_sra_u32(p, n)     sra_u32(p, A(p, n), svand_x(p, B(p, n), 31))
#define VALUE_sra_u64(p, n)     sra_u64(p, A(p, n), svand_x(p, B(p, n), 63))
#define VALUE_sra_imm_u8(p, n)  sra_u8(p, A(p, n), svdup_u8(by))
#define VALUE_sra_imm_u16(p, n) sra_u16(p, A(p, n), svdup_u16(by))
#define VALUE_sra_imm_u32(p, n) sra_u32(p, A(p, n), svdup_u32(by))
#define VALUE_sra_imm_u64(p, n) sra_u64(p, A(p, n), svdup_u64(by))

#define SVE_INTEGER(t, lane, bits)              \
	SVE_BINARY(add, t, lane, VALUE_add)     \
	SVE_BINARY(sub, t, lane, VALUE_sub)     \
	SVE_BINARY(mul, t, lane, VALUE_mul)     \
	SVE_BINARY(shl, t, lane, VALUE_shl)     \
	SVE_BINARY(srl, t, lane, VALUE_srl)     \
	SVE_BINARY(sra, t, lane, VALUE_sra_##t) \
	SVE_SHIFT(shl, t, lane, VALUE_shl_imm)  \
	SVE_SHIFT(srl, t, lane, VALUE_srl_imm) SVE_SHIFT(sra, t, lane, VALUE_sra_imm_##t)
#define SVE_FLOAT(t, lane)                                                                                   \
	SVE_BINARY(add, t, lane, VALUE_add)                                                                  \
	SVE_BINARY(sub, t, lane, VALUE_sub)                                                                  \
	SVE_BINARY(mul, t, lane, VALUE_mul)                                                                  \
	static void lanes_fma_##t(void *result, const void *a, const void *b, const void *c, size_t count) { \
		PLAIN_##t *to = result;                                                                      \
		const PLAIN_##t *from_a = a, *from_b = b, *from_c = c;                                       \
		SVE_LOOPS(t, VALUE_fma);                                                                     \
	}

LANES_EACH_INTEGER(SVE_INTEGER)
LANES_EACH_FLOAT(SVE_FLOAT)
SVE_BINARY(and, u8, lane_u8, VALUE_and)
SVE_BINARY(or, u8, lane_u8, VALUE_or)
SVE_BINARY(xor, u8, lane_u8, VALUE_xor)

static void lanes_not_u8(void *result, const void *a, size_t count) {
	uint8_t *to = result;
	const uint8_t *from_a = a;
	SVE_LOOPS(u8, VALUE_not);
}

LANES_AS_BYTES(u16, lane_u16)
LANES_AS_BYTES(u32, lane_u32)
LANES_AS_BYTES(u64, lane_u64)

LANES_TABLE(sve);
