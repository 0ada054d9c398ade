/* SPDX-License-Identifier: Apache-2.0
 *
 * Copies in SVE vectors of whatever length the CPU has; assumes SVE. Four vectors a step, all loads before all stores,
 * then single vectors under a predicate, which leaves no rest and touches nothing behind the end. Overlap and
 * direction: as simd/vector_copy.h; upwards or downwards, whichever way stores leave loads behind.
 */
#include "simd/aarch64/sve.h"

enum { ALIAS_BYTES = 4096, BEHIND_BYTES = 2048, BEHIND_FAR_BYTES = 256, NEAR_BYTES = 16384, PREFETCH_AHEAD = 512 };

static inline __attribute__((always_inline)) void copy_up(uint8_t *to, const uint8_t *from, size_t bytes, bool stream) {
	const svbool_t all = svptrue_b8();
	const size_t vector = svcntb(), step = 4 * vector;
	size_t done = 0;
	for (; bytes - done >= step; done += step) {
		svuint8_t v0 = svld1_vnum(all, from + done, 0), v1 = svld1_vnum(all, from + done, 1);
		svuint8_t v2 = svld1_vnum(all, from + done, 2), v3 = svld1_vnum(all, from + done, 3);
		sve_store_4(to + done, v0, v1, v2, v3, stream);
	}
	for (; done < bytes; done += vector) {
		svbool_t some = svwhilelt_b8_u64(done, bytes);
		svst1(some, to + done, svld1(some, from + done));
	}
}

static void copy_down(uint8_t *to, const uint8_t *from, size_t bytes) {
	const svbool_t all = svptrue_b8();
	const size_t vector = svcntb(), step = 4 * vector;
	size_t left = bytes;
	for (; left >= step; left -= step) {
		const uint8_t *source = from + left - step;
		uint8_t *destination = to + left - step;
		svuint8_t v0 = svld1_vnum(all, source, 0), v1 = svld1_vnum(all, source, 1);
		svuint8_t v2 = svld1_vnum(all, source, 2), v3 = svld1_vnum(all, source, 3);
		svst1_vnum(all, destination, 3, v3);
		svst1_vnum(all, destination, 2, v2);
		svst1_vnum(all, destination, 1, v1);
		svst1_vnum(all, destination, 0, v0);
	}
	for (; left >= vector; left -= vector)
		svst1(all, to + left - vector, svld1(all, from + left - vector));
	svbool_t some = svwhilelt_b8_u64(0, left);
	svst1(some, to, svld1(some, from));
}

static void move(void *destination, const void *source, size_t bytes) {
	uintptr_t past = (uintptr_t)destination - (uintptr_t)source;
	size_t behind = (past & (ALIAS_BYTES - 1)) - 1;
	size_t most = bytes > NEAR_BYTES ? BEHIND_FAR_BYTES : BEHIND_BYTES;
	bool alike = behind < most - 1 && 2 * behind < bytes;
	if (past < bytes || (alike && -past >= bytes))
		copy_down(destination, source, bytes);
	else
		copy_up(destination, source, bytes, false);
}

static void copy_stream(void *destination, const void *source, size_t bytes) {
	copy_up(destination, source, bytes, true);
}

static void copy_prefetch(void *destination, const void *source, size_t bytes) {
	const size_t piece = PREFETCH_AHEAD;
	size_t done = 0;
	for (; bytes - done >= piece; done += piece) {
		for (size_t line = 0; line < piece; line += 64)
			__builtin_prefetch((const uint8_t *)source + done + piece + line);
		copy_up((uint8_t *)destination + done, (const uint8_t *)source + done, piece, false);
	}
	copy_up((uint8_t *)destination + done, (const uint8_t *)source + done, bytes - done, false);
}

static void copy_page(void *destination, const void *source) {
	move(destination, source, SIMD_PAGE_BYTES);
}

const struct simd_copies simd_copies_sve = {
	.copy = move,
	.copy_prefetch = copy_prefetch,
	.copy_stream = copy_stream,
	.move = move,
	.copy_page = copy_page,
};
