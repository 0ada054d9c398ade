/* SPDX-License-Identifier: Apache-2.0
 *
 * By pairs of exclusives, LDXR and STXR, which every CPU has.
 */
#include "bench/aarch64/line_loops_lse.h"
#include "bench/line_loops_body.h"

static const struct line_loops loops = LINE_LOOPS;

const struct line_loops *line_loops_choose(simd_features features) {
	return simd_has(features, SIMD_ARM_LSE) ? &line_loops_lse : &loops;
}
