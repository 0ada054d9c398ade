/* SPDX-License-Identifier: Apache-2.0
 *
 * One piece of address space that all pools lie in, reserved once and never given back: whether a block is a pool's is
 * told by its address, and which one by the head of its chunk. Memory is committed a chunk at a time.
 *
 *     | the heaps' own memory | chunk | chunk | ...
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { REGION_CHUNK_BYTES = 256 << 10 };

/* No other library has what follows (preload/early.h). */
#pragma GCC visibility push(hidden)

/* Of the chunks; 0 and 0 where there are none. Written before a block is given out, and again where address space is
 * given back, which no block is in. */
extern uintptr_t region_chunks;
extern _Atomic size_t region_bytes;

/* Reserves it, with `own_bytes` before the chunks. NULL: there is no address space to be had, or a limit on it, which
 * what is reserved would count against. */
void *region_reserve(size_t own_bytes);

/* Commits so many of those before the chunks, zero; what is committed stays so. Not all of them at the begin: a program
 * that locks its memory (mlockall) would have all of them in it. false: no memory. Any thread, at any time, a child's
 * after fork too. */
bool region_commit(size_t own_bytes);

/* REGION_CHUNK_BYTES, aligned to as many, zero; NULL: none is left, or no memory. Any thread, at any time, a child's
 * after fork too. */
void *region_take_chunk(void);

/* What no chunk was taken of is nobody's again: there is a limit on address space, which it would count against.
 * There are no more chunks from here on. */
void region_give_back(void);

#pragma GCC visibility pop

static inline bool region_owns(const void *block) {
	return (uintptr_t)block - region_chunks < atomic_load_explicit(&region_bytes, memory_order_relaxed);
}

static inline void *region_chunk_of(const void *block) {
	return (void *)((uintptr_t)block & ~(uintptr_t)(REGION_CHUNK_BYTES - 1));
}
