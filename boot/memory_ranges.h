/* SPDX-License-Identifier: Apache-2.0
 *
 * The firmware's memory map as boot_range[]: sorted, merged, page-granular, without overlap. Pure: no firmware call,
 * allocates nothing, so that it runs after boot services are gone, and on the host in a test.
 * Source: UEFI 2.10, section 7.2.3 (GetMemoryMap) and table 7.10 (memory type usage after ExitBootServices).
 */
#pragma once

#include "boot_info.h"

#include <stddef.h>
#include <stdint.h>

struct memory_ranges {
	struct boot_range *ranges; /* the caller's */
	size_t capacity;
	size_t count;
};

/* Room that is always enough for `inputs` descriptors and claims: every input has two ends, so there are fewer
 * intervals between them than twice the inputs; two more for page 0. */
#define MEMORY_RANGES_CAPACITY(inputs) (2 * (inputs) + 2)

/* Adds the firmware's map of `map_bytes` bytes with descriptors of `descriptor_bytes` each (at least 40, larger in
 * later revisions). Where descriptors overlap, the more restrictive kind stands. Under handback all RAM in it is
 * RESERVED: it stays the firmware's. Memory that nobody may touch (unusable, persistent, unaccepted) gets no range. */
void memory_ranges_add_map(struct memory_ranges *list, const void *map, size_t map_bytes, size_t descriptor_bytes,
			   enum boot_hold hold);

/* Paints what the loader owns over whatever stands there. */
void memory_ranges_claim(struct memory_ranges *list, uint64_t base, uint64_t length, enum boot_range_kind kind);

/* Withholds page 0, takes the internal holes out and merges neighbours of one kind. Call last. */
void memory_ranges_finish(struct memory_ranges *list);
