/* SPDX-License-Identifier: Apache-2.0
 *
 * Copy in SVE vectors of whatever length the CPU has; assumes SVE. Four vectors a step, all loads before all stores,
 * then single vectors under a predicate, which leaves no rest and touches nothing behind the end.
 */
#include "simd/aarch64/isa.h"

#if !defined(__ARM_FEATURE_SVE)
#error "compile this file with -march=armv8-a+sve"
#endif

#include <arm_sve.h>

void simd_copy_sve(void *destination, const void *source, size_t bytes) {
	uint8_t *to = destination;
	const uint8_t *from = source;
	const svbool_t all = svptrue_b8();
	const size_t vector = svcntb();
	const size_t step = 4 * vector;
	size_t done = 0;
	for (; bytes - done >= step; done += step) {
		svuint8_t v0 = svld1_vnum(all, from + done, 0);
		svuint8_t v1 = svld1_vnum(all, from + done, 1);
		svuint8_t v2 = svld1_vnum(all, from + done, 2);
		svuint8_t v3 = svld1_vnum(all, from + done, 3);
		svst1_vnum(all, to + done, 0, v0);
		svst1_vnum(all, to + done, 1, v1);
		svst1_vnum(all, to + done, 2, v2);
		svst1_vnum(all, to + done, 3, v3);
	}
	for (; done < bytes; done += vector) {
		svbool_t some = svwhilelt_b8_u64(done, bytes);
		svst1(some, to + done, svld1(some, from + done));
	}
}
