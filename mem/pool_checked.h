/* SPDX-License-Identifier: Apache-2.0
 *
 * The checked pool: the same pool, whose alloc and free look at what they are given. Define POOL_CHECKED before
 * mem/pool.h, in every file that uses a pool, and the names of pool.h are these; or include this and call them by name.
 *
 * Seen, and reported through the caller's callback:
 *   double free        the object was given back already
 *   foreign pointer    no object of this pool, or one that was never taken; NULL too
 *   misaligned pointer into an object, not at its start
 *   write after free   a freed object holds the poison; when it is taken next, or at pool_checked_sweep, it must still
 *   broken slots       the pool's own memory was overwritten: a slot names what is no free object
 * A refused free leaves the pool as it was; an object that was written to is given out all the same. Without a callback the
 * program traps.
 *
 * How: every object has a state, a byte beside the objects, which init and reset clear. A pointer's place is found by
 * one multiplication (pool_index), objects of added regions by one for each region. Of large objects all bytes are filled
 * and compared. With the address sanitizer in the build free objects are poisoned for it; with POOL_VALGRIND defined and
 * Valgrind's headers there they are inaccessible for Memcheck, too (its requests cost some cycles each even outside of it).
 *
 * Costs less than twice an unchecked pair, for 64 live objects of 64 bytes: `make bench-peers ARGS=pool/checked`.
 */
#pragma once

#include "mem/pool.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POOL_ASAN
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) && !defined(POOL_ASAN)
#define POOL_ASAN
#endif

#if defined(POOL_ASAN) && __has_include(<sanitizer/asan_interface.h>)
#include <sanitizer/asan_interface.h>
#define POOL_HIDE(memory, bytes) ASAN_POISON_MEMORY_REGION(memory, bytes)
#define POOL_SHOW(memory, bytes) ASAN_UNPOISON_MEMORY_REGION(memory, bytes)
#define POOL_GIVE(memory, bytes) ((void)(memory), (void)(bytes))
#elif defined(POOL_VALGRIND) && __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#define POOL_HIDE(memory, bytes) ((void)VALGRIND_MAKE_MEM_NOACCESS(memory, bytes))
#define POOL_SHOW(memory, bytes) ((void)VALGRIND_MAKE_MEM_DEFINED(memory, bytes))
#define POOL_GIVE(memory, bytes) ((void)VALGRIND_MAKE_MEM_UNDEFINED(memory, bytes))
#else
#define POOL_HIDE(memory, bytes) ((void)(memory), (void)(bytes))
#define POOL_SHOW(memory, bytes) ((void)(memory), (void)(bytes))
#define POOL_GIVE(memory, bytes) ((void)(memory), (void)(bytes))
#endif

#ifdef __cplusplus
extern "C" {
#endif

enum pool_fault_kind {
	POOL_FAULT_DOUBLE_FREE = 1,
	POOL_FAULT_FOREIGN = 2,
	POOL_FAULT_MISALIGNED = 3,
	POOL_FAULT_OVERWRITTEN = 4,
	POOL_FAULT_SLOTS = 5,
};

struct pool_fault {
	enum pool_fault_kind kind;
	const char *text; /* "double free" */
	struct pool *pool;
	void *object;       /* as given, or the object that was written to */
	size_t offset;      /* MISALIGNED: into its object; OVERWRITTEN: of the first wrong byte */
	const void *caller; /* an address in the function that gave or took the object */
};

/* What an object's state is. */
enum pool_state { POOL_STATE_FRESH = 0, POOL_STATE_LIVE = 1, POOL_STATE_FREED = 2 };

/* As pool_init; further writes a byte an object. */
int pool_checked_init(struct pool *pool, void *memory, size_t memory_bytes, size_t object_bytes, size_t alignment,
		      size_t capacity);

/* Who is told of faults; NULL: trap. `report` may return: see above. An unchecked pool never calls it. */
void pool_set_report(struct pool *pool, pool_report *report, void *argument);

/* Looks at every freed object, and reports those that were written to; their number. 0 for an unchecked pool. */
size_t pool_checked_sweep(struct pool *pool);

/* ---- inside ------------------------------------------------------------------------------------------------------- */

/* The paths of objects that are fresh, of an added region, or wrong. */
void *pool_checked_taken(struct pool *pool, void *object);
void pool_checked_given(struct pool *pool, void *object);

#define POOL_POISON UINT64_C(0xf5fef5fef5fef5fe)

/* Sixteen bytes at any address; two general registers where there is no wider one. */
typedef uint64_t pool_wide __attribute__((vector_size(16), aligned(1), may_alias));

static inline void pool_poison(struct pool *pool, void *object) {
	const pool_wide poison = {POOL_POISON, POOL_POISON};
	unsigned char *at = (unsigned char *)object;
	size_t left = pool->object_bytes;
	for (; left >= 64; left -= 64, at += 64) {
		pool_wide *wide = (pool_wide *)(void *)at;
		wide[0] = poison;
		wide[1] = poison;
		wide[2] = poison;
		wide[3] = poison;
	}
	for (size_t i = 0; i < left; i++)
		at[i] = (unsigned char)(POOL_POISON >> (i % 8 * 8));
	POOL_HIDE(object, pool->object_bytes);
}

static inline bool pool_is_poisoned(const struct pool *pool, const void *object) {
	const pool_wide poison = {POOL_POISON, POOL_POISON};
	pool_wide differ = {0, 0};
	const unsigned char *at = (const unsigned char *)object;
	size_t left = pool->object_bytes;
	for (; left >= 64; left -= 64, at += 64) {
		const pool_wide *wide = (const pool_wide *)(const void *)at;
		differ |= ((wide[0] ^ poison) | (wide[1] ^ poison)) | ((wide[2] ^ poison) | (wide[3] ^ poison));
	}
	for (size_t i = 0; i < left; i++)
		differ[0] |= (uint64_t)(at[i] ^ (unsigned char)(POOL_POISON >> (i % 8 * 8)));
	return (differ[0] | differ[1]) == 0;
}

static inline void *pool_checked_alloc(struct pool *pool) {
	void *object = pool_alloc(pool);
	if (object == NULL)
		return NULL;
	size_t index = pool_index(pool, &pool->first, object);
	if (index >= pool->first.capacity || pool->first.states[index] != POOL_STATE_FREED)
		return pool_checked_taken(pool, object);
	POOL_SHOW(object, pool->object_bytes);
	if (!pool_is_poisoned(pool, object))
		return pool_checked_taken(pool, object);
	pool->first.states[index] = POOL_STATE_LIVE;
	POOL_GIVE(object, pool->object_bytes);
	return object;
}

static inline void pool_checked_free(struct pool *pool, void *object) {
	size_t index = pool_index(pool, &pool->first, object);
	if (index >= pool->first.capacity || pool->first.states[index] != POOL_STATE_LIVE) {
		pool_checked_given(pool, object);
		return;
	}
	pool->first.states[index] = POOL_STATE_FREED;
	pool_poison(pool, object);
	pool_free(pool, object);
}

#ifdef __cplusplus
}
#endif

#ifdef POOL_CHECKED
#define pool_init  pool_checked_init
#define pool_alloc pool_checked_alloc
#define pool_free  pool_checked_free
#endif
