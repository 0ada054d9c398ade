/* SPDX-License-Identifier: Apache-2.0
 *
 * The sums of every fixed-width instruction set: internal, included once by each sum_<isa>.c, which first defines
 * VECTOR_BYTES (16, 32 or 64), and afterwards, with SUMS_TABLE(isa, popcount), its table.
 *
 * Strategy. As many vectors of partial sums as simd.h says, which is also what it takes to hide an addition's
 * latency. Lanes of a rest are added to the partial sums that are theirs, in memory. Nothing is added to a partial
 * sum that has no lane: -0 stays.
 */
#pragma once

#include "simd/lanes.h"

#if !defined(VECTOR_BYTES)
#error "define VECTOR_BYTES before this header"
#endif

typedef uint64_t sum_vector_u64 __attribute__((vector_size(VECTOR_BYTES), aligned(8), may_alias));
typedef float sum_vector_f32 __attribute__((vector_size(VECTOR_BYTES), aligned(4), may_alias));
typedef double sum_vector_f64 __attribute__((vector_size(VECTOR_BYTES), aligned(8), may_alias));

typedef uint64_t sum_16_bytes __attribute__((vector_size(16)));
typedef uint64_t sum_8_bytes __attribute__((aligned(1), may_alias));

/* bytes < 16, in some order, and zeroes. */
static inline sum_16_bytes sum_below_16(const uint8_t *at, size_t bytes) {
	uint64_t eight = 0, rest = 0;
	if (bytes >= 8) {
		eight = *(const sum_8_bytes *)at;
		at += 8;
		bytes -= 8;
	}
	for (; bytes > 0; at++, bytes--)
		rest = rest << 8 | *at;
	return (sum_16_bytes){eight, rest};
}

/* do(n) for each vector of partial sums. */
#if VECTOR_BYTES == 16
#define SUM_EACH(make) make(0) make(1) make(2) make(3) make(4) make(5) make(6) make(7)
#elif VECTOR_BYTES == 32
#define SUM_EACH(make) make(0) make(1) make(2) make(3)
#else
#define SUM_EACH(make) make(0) make(1)
#endif

static uint64_t sum_u64(const uint64_t *a, size_t count) {
	enum { LANES = SIMD_SUM_BYTES / 8 };
#define SUM_DECLARE(n) sum_vector_u64 s##n = {0};
#define SUM_STEP(n)    s##n += ((const sum_vector_u64 *)(a + i))[n];
#define SUM_STORE(n)   ((sum_vector_u64 *)part)[n] = s##n;
	SUM_EACH(SUM_DECLARE)
	size_t i = 0;
	for (; count - i >= LANES; i += LANES) {
		SUM_EACH(SUM_STEP)
	}
	uint64_t part[LANES] __attribute__((aligned(VECTOR_BYTES))), sum = 0;
	SUM_EACH(SUM_STORE)
	for (size_t lane = 0; lane < LANES; lane++)
		sum += part[lane];
	for (; i < count; i++)
		sum += a[i];
	return sum;
#undef SUM_DECLARE
#undef SUM_STEP
#undef SUM_STORE
}

#define SUM_DECLARE_f32(n) sum_vector_f32 s##n = {0};
#define SUM_DECLARE_f64(n) sum_vector_f64 s##n = {0};
#define SUM_STEP_f32(n)    s##n += ((const sum_vector_f32 *)(a + i))[n];
#define SUM_STEP_f64(n)    s##n += ((const sum_vector_f64 *)(a + i))[n];
#define DOT_STEP_f32(n)    s##n += ((const sum_vector_f32 *)(a + i))[n] * ((const sum_vector_f32 *)(b + i))[n];
#define DOT_STEP_f64(n)    s##n += ((const sum_vector_f64 *)(a + i))[n] * ((const sum_vector_f64 *)(b + i))[n];
#define SUM_STORE_f32(n)   ((sum_vector_f32 *)part)[n] = s##n;
#define SUM_STORE_f64(n)   ((sum_vector_f64 *)part)[n] = s##n;

#define SUM_FLOAT(t, type)                                                                \
	static type sum_pairwise_##t(type *part) {                                        \
		for (size_t parts = SIMD_SUM_BYTES / sizeof(type); parts > 1; parts /= 2) \
			for (size_t lane = 0; lane < parts / 2; lane++)                   \
				part[lane] = part[lane] + part[lane + parts / 2];         \
		return part[0];                                                           \
	}                                                                                 \
	static type sum_##t(const type *a, size_t count) {                                \
		enum { LANES = SIMD_SUM_BYTES / sizeof(type) };                           \
		type part[LANES] __attribute__((aligned(VECTOR_BYTES)));                  \
		size_t i = 0;                                                             \
		SUM_EACH(SUM_DECLARE_##t)                                                 \
		for (; count - i >= LANES; i += LANES) {                                  \
			SUM_EACH(SUM_STEP_##t)                                            \
		}                                                                         \
		SUM_EACH(SUM_STORE_##t)                                                   \
		for (size_t lane = 0; i < count; i++, lane++)                             \
			part[lane] += a[i];                                               \
		return sum_pairwise_##t(part);                                            \
	}                                                                                 \
	static type dot_##t(const type *a, const type *b, size_t count) {                 \
		enum { LANES = SIMD_SUM_BYTES / sizeof(type) };                           \
		type part[LANES] __attribute__((aligned(VECTOR_BYTES)));                  \
		size_t i = 0;                                                             \
		SUM_EACH(SUM_DECLARE_##t)                                                 \
		for (; count - i >= LANES; i += LANES) {                                  \
			SUM_EACH(DOT_STEP_##t)                                            \
		}                                                                         \
		SUM_EACH(SUM_STORE_##t)                                                   \
		for (size_t lane = 0; i < count; i++, lane++)                             \
			part[lane] += a[i] * b[i];                                        \
		return sum_pairwise_##t(part);                                            \
	}
SUM_FLOAT(f32, float)
SUM_FLOAT(f64, double)

#define SUMS_TABLE(isa, popcount_)                 \
	const struct simd_sums simd_sums_##isa = { \
		.sum_u64 = sum_u64,                \
		.sum_f32 = sum_f32,                \
		.sum_f64 = sum_f64,                \
		.dot_f32 = dot_f32,                \
		.dot_f64 = dot_f64,                \
		.popcount = popcount_,             \
	}
