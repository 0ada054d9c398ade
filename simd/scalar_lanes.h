/* SPDX-License-Identifier: Apache-2.0
 *
 * Lane arithmetic, one lane a step: internal, for lanes_scalar.c, the oracle, and for the files whose fused
 * multiply-add is the CPU's. They define lanes_fma_f32 and lanes_fma_f64 themselves, the latter with SCALAR_FMA.
 * Deliberately naive.
 */
#pragma once

#include "simd/lanes.h"

#define SCALAR_BINARY(op, t, lane)                                                               \
	static void lanes_##op##_##t(void *result, const void *a, const void *b, size_t count) { \
		lane *to = result;                                                               \
		const lane *from_a = a, *from_b = b;                                             \
		for (size_t i = 0; i < count; i++) {                                             \
			to[i] = lane_##op##_##t(from_a[i], from_b[i]);                           \
			LANE_ALONE();                                                            \
		}                                                                                \
	}
#define SCALAR_SHIFT(op, t, lane)                                                                    \
	static void lanes_##op##_imm_##t(void *result, const void *a, unsigned bits, size_t count) { \
		lane *to = result;                                                                   \
		const lane *from = a;                                                                \
		for (size_t i = 0; i < count; i++) {                                                 \
			to[i] = lane_##op##_##t(from[i], (lane)bits);                                \
			LANE_ALONE();                                                                \
		}                                                                                    \
	}
#define SCALAR_NOT(t, lane)                                                    \
	static void lanes_not_##t(void *result, const void *a, size_t count) { \
		lane *to = result;                                             \
		const lane *from = a;                                          \
		for (size_t i = 0; i < count; i++) {                           \
			to[i] = (lane)~from[i];                                \
			LANE_ALONE();                                          \
		}                                                              \
	}
/* With LANE_FMA(t, x, y, z), z += x * y in one instruction. */
#define SCALAR_FMA(t, lane)                                                                                  \
	static void lanes_fma_##t(void *result, const void *a, const void *b, const void *c, size_t count) { \
		const lane *from_a = a, *from_b = b, *from_c = c;                                            \
		lane *to = result;                                                                           \
		for (size_t i = 0; i < count; i++) {                                                         \
			lane z = from_c[i];                                                                  \
			LANE_FMA(t, from_a[i], from_b[i], z);                                                \
			to[i] = z;                                                                           \
			LANE_ALONE();                                                                        \
		}                                                                                            \
	}

#define SCALAR_INTEGER(t, lane, bits) \
	SCALAR_BINARY(add, t, lane)   \
	SCALAR_BINARY(sub, t, lane)   \
	SCALAR_BINARY(mul, t, lane)   \
	SCALAR_BINARY(and, t, lane)   \
	SCALAR_BINARY(or, t, lane)    \
	SCALAR_BINARY(xor, t, lane)   \
	SCALAR_BINARY(shl, t, lane)   \
	SCALAR_BINARY(srl, t, lane)   \
	SCALAR_BINARY(sra, t, lane)   \
	SCALAR_SHIFT(shl, t, lane) SCALAR_SHIFT(srl, t, lane) SCALAR_SHIFT(sra, t, lane) SCALAR_NOT(t, lane)
#define SCALAR_FLOAT(t, lane)       \
	SCALAR_BINARY(add, t, lane) \
	SCALAR_BINARY(sub, t, lane) \
	SCALAR_BINARY(mul, t, lane)

LANES_EACH_INTEGER(SCALAR_INTEGER)
LANES_EACH_FLOAT(SCALAR_FLOAT)
