/* SPDX-License-Identifier: Apache-2.0
 *
 * The fills of every fixed-width instruction set: internal, included once by each fill_<isa>.c, which first
 * defines VECTOR_BYTES, VECTOR_STREAM and VECTOR_STREAM_END as for vector_copy.h, and afterwards, with
 * FILLS_TABLE(isa), its table.
 *
 * Strategy. Stores from either end, which overlap, as many as reach. What is stored of short fills is stored of longer
 * ones too, so that a branch goes astray only on its way out, and lengths to 512 bytes, the most common ones, meet no
 * loop but in the narrowest vectors. Above, the vectors at either end alone lie where they may, across two lines or two
 * pages. Between them every aligned place is stored once: eight a step, since the fewer the turns, the sooner a
 * predictor knows the last, and of the rest no more than there is, since a CPU that stores a line a cycle gains nothing
 * by wider vectors but loses by each that is in vain.
 */
#pragma once

#include "simd/kernels.h"

#if !defined(VECTOR_BYTES) || !defined(VECTOR_STREAM) || !defined(VECTOR_STREAM_END)
#error "define VECTOR_BYTES, VECTOR_STREAM and VECTOR_STREAM_END before this header"
#endif

typedef uint8_t fill_vector __attribute__((vector_size(VECTOR_BYTES), aligned(1), may_alias));
typedef uint8_t fill_32 __attribute__((vector_size(32), aligned(1), may_alias));
typedef uint8_t fill_16 __attribute__((vector_size(16), aligned(1), may_alias));
typedef uint64_t fill_8 __attribute__((aligned(1), may_alias));
typedef uint32_t fill_4 __attribute__((aligned(1), may_alias));
typedef uint16_t fill_2 __attribute__((aligned(1), may_alias));

#define FILL_ENDS(type, to, value, bytes)                                 \
	do {                                                              \
		*(type *)(to) = (type)(value);                            \
		*(type *)((to) + (bytes) - sizeof(type)) = (type)(value); \
	} while (0)

/* bytes < VECTOR_BYTES. */
static inline void fill_below_vector(uint8_t *to, uint8_t value, size_t bytes) {
	uint64_t eight = value * UINT64_C(0x0101010101010101);
	if (VECTOR_BYTES > 32 && bytes >= 32)
		FILL_ENDS(fill_32, to, (fill_32){0} + value, bytes);
	else if (VECTOR_BYTES > 16 && bytes >= 16)
		FILL_ENDS(fill_16, to, (fill_16){0} + value, bytes);
	else if (bytes >= 8)
		FILL_ENDS(fill_8, to, eight, bytes);
	else if (bytes >= 4)
		FILL_ENDS(fill_4, to, eight, bytes);
	else if (bytes >= 2)
		FILL_ENDS(fill_2, to, eight, bytes);
	else if (bytes == 1)
		*to = value;
}

/* Streams go to aligned places. */
static inline __attribute__((always_inline)) void fill_one(fill_vector *to, fill_vector value, bool stream) {
	if (stream)
		VECTOR_STREAM(to, value);
	else
		*to = value;
}

static inline __attribute__((always_inline)) void fill_two(fill_vector *to, fill_vector value, bool stream) {
	fill_one(to, value, stream);
	fill_one(to + 1, value, stream);
}

static inline __attribute__((always_inline)) void fill_four(fill_vector *to, fill_vector value, bool stream) {
	fill_two(to, value, stream);
	fill_two(to + 2, value, stream);
}

/* bytes > 8 * VECTOR_BYTES, of which the first and the last vector are stored. */
static inline __attribute__((always_inline)) void fill_between(uint8_t *to, fill_vector value, size_t bytes,
							       bool stream) {
	size_t skip = VECTOR_BYTES - ((uintptr_t)to & (VECTOR_BYTES - 1));
	size_t left = bytes - skip - 1; /* but for what is less than a vector, to aligned places */
	for (to += skip; left >= 8 * VECTOR_BYTES; to += 8 * VECTOR_BYTES, left -= 8 * VECTOR_BYTES) {
		fill_four((fill_vector *)to, value, stream);
		fill_four((fill_vector *)to + 4, value, stream);
		/* No instruction: keeps a compiler from making a call of memset out of the loop. */
		__asm__ volatile("" ::: "memory");
	}
	if ((left & (4 * VECTOR_BYTES)) != 0) {
		fill_four((fill_vector *)to, value, stream);
		to += 4 * VECTOR_BYTES;
	}
	if ((left & (2 * VECTOR_BYTES)) != 0) {
		fill_two((fill_vector *)to, value, stream);
		to += 2 * VECTOR_BYTES;
	}
	if ((left & VECTOR_BYTES) != 0)
		fill_one((fill_vector *)to, value, stream);
	if (stream)
		VECTOR_STREAM_END();
}

/* bytes >= VECTOR_BYTES. */
static inline __attribute__((always_inline)) void fill_vectors(uint8_t *to, fill_vector value, size_t bytes,
							       bool stream) {
	fill_vector *first = (fill_vector *)to, *last = (fill_vector *)(to + bytes);
	first[0] = value;
	last[-1] = value;
	if (bytes <= 2 * VECTOR_BYTES)
		return;
	if (bytes > (VECTOR_BYTES <= 32 ? 16 : 8) * VECTOR_BYTES) {
		fill_between(to, value, bytes, stream);
		return;
	}
	first[1] = value;
	last[-2] = value;
	if (bytes <= 4 * VECTOR_BYTES)
		return;
	fill_two(first + 2, value, false);
	fill_two(last - 4, value, false);
	/* Wider ones would all lie across lines. */
	if (VECTOR_BYTES <= 32 && bytes > 8 * VECTOR_BYTES) {
		fill_four(first + 4, value, false);
		fill_four(last - 8, value, false);
	}
}

static void fill_any(void *memory, uint8_t value, size_t bytes) {
	if (bytes < VECTOR_BYTES)
		fill_below_vector(memory, value, bytes);
	else
		fill_vectors(memory, (fill_vector){0} + value, bytes, false);
}

static void fill_zero(void *memory, size_t bytes) {
	if (bytes < VECTOR_BYTES)
		fill_below_vector(memory, 0, bytes);
	else
		fill_vectors(memory, (fill_vector){0}, bytes, false);
}

static void fill_zero_stream(void *memory, size_t bytes) {
	if (bytes < VECTOR_BYTES)
		fill_below_vector(memory, 0, bytes);
	else
		fill_vectors(memory, (fill_vector){0}, bytes, true);
}

static void fill_zero_page(void *page) {
	fill_vectors(page, (fill_vector){0}, SIMD_PAGE_BYTES, false);
}

#define FILLS_TABLE(isa)                             \
	const struct simd_fills simd_fills_##isa = { \
		.fill = fill_any,                    \
		.zero = fill_zero,                   \
		.zero_stream = fill_zero_stream,     \
		.zero_page = fill_zero_page,         \
	}
