/* SPDX-License-Identifier: Apache-2.0
 *
 * Arrays of lanes in YMM registers with AVX-512's masks: internal, for the files of lane arithmetic that AVX2 has no
 * instruction for. 256-bit code does not lower the clock.
 *
 * Strategy. Four vectors a step, below that single ones. The last step, or vector, ends at the last lane and may
 * overlap the one before; it is worked out before the first store, since the result may be an operand. Less than one
 * vector goes under a mask.
 */
#pragma once

#include "simd/x86_64/isa.h"

#define VECTOR __attribute__((vector_size(32), aligned(1), may_alias))
typedef uint8_t vector_u8 VECTOR;
typedef uint16_t vector_u16 VECTOR;
typedef uint64_t vector_u64 VECTOR;
typedef int16_t vector_s16 VECTOR;
typedef int64_t vector_s64 VECTOR;

enum { VECTOR_BYTES = 32, STEP_BYTES = 4 * VECTOR_BYTES };

struct step {
	vector_u8 r0, r1, r2, r3;
};

#define INLINE static inline __attribute__((always_inline))

/* a & b | c, a & b ^ c: what VPTERNLOGQ makes of its truth table. */
#define AND_OR(a, b, c)  __asm__("vpternlogq $0xea, %2, %1, %0" : "+v"(a) : "v"(b), "v"(c))
#define AND_XOR(a, b, c) __asm__("vpternlogq $0x6a, %2, %1, %0" : "+v"(a) : "v"(b), "v"(c))

/* Loaded once, whatever often it is used: loads are what there are fewest of. */
#define IN_REGISTER(vector) __asm__("" : "+v"(vector))

INLINE vector_u8 each_quadword(uint64_t bytes) {
	return (vector_u8)((vector_u64){0} + bytes);
}

/* ---- arrays ------------------------------------------------------------------------------------------------------ */

/* 0 < bytes < VECTOR_BYTES. */
INLINE void some_lanes(uint8_t *to, const uint8_t *a, const uint8_t *b, size_t bytes,
		       vector_u8 (*vector)(vector_u8, vector_u8)) {
	uint32_t mask = (UINT32_C(1) << bytes) - 1;
	vector_u8 x, y;
	__asm__("kmovd %2, %%k1\n\tvmovdqu8 (%3), %0%{%%k1%}%{z%}\n\tvmovdqu8 (%4), %1%{%%k1%}%{z%}"
		: "=&v"(x), "=&v"(y)
		: "r"(mask), "r"(a), "r"(b)
		: "k1", "memory");
	x = vector(x, y);
	__asm__ volatile("kmovd %1, %%k1\n\tvmovdqu8 %0, (%2)%{%%k1%}" : : "v"(x), "r"(mask), "r"(to) : "k1", "memory");
}

/* VECTOR_BYTES <= bytes. */
INLINE void few_vectors(uint8_t *to, const uint8_t *a, const uint8_t *b, size_t bytes,
			vector_u8 (*vector)(vector_u8, vector_u8)) {
	size_t last = bytes - VECTOR_BYTES;
	vector_u8 z = vector(*(const vector_u8 *)(a + last), *(const vector_u8 *)(b + last));
	for (size_t i = 0; i < last; i += VECTOR_BYTES)
		*(vector_u8 *)(to + i) = vector(*(const vector_u8 *)(a + i), *(const vector_u8 *)(b + i));
	*(vector_u8 *)(to + last) = z;
}

INLINE struct step step_of(const uint8_t *a, const uint8_t *b, vector_u8 (*vector)(vector_u8, vector_u8)) {
	const vector_u8 *x = (const vector_u8 *)a, *y = (const vector_u8 *)b;
	return (struct step){vector(x[0], y[0]), vector(x[1], y[1]), vector(x[2], y[2]), vector(x[3], y[3])};
}

INLINE void step_store(uint8_t *to, struct step step) {
	vector_u8 *stores = (vector_u8 *)to;
	stores[0] = step.r0;
	stores[1] = step.r1;
	stores[2] = step.r2;
	stores[3] = step.r3;
}

INLINE void each_lane(void *result, const void *a, const void *b, size_t bytes,
		      vector_u8 (*vector)(vector_u8, vector_u8)) {
	if (bytes >= STEP_BYTES) {
		uint8_t *to = result, *last = to + bytes - STEP_BYTES;
		const uint8_t *from_a = a, *from_b = b;
		struct step z = step_of(from_a + bytes - STEP_BYTES, from_b + bytes - STEP_BYTES, vector);
		for (; to < last; to += STEP_BYTES, from_a += STEP_BYTES, from_b += STEP_BYTES)
			step_store(to, step_of(from_a, from_b, vector));
		step_store(last, z);
	} else if (bytes >= VECTOR_BYTES) {
		few_vectors(result, a, b, bytes, vector);
	} else if (bytes != 0) {
		some_lanes(result, a, b, bytes, vector);
	}
}

#define LANES(op, bytes)                                                                   \
	static void lanes_##op(void *result, const void *a, const void *b, size_t count) { \
		each_lane(result, a, b, count *(bytes), op);                               \
	}
