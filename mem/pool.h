/* SPDX-License-Identifier: Apache-2.0
 *
 * Object pool: objects of one size, taken and given back in any order, out of memory that the caller gives and can add
 * to. Freestanding C11, no globals, no dependency: copy the folder into your tree.
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
 * Every region of memory brings the slots of the stack for its own objects: the stack goes on from one region's slots
 * to the next's, and no region is ever moved. The step from one to the other is a call, not an inline path. Below the
 * lowest slot lies NULL: to see whether there is a freed object is to take it.
 *
 * Costs:       a pointer and a byte an object, beside the object. alloc, free, init, add and reset are O(1).
 * Ownership:   the memory is the caller's, and the pool's until pool_end. A pool holds pointers into itself: it stays
 *              where it was initialised.
 * Placement:   init, add and reset write no object's memory, so objects lie where the caller's memory does. For objects
 *              by node, make a pool a node; for many nodes in one pool, add memory of each.
 * Concurrency: one thread at a time; different pools share nothing. For many cores: mem/pool_shared.h.
 * Errors:      said by init and add alone. The fast paths check nothing that the caller can know: a pointer that is not
 *              a live object of this pool, given to pool_free, is undefined. For a build that catches it define
 *              POOL_CHECKED before this header, in every file that uses the pool: mem/pool_checked.h. The callback that
 *              it reports to is declared here, so that one text serves both builds.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#define POOL_CAST(type, value) reinterpret_cast<type>(value)
#else
#define POOL_CAST(type, value) ((type)(value))
#endif

enum pool_error {
	POOL_EINVAL = -1, /* a NULL, a size or capacity of 0, an alignment that is no power of two, an overflow */
	POOL_EALIGN = -2, /* the memory is not aligned to the object's alignment and to a pointer's */
	POOL_ENOMEM = -3, /* init: the memory is smaller than pool_bytes_needed; add: not one object fits */
};

/* A piece of memory, and what lies in it: objects, then the stack's slots for them, then their marks. */
struct pool_region {
	struct pool_region *next;
	struct pool_region *previous;
	unsigned char *objects;
	unsigned char *fresh; /* what pool.fresh is to be once freed objects lie in the first region's slots only */
	void **slots;         /* [capacity], and slots[-1]: NULL since the first of them was in use */
	unsigned char *marks; /* [capacity]: pool_walk's */
	size_t capacity;      /* objects */
	size_t before;        /* objects in the regions before this one */
	uintptr_t seal;       /* of an added region of a checked pool: what all of the above come to */
};

struct pool;
struct pool_shared;

/* What a checked pool reports: mem/pool_checked.h says when. */
enum pool_fault_kind {
	POOL_FAULT_DOUBLE_FREE = 1,
	POOL_FAULT_FOREIGN = 2,
	POOL_FAULT_MISALIGNED = 3,
	POOL_FAULT_OVERWRITTEN = 4,
	POOL_FAULT_SLOTS = 5,
};

struct pool_fault {
	enum pool_fault_kind kind;
	const char *text;           /* "double free" */
	struct pool *pool;          /* NULL: it was the shared one */
	struct pool_shared *shared; /* NULL: it was not a shared pool */
	/* Of a shared pool: number of the core that gave or took the object; pool_shared_checked_sweep, _walk: 0. */
	size_t core;
	/* As given, or the object that was written to. SLOTS: what a slot names, whose mark is wrong, or the region
	 * that was written to. */
	void *object;
	size_t offset;      /* MISALIGNED: into its object; OVERWRITTEN: of the first wrong byte */
	const void *caller; /* an address in the function that called the pool: a batch's own */
};

typedef void pool_report(void *argument, const struct pool_fault *fault);

/* In the open for the inline paths; read it, but change it through the functions only. */
struct pool {
	void **top;   /* the next freed object to take is top[-1]; NULL: there is none in freed_region's slots */
	void **limit; /* behind these */
	unsigned char *fresh; /* the first object of fresh_region that was never taken since the last reset; */
	unsigned char
		*end;  /* behind its last. Equal, too, while freed objects lie in more than the first region's slots */
	size_t stride; /* bytes from one object to the next */
	void **bottom; /* slots of freed_region, of which those of the regions before it are all in use */
	void *none;    /* NULL; what lies below top until an object was freed since the last reset */
	struct pool_region *freed_region;
	struct pool_region *fresh_region;

	size_t object_bytes; /* as asked for */
	size_t alignment;
	size_t capacity; /* objects, of all regions */
	struct pool_region *last;
	uintptr_t stride_inverse; /* of the stride's odd part, modulo 2^n: see pool_index */
	unsigned stride_shift;    /* the stride is that odd part times two to this */
	size_t checked_taken;     /* objects of the first region that were ever taken; 0 where not checked_lines */
	bool checked;
	bool checked_lines;    /* objects of 64 bytes, one behind the other: the checked inline paths are theirs */
	void **checked_bottom; /* their `bottom`; beyond every address for other objects */
	pool_report *report;   /* NULL: trap */
	void *report_argument;
	struct pool_region first;
};

/* Bytes from one object to the next: the size, rounded up to the alignment. Where that is a large multiple of 512, and
 * the alignment leaves the choice, 64 more: at such distances the objects' first lines would all fall into few sets of
 * the caches, and evict one another long before these are full. */
#define POOL_STRIDE(object_bytes, alignment)                                                                      \
	(POOL_ROUND(object_bytes, alignment) + (POOL_ROUND(object_bytes, alignment) >= 1024 &&                    \
								POOL_ROUND(object_bytes, alignment) % 512 == 0 && \
								POOL_BYTE_COUNT(alignment) <= 64                  \
							? POOL_BYTE_COUNT(64)                                     \
							: POOL_BYTE_COUNT(0)))
#define POOL_ROUND(bytes, unit) ((POOL_BYTE_COUNT(bytes) + POOL_BYTE_COUNT(unit) - 1) & ~(POOL_BYTE_COUNT(unit) - 1))
#define POOL_BYTE_COUNT(value)  ((value) * sizeof(char)) /* a size_t, without a cast in C++'s way or C's */

/* pool_bytes_needed as a constant expression, for static memory. Arguments must be good: nothing is checked. */
#define POOL_BYTES(object_bytes, alignment, capacity)                                                     \
	(POOL_ROUND(POOL_STRIDE(object_bytes, alignment) * (capacity), sizeof(void *)) + sizeof(void *) + \
	 (sizeof(void *) + 1) * (capacity))

/* Bytes of memory for `capacity` objects of `object_bytes`, each aligned to `alignment` (a power of two, 1 included).
 * 0: the arguments are such that init would say POOL_EINVAL. */
size_t pool_bytes_needed(size_t object_bytes, size_t alignment, size_t capacity);

/* Makes a pool in `memory`, of which it uses the first pool_bytes_needed bytes. 0, or enum pool_error and *pool
 * unchanged. */
int pool_init(struct pool *pool, void *memory, size_t memory_bytes, size_t object_bytes, size_t alignment,
	      size_t capacity);

/* As many further objects as fit into `memory`, which has the alignment that init's has; some 80 bytes of it are for
 * the pool itself. Live objects stay live. 0, or enum pool_error and the pool unchanged; POOL_EINVAL, too, where a
 * checked pool has reported that its own memory was written to. */
int pool_add(struct pool *pool, void *memory, size_t memory_bytes);

/* All objects are free again, those that were taken too; added memory stays. */
void pool_reset(struct pool *pool);

/* Who is told of faults; NULL: trap. `report` may return: see mem/pool_checked.h. An unchecked pool never calls it. */
void pool_set_report(struct pool *pool, pool_report *report, void *argument);

/* Looks at every freed object, and at the pool's own memory, and reports what was written to; the number of reports. 0
 * for an unchecked pool. */
size_t pool_checked_sweep(struct pool *pool);

/* The memory is the caller's again. Does nothing, but in a checked build, where freed objects are looked at once more,
 * and whoever watches memory is told to let go of it. The pool can only be initialised anew. */
void pool_end(struct pool *pool);

/* What the inline paths call when the freed objects of one region's slots, or its slots, come to an end. */
void *pool_alloc_slow(struct pool *pool);
void pool_free_slow(struct pool *pool, void *object);

/* An object, with whatever is in it; NULL when all are taken. */
static inline void *pool_alloc(struct pool *pool) {
	void *object = pool->top[-1];
	if (__builtin_expect(object != NULL, 1)) {
		pool->top--;
		return object;
	}
	if (pool->fresh != pool->end) {
		object = pool->fresh;
		pool->fresh += pool->stride;
		return object;
	}
	return pool_alloc_slow(pool);
}

/* Gives back an object that pool_alloc of this pool gave and that is not free. Not NULL. */
static inline void pool_free(struct pool *pool, void *object) {
	if (__builtin_expect(pool->top != pool->limit, 1))
		*pool->top++ = object;
	else
		pool_free_slow(pool, object);
}

/* As `count` times pool_alloc, in its order; the objects taken, fewer only where the pool is exhausted. */
size_t pool_alloc_batch(struct pool *pool, void **objects, size_t count);

/* As `count` times pool_free, in the order of `objects`. */
void pool_free_batch(struct pool *pool, void *const *objects, size_t count);

/* The pool counts nothing as it goes: all this follows from where its stack and its mark of fresh objects stand. */
struct pool_statistics {
	size_t capacity;
	size_t live;
	/* The most that were live at once since init or reset: objects are taken fresh only when none is freed. */
	size_t peak;
	size_t regions;
};

/* O(regions); a division. */
void pool_statistics_read(const struct pool *pool, struct pool_statistics *statistics);

/* Objects that could be taken now; a division. */
size_t pool_available(const struct pool *pool);

/* Calls visit(argument, object) for each live object, ascending within a region, until it returns false. It may give
 * back the object that it was called with, and change the pool in no other way. Costs a store for each object ever
 * taken, a store (and a step a region) for each freed, then a look at each object ever taken: some 2 ns an object while
 * the marks, a byte each, are in the cache. */
void pool_walk(struct pool *pool, bool (*visit)(void *argument, void *object), void *argument);

/* Which object of the region a pointer is; at least region->capacity for a pointer that is none of it. A multiple of
 * the stride, multiplied by the inverse of the stride's odd part and rotated by its power of two, is the quotient;
 * anything else comes out beyond every quotient. H. Warren: "Hacker's Delight", 2nd edition, section 10-17. */
static inline size_t pool_index(const struct pool *pool, const struct pool_region *region, const void *object) {
	uintptr_t product =
		(POOL_CAST(uintptr_t, object) - POOL_CAST(uintptr_t, region->objects)) * pool->stride_inverse;
	unsigned shift = pool->stride_shift, bits = sizeof(uintptr_t) * 8;
	return product >> shift | product << ((bits - shift) & (bits - 1));
}

#ifdef __cplusplus
}
#else
_Static_assert(offsetof(struct pool, freed_region) == 7 * sizeof(void *),
	       "what the fast paths need is in one cache line of a 64-bit machine");
#endif

#ifdef POOL_CHECKED
#include "mem/pool_checked.h"
#endif
