/* SPDX-License-Identifier: Apache-2.0
 *
 * The scans of every fixed-width instruction set: internal, included once by each scan_<isa>.c, which first defines
 *   VECTOR_BYTES
 *   SCAN_MASK_BITS    bits a byte in a mask of a vector's bytes
 *   scan_set(vector)  the mask of bytes whose top bit is set, where each byte is 0 or 0xff; the first byte lowest
 *   scan_any(vector)  whether a bit is set
 * and afterwards, with SCANS_TABLE(isa), its table.
 *
 * Strategy. Four or eight vectors a step, asked once a step; where the answer is in it, and for the rest, one vector a
 * step, the last of which ends at the last byte. Below one vector: overlapping words, in the order of their bytes.
 */
#pragma once

#include "simd/kernels.h"

#if !defined(VECTOR_BYTES) || !defined(SCAN_MASK_BITS)
#error "define VECTOR_BYTES and SCAN_MASK_BITS before this header"
#endif

typedef uint64_t scan_8 __attribute__((aligned(1), may_alias));
typedef uint32_t scan_4 __attribute__((aligned(1), may_alias));

enum { SCAN_STEP = 4 * VECTOR_BYTES };

static inline uint64_t scan_load_8(const uint8_t *bytes) {
	return *(const scan_8 *)bytes;
}

static inline uint64_t scan_load_4(const uint8_t *bytes) {
	return *(const scan_4 *)bytes;
}

/* ---- compare ----------------------------------------------------------------------------------------------------- */

static inline int scan_order(uint64_t a, uint64_t b) {
	uint64_t x = __builtin_bswap64(a), y = __builtin_bswap64(b);
	return x < y ? -1 : x > y;
}

/* bytes < VECTOR_BYTES. */
static inline int compare_below_vector(const uint8_t *a, const uint8_t *b, size_t bytes) {
	if (bytes < 8) {
		if (bytes >= 4) {
			size_t last = bytes - 4;
			return scan_order(scan_load_4(a) | scan_load_4(a + last) << 8 * last,
					  scan_load_4(b) | scan_load_4(b + last) << 8 * last);
		}
		for (size_t i = 0; i < bytes; i++)
			if (a[i] != b[i])
				return a[i] < b[i] ? -1 : 1;
		return 0;
	}
	for (size_t i = 0; i + 8 < bytes; i += 8)
		if (scan_load_8(a + i) != scan_load_8(b + i))
			return scan_order(scan_load_8(a + i), scan_load_8(b + i));
	return scan_order(scan_load_8(a + bytes - 8), scan_load_8(b + bytes - 8));
}

static inline const scan_vector *scan_at(const uint8_t *bytes) {
	return (const scan_vector *)bytes;
}

/* 0 where the vectors at a and b are alike. */
static inline int compare_vector(const uint8_t *a, const uint8_t *b) {
	uint64_t differ = scan_set((scan_vector)(*scan_at(a) != *scan_at(b)));
	if (differ == 0)
		return 0;
	size_t first = (size_t)__builtin_ctzll(differ) / SCAN_MASK_BITS;
	return a[first] < b[first] ? -1 : 1;
}

static int scan_compare(const void *left, const void *right, size_t bytes) {
	const uint8_t *a = left, *b = right;
	if (bytes < VECTOR_BYTES)
		return compare_below_vector(a, b, bytes);
	const uint8_t *end = a + bytes;
	for (; (size_t)(end - a) >= SCAN_STEP; a += SCAN_STEP, b += SCAN_STEP) {
		const scan_vector *x = scan_at(a), *y = scan_at(b);
		if (scan_any(((x[0] ^ y[0]) | (x[1] ^ y[1])) | ((x[2] ^ y[2]) | (x[3] ^ y[3]))))
			break;
	}
	for (; (size_t)(end - a) >= VECTOR_BYTES; a += VECTOR_BYTES, b += VECTOR_BYTES) {
		int order = compare_vector(a, b);
		if (order != 0)
			return order;
	}
	if (a == end)
		return 0;
	size_t back = VECTOR_BYTES - (size_t)(end - a);
	return compare_vector(a - back, b - back);
}

/* ---- find -------------------------------------------------------------------------------------------------------- */

/* Bit 7 of each byte that is 0; above the first one also of others. */
static inline uint64_t scan_zero_bytes(uint64_t x) {
	return (x - UINT64_C(0x0101010101010101)) & ~x & UINT64_C(0x8080808080808080);
}

/* bytes < VECTOR_BYTES. */
static inline size_t find_below_vector(const uint8_t *memory, uint8_t value, size_t bytes) {
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

static inline uint64_t find_in_vector(const uint8_t *memory, scan_vector value) {
	return scan_set((scan_vector)(*scan_at(memory) == value));
}

static size_t scan_find_byte(const void *memory, uint8_t value, size_t bytes) {
	const uint8_t *begin = memory, *at = memory, *end = at + bytes;
	if (bytes < VECTOR_BYTES)
		return find_below_vector(at, value, bytes);
	scan_vector wanted = (scan_vector){0} + value;
	for (; (size_t)(end - at) >= 2 * SCAN_STEP; at += 2 * SCAN_STEP) {
		const scan_vector *x = scan_at(at);
		scan_vector found_0 = (scan_vector)((x[0] == wanted) | (x[1] == wanted));
		scan_vector found_1 = (scan_vector)((x[2] == wanted) | (x[3] == wanted));
		scan_vector found_2 = (scan_vector)((x[4] == wanted) | (x[5] == wanted));
		scan_vector found_3 = (scan_vector)((x[6] == wanted) | (x[7] == wanted));
		if (scan_any((found_0 | found_1) | (found_2 | found_3)))
			break;
	}
	uint64_t found;
	for (; (size_t)(end - at) >= VECTOR_BYTES; at += VECTOR_BYTES)
		if ((found = find_in_vector(at, wanted)) != 0)
			return (size_t)(at - begin) + (size_t)__builtin_ctzll(found) / SCAN_MASK_BITS;
	if (at == end)
		return bytes;
	found = find_in_vector(end - VECTOR_BYTES, wanted);
	return found != 0 ? bytes - VECTOR_BYTES + (size_t)__builtin_ctzll(found) / SCAN_MASK_BITS : bytes;
}

/* Eight vectors a step, so that asking does not cost what loading does. */
static bool scan_is_zero_page(const void *page) {
	const uint8_t *at = page, *end = at + SIMD_PAGE_BYTES;
	for (; at < end; at += 2 * SCAN_STEP) {
		const scan_vector *x = scan_at(at);
		if (scan_any(((x[0] | x[1]) | (x[2] | x[3])) | ((x[4] | x[5]) | (x[6] | x[7]))))
			return false;
	}
	return true;
}

#define SCANS_TABLE(isa)                             \
	const struct simd_scans simd_scans_##isa = { \
		.compare = scan_compare,             \
		.find_byte = scan_find_byte,         \
		.is_zero_page = scan_is_zero_page,   \
	}
