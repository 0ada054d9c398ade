/* SPDX-License-Identifier: Apache-2.0
 *
 * Lane arithmetic, one lane a step, with FMA3's fused multiply-add: what vectors are compared with. Assumes FMA3.
 */
#include "simd/x86_64/isa.h"

#if !defined(__FMA__)
#error "compile this file with -mfma"
#endif

#include "simd/scalar_lanes.h"
#include "simd/x86_64/fma3.h"

#define FMA(t, lane)                                                                                         \
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
LANES_EACH_FLOAT(FMA)

LANES_TABLE(fma3);
