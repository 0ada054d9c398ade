/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls on as few bytes as two registers hold, answered on the spot: the C library takes as long to find out that they
 * are that few. Each loads all that it stores before it stores the first, so that areas may overlap, and touches no
 * byte beyond them. Words are little-endian, on both architectures.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { FEW_BYTES = 16 };

typedef uint64_t few_8 __attribute__((aligned(1), may_alias));
typedef uint32_t few_4 __attribute__((aligned(1), may_alias));

static inline void few_move(void *to, const void *from, size_t length) {
	unsigned char *into = to;
	const unsigned char *out_of = from;
	if (length >= 8) {
		uint64_t first = *(const few_8 *)out_of, last = *(const few_8 *)(out_of + length - 8);
		*(few_8 *)into = first;
		*(few_8 *)(into + length - 8) = last;
	} else if (length >= 4) {
		uint32_t first = *(const few_4 *)out_of, last = *(const few_4 *)(out_of + length - 4);
		*(few_4 *)into = first;
		*(few_4 *)(into + length - 4) = last;
	} else if (length > 0) {
		unsigned char first = out_of[0], middle = out_of[length / 2], last = out_of[length - 1];
		into[0] = first;
		into[length / 2] = middle;
		into[length - 1] = last;
	}
}

static inline void few_set(void *to, int byte, size_t length) {
	unsigned char *into = to;
	uint64_t bytes = (unsigned char)byte * UINT64_C(0x0101010101010101);
	if (length >= 8) {
		*(few_8 *)into = bytes;
		*(few_8 *)(into + length - 8) = bytes;
	} else if (length >= 4) {
		*(few_4 *)into = (uint32_t)bytes;
		*(few_4 *)(into + length - 4) = (uint32_t)bytes;
	} else if (length > 0) {
		into[0] = into[length / 2] = into[length - 1] = (unsigned char)byte;
	}
}

static inline int few_difference(uint64_t a, uint64_t b) {
	if (a == b)
		return 0;
	unsigned first = (unsigned)__builtin_ctzll(a ^ b) / 8 * 8;
	return (int)(a >> first & 0xff) - (int)(b >> first & 0xff);
}

/* In their order, some of them twice. */
static inline uint64_t few_load_4_to_7(const unsigned char *bytes, size_t length) {
	uint64_t first = *(const few_4 *)bytes, last = *(const few_4 *)(bytes + length - 4);
	return first | last << 32;
}

static inline uint64_t few_load_1_to_3(const unsigned char *bytes, size_t length) {
	return bytes[0] | (uint64_t)bytes[length / 2] << 8 | (uint64_t)bytes[length - 1] << 16;
}

/* The difference of the first two that differ, which most C libraries answer. */
static inline int few_compare(const void *a, const void *b, size_t length) {
	const unsigned char *left = a, *right = b;
	if (length >= 8) {
		uint64_t first = *(const few_8 *)left, others = *(const few_8 *)right;
		if (first != others)
			return few_difference(first, others);
		return few_difference(*(const few_8 *)(left + length - 8), *(const few_8 *)(right + length - 8));
	}
	if (length >= 4)
		return few_difference(few_load_4_to_7(left, length), few_load_4_to_7(right, length));
	return length ? few_difference(few_load_1_to_3(left, length), few_load_1_to_3(right, length)) : 0;
}
