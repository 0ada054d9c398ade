/* SPDX-License-Identifier: Apache-2.0
 *
 * Random numbers for tests: the same in every run.
 */
#pragma once

#include <stdint.h>

/* xorshift64 (Marsaglia, "Xorshift RNGs", 2003); *state is never 0. */
static inline uint64_t next_random(uint64_t *state) {
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}
