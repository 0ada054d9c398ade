/* SPDX-License-Identifier: Apache-2.0
 *
 * Object pool: objects of one size, taken and given back in any order, out of memory that the caller gives.
 * Freestanding C11, no globals, no dependency: copy the folder into your tree.
 *
 *     static _Alignas(64) unsigned char memory[POOL_BYTES(sizeof(struct packet), 64, 1024)];
 *     struct pool pool;
 *     pool_init(&pool, memory, sizeof memory, sizeof(struct packet), 64, 1024);
 *     struct packet *packet = pool_alloc(&pool);
 *     pool_free(&pool, packet);
 *
 * Free objects are a stack of pointers beside the objects, not a list through them: to take one touches no object, so
 * that objects which are cold, or were freed in random order, cost no miss that the next step must wait for. The last
 * freed is the next taken. Objects never used since the start are taken, in ascending order, only when no freed one is
 * left, so that init and reset write nothing and untouched memory stays untouched.
 *
 * Costs:       a pointer an object, beside the object. alloc, free, init and reset are O(1).
 * Ownership:   the memory is the caller's, and the pool's until the caller lets the pool go; nothing to destroy.
 * Concurrency: one thread at a time; different pools share nothing.
 * Errors:      said by init alone. The fast paths check nothing that the caller can know: a pointer that is not a live
 *              object of this pool, given to pool_free, is undefined.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum pool_error {
	POOL_EINVAL = -1, /* a NULL, a size or capacity of 0, an alignment that is no power of two, an overflow */
	POOL_EALIGN = -2, /* the memory is not aligned to the object's alignment and to a pointer's */
	POOL_ENOMEM = -3, /* the memory is smaller than pool_bytes_needed */
};

/* In the open for the inline paths; read it, but change it through the functions only. */
struct pool {
	void **top;             /* free objects are bottom[0] to top[-1]; the next taken is top[-1] */
	void **bottom;          /* the stack of freed objects: capacity slots, behind the objects */
	unsigned char *fresh;   /* the first object that was never taken since the last reset */
	unsigned char *end;     /* behind the last object */
	unsigned char *objects; /* the first object */
	size_t stride;          /* bytes from one object to the next */
	size_t capacity;        /* objects */
	size_t object_bytes;    /* as asked for */
};

/* Bytes from one object to the next: the size, rounded up to the alignment. */
#define POOL_STRIDE(object_bytes, alignment) (((size_t)(object_bytes) + (alignment)-1) & ~((size_t)(alignment)-1))

/* pool_bytes_needed as a constant expression, for static memory. Arguments must be good: nothing is checked. */
#define POOL_BYTES(object_bytes, alignment, capacity) \
	(POOL_STRIDE(POOL_STRIDE(object_bytes, alignment) * (capacity), sizeof(void *)) + sizeof(void *) * (capacity))

/* Bytes of memory for `capacity` objects of `object_bytes`, each aligned to `alignment` (a power of two, 1 included).
 * 0: the arguments are such that init would say POOL_EINVAL. */
size_t pool_bytes_needed(size_t object_bytes, size_t alignment, size_t capacity);

/* Makes a pool in `memory`, of which it uses the first pool_bytes_needed bytes. 0, or enum pool_error and *pool
 * unchanged. */
int pool_init(struct pool *pool, void *memory, size_t memory_bytes, size_t object_bytes, size_t alignment,
	      size_t capacity);

/* All objects are free again, those that were taken too. */
void pool_reset(struct pool *pool);

/* An object, with whatever is in it; NULL when all are taken. */
static inline void *pool_alloc(struct pool *pool) {
	if (pool->top != pool->bottom)
		return *--pool->top;
	if (pool->fresh != pool->end) {
		void *object = pool->fresh;
		pool->fresh += pool->stride;
		return object;
	}
	return NULL;
}

/* Gives back an object that pool_alloc of this pool gave and that is not free. Not NULL. */
static inline void pool_free(struct pool *pool, void *object) {
	*pool->top++ = object;
}

/* Objects that could be taken now. Divides: not for a hot path. */
static inline size_t pool_available(const struct pool *pool) {
	return (size_t)(pool->top - pool->bottom) + (size_t)(pool->end - pool->fresh) / pool->stride;
}

#ifdef __cplusplus
}
#else
_Static_assert(sizeof(struct pool) == 8 * sizeof(void *), "a pool's state is one cache line of a 64-bit machine");
_Static_assert(offsetof(struct pool, end) == 3 * sizeof(void *), "what the fast paths read comes first");
#endif
