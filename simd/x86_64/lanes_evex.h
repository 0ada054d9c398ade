/* SPDX-License-Identifier: Apache-2.0
 *
 * Arrays of lanes in YMM registers with AVX-512's masks: internal, for the files of lane arithmetic that AVX2 has no
 * instruction for. 256-bit code does not lower the clock.
 *
 * Strategy. Four vectors a step, below that single ones. The last step, or vector, ends at the last lane and may
 * overlap the one before; it is worked out before the first store, since the result may be an operand. Less than one
 * vector goes under a mask. A step's first operand is addressed by its distance from the result, which saves an
 * addition; the second, which compilers load as part of another instruction, by a pointer, since Intel's CPUs split
 * what has an index. Stores with one would take a port from the loads there.
 */
#pragma once

#include "simd/x86_64/isa.h"

#define VECTOR_BYTES 32
#include "simd/x86_64/vector_ternary.h"

enum { STEP_BYTES = 4 * VECTOR_BYTES };

struct step {
	vector_u8 r0, r1, r2, r3;
};

#define INLINE static inline __attribute__((always_inline))

/* Of two operands, or of one and a count; what it does not take it ignores. */
typedef vector_u8 lanes_function(vector_u8 x, vector_u8 y, unsigned bits);

/* ---- arrays ------------------------------------------------------------------------------------------------------ */

/* 0 < bytes < VECTOR_BYTES. */
INLINE void some_lanes(uint8_t *to, const uint8_t *a, const uint8_t *b, unsigned bits, size_t bytes,
		       lanes_function *vector) {
	uint32_t mask = (UINT32_C(1) << bytes) - 1;
	vector_u8 x, y;
	__asm__("kmovd %2, %%k1\n\tvmovdqu8 (%3), %0%{%%k1%}%{z%}\n\tvmovdqu8 (%4), %1%{%%k1%}%{z%}"
		: "=&v"(x), "=&v"(y)
		: "r"(mask), "r"(a), "r"(b)
		: "k1", "memory");
	x = vector(x, y, bits);
	__asm__ volatile("kmovd %1, %%k1\n\tvmovdqu8 %0, (%2)%{%%k1%}" : : "v"(x), "r"(mask), "r"(to) : "k1", "memory");
}

/* VECTOR_BYTES <= bytes. */
INLINE void few_vectors(uint8_t *to, const uint8_t *a, const uint8_t *b, unsigned bits, size_t bytes,
			lanes_function *vector) {
	size_t last = bytes - VECTOR_BYTES;
	vector_u8 z = vector(*(const vector_u8 *)(a + last), *(const vector_u8 *)(b + last), bits);
	for (size_t i = 0; i < last; i += VECTOR_BYTES)
		*(vector_u8 *)(to + i) = vector(*(const vector_u8 *)(a + i), *(const vector_u8 *)(b + i), bits);
	*(vector_u8 *)(to + last) = z;
}

INLINE struct step step_of(uintptr_t a, uintptr_t b, unsigned bits, lanes_function *vector) {
	const vector_u8 *x = (const vector_u8 *)a, *y = (const vector_u8 *)b;
	return (struct step){vector(x[0], y[0], bits), vector(x[1], y[1], bits), vector(x[2], y[2], bits),
			     vector(x[3], y[3], bits)};
}

INLINE void step_store(uint8_t *to, struct step step) {
	vector_u8 *stores = (vector_u8 *)to;
	stores[0] = step.r0;
	stores[1] = step.r1;
	stores[2] = step.r2;
	stores[3] = step.r3;
}

/* The steps before `last`, where the array's last one lies. Two of them a turn are for operations of so few
 * instructions that those of the loop count. */
INLINE void whole_steps(uint8_t *to, uint8_t *last, uintptr_t a_from_to, uintptr_t from_b, unsigned bits,
			lanes_function *vector, bool two) {
	if (two) {
		for (; last - to > STEP_BYTES; to += 2 * STEP_BYTES) {
			step_store(to, step_of((uintptr_t)to + a_from_to, from_b, bits, vector));
			uint8_t *second = to + STEP_BYTES;
			step_store(second, step_of((uintptr_t)second + a_from_to, from_b + STEP_BYTES, bits, vector));
			from_b += 2 * STEP_BYTES;
		}
	}
	for (; to < last; to += STEP_BYTES, from_b += STEP_BYTES)
		step_store(to, step_of((uintptr_t)to + a_from_to, from_b, bits, vector));
}

INLINE void each_lane(void *result, const void *a, const void *b, unsigned bits, size_t bytes, lanes_function *vector,
		      bool two) {
	if (bytes >= STEP_BYTES) {
		uint8_t *to = result, *last = to + bytes - STEP_BYTES;
		uintptr_t a_from_to = (uintptr_t)a - (uintptr_t)to, from_b = (uintptr_t)b;
		struct step z = step_of((uintptr_t)last + a_from_to, from_b + bytes - STEP_BYTES, bits, vector);
		whole_steps(to, last, a_from_to, from_b, bits, vector, two);
		step_store(last, z);
	} else if (bytes >= VECTOR_BYTES) {
		few_vectors(result, a, b, bits, bytes, vector);
	} else if (bytes != 0) {
		some_lanes(result, a, b, bits, bytes, vector);
	}
}

/* Of lanes of a vector_<t>, one step a turn or two; by one count, of bytes. */
#define LANES(op, t, bytes, two)                                                                 \
	INLINE vector_u8 binary_##op##_##t(vector_u8 x, vector_u8 y, unsigned bits) {            \
		(void)bits;                                                                      \
		return (vector_u8)vector_##op##_##t((vector_##t)x, (vector_##t)y);               \
	}                                                                                        \
	static void lanes_##op##_##t(void *result, const void *a, const void *b, size_t count) { \
		each_lane(result, a, b, 0, count *(bytes), binary_##op##_##t, two);              \
	}
#define LANES_BY_ONE(op)                                                                   \
	INLINE vector_u8 unary_##op(vector_u8 x, vector_u8 same, unsigned bits) {          \
		(void)same;                                                                \
		return vector_##op(x, bits);                                               \
	}                                                                                  \
	static void lanes_##op(void *result, const void *a, unsigned bits, size_t count) { \
		each_lane(result, a, a, bits & 7, count, unary_##op, false);               \
	}
