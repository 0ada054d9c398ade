/* SPDX-License-Identifier: Apache-2.0
 *
 * The copy of every fixed-width instruction set: internal, included once by each copy_<isa>.c, which defines
 * VECTOR_BYTES first.
 *
 * Strategy. Below one vector: two overlapping accesses of the largest size that fits. Else four vectors a step, all
 * loads before all stores, so that a store never stands between two loads that the CPU might take to depend on it
 * (addresses alike modulo 4 KiB); then single vectors, then one that ends at the last byte and may overlap the one
 * before. Longer copies to an unaligned destination store one vector first and go on from its next boundary: a store
 * across a cache line costs two, a load less.
 *
 * Vectors are the compiler's own vector types rather than <immintrin.h>: one text for all widths, and no header of a C
 * library behind it. Everything is static: objects of different instruction sets must share no function.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#if !defined(VECTOR_BYTES)
#error "define VECTOR_BYTES before this header"
#endif

typedef uint8_t copy_vector __attribute__((vector_size(VECTOR_BYTES), aligned(1), may_alias));
typedef uint8_t copy_32 __attribute__((vector_size(32), aligned(1), may_alias));
typedef uint8_t copy_16 __attribute__((vector_size(16), aligned(1), may_alias));
typedef uint64_t copy_8 __attribute__((aligned(1), may_alias));
typedef uint32_t copy_4 __attribute__((aligned(1), may_alias));
typedef uint16_t copy_2 __attribute__((aligned(1), may_alias));

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

/* bytes >= 4 * VECTOR_BYTES: the destination brought to a vector's boundary. Gives the bytes that are done. */
static inline size_t copy_to_boundary(uint8_t *to, const uint8_t *from) {
	size_t skip = -(uintptr_t)to & (VECTOR_BYTES - 1);
	if (skip != 0)
		*(copy_vector *)to = *(const copy_vector *)from;
	return skip;
}

static inline void copy_vectors(uint8_t *to, const uint8_t *from, size_t bytes) {
	const size_t step = 4 * VECTOR_BYTES;
	if (bytes < VECTOR_BYTES) {
		copy_below_vector(to, from, bytes);
		return;
	}
	size_t done = bytes >= 2 * step ? copy_to_boundary(to, from) : 0;
	for (; bytes - done >= step; done += step) {
		const copy_vector *source = (const copy_vector *)(from + done);
		copy_vector *destination = (copy_vector *)(to + done);
		copy_vector v0 = source[0];
		copy_vector v1 = source[1];
		copy_vector v2 = source[2];
		copy_vector v3 = source[3];
		destination[0] = v0;
		destination[1] = v1;
		destination[2] = v2;
		destination[3] = v3;
	}
	for (; bytes - done >= VECTOR_BYTES; done += VECTOR_BYTES)
		*(copy_vector *)(to + done) = *(const copy_vector *)(from + done);
	if (done < bytes)
		*(copy_vector *)(to + bytes - VECTOR_BYTES) = *(const copy_vector *)(from + bytes - VECTOR_BYTES);
}
