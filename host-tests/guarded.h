/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory between two pages that fault: an access one byte outside is seen, even by code that no sanitizer instruments.
 */
#pragma once

#include "host-tests/next_random.h"

#include <criterion/criterion.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

enum { GUARD_BYTES = 4096 };

struct guarded {
	uint8_t *bytes;
	size_t size; /* a multiple of 4096: both ends lie against a guard */
};

static inline struct guarded guarded_map(size_t size) {
	uint8_t *whole = mmap(NULL, size + 2 * GUARD_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	cr_assert(whole != MAP_FAILED);
	cr_assert_eq(mprotect(whole + GUARD_BYTES, size, PROT_READ | PROT_WRITE), 0);
	return (struct guarded){whole + GUARD_BYTES, size};
}

static inline void guarded_unmap(struct guarded memory) {
	munmap(memory.bytes - GUARD_BYTES, memory.size + 2 * GUARD_BYTES);
}
