/* SPDX-License-Identifier: Apache-2.0
 *
 * The one barrier through which every timed loop consumes its result, so that the optimiser cannot delete the work.
 */
#pragma once

#include <stdint.h>

/* The compiler must have `value` in a register here; no instruction is emitted and no memory is named. */
static inline void bench_consume(uint64_t value) {
	__asm__ volatile("" : : "r"(value));
}

/* The same value, of which the compiler knows nothing any more. */
static inline uint64_t bench_opaque(uint64_t value) {
	__asm__ volatile("" : "+r"(value));
	return value;
}

/* The compiler must assume that the object behind `pointer` is read and written here: pending stores are made before
 * it, and nothing read before it is still known after it. Orders the compiler only, not the processor. */
static inline void bench_consume_memory(const void *pointer) {
	__asm__ volatile("" : : "r"(pointer) : "memory");
}
