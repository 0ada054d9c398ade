/* SPDX-License-Identifier: Apache-2.0
 *
 * The page allocator: free physical memory as sorted extents, so that a machine with a terabyte costs no more to set
 * up than one with 64 MiB, and neighbouring pages come out neighbouring. Pure; the storage is the caller's; touches
 * none of the memory that it hands out.
 *
 * Small pieces come from the bottom, blocks that ask for an alignment of 2 MiB or more from the top: large pages stay
 * to be had.
 */
#pragma once

#include "kernel/arch.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct memory_extent {
	uint64_t base;
	uint64_t length;
};

struct memory_map {
	struct memory_extent *extents; /* sorted by base, apart from each other, none empty */
	size_t count;
	size_t capacity;
	uint64_t free_bytes;
	uint64_t lost_bytes; /* given back when the storage was full */
};

void memory_map_start(struct memory_map *map, struct memory_extent *storage, size_t capacity);

/* Gives [base, base + length) to the map, rounded inwards to whole pages; page 0 is left out. Overlap with free
 * memory is a broken invariant of the caller: false, and nothing changes. With the storage full the memory is lost,
 * counted, and the answer true. */
bool memory_map_give(struct memory_map *map, paddr_t base, uint64_t length);

/* Takes `length` contiguous bytes at a multiple of `align`, a power of two; both at least a page. */
bool memory_map_take(struct memory_map *map, uint64_t length, uint64_t align, paddr_t *base);

/* Takes the lowest free memory, at most `length` bytes of it in one piece: how much, 0 where there is none. */
uint64_t memory_map_take_piece(struct memory_map *map, uint64_t length, paddr_t *base);
