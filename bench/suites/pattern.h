/* SPDX-License-Identifier: Apache-2.0
 *
 * Data for the suites: the same in every run and on every platform. Not random enough for statistics.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* xorshift64 (Marsaglia, "Xorshift RNGs", 2003); *state is never 0. */
static inline uint64_t pattern_next(uint64_t *state) {
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static inline void pattern_fill(void *memory, size_t bytes, uint64_t seed) {
	uint8_t *byte = memory;
	for (size_t i = 0; i < bytes; i++)
		byte[i] = (uint8_t)(pattern_next(&seed) >> 32);
}

/* Fisher and Yates's, from the last word on. */
static inline void pattern_shuffle(uint32_t *words, size_t count, uint64_t seed) {
	for (size_t i = count; i-- > 1;) {
		size_t other = (size_t)(pattern_next(&seed) % (i + 1));
		uint32_t taken = words[i];
		words[i] = words[other];
		words[other] = taken;
	}
}
