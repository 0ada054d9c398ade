/* SPDX-License-Identifier: Apache-2.0
 *
 * Blocks out of pools (mem/pool.h): a heap a thread, and in it a pool for each size that the setting names. The thread
 * alone works on its heap. Another thread's free puts the block on a list of the pool that it is of, from which its
 * thread takes all at once when it has no other. A thread that ends leaves its heap, with all that lives in it, to the
 * next one that begins.
 *
 * Nothing here locks, so that a child of fork finds no lock that a thread held which is not there any more; what the
 * parent's other threads had free is lost to it, and their heaps stay taken. Blocks of them that it frees are not used
 * again.
 *
 * A pool's stack of freed blocks is as deep as its first chunk has blocks; those beyond are chained through themselves,
 * so that a program that frees all that it has touches no more memory for that.
 *
 * A freed block has a number in its second word, which no program can know: a block that has it when it is freed was
 * freed before. It, and a pointer to no block's beginning, end the program with a word, as the C library does.
 */
#pragma once

#include "mem/pool.h"
#include "preload/early.h"
#include "preload/pools/region.h"

#include <stdatomic.h>

enum {
	HEAP_UNIT_BYTES = 16, /* blocks are aligned to it */
	HEAP_BYTES_MOST = 4096,
	HEAP_UNITS = HEAP_BYTES_MOST / HEAP_UNIT_BYTES,
	HEAP_FINE_BYTES = 1024, /* from here on a pool serves four units */
	HEAP_COARSE_BYTES = 4 * HEAP_UNIT_BYTES,
	HEAP_POOLS_MOST =
		HEAP_FINE_BYTES / HEAP_UNIT_BYTES + (HEAP_BYTES_MOST - HEAP_FINE_BYTES) / HEAP_COARSE_BYTES + 1,
	HEAPS_MOST = 1024, /* threads beyond have none */
};

struct heap;

/* The blocks of one size of a heap. */
struct heap_pool {
	struct pool pool; /* pool.top NULL: it has no chunk yet */
	void *chain;      /* of freed blocks, each has the next in its first word */
	struct heap *heap;
	size_t bytes;                         /* a block */
	_Alignas(128) _Atomic(void *) others; /* as chain: freed by other threads */
};

/* At the begin of each chunk. */
struct heap_chunk {
	struct heap_pool *of;
	struct pool_region blocks; /* as the pool has it: where they lie, and how many they are */
};

struct heap {
	_Atomic bool taken; /* by a thread */
	struct heap_pool pools[];
};

/* No other library has what follows (preload/early.h). */
#pragma GCC visibility push(hidden)

/* The thread's; NULL: it has none, yet or any more. */
extern __thread struct heap *heap_here;

/* Which pool of a heap a size is of, by units; 0: none. Number 1 is pools[0]. */
extern unsigned char heap_numbers[HEAP_UNITS + 1];

/* Sizes as the setting has them ("16:48"), rounded up to units. false: nothing is served. Once, by the one thread. */
bool heaps_start(const char *setting);

/* A heap for this thread, or NULL. */
struct heap *heap_take(void);

/* Which pool blocks of `size` come from; 0: none. */
static inline unsigned heap_number_for(size_t size) {
	return size <= HEAP_BYTES_MOST ? heap_numbers[(size + HEAP_UNIT_BYTES - 1) / HEAP_UNIT_BYTES] : 0;
}

/* A block where the pool has none at hand; NULL: no memory. */
void *heap_pool_more(struct heap_pool *from);

/* With whatever is in it; NULL where none is at hand. */
static inline void *heap_pool_take_at_hand(struct heap_pool *from) {
	void *block = LIKELY(from->pool.top) && LIKELY(from->pool.top[-1]) ? pool_alloc(&from->pool) : NULL;
	if (LIKELY(block))
		((uintptr_t *)block)[1] = 0;
	return block;
}

/* The same wherever one comes from; NULL: no memory. */
static inline void *heap_pool_take(struct heap_pool *from) {
	void *block = from->pool.top ? pool_alloc(&from->pool) : NULL;
	if (!block)
		block = heap_pool_more(from);
	if (block)
		((uintptr_t *)block)[1] = 0;
	return block;
}

extern uintptr_t heap_freed_mark;
_Noreturn void heap_abort(const char *what);
void heap_pool_take_back(struct heap_pool *of, void *block);

#pragma GCC visibility pop

/* The pool that a block of the region is of; ends the program where there is no block there. */
static inline struct heap_pool *heap_pool_of(const void *block) {
	const struct heap_chunk *chunk = region_chunk_of(block);
	if (UNLIKELY(!chunk->of || pool_index(&chunk->of->pool, &chunk->blocks, block) >= chunk->blocks.capacity))
		heap_abort("invalid pointer");
	return chunk->of;
}

/* Takes back a block of the region, from whichever thread. */
static inline void heap_give(void *block) {
	struct heap_pool *of = heap_pool_of(block);
	uintptr_t *words = block, mark = heap_freed_mark ^ (uintptr_t)block;
	if (UNLIKELY(words[1] == mark))
		heap_abort("double free");
	words[1] = mark;
	if (__builtin_expect(of->heap == heap_here && of->pool.top != of->pool.limit, 1))
		pool_free(&of->pool, block);
	else
		heap_pool_take_back(of, block);
}
