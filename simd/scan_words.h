/* SPDX-License-Identifier: Apache-2.0
 *
 * Scans of a few bytes by overlapping words, in the order of the bytes: internal, for simd/vector_scan.h, where there
 * is less than a vector.
 */
#pragma once

#include "simd/kernels.h"

typedef uint64_t scan_8 __attribute__((aligned(1), may_alias));
typedef uint32_t scan_4 __attribute__((aligned(1), may_alias));

static inline uint64_t scan_load_8(const uint8_t *bytes) {
	return *(const scan_8 *)bytes;
}

static inline uint64_t scan_load_4(const uint8_t *bytes) {
	return *(const scan_4 *)bytes;
}

static inline int scan_order(uint64_t a, uint64_t b) {
	uint64_t x = __builtin_bswap64(a), y = __builtin_bswap64(b);
	return x < y ? -1 : x > y;
}

/* One to three bytes: the first, the middle and the last, which may be one. */
static inline uint64_t scan_load_below_4(const uint8_t *at, size_t bytes) {
	return at[0] | (uint64_t)at[bytes / 2] << 8 | (uint64_t)at[bytes - 1] << 16;
}

static inline int compare_words(const uint8_t *a, const uint8_t *b, size_t bytes) {
	if (bytes >= 8) {
		for (size_t i = 0; i + 8 < bytes; i += 8)
			if (scan_load_8(a + i) != scan_load_8(b + i))
				return scan_order(scan_load_8(a + i), scan_load_8(b + i));
		return scan_order(scan_load_8(a + bytes - 8), scan_load_8(b + bytes - 8));
	}
	if (bytes >= 4) {
		size_t last = bytes - 4;
		return scan_order(scan_load_4(a) | scan_load_4(a + last) << 8 * last,
				  scan_load_4(b) | scan_load_4(b + last) << 8 * last);
	}
	return bytes != 0 ? scan_order(scan_load_below_4(a, bytes), scan_load_below_4(b, bytes)) : 0;
}

/* Bit 7 of each byte that is 0; above the first one also of others. */
static inline uint64_t scan_zero_bytes(uint64_t x) {
	return (x - UINT64_C(0x0101010101010101)) & ~x & UINT64_C(0x8080808080808080);
}

static inline size_t find_words(const uint8_t *memory, uint8_t value, size_t bytes) {
	uint64_t eight = value * UINT64_C(0x0101010101010101), found;
	size_t i = 0;
	for (; bytes - i >= 8; i += 8)
		if ((found = scan_zero_bytes(scan_load_8(memory + i) ^ eight)) != 0)
			return i + (size_t)__builtin_ctzll(found) / 8;
	if (bytes >= 8) {
		found = scan_zero_bytes(scan_load_8(memory + bytes - 8) ^ eight);
		return found != 0 ? bytes - 8 + (size_t)__builtin_ctzll(found) / 8 : bytes;
	}
	while (i < bytes && memory[i] != value)
		i++;
	return i;
}
