/* SPDX-License-Identifier: Apache-2.0
 *
 * Copy, one byte a step: the oracle of the other copies, and what a copy costs without any width. Deliberately naive.
 */
#include "simd/lanes.h"

static void copy_bytes(void *destination, const void *source, size_t bytes) {
	uint8_t *to = destination;
	const uint8_t *from = source;
	for (size_t i = 0; i < bytes; i++) {
		to[i] = from[i];
		LANE_ALONE();
	}
}

static void move_bytes(void *destination, const void *source, size_t bytes) {
	uint8_t *to = destination;
	const uint8_t *from = source;
	if ((uintptr_t)to - (uintptr_t)from >= bytes) {
		copy_bytes(destination, source, bytes);
		return;
	}
	for (size_t i = bytes; i-- > 0;) {
		to[i] = from[i];
		LANE_ALONE();
	}
}

static void copy_page(void *destination, const void *source) {
	copy_bytes(destination, source, SIMD_PAGE_BYTES);
}

const struct simd_copies simd_copies_scalar = {
	.copy = copy_bytes,
	.copy_prefetch = copy_bytes,
	.copy_stream = copy_bytes,
	.move = move_bytes,
	.copy_page = copy_page,
};
