/* SPDX-License-Identifier: Apache-2.0
 *
 * Cores with AVX2 and the SHA extensions are AMD's from Zen on, and Intel's from Ice Lake and Gracemont on; those with
 * AVX512BW are Intel's from Skylake's servers on, and AMD's from Zen 4 on. All have four units for integer additions or
 * more: Intel's Optimization Reference Manual, chapter 2; AMD's Software Optimization Guides for Family 17h, 19h and
 * 1Ah, "Integer Execution Unit". Older ones with AVX2 alone have two in places (Family 15h, Knights Landing).
 */
#include "bench/room_alone.h"

#include "bench/suites/room_loops.h"

enum { UNITS_LEAST = 4 };

double room_ratio_alone(simd_features features) {
	bool is_modern = simd_has(features, SIMD_X86_AVX2) && simd_has(features, SIMD_X86_SHA);
	return is_modern || simd_has(features, SIMD_X86_AVX512BW) ? (double)ROOM_CHAINS / UNITS_LEAST : 0;
}
