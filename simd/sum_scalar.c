/* SPDX-License-Identifier: Apache-2.0
 *
 * Sums, one lane a step: the oracle of the other sums. Deliberately naive.
 */
#include "simd/lanes.h"

static uint64_t sum_u64(const uint64_t *a, size_t count) {
	uint64_t sum = 0;
	for (size_t i = 0; i < count; i++) {
		sum += a[i];
		LANE_ALONE();
	}
	return sum;
}

#define SCALAR_SUM(t, type)                                                               \
	static type pairwise_##t(type *part) {                                            \
		for (size_t parts = SIMD_SUM_BYTES / sizeof(type); parts > 1; parts /= 2) \
			for (size_t i = 0; i < parts / 2; i++)                            \
				part[i] = part[i] + part[i + parts / 2];                  \
		return part[0];                                                           \
	}                                                                                 \
	static type sum_##t(const type *a, size_t count) {                                \
		type part[SIMD_SUM_BYTES / sizeof(type)] = {0};                           \
		for (size_t i = 0; i < count; i++) {                                      \
			part[i % (SIMD_SUM_BYTES / sizeof(type))] += a[i];                \
			LANE_ALONE();                                                     \
		}                                                                         \
		return pairwise_##t(part);                                                \
	}                                                                                 \
	static type dot_##t(const type *a, const type *b, size_t count) {                 \
		type part[SIMD_SUM_BYTES / sizeof(type)] = {0};                           \
		for (size_t i = 0; i < count; i++) {                                      \
			type product = a[i] * b[i];                                       \
			part[i % (SIMD_SUM_BYTES / sizeof(type))] += product;             \
			LANE_ALONE();                                                     \
		}                                                                         \
		return pairwise_##t(part);                                                \
	}
SCALAR_SUM(f32, float)
SCALAR_SUM(f64, double)

static uint64_t popcount(const void *memory, size_t bytes) {
	const uint8_t *byte = memory;
	uint64_t count = 0;
	for (size_t i = 0; i < bytes; i++) {
		unsigned pairs = byte[i] - (byte[i] >> 1 & 0x55u);
		unsigned nibbles = (pairs & 0x33) + (pairs >> 2 & 0x33);
		count += (nibbles + (nibbles >> 4)) & 15;
		LANE_ALONE();
	}
	return count;
}

const struct simd_sums simd_sums_scalar = {
	.sum_u64 = sum_u64,
	.sum_f32 = sum_f32,
	.sum_f64 = sum_f64,
	.dot_f32 = dot_f32,
	.dot_f64 = dot_f64,
	.popcount = popcount,
};
