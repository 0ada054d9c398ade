/* SPDX-License-Identifier: Apache-2.0
 *
 * The loops of peers/suites/limits.h for one instruction set, once in each file that says by its name which vectors the
 * compiler may use. Before it is included: VECTOR_BYTES, VECTOR_REGISTER (the constraint that asks for a register of
 * that width) and LOOPS_NAME.
 */
#include "peers/suites/limits.h"

#include <stdint.h>

typedef uint8_t vector __attribute__((vector_size(VECTOR_BYTES), aligned(1), may_alias));

enum { TURN_BYTES = 4 * VECTOR_BYTES };

/* The compiler knows nothing of what is in it, and may not drop it. */
#define OPAQUE(value)  __asm__ volatile("" : "+" VECTOR_REGISTER(value))
#define AT(pointer, i) ((vector *)(uintptr_t)((uintptr_t)(pointer) + at + (i)*VECTOR_BYTES))
#define TURNS(STEP)                                              \
	size_t at = 0;                                           \
	for (; at + TURN_BYTES <= bytes; at += TURN_BYTES) {     \
		STEP(0)                                          \
		STEP(1)                                          \
		STEP(2)                                          \
		STEP(3)                                          \
	}                                                        \
	for (; at + VECTOR_BYTES <= bytes; at += VECTOR_BYTES) { \
		STEP(0)                                          \
	}
#define LOAD(name, pointer, i)         \
	vector name = *AT(pointer, i); \
	OPAQUE(name);

static void copy(void *to, const void *from, size_t bytes) {
#define COPY(i) \
	{ LOAD(a, from, i) * AT(to, i) = a; }
	TURNS(COPY)
}

static void fill(void *to, size_t bytes) {
	vector a = {1};
	OPAQUE(a);
#define FILL(i) *AT(to, i) = a;
	TURNS(FILL)
}

static void load(const void *from, size_t bytes) {
#define ONE(i) {LOAD(a, from, i)}
	TURNS(ONE)
}

static void load_two(const void *from, const void *other, size_t bytes) {
#define TWO(i) {LOAD(a, from, i) LOAD(b, other, i)}
	TURNS(TWO)
}

static void combine(void *to, const void *from, const void *other, size_t bytes) {
#define COMBINE(i) \
	{ LOAD(a, from, i) LOAD(b, other, i) * AT(to, i) = a; }
	TURNS(COMBINE)
}

extern const struct limit_loops LOOPS_NAME;
const struct limit_loops LOOPS_NAME = {.vector_bytes = VECTOR_BYTES,
				       .copy = copy,
				       .fill = fill,
				       .load = load,
				       .load_two = load_two,
				       .combine = combine};
