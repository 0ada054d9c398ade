/* SPDX-License-Identifier: Apache-2.0 */
#include "preload/pools/heap.h"

#include "preload/setting.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum {
	FIRST_BLOCKS_MOST = 1024, /* of the first chunk, whose slots are the pool's */
	REFILL_BLOCKS = 64,       /* from the chain to the pool at once */
	KEYS_WITHOUT_HEAP = 32,   /* keys beyond allocate in each thread that sets them */
	CHUNK_HEAD_BYTES = 128,
	/* So far apart, seen within a page, begin the blocks of one pool and the next: a load waits for a store before
	 * it that is as far into another page, and pools' first blocks would all lie in the same sets of a cache. */
	COLOUR_BYTES = 5 * 64,
	COLOURS_BYTES = 4096,
};
_Static_assert(sizeof(struct heap_chunk) <= CHUNK_HEAD_BYTES, "blocks lie behind the head");

__thread struct heap *heap_here;
unsigned char heap_numbers[HEAP_UNITS + 1];
uintptr_t heap_freed_mark;

static size_t sizes[HEAP_POOLS_MOST]; /* bytes a block of each of a heap's pools */
static size_t size_count;
static unsigned char *heaps; /* HEAPS_MOST of heap_bytes each */
static size_t heap_bytes;
static pthread_key_t at_thread_exit;
static __thread bool has_left;

_Noreturn void heap_abort(const char *what) {
	const char *words[] = {"free(): ", what, " in a pool of `anechoic apply`\n"};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (write(STDERR_FILENO, words[i], strlen(words[i])) < 0)
			break;
	abort();
}

/* ---- begin ------------------------------------------------------------------------------------------------------- */

static void leave(void *heap) {
	heap_here = NULL;
	has_left = true;
	atomic_store_explicit(&((struct heap *)heap)->taken, false, memory_order_release);
}

/* Bytes of the blocks that serve so many units: none that POOL_STRIDE adds more to. */
static size_t block_bytes(size_t units) {
	size_t bytes = units * HEAP_UNIT_BYTES;
	if (bytes >= HEAP_FINE_BYTES)
		bytes = (bytes + HEAP_COARSE_BYTES - 1) / HEAP_COARSE_BYTES * HEAP_COARSE_BYTES;
	return POOL_STRIDE(bytes, HEAP_UNIT_BYTES) == bytes ? bytes : bytes + HEAP_UNIT_BYTES;
}

static unsigned char number_of(size_t bytes) {
	for (size_t i = 0; i < size_count; i++)
		if (sizes[i] == bytes)
			return (unsigned char)(i + 1);
	sizes[size_count++] = bytes;
	return (unsigned char)size_count;
}

static void serve(size_t first, size_t last) {
	size_t units = (first + HEAP_UNIT_BYTES - 1) / HEAP_UNIT_BYTES;
	for (; units <= HEAP_UNITS && (units - 1) * HEAP_UNIT_BYTES < last; units++)
		heap_numbers[units] = number_of(block_bytes(units));
}

static bool read_sizes(const char *setting) {
	struct setting_part rest = setting_item(setting, "pools"), item, first, last;
	while (setting_next(&rest, ':', &item)) {
		size_t from, to;
		setting_next(&item, '-', &first);
		if (!setting_next(&item, '-', &last))
			last = first;
		if (setting_number(first, &from) && setting_number(last, &to) && from != 0 && from <= HEAP_BYTES_MOST)
			serve(from, to);
	}
	heap_numbers[0] = heap_numbers[1]; /* no byte is a block of its own, too */
	return size_count != 0;
}

bool heaps_start(const char *setting) {
	if (!read_sizes(setting) || getrandom(&heap_freed_mark, sizeof(heap_freed_mark), GRND_NONBLOCK) < 0 ||
	    pthread_key_create(&at_thread_exit, leave) != 0)
		return false;
	heap_bytes = sizeof(struct heap) + size_count * sizeof(struct heap_pool);
	heaps = at_thread_exit < KEYS_WITHOUT_HEAP ? region_reserve(HEAPS_MOST * heap_bytes) : NULL;
	return heaps != NULL;
}

struct heap *heap_take(void) {
	for (size_t i = 0; heaps && !has_left && i < HEAPS_MOST && region_commit((i + 1) * heap_bytes); i++) {
		struct heap *heap = (struct heap *)(void *)(heaps + i * heap_bytes);
		bool taken = false;
		if (atomic_load_explicit(&heap->taken, memory_order_relaxed) ||
		    !atomic_compare_exchange_strong_explicit(&heap->taken, &taken, true, memory_order_acquire,
							     memory_order_relaxed))
			continue;
		heap_here = heap;
		for (size_t k = 0; k < size_count; k++) {
			heap->pools[k].heap = heap;
			heap->pools[k].bytes = sizes[k];
		}
		pthread_setspecific(at_thread_exit, heap);
		return heap;
	}
	has_left = true;
	return NULL;
}

/* ---- blocks ------------------------------------------------------------------------------------------------------ */

static bool add_chunk(struct heap_pool *to) {
	struct heap_chunk *chunk = region_take_chunk();
	if (!chunk)
		return false;
	size_t before = CHUNK_HEAD_BYTES + (size_t)(to - to->heap->pools) * COLOUR_BYTES % COLOURS_BYTES;
	unsigned char *memory = (unsigned char *)chunk + before;
	size_t bytes = REGION_CHUNK_BYTES - before;
	if (to->pool.top) {
		if (pool_add(&to->pool, memory, bytes) != 0)
			return false;
	} else {
		size_t blocks = bytes / (POOL_STRIDE(to->bytes, HEAP_UNIT_BYTES) + sizeof(void *) + 1) - 2;
		blocks = blocks < FIRST_BLOCKS_MOST ? blocks : FIRST_BLOCKS_MOST;
		if (pool_init(&to->pool, memory, bytes, to->bytes, HEAP_UNIT_BYTES, blocks) != 0)
			return false;
		pool_free(&to->pool, pool_alloc(&to->pool)); /* from here on there are slots */
	}
	chunk->blocks = *to->pool.last;
	chunk->of = to;
	return true;
}

static bool refill(struct heap_pool *to) {
	if (!to->chain)
		to->chain = atomic_exchange_explicit(&to->others, NULL, memory_order_acquire);
	bool has = to->chain;
	for (unsigned i = 0; i < REFILL_BLOCKS && to->chain && to->pool.top != to->pool.limit; i++) {
		void *block = to->chain;
		to->chain = *(void **)block;
		pool_free(&to->pool, block);
	}
	return has;
}

void *heap_pool_more(struct heap_pool *from) {
	return (from->pool.top && refill(from)) || add_chunk(from) ? pool_alloc(&from->pool) : NULL;
}

void heap_pool_take_back(struct heap_pool *of, void *block) {
	void **next = block;
	if (of->heap == heap_here) {
		*next = of->chain;
		of->chain = block;
		return;
	}
	void *first = atomic_load_explicit(&of->others, memory_order_relaxed);
	do
		*next = first;
	while (!atomic_compare_exchange_weak_explicit(&of->others, &first, block, memory_order_release,
						      memory_order_relaxed));
}
