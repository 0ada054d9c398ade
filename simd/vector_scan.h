/* SPDX-License-Identifier: Apache-2.0
 *
 * The scans of every fixed-width instruction set: internal, included once by each scan_<isa>.c, which first defines
 *   VECTOR_BYTES
 *   SCAN_MASK_BITS     bits a byte in a mask of a vector's bytes, the first byte's lowest
 *   SCAN_MASK_ALL      the mask of all bytes
 *   scan_vector        VECTOR_BYTES of bytes at any address
 *   scan_alike(x, y)   the mask of bytes that are alike
 *   scan_any(bits)     whether a bit is set
 *   scan_find(x, y), scan_either(f, g), scan_found(f)
 *                      what tells bytes that are alike, of a vector or of several, in a vector; and whether there are
 *                      some
 *   compare_below_vector, find_below_vector  of less than a vector: simd/scan_words.h's, or functions
 * and afterwards, with SCANS_TABLE(isa), its table.
 *
 * Strategy. The first vector where it lies. Up to eight of them, as many from either end, asked once. Above, from the
 * next aligned place on, which the first vector overlaps, eight a step, asked once a step, so that loading is what
 * takes the time; the last four end at the last byte. A load that lies across cache lines costs two: a comparison can
 * spare its first operand's alone. Where a question is answered yes, single vectors find the place.
 *
 * Pointers, not an index: an instruction of three operands that loads one from an indexed address is two to Intel's
 * cores (optimization manual, micro-fusion).
 */
#pragma once

#include "simd/kernels.h"
#include "simd/scan_words.h"

#if !defined(VECTOR_BYTES) || !defined(SCAN_MASK_BITS) || !defined(SCAN_MASK_ALL)
#error "define VECTOR_BYTES, SCAN_MASK_BITS and SCAN_MASK_ALL before this header"
#endif

typedef uint8_t scan_aligned __attribute__((vector_size(VECTOR_BYTES), may_alias));

enum { SCAN_STEP = 8 * VECTOR_BYTES };

static inline const scan_vector *scan_at(const uint8_t *bytes) {
	return (const scan_vector *)bytes;
}

/* How far the next aligned place is: 1 to VECTOR_BYTES. */
static inline size_t scan_to_aligned(const uint8_t *at) {
	return VECTOR_BYTES - ((uintptr_t)at & (VECTOR_BYTES - 1));
}

/* ---- compare ----------------------------------------------------------------------------------------------------- */

/* 0 where the vectors at a and b are alike. */
static inline int compare_vector(const uint8_t *a, const uint8_t *b) {
	uint64_t alike = scan_alike(*scan_at(a), *scan_at(b));
	if (alike == SCAN_MASK_ALL)
		return 0;
	size_t first = (size_t)__builtin_ctzll(~alike) / SCAN_MASK_BITS;
	return a[first] < b[first] ? -1 : 1;
}

/* bytes >= VECTOR_BYTES. Not inlined, nor is find_in_vectors: the loops that ask for it would be
 * allocated other registers. */
static __attribute__((noinline)) int compare_vectors(const uint8_t *a, const uint8_t *b, size_t bytes) {
	size_t last = bytes - VECTOR_BYTES;
	for (size_t at = 0; at < last; at += VECTOR_BYTES) {
		int order = compare_vector(a + at, b + at);
		if (order != 0)
			return order;
	}
	return compare_vector(a + last, b + last);
}

/* Bits are set where two vectors, or four, differ. */
static inline scan_vector differ_2(const uint8_t *a, const uint8_t *b) {
	const scan_vector *x = scan_at(a), *y = scan_at(b);
	return (x[0] ^ y[0]) | (x[1] ^ y[1]);
}

static inline scan_vector differ_4(const uint8_t *a, const uint8_t *b) {
	return differ_2(a, b) | differ_2(a + 2 * VECTOR_BYTES, b + 2 * VECTOR_BYTES);
}

/* Eight. a is aligned. */
static inline scan_vector differ_step(const uint8_t *a, const uint8_t *b) {
	const scan_aligned *x = (const scan_aligned *)a;
	const scan_vector *y = scan_at(b);
	return (((x[0] ^ y[0]) | (x[1] ^ y[1])) | ((x[2] ^ y[2]) | (x[3] ^ y[3]))) |
	       (((x[4] ^ y[4]) | (x[5] ^ y[5])) | ((x[6] ^ y[6]) | (x[7] ^ y[7])));
}

/* 2 * VECTOR_BYTES < bytes <= SCAN_STEP; the first vectors are alike. */
static inline int compare_few(const uint8_t *a, const uint8_t *b, size_t bytes) {
	scan_vector differ = scan_at(a)[1] ^ scan_at(b)[1];
	if (bytes > 4 * VECTOR_BYTES) {
		size_t last = bytes - 4 * VECTOR_BYTES;
		differ |= differ_2(a + 2 * VECTOR_BYTES, b + 2 * VECTOR_BYTES) | differ_4(a + last, b + last);
	} else {
		size_t last = bytes - 2 * VECTOR_BYTES;
		differ |= differ_2(a + last, b + last);
	}
	return scan_any(differ) ? compare_vectors(a, b, bytes) : 0;
}

/* bytes > SCAN_STEP; the first vectors are alike. */
static inline int compare_many(const uint8_t *a, const uint8_t *b, size_t bytes) {
	const uint8_t *last_a = a + bytes - SCAN_STEP, *last_b = b + bytes - SCAN_STEP;
	size_t skip = scan_to_aligned(a);
	for (a += skip, b += skip; a < last_a; a += SCAN_STEP, b += SCAN_STEP)
		if (scan_any(differ_step(a, b)))
			return compare_vectors(a, b, SCAN_STEP);
	scan_vector differ = differ_4(last_a + SCAN_STEP / 2, last_b + SCAN_STEP / 2);
	if (a < last_a + SCAN_STEP / 2)
		differ |= differ_4(a, b);
	return scan_any(differ) ? compare_vectors(last_a, last_b, SCAN_STEP) : 0;
}

static int scan_compare(const void *left, const void *right, size_t bytes) {
	const uint8_t *a = left, *b = right;
	if (bytes < VECTOR_BYTES)
		return compare_below_vector(a, b, bytes);
	int order = compare_vector(a, b);
	if (order != 0)
		return order;
	if (bytes <= 2 * VECTOR_BYTES)
		return compare_vector(a + bytes - VECTOR_BYTES, b + bytes - VECTOR_BYTES);
	return bytes <= SCAN_STEP ? compare_few(a, b, bytes) : compare_many(a, b, bytes);
}

/* ---- find -------------------------------------------------------------------------------------------------------- */

static inline scan_vector find_2(const uint8_t *at, scan_vector wanted) {
	const scan_vector *x = scan_at(at);
	return scan_either(scan_find(x[0], wanted), scan_find(x[1], wanted));
}

static inline scan_vector find_4(const uint8_t *at, scan_vector wanted) {
	return scan_either(find_2(at, wanted), find_2(at + 2 * VECTOR_BYTES, wanted));
}

/* Eight vectors; `at` is aligned. */
static inline scan_vector find_step(const uint8_t *at, scan_vector wanted) {
	const scan_aligned *x = (const scan_aligned *)at;
	scan_vector found_0 = scan_either(scan_find(x[0], wanted), scan_find(x[1], wanted));
	scan_vector found_1 = scan_either(scan_find(x[2], wanted), scan_find(x[3], wanted));
	scan_vector found_2 = scan_either(scan_find(x[4], wanted), scan_find(x[5], wanted));
	scan_vector found_3 = scan_either(scan_find(x[6], wanted), scan_find(x[7], wanted));
	return scan_either(scan_either(found_0, found_1), scan_either(found_2, found_3));
}

static inline scan_vector find_wanted(uint8_t value) {
	return (scan_vector){0} + value;
}

/* From byte `at` on; bytes - at >= VECTOR_BYTES. */
static __attribute__((noinline)) size_t find_in_vectors(const uint8_t *memory, uint8_t value, size_t bytes, size_t at) {
	const scan_vector wanted = find_wanted(value);
	size_t last = bytes - VECTOR_BYTES;
	for (;; at = last - at > VECTOR_BYTES ? at + VECTOR_BYTES : last) {
		uint64_t found = scan_alike(*scan_at(memory + at), wanted);
		if (found != 0)
			return at + (size_t)__builtin_ctzll(found) / SCAN_MASK_BITS;
		if (at == last)
			return bytes;
	}
}

/* 2 * VECTOR_BYTES < bytes <= SCAN_STEP; it is not in the first vector. */
static inline size_t find_in_few(const uint8_t *memory, uint8_t value, size_t bytes) {
	const scan_vector wanted = find_wanted(value);
	const uint8_t *end = memory + bytes;
	scan_vector found = scan_find(scan_at(memory)[1], wanted);
	if (bytes > 4 * VECTOR_BYTES)
		found = scan_either(scan_either(found, find_2(memory + 2 * VECTOR_BYTES, wanted)),
				    find_4(end - 4 * VECTOR_BYTES, wanted));
	else
		found = scan_either(found, find_2(end - 2 * VECTOR_BYTES, wanted));
	return scan_found(found) ? find_in_vectors(memory, value, bytes, 0) : bytes;
}

/* bytes > SCAN_STEP; it is not in the first vector. */
static inline size_t find_in_many(const uint8_t *memory, uint8_t value, size_t bytes) {
	const scan_vector wanted = find_wanted(value);
	const uint8_t *last = memory + bytes - SCAN_STEP, *at = memory + scan_to_aligned(memory);
	for (; at < last; at += SCAN_STEP)
		if (scan_found(find_step(at, wanted)))
			return find_in_vectors(memory, value, bytes, (size_t)(at - memory));
	scan_vector found = find_4(last + SCAN_STEP / 2, wanted);
	if (at < last + SCAN_STEP / 2)
		found = scan_either(found, find_4(at, wanted));
	return scan_found(found) ? find_in_vectors(memory, value, bytes, bytes - SCAN_STEP) : bytes;
}

static size_t scan_find_byte(const void *memory, uint8_t value, size_t bytes) {
	const uint8_t *at = memory;
	if (bytes < VECTOR_BYTES)
		return find_below_vector(at, value, bytes);
	uint64_t found = scan_alike(*scan_at(at), find_wanted(value));
	if (found != 0)
		return (size_t)__builtin_ctzll(found) / SCAN_MASK_BITS;
	if (bytes > 2 * VECTOR_BYTES)
		return bytes <= SCAN_STEP ? find_in_few(at, value, bytes) : find_in_many(at, value, bytes);
	size_t last = bytes - VECTOR_BYTES;
	found = scan_alike(*scan_at(at + last), find_wanted(value));
	return found != 0 ? last + (size_t)__builtin_ctzll(found) / SCAN_MASK_BITS : bytes;
}

/* ---- pages ------------------------------------------------------------------------------------------------------- */

static bool scan_is_zero_page(const void *page) {
	const scan_aligned *x = page, *end = x + SIMD_PAGE_BYTES / VECTOR_BYTES;
	for (; x < end; x += 16) {
		scan_vector any_0 = ((x[0] | x[1]) | (x[2] | x[3])) | ((x[4] | x[5]) | (x[6] | x[7]));
		scan_vector any_1 = ((x[8] | x[9]) | (x[10] | x[11])) | ((x[12] | x[13]) | (x[14] | x[15]));
		if (scan_any(any_0 | any_1))
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
