/* SPDX-License-Identifier: Apache-2.0
 *
 * The addition of every fixed-width instruction set: internal, included once by each add32_<isa>.c, which defines
 * VECTOR_BYTES first.
 *
 * Strategy. Four vectors a step, then single vectors, then lanes: fewer than one vector of them. No vector may end at
 * the last lane and overlap the one before, as a copy's may: in place, it would add twice.
 *
 * The compiler's own vector types, and everything static, for the reasons that vector_copy.h gives.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#if !defined(VECTOR_BYTES)
#error "define VECTOR_BYTES before this header"
#endif

typedef uint32_t add32_vector __attribute__((vector_size(VECTOR_BYTES), aligned(4), may_alias));

enum { ADD32_LANES = VECTOR_BYTES / 4 };

static inline void add32_vectors(uint32_t *sum, const uint32_t *a, const uint32_t *b, size_t count) {
	size_t i = 0;
	for (; count - i >= 4 * ADD32_LANES; i += 4 * ADD32_LANES) {
		const add32_vector *va = (const add32_vector *)(a + i);
		const add32_vector *vb = (const add32_vector *)(b + i);
		add32_vector s0 = va[0] + vb[0];
		add32_vector s1 = va[1] + vb[1];
		add32_vector s2 = va[2] + vb[2];
		add32_vector s3 = va[3] + vb[3];
		add32_vector *vsum = (add32_vector *)(sum + i);
		vsum[0] = s0;
		vsum[1] = s1;
		vsum[2] = s2;
		vsum[3] = s3;
	}
	for (; count - i >= ADD32_LANES; i += ADD32_LANES)
		*(add32_vector *)(sum + i) = *(const add32_vector *)(a + i) + *(const add32_vector *)(b + i);
	for (; i < count; i++) {
		uint32_t lane = a[i] + b[i];
		/* No instruction: keeps the compiler from building a second vector loop for these few lanes. */
		__asm__("" : "+r"(lane));
		sum[i] = lane;
	}
}
