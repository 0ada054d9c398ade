/* SPDX-License-Identifier: Apache-2.0
 *
 * The copies of every fixed-width instruction set: internal, included once by each copy_<isa>.c, which first defines
 *   VECTOR_BYTES
 *   VECTOR_STREAM(pointer, vector)  a store to an aligned pointer, past the caches
 *   VECTOR_STREAM_END()             orders those stores
 *   VECTOR_BY_PAIRS                 1 where single instructions load and store two neighbours, 0
 * and afterwards, with COPIES_TABLE(isa, its copy), its table: copy_move, or what takes its place.
 *
 * Strategy. Up to eight vectors: two overlapping accesses of the largest size that fits, or twice as many from either
 * end; all loads before all stores, so that the areas may overlap. Above: four vectors a step to aligned places in the
 * destination (a store across a cache line costs two, a load less), the ends, which may overlap the steps, loaded
 * before the first store. Each vector is stored before the next is loaded, where no pairs are to be had: cores that
 * take a load and a store a cycle, or two of each, find them side by side.
 *
 * Direction. A load that follows a store to an address alike modulo 4 KiB is taken to depend on it until the whole
 * addresses are compared (Intel optimization manual, 3.6.8.2; AMD software optimization guide, 2.12.1): upwards that
 * happens where the destination lies shortly past the source modulo 4 KiB, downwards where it lies shortly before. So
 * the copy goes whichever way the stores leave the loads behind, where overlap leaves a choice; not so where the
 * destination lies more than half of the copy past, and few loads have a store alike before them. Areas that no
 * first-level cache holds are copied upwards, which hardware prefetches better (Zen 5: half as fast again), but where
 * the destination lies so shortly past that every load waits.
 *
 * Vectors are the compiler's own vector types rather than <immintrin.h>: one text for all widths, and no header of a C
 * library behind it. Everything is static: objects of different instruction sets must share no function.
 */
#pragma once

#include "simd/kernels.h"

#if !defined(VECTOR_BYTES) || !defined(VECTOR_STREAM) || !defined(VECTOR_STREAM_END) || !defined(VECTOR_BY_PAIRS)
#error "define VECTOR_BYTES, VECTOR_STREAM, VECTOR_STREAM_END and VECTOR_BY_PAIRS before this header"
#endif

typedef uint8_t copy_vector __attribute__((vector_size(VECTOR_BYTES), aligned(1), may_alias));
typedef uint8_t copy_32 __attribute__((vector_size(32), aligned(1), may_alias));
typedef uint8_t copy_16 __attribute__((vector_size(16), aligned(1), may_alias));
typedef uint64_t copy_8 __attribute__((aligned(1), may_alias));
typedef uint32_t copy_4 __attribute__((aligned(1), may_alias));
typedef uint16_t copy_2 __attribute__((aligned(1), may_alias));

enum {
	COPY_STEP = 4 * VECTOR_BYTES,
	COPY_ALIAS_BYTES = 4096,
	COPY_BEHIND_BYTES = 2048,    /* what a store queue may hold */
	COPY_BEHIND_FAR_BYTES = 256, /* the same of larger copies than this: */
	COPY_NEAR_BYTES = 16384,     /* two areas of them fit into any first-level cache */
	COPY_PREFETCH_AHEAD = 512,
	COPY_CACHE_LINE = 64,
};

/* The first and the last bytes, which may overlap: covers sizeof(type) to 2 * sizeof(type) bytes. */
#define COPY_ENDS(type, to, from, bytes)                                      \
	do {                                                                  \
		type head = *(const type *)(from);                            \
		type tail = *(const type *)((from) + (bytes) - sizeof(type)); \
		*(type *)(to) = head;                                         \
		*(type *)((to) + (bytes) - sizeof(type)) = tail;              \
	} while (0)

/* bytes < VECTOR_BYTES. */
static inline void copy_below_vector(uint8_t *to, const uint8_t *from, size_t bytes) {
	if (VECTOR_BYTES > 32 && bytes >= 32)
		COPY_ENDS(copy_32, to, from, bytes);
	else if (VECTOR_BYTES > 16 && bytes >= 16)
		COPY_ENDS(copy_16, to, from, bytes);
	else if (bytes >= 8)
		COPY_ENDS(copy_8, to, from, bytes);
	else if (bytes >= 4)
		COPY_ENDS(copy_4, to, from, bytes);
	else if (bytes >= 2)
		COPY_ENDS(copy_2, to, from, bytes);
	else if (bytes == 1)
		*to = *from;
}

/* VECTOR_BYTES <= bytes <= 8 * VECTOR_BYTES. */
static inline void copy_few_vectors(uint8_t *to, const uint8_t *from, size_t bytes) {
	const copy_vector *first = (const copy_vector *)from, *last = (const copy_vector *)(from + bytes);
	copy_vector *to_first = (copy_vector *)to, *to_last = (copy_vector *)(to + bytes);
	copy_vector a0 = first[0], z0 = last[-1];
	if (bytes > 2 * VECTOR_BYTES) {
		copy_vector a1 = first[1], z1 = last[-2];
		if (bytes > 4 * VECTOR_BYTES) {
			copy_vector a2 = first[2], a3 = first[3], z2 = last[-3], z3 = last[-4];
			to_first[2] = a2;
			to_first[3] = a3;
			to_last[-3] = z2;
			to_last[-4] = z3;
		}
		to_first[1] = a1;
		to_last[-2] = z1;
	}
	to_first[0] = a0;
	to_last[-1] = z0;
}

/* The vectors first, first + next, up to the fourth. */
static inline __attribute__((always_inline)) void copy_four(copy_vector *to, const copy_vector *from, int first,
							    int next) {
	if (VECTOR_BY_PAIRS) {
		copy_vector v0 = from[first], v1 = from[first + next];
		copy_vector v2 = from[first + 2 * next], v3 = from[first + 3 * next];
		to[first] = v0;
		to[first + next] = v1;
		to[first + 2 * next] = v2;
		to[first + 3 * next] = v3;
	} else {
		to[first] = from[first];
		to[first + next] = from[first + next];
		to[first + 2 * next] = from[first + 2 * next];
		to[first + 3 * next] = from[first + 3 * next];
	}
}

/* bytes > 4 * VECTOR_BYTES; `to` not within the source behind its start. */
static inline void copy_upwards(uint8_t *to, const uint8_t *from, size_t bytes) {
	const copy_vector *last = (const copy_vector *)(from + bytes);
	copy_vector *to_last = (copy_vector *)(to + bytes), *to_first = (copy_vector *)to;
	copy_vector head = *(const copy_vector *)from;
	copy_vector z0 = last[-1], z1 = last[-2], z2 = last[-3], z3 = last[-4];
	size_t skip = VECTOR_BYTES - ((uintptr_t)to & (VECTOR_BYTES - 1));
	for (from += skip, to += skip; to < (uint8_t *)(to_last - 4); from += COPY_STEP, to += COPY_STEP)
		copy_four((copy_vector *)to, (const copy_vector *)from, 0, 1);
	to_last[-4] = z3;
	to_last[-3] = z2;
	to_last[-2] = z1;
	to_last[-1] = z0;
	*to_first = head;
}

/* bytes > 4 * VECTOR_BYTES; the end of `to` not within the source before its end. */
static inline void copy_downwards(uint8_t *to, const uint8_t *from, size_t bytes) {
	const copy_vector *first = (const copy_vector *)from;
	copy_vector *to_first = (copy_vector *)to;
	uint8_t *end = to + bytes;
	const uint8_t *source_end = from + bytes;
	copy_vector tail = ((const copy_vector *)source_end)[-1];
	copy_vector a0 = first[0], a1 = first[1], a2 = first[2], a3 = first[3];
	size_t skip = (uintptr_t)end & (VECTOR_BYTES - 1);
	copy_vector *to_tail = (copy_vector *)end - 1;
	skip = skip != 0 ? skip : VECTOR_BYTES;
	for (end -= skip, source_end -= skip; end > (uint8_t *)(to_first + 4);
	     end -= COPY_STEP, source_end -= COPY_STEP)
		copy_four((copy_vector *)end, (const copy_vector *)source_end, -1, -1);
	to_first[3] = a3;
	to_first[2] = a2;
	to_first[1] = a1;
	to_first[0] = a0;
	*to_tail = tail;
}

static inline bool copy_goes_down(const uint8_t *to, const uint8_t *from, size_t bytes) {
	uintptr_t past = (uintptr_t)to - (uintptr_t)from;
	if (past < bytes)
		return true;
	if (-past < bytes)
		return false;
	size_t behind = bytes > COPY_NEAR_BYTES ? COPY_BEHIND_FAR_BYTES : COPY_BEHIND_BYTES;
	size_t most = bytes / 2 < behind ? bytes / 2 : behind;
	return (past & (COPY_ALIAS_BYTES - 1)) - 1 < most - 1;
}

static void copy_move(void *destination, const void *source, size_t bytes) {
	uint8_t *to = destination;
	const uint8_t *from = source;
	if (bytes < VECTOR_BYTES)
		copy_below_vector(to, from, bytes);
	else if (bytes <= 8 * VECTOR_BYTES)
		copy_few_vectors(to, from, bytes);
	else if (copy_goes_down(to, from, bytes))
		copy_downwards(to, from, bytes);
	else
		copy_upwards(to, from, bytes);
}

/* Upwards with the source prefetched and stores of either kind; no overlap. */
static inline __attribute__((always_inline)) void copy_plain(void *destination, const void *source, size_t bytes,
							     bool stream) {
	uint8_t *to = destination;
	const uint8_t *from = source;
	if (bytes <= 8 * VECTOR_BYTES) {
		copy_move(destination, source, bytes);
		return;
	}
	size_t skip = -(uintptr_t)to & (VECTOR_BYTES - 1);
	*(copy_vector *)to = *(const copy_vector *)from;
	size_t done = skip;
	for (; bytes - done >= COPY_STEP; done += COPY_STEP) {
		const copy_vector *loads = (const copy_vector *)(from + done);
		copy_vector *stores = (copy_vector *)(to + done);
		for (size_t line = 0; line < COPY_STEP; line += COPY_CACHE_LINE)
			__builtin_prefetch(from + done + COPY_PREFETCH_AHEAD + line);
		if (stream) {
			copy_vector v0 = loads[0], v1 = loads[1], v2 = loads[2], v3 = loads[3];
			VECTOR_STREAM(&stores[0], v0);
			VECTOR_STREAM(&stores[1], v1);
			VECTOR_STREAM(&stores[2], v2);
			VECTOR_STREAM(&stores[3], v3);
		} else {
			copy_four(stores, loads, 0, 1);
		}
	}
	if (stream)
		VECTOR_STREAM_END();
	copy_move(to + done, from + done, bytes - done);
}

static void copy_prefetch(void *destination, const void *source, size_t bytes) {
	copy_plain(destination, source, bytes, false);
}

static void copy_stream(void *destination, const void *source, size_t bytes) {
	copy_plain(destination, source, bytes, true);
}

#define COPIES_TABLE(isa, any)                                         \
	static void copy_page(void *destination, const void *source) { \
		any(destination, source, SIMD_PAGE_BYTES);             \
	}                                                              \
	const struct simd_copies simd_copies_##isa = {                 \
		.copy = any,                                           \
		.copy_prefetch = copy_prefetch,                        \
		.copy_stream = copy_stream,                            \
		.move = any,                                           \
		.copy_page = copy_page,                                \
	}
