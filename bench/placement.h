/* SPDX-License-Identifier: Apache-2.0
 *
 * A random placement of what a benchmark touches: its mappings (platform_memory_scatter), the heap behind a block of
 * random size that is held meanwhile, the stack behind a pad of random size. The same seed and layout give the same
 * sizes. Code stays where the linker put it.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct placement {
	uint64_t memory_seed; /* platform_memory_scatter's, not 0 */
	size_t heap_bytes;    /* multiples of 16, at most a page */
	size_t stack_bytes;
};

/* Layouts count from 1. */
struct placement placement_of(uint64_t seed, uint32_t layout);
