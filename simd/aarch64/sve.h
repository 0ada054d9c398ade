/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files in SVE share: internal. All of it is static, as these are the only objects with its instructions.
 */
#pragma once

#include "simd/aarch64/isa.h"

#if !defined(__ARM_FEATURE_SVE)
#error "compile this file with -march=armv8-a+sve"
#endif

#include <arm_sve.h>

/* Four whole vectors to `to`; `stream`: as what will not be read again soon (STNT1B). */
static inline __attribute__((always_inline)) void sve_store_4(uint8_t *to, svuint8_t v0, svuint8_t v1, svuint8_t v2,
							      svuint8_t v3, bool stream) {
	const svbool_t all = svptrue_b8();
	if (stream) {
		svstnt1_vnum(all, to, 0, v0);
		svstnt1_vnum(all, to, 1, v1);
		svstnt1_vnum(all, to, 2, v2);
		svstnt1_vnum(all, to, 3, v3);
	} else {
		svst1_vnum(all, to, 0, v0);
		svst1_vnum(all, to, 1, v1);
		svst1_vnum(all, to, 2, v2);
		svst1_vnum(all, to, 3, v3);
	}
}
