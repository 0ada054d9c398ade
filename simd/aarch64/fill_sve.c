/* SPDX-License-Identifier: Apache-2.0
 *
 * Fills in SVE vectors of whatever length the CPU has; assumes SVE. Four vectors a step, then single
 * vectors under a predicate.
 */
#include "simd/aarch64/sve.h"

static inline __attribute__((always_inline)) void fill_vectors(uint8_t *to, svuint8_t value, size_t bytes,
							       bool stream) {
	const size_t vector = svcntb(), step = 4 * vector;
	size_t done = 0;
	for (; bytes - done >= step; done += step)
		sve_store_4(to + done, value, value, value, value, stream);
	for (; done < bytes; done += vector)
		svst1(svwhilelt_b8_u64(done, bytes), to + done, value);
}

static void fill(void *memory, uint8_t value, size_t bytes) {
	fill_vectors(memory, svdup_u8(value), bytes, false);
}

static void zero(void *memory, size_t bytes) {
	fill_vectors(memory, svdup_u8(0), bytes, false);
}

static void zero_stream(void *memory, size_t bytes) {
	fill_vectors(memory, svdup_u8(0), bytes, true);
}

static void zero_page(void *page) {
	fill_vectors(page, svdup_u8(0), SIMD_PAGE_BYTES, false);
}

const struct simd_fills simd_fills_sve = {
	.fill = fill,
	.zero = zero,
	.zero_stream = zero_stream,
	.zero_page = zero_page,
};
