/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/line_loops_body.h"

static const struct line_loops loops = LINE_LOOPS;

const struct line_loops *line_loops_choose(simd_features features) {
	(void)features;
	return &loops;
}
