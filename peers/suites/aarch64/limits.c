/* SPDX-License-Identifier: Apache-2.0
 *
 * Wider SVE registers have no loops of their own.
 */
#include "peers/suites/limits.h"

extern const struct limit_loops limit_loops_neon;

const struct limit_loops *limit_loops_of(enum simd_width width) {
	return width == SIMD_WIDTH_128 ? &limit_loops_neon : NULL;
}
