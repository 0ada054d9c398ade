/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory for suites that walk over many pages.
 */
#pragma once

#include "lib/units.h"
#include "platform.h"

#include <stddef.h>
#include <stdint.h>

/* Readable and writable, to be unmapped by the caller with *mapped_bytes; NULL: there is none. Of large pages where
 * there are any: hosts that emulate page tables take long over thousands of small ones. */
static inline void *mapping_of(uint64_t bytes, size_t *mapped_bytes) {
	static const unsigned flags = PLATFORM_MEMORY_READ | PLATFORM_MEMORY_WRITE;
	void *memory;
	*mapped_bytes = (bytes + LARGE_PAGE_BYTES - 1) & ~(LARGE_PAGE_BYTES - 1);
	if ((platform_describe()->page_sizes & PLATFORM_PAGE_2MIB) != 0 &&
	    platform_memory_map(*mapped_bytes, LARGE_PAGE_BYTES, flags, &memory) == 0)
		return memory;
	*mapped_bytes = bytes;
	return platform_memory_map(bytes, PAGE_BYTES, flags, &memory) == 0 ? memory : NULL;
}
