/* SPDX-License-Identifier: Apache-2.0
 *
 * Loops that only load or only store, for what a machine's memory allows: C has no way to load and not compute, and a
 * compiler may make a call of a loop of stores.
 */
#pragma once

#include "simd/simd.h"

#include <stdint.h>

enum { REFERENCE_BLOCK_BYTES = 64 };

/* Over `blocks` blocks of memory, `passes` times, both at least 1; stores are of zeroes. Memory is
 * aligned to a block. */
typedef void reference_loop(void *memory, uint64_t blocks, uint64_t passes);

/* By width of register; NULL: this architecture has no loop of it. The one of 128 bit runs on every CPU. */
extern reference_loop *const reference_loads[SIMD_WIDTH_COUNT];
extern reference_loop *const reference_stores[SIMD_WIDTH_COUNT];

/* Of the widest registers that this CPU has. */
static inline reference_loop *reference_widest(reference_loop *const loops[SIMD_WIDTH_COUNT],
					       const struct simd_kernels *kernels) {
	reference_loop *loop = loops[SIMD_WIDTH_128];
	for (int width = SIMD_WIDTH_128; width < SIMD_WIDTH_COUNT; width++)
		if (kernels->width[SIMD_FAMILY_COPIES][width] != NULL && loops[width] != NULL)
			loop = loops[width];
	return loop;
}
