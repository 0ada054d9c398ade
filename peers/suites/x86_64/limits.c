/* SPDX-License-Identifier: Apache-2.0 */
#include "peers/suites/limits.h"

extern const struct limit_loops limit_loops_sse2, limit_loops_avx2, limit_loops_avx512;

const struct limit_loops *limit_loops_of(enum simd_width width) {
	static const struct limit_loops *const loops[SIMD_WIDTH_COUNT] = {
		[SIMD_WIDTH_128] = &limit_loops_sse2,
		[SIMD_WIDTH_256] = &limit_loops_avx2,
		[SIMD_WIDTH_512] = &limit_loops_avx512,
	};
	return loops[width];
}
