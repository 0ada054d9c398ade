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
 * How: a freed object is filled with a poison, all of it, and compared when it is taken next. A pointer's place is found by one
 * multiplication (pool_index), in added regions by one for each region. A freed object begins, twice, with the address of the slot that
 * names it: an object that is given back, and begins with the address of a slot in use that names it, is free already (P. Briggs,
 * L. Torczon: "An Efficient Representation for Sparse Sets", ACM LOPLAS 2, 1993; it takes no search, and an object that its
 * owner never wrote to is not mistaken). With the address sanitizer in the build free objects are poisoned for it; with
 * POOL_VALGRIND defined, which wants Valgrind's headers, they are inaccessible for Memcheck, too, and live objects that nothing points to
 * are leaks (Valgrind manual, section 4.8, "Memory Pools"; its requests cost some cycles each even outside of it). A shared pool's marks
 * say whether an object is free, and its free objects hold nothing but the poison: mem/pool_shared_checked.c.
 *
 * Costs some 1.9 times an unchecked pair, for 64 live objects of 64 bytes: `make bench-peers ARGS=pool/checked`. Objects
 * smaller than eight bytes are searched for at every free.
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

/* HIDE: nobody may touch it. SHOW: the pool may look at it. GIVE: it is taken. BACK: it was given back. FORGET: a slot that is not in
 * use any more, which else makes a lost object look as if somebody had it. PEEK: the pool reads what its owner may never have written.
 * WATCH, LEAVE: from here to there it is a pool. */
#if defined(POOL_ASAN) && __has_include(<sanitizer/asan_interface.h>)
#include <sanitizer/asan_interface.h>
#define POOL_HIDE(memory, bytes)         ASAN_POISON_MEMORY_REGION(memory, bytes)
#define POOL_SHOW(memory, bytes)         ASAN_UNPOISON_MEMORY_REGION(memory, bytes)
#define POOL_GIVE(anchor, memory, bytes) ((void)(anchor), (void)(memory), (void)(bytes))
#define POOL_BACK(anchor, memory, bytes) ((void)(anchor), ASAN_POISON_MEMORY_REGION(memory, bytes))
#define POOL_FORGET(slot)                ((void)(slot))
#define POOL_PEEK(memory, bytes)         ((void)(memory), (void)(bytes))
#define POOL_WATCH(anchor)               ((void)(anchor))
#define POOL_LEAVE(anchor)               ((void)(anchor))
#elif defined(POOL_VALGRIND)
#include <valgrind/memcheck.h>
#define POOL_HIDE(memory, bytes)         ((void)VALGRIND_MAKE_MEM_NOACCESS(memory, bytes))
#define POOL_SHOW(memory, bytes)         ((void)VALGRIND_MAKE_MEM_DEFINED(memory, bytes))
#define POOL_GIVE(anchor, memory, bytes) VALGRIND_MEMPOOL_ALLOC(anchor, memory, bytes)
#define POOL_BACK(anchor, memory, bytes) VALGRIND_MEMPOOL_FREE(anchor, memory)
#define POOL_FORGET(slot)                ((void)(*(slot) = NULL))
#define POOL_PEEK(memory, bytes)         ((void)VALGRIND_MAKE_MEM_DEFINED(memory, bytes))
#define POOL_WATCH(anchor)               VALGRIND_CREATE_MEMPOOL(anchor, 0, 0)
#define POOL_LEAVE(anchor)                                \
	do {                                              \
		if (VALGRIND_MEMPOOL_EXISTS(anchor))      \
			VALGRIND_DESTROY_MEMPOOL(anchor); \
	} while (0)
#else
#define POOL_HIDE(memory, bytes)         ((void)(memory), (void)(bytes))
#define POOL_SHOW(memory, bytes)         ((void)(memory), (void)(bytes))
#define POOL_GIVE(anchor, memory, bytes) ((void)(anchor), (void)(memory), (void)(bytes))
#define POOL_BACK(anchor, memory, bytes) ((void)(anchor), (void)(memory), (void)(bytes))
#define POOL_FORGET(slot)                ((void)(slot))
#define POOL_PEEK(memory, bytes)         ((void)(memory), (void)(bytes))
#define POOL_WATCH(anchor)               ((void)(anchor))
#define POOL_LEAVE(anchor)               ((void)(anchor))
#endif

#ifdef __cplusplus
extern "C" {
#endif

struct pool_shared;

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
	size_t core; /* of a shared pool: number of the core that gave or took the object; pool_shared_checked_sweep: 0 */
	void *object;       /* as given, or the object that was written to */
	size_t offset;      /* MISALIGNED: into its object; OVERWRITTEN: of the first wrong byte */
	const void *caller; /* an address in the function that gave or took the object: a batch's own */
};

/* As pool_init. */
int pool_checked_init(struct pool *pool, void *memory, size_t memory_bytes, size_t object_bytes, size_t alignment,
		      size_t capacity);

/* Who is told of faults; NULL: trap. `report` may return: see above. An unchecked pool never calls it. */
void pool_set_report(struct pool *pool, pool_report *report, void *argument);

/* Looks at every freed object, and reports those that were written to; their number. 0 for an unchecked pool. */
size_t pool_checked_sweep(struct pool *pool);

/* ---- inside ------------------------------------------------------------------------------------------------------- */

/* The paths of objects that are fresh, of another size, of an added region, or wrong. */
__attribute__((cold)) void *pool_checked_alloc_slow(struct pool *pool);
__attribute__((cold)) void pool_checked_free_slow(struct pool *pool, void *object);

#define POOL_POISON UINT64_C(0xf5fef5fef5fef5fe)

/* Objects may be of any alignment, and of any type. */
typedef uint64_t pool_word __attribute__((aligned(1), may_alias));
typedef uint64_t pool_wide __attribute__((vector_size(16), aligned(1), may_alias));

/* Objects of one line, one behind the other: the inline paths are theirs, others' are calls. */
enum { POOL_LINE_SHIFT = 6, POOL_LINE = 1 << POOL_LINE_SHIFT };

static inline void pool_poison_line(struct pool *pool, void *object, uint64_t first) {
	const pool_wide poison = {POOL_POISON, POOL_POISON};
	pool_wide *wide = (pool_wide *)object;
	wide[1] = poison;
	wide[2] = poison;
	wide[3] = poison;
	wide[0] = (pool_wide){first, first};
	POOL_BACK(pool, object, POOL_LINE);
}

static inline bool pool_line_is_poisoned(const void *object, uint64_t first) {
	const pool_wide poison = {POOL_POISON, POOL_POISON};
	const pool_word *word = (const pool_word *)object;
	const pool_wide *wide = (const pool_wide *)object;
	pool_wide differ = (wide[1] ^ poison) | (wide[2] ^ poison) | (wide[3] ^ poison);
	return __builtin_expect(word[0] == first, 1) && __builtin_expect(word[1] == first, 1) &&
	       __builtin_expect((differ[0] | differ[1]) == 0, 1);
}

/* Reads a word of what may be a freed object, which the address sanitizer would report in its own words. */
__attribute__((no_sanitize("address"))) static inline uint64_t pool_first_word(const void *object) {
	POOL_PEEK(object, sizeof(pool_word));
	return *(const pool_word *)object;
}

static inline void *pool_checked_alloc(struct pool *pool) {
	void **slot = pool->top - 1;
	if (__builtin_expect(pool->top <= pool->checked_bottom, 0))
		return pool_checked_alloc_slow(pool);
	void *object = *slot;
	POOL_SHOW(object, POOL_LINE);
	pool->top = slot;
	if (__builtin_expect(!pool_line_is_poisoned(object, (uint64_t)(uintptr_t)slot), 0)) {
		pool->top = slot + 1;
		return pool_checked_alloc_slow(pool);
	}
	POOL_GIVE(pool, object, POOL_LINE);
	POOL_FORGET(slot);
	return object;
}

static inline void pool_checked_free(struct pool *pool, void *object) {
	/* As pool_index does, without its multiplication. */
	uintptr_t distance = (uintptr_t)object - (uintptr_t)pool->first.objects;
	uintptr_t index = distance / POOL_LINE | distance << (sizeof distance * 8 - POOL_LINE_SHIFT);
	void **slot = pool->top;
	if (__builtin_expect(index >= pool->checked_taken, 0) ||
	    __builtin_expect(pool_first_word(object) - (uintptr_t)pool->first.slots < pool->checked_slots_bytes, 0) ||
	    __builtin_expect(slot == pool->limit, 0)) {
		pool_checked_free_slow(pool, object);
		return;
	}
	pool->top = slot + 1;
	if (*slot != object) /* what was taken last comes back to its slot, and a store costs more than a look */
		*slot = object;
	pool_poison_line(pool, object, (uint64_t)(uintptr_t)slot);
}

#ifdef __cplusplus
}
#endif

#ifdef POOL_CHECKED
#define pool_init  pool_checked_init
#define pool_alloc pool_checked_alloc
#define pool_free  pool_checked_free
#endif
