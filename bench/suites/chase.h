/* SPDX-License-Identifier: Apache-2.0
 *
 * Pointers in one random cycle (Sattolo, "An algorithm to generate a random cyclic permutation", 1986), and the loads
 * that follow it, each waiting for the one before.
 */
#pragma once

#include "bench/suites/pattern.h"

#include <stdbool.h>
#include <stdint.h>

enum { CHASE_LINE_BYTES = 64, CHASE_CHECKED_STEPS = 65536 };

/* Memory that the pointers lie in: the caller's. */
struct chase_elements {
	unsigned char *memory;
	uint64_t bytes; /* from one to the next */
	uint64_t count;
	uint64_t stagger; /* mask of what a line may lie off the begin of its element, below 4 GiB */
};

/* Multiples of the golden ratio (Knuth, volume 3, 6.4): all sets of a cache have nearly as many, those of one that is
 * indexed by bits of the element's own address as well. */
static inline void **chase_element(const struct chase_elements *elements, uint64_t index) {
	uint64_t off = (uint32_t)(index * UINT32_C(0x9e3779b1)) * (elements->stagger + 1) >> 32;
	off &= ~(uint64_t)(CHASE_LINE_BYTES - 1);
	return (void **)(void *)(elements->memory + index * elements->bytes + off);
}

/* Each element is put behind one of those that are in the cycle, any of them: a random cycle over all, and writes that
 * do not wait for one another. */
static inline void chase_make_cycle(const struct chase_elements *elements) {
	uint64_t seed = UINT64_C(0x452821e638d01377);
	*chase_element(elements, 0) = chase_element(elements, 0);
	for (uint64_t i = 1; i < elements->count; i++) {
		void **before = chase_element(elements, (pattern_next(&seed) >> 32) * i >> 32);
		*chase_element(elements, i) = *before;
		*before = chase_element(elements, i);
	}
}

/* false: the cycle through `first` closes too early; looked at for CHASE_CHECKED_STEPS. */
static inline bool chase_is_long_enough(void **first, uint64_t count) {
	uint64_t steps = count < CHASE_CHECKED_STEPS ? count : CHASE_CHECKED_STEPS;
	void **at = *first;
	for (uint64_t i = 1; i < steps; i++, at = *at)
		if (at == first)
			return false;
	return count > CHASE_CHECKED_STEPS || at == first;
}

/* Eight at a time, so that the loop's own instructions hide behind the fastest cache. */
static inline void **chase_follow(void **at, uint64_t loads) {
	for (; loads >= 8; loads -= 8) {
		at = *at, at = *at, at = *at, at = *at;
		at = *at, at = *at, at = *at, at = *at;
	}
	for (; loads != 0; loads--)
		at = *at;
	return at;
}
