/* SPDX-License-Identifier: Apache-2.0
 *
 * One lane of each operation, and the table that every instruction set fills with functions of these names: internal.
 * Everything is static: objects of different instruction sets must share no function.
 */
#pragma once

#include "simd/kernels.h"

/* The compiler must finish each lane's store here: it makes neither a vector loop nor a call out of loops over lanes,
 * with whatever flags. No instruction. */
#define LANE_ALONE() __asm__ volatile("" ::: "memory")

/* Types without a promise beyond their lane's own alignment, and which may look at memory of another type. */
typedef uint8_t lane_u8;
typedef uint16_t lane_u16 __attribute__((may_alias));
typedef uint32_t lane_u32 __attribute__((may_alias));
typedef uint64_t lane_u64 __attribute__((may_alias));
typedef float lane_f32 __attribute__((may_alias));
typedef double lane_f64 __attribute__((may_alias));

/* Through 64 bits, unsigned: no overflow of a promoted int. */
#define LANE_OPERATION(name, lane, expression)           \
	static inline lane lane_##name(lane x, lane y) { \
		return (lane)(expression);               \
	}
#define LANE_INTEGER(t, lane, bits)                                    \
	LANE_OPERATION(add_##t, lane, (uint64_t)x + y)                 \
	LANE_OPERATION(sub_##t, lane, (uint64_t)x - y)                 \
	LANE_OPERATION(mul_##t, lane, (uint64_t)x *y)                  \
	LANE_OPERATION(and_##t, lane, x &y)                            \
	LANE_OPERATION(or_##t, lane, x | y)                            \
	LANE_OPERATION(xor_##t, lane, x ^ y)                           \
	LANE_OPERATION(shl_##t, lane, (uint64_t)x << (y & (bits - 1))) \
	LANE_OPERATION(srl_##t, lane, (uint64_t)x >> (y & (bits - 1))) \
	LANE_OPERATION(sra_##t, lane, (int64_t)(int##bits##_t)x >> (y & (bits - 1)))
#define LANE_FLOAT(t, lane)                  \
	LANE_OPERATION(add_##t, lane, x + y) \
	LANE_OPERATION(sub_##t, lane, x - y) \
	LANE_OPERATION(mul_##t, lane, x *y)

LANE_INTEGER(u8, lane_u8, 8)
LANE_INTEGER(u16, lane_u16, 16)
LANE_INTEGER(u32, lane_u32, 32)
LANE_INTEGER(u64, lane_u64, 64)
LANE_FLOAT(f32, lane_f32)
LANE_FLOAT(f64, lane_f64)

/* What there is, for macros that make one function of each. */
#define LANES_EACH_INTEGER(make) \
	make(u8, lane_u8, 8) make(u16, lane_u16, 16) make(u32, lane_u32, 32) make(u64, lane_u64, 64)
#define LANES_EACH_FLOAT(make) make(f32, lane_f32) make(f64, lane_f64)

#define LANES_INTEGERS(op)     lanes_##op##_u8, lanes_##op##_u16, lanes_##op##_u32, lanes_##op##_u64
#define LANES_ARITHMETIC(op)   LANES_INTEGERS(op), lanes_##op##_f32, lanes_##op##_f64

/* And, or, xor, not of wider lanes, from those of bytes. */
#define LANES_AS_BYTES(t, lane)                                                               \
	static void lanes_and_##t(void *result, const void *a, const void *b, size_t count) { \
		lanes_and_u8(result, a, b, count * sizeof(lane));                             \
	}                                                                                     \
	static void lanes_or_##t(void *result, const void *a, const void *b, size_t count) {  \
		lanes_or_u8(result, a, b, count * sizeof(lane));                              \
	}                                                                                     \
	static void lanes_xor_##t(void *result, const void *a, const void *b, size_t count) { \
		lanes_xor_u8(result, a, b, count * sizeof(lane));                             \
	}                                                                                     \
	static void lanes_not_##t(void *result, const void *a, size_t count) {                \
		lanes_not_u8(result, a, count * sizeof(lane));                                \
	}

/* The table, from static functions lanes_<operation>_<lane>. */
#define LANES_TABLE(isa)                                   \
	const struct simd_lanes simd_lanes_##isa = {       \
		.binary =                                  \
			{                                  \
				{LANES_ARITHMETIC(add)},   \
				{LANES_ARITHMETIC(sub)},   \
				{LANES_ARITHMETIC(mul)},   \
				{LANES_INTEGERS(and)},     \
				{LANES_INTEGERS(or)},      \
				{LANES_INTEGERS(xor)},     \
				{LANES_INTEGERS(shl)},     \
				{LANES_INTEGERS(srl)},     \
				{LANES_INTEGERS(sra)},     \
			},                                 \
		.bitwise_not = {LANES_INTEGERS(not )},     \
		.shift =                                   \
			{                                  \
				{LANES_INTEGERS(shl_imm)}, \
				{LANES_INTEGERS(srl_imm)}, \
				{LANES_INTEGERS(sra_imm)}, \
			},                                 \
		.fma_f32 = lanes_fma_f32,                  \
		.fma_f64 = lanes_fma_f64,                  \
	}
