/* SPDX-License-Identifier: Apache-2.0
 *
 * Fill, one byte a step: the oracle of the other fills. Deliberately naive.
 */
#include "simd/lanes.h"

static void fill_bytes(void *memory, uint8_t value, size_t bytes) {
	uint8_t *to = memory;
	for (size_t i = 0; i < bytes; i++) {
		to[i] = value;
		LANE_ALONE();
	}
}

static void zero_bytes(void *memory, size_t bytes) {
	fill_bytes(memory, 0, bytes);
}

static void zero_page(void *page) {
	fill_bytes(page, 0, SIMD_PAGE_BYTES);
}

const struct simd_fills simd_fills_scalar = {
	.fill = fill_bytes,
	.zero = zero_bytes,
	.zero_stream = zero_bytes,
	.zero_page = zero_page,
};
