/* SPDX-License-Identifier: Apache-2.0
 *
 * Population count with VPOPCNTQ on YMM registers; assumes AVX-512 F, BW, DQ, VL and VPOPCNTDQ, and BMI2. Two
 * loads of 32 bytes a cycle are the limit. The rest of less than a vector is loaded under a mask: no byte
 * behind the end is touched.
 */
#include "simd/x86_64/isa.h"

#if !defined(__AVX512F__) || !defined(__AVX512DQ__) || !defined(__AVX512VL__) || !defined(__BMI2__)
#error "compile this file with -mavx512f -mavx512dq -mavx512vl -mbmi2"
#endif

typedef uint64_t count_vector __attribute__((vector_size(32), aligned(1), may_alias));

/* From ALIGN_LEAST on, a load that leads to an aligned place costs less than all that lie across lines. */
enum { VECTOR_BYTES = 32, STEP_BYTES = 4 * VECTOR_BYTES, ALIGN_LEAST = 1024 };

static inline count_vector bits_set(const count_vector *from) {
	count_vector count;
	__asm__("vpopcntq %1, %0" : "=v"(count) : "m"(*from));
	return count;
}

static inline count_vector bits_set_below(const uint8_t *from, size_t bytes) {
	count_vector count;
	__asm__("kmovd %1, %%k1\n\tvmovdqu8 (%2), %0%{%%k1%}%{z%}\n\tvpopcntq %0, %0"
		: "=&v"(count)
		: "r"((UINT32_C(1) << bytes) - 1), "r"(from)
		: "k1", "memory");
	return count;
}

/* c1: what is counted already. */
static inline __attribute__((always_inline)) uint64_t popcount_from(const uint8_t *at, size_t bytes, count_vector c1) {
	count_vector c0 = {0}, c2 = {0}, c3 = {0};
	for (; bytes >= STEP_BYTES; at += STEP_BYTES, bytes -= STEP_BYTES) {
		const count_vector *from = (const count_vector *)at;
		c0 += bits_set(from);
		c1 += bits_set(from + 1);
		c2 += bits_set(from + 2);
		c3 += bits_set(from + 3);
	}
	for (; bytes >= VECTOR_BYTES; at += VECTOR_BYTES, bytes -= VECTOR_BYTES)
		c0 += bits_set((const count_vector *)at);
	if (bytes != 0)
		c1 += bits_set_below(at, bytes);
	c0 = (c0 + c1) + (c2 + c3);
	return (c0[0] + c0[1]) + (c0[2] + c0[3]);
}

/* Not inlined: short counts would pay for its registers. */
static __attribute__((noinline)) uint64_t popcount_aligned(const uint8_t *at, size_t bytes) {
	size_t skip = -(uintptr_t)at & (VECTOR_BYTES - 1);
	return popcount_from(at + skip, bytes - skip, bits_set_below(at, skip));
}

uint64_t simd_popcount_vpopcntdq(const void *memory, size_t bytes) {
	if (bytes >= STEP_BYTES && __builtin_expect(bytes >= ALIGN_LEAST, false) &&
	    ((uintptr_t)memory & (VECTOR_BYTES - 1)) != 0)
		return popcount_aligned(memory, bytes);
	return popcount_from(memory, bytes, (count_vector){0});
}
