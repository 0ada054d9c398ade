/* SPDX-License-Identifier: Apache-2.0
 *
 * Compare, find byte, is-zero-page, one byte a step: the oracle of the other scans. Deliberately naive.
 */
#include "simd/lanes.h"

static int compare_bytes(const void *a, const void *b, size_t bytes) {
	const uint8_t *x = a, *y = b;
	for (size_t i = 0; i < bytes; i++) {
		if (x[i] != y[i])
			return x[i] < y[i] ? -1 : 1;
		LANE_ALONE();
	}
	return 0;
}

static size_t find_byte(const void *memory, uint8_t value, size_t bytes) {
	const uint8_t *byte = memory;
	size_t i = 0;
	while (i < bytes && byte[i] != value) {
		LANE_ALONE();
		i++;
	}
	return i;
}

static bool is_zero_page(const void *page) {
	const uint8_t *byte = page;
	size_t i = 0;
	while (i < SIMD_PAGE_BYTES && byte[i] == 0) {
		LANE_ALONE();
		i++;
	}
	return i == SIMD_PAGE_BYTES;
}

const struct simd_scans simd_scans_scalar = {
	.compare = compare_bytes,
	.find_byte = find_byte,
	.is_zero_page = is_zero_page,
};
