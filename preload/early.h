/* SPDX-License-Identifier: Apache-2.0
 *
 * What a preloaded library answers calls with before it knows what else to call: the dynamic linker calls that early,
 * at times before our own relocations are done. So blocks and memory are plain loops over static memory, and call
 * nothing. Any thread, at any time.
 */
#pragma once

#include <malloc.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define EXPORTED    __attribute__((visibility("default")))
#define LIKELY(x)   __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

_Noreturn void __chk_fail(void);

/* No other library has what follows, so that it is found without a table of addresses. */
#pragma GCC visibility push(hidden)

/* Calls `look_up` once, with errno as it was: it asks dlsym for what comes next, which may call what is asked for.
 * false: that is being done right now. */
bool early_look_up(void (*look_up)(void));

/* What the fortified functions of the C library do first. */
static inline void early_check(size_t length, size_t room) {
	if (UNLIKELY(length > room))
		__chk_fail();
}

/* ---- memory: as memmove, memset, memcmp; `ends`: a 0 in both is the end, as of strings -------------------------- */

void *early_move(void *to, const void *from, size_t length);
void *early_set(void *to, int byte, size_t length);
int early_compare(const void *a, const void *b, size_t length, bool ends);
void *early_find(const void *in, int byte, size_t length);

/* ---- blocks: of an arena of a few pages that never takes one back ------------------------------------------------ */

enum { EARLY_ALIGNMENT = 16, EARLY_BYTES = 1 << 16 };

extern unsigned char early_arena[EARLY_BYTES];

/* Zeroed. NULL with ENOMEM where the arena is used up. */
void *early_allocate(size_t size);
size_t early_size(const void *block);

#pragma GCC visibility pop

static inline bool early_owns(const void *block) {
	return (uintptr_t)block - (uintptr_t)early_arena < EARLY_BYTES;
}

/* The functions of a heap that blocks may come from or go to. */
#define EARLY_HEAP_FUNCTIONS(X) \
	X(malloc)               \
	X(calloc)               \
	X(realloc) X(free) X(memalign) X(aligned_alloc) X(posix_memalign) X(valloc) X(pvalloc) X(malloc_usable_size)
