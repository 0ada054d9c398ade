/* SPDX-License-Identifier: Apache-2.0
 *
 * Lane arithmetic, one lane a step, with the CPU's fused multiply-add: what vectors are compared with.
 * Arm ARM C7.2, FMADD.
 */
#include "simd/aarch64/isa.h"
#include "simd/scalar_lanes.h"

#define FMADD_f32 "fmadd %s0, %s1, %s2, %s0"
#define FMADD_f64 "fmadd %d0, %d1, %d2, %d0"

#define FMA(t, lane)                                                                                         \
	static void lanes_fma_##t(void *result, const void *a, const void *b, const void *c, size_t count) { \
		const lane *from_a = a, *from_b = b, *from_c = c;                                            \
		lane *to = result;                                                                           \
		for (size_t i = 0; i < count; i++) {                                                         \
			lane z = from_c[i];                                                                  \
			__asm__(FMADD_##t : "+w"(z) : "w"(from_a[i]), "w"(from_b[i]));                       \
			to[i] = z;                                                                           \
			LANE_ALONE();                                                                        \
		}                                                                                            \
	}
LANES_EACH_FLOAT(FMA)

LANES_TABLE(fmadd);
