/* SPDX-License-Identifier: Apache-2.0
 *
 * Addition of 32-bit lanes in SVE vectors of whatever length the CPU has; assumes SVE. Four vectors a step, then single
 * vectors under a predicate, which leaves no rest and touches nothing behind the end.
 */
#include "simd/aarch64/isa.h"

#if !defined(__ARM_FEATURE_SVE)
#error "compile this file with -march=armv8-a+sve"
#endif

#include <arm_sve.h>

static inline svuint32_t add_one(svbool_t lanes, const uint32_t *a, const uint32_t *b, int64_t vector) {
	return svadd_x(lanes, svld1_vnum(lanes, a, vector), svld1_vnum(lanes, b, vector));
}

void simd_add32_sve(uint32_t *sum, const uint32_t *a, const uint32_t *b, size_t count) {
	const svbool_t all = svptrue_b32();
	const size_t lanes = svcntw();
	size_t i = 0;
	for (; count - i >= 4 * lanes; i += 4 * lanes) {
		svuint32_t s0 = add_one(all, a + i, b + i, 0);
		svuint32_t s1 = add_one(all, a + i, b + i, 1);
		svuint32_t s2 = add_one(all, a + i, b + i, 2);
		svuint32_t s3 = add_one(all, a + i, b + i, 3);
		svst1_vnum(all, sum + i, 0, s0);
		svst1_vnum(all, sum + i, 1, s1);
		svst1_vnum(all, sum + i, 2, s2);
		svst1_vnum(all, sum + i, 3, s3);
	}
	for (; i < count; i += lanes) {
		svbool_t some = svwhilelt_b32_u64(i, count);
		svst1(some, sum + i, add_one(some, a + i, b + i, 0));
	}
}
