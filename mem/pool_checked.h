/* SPDX-License-Identifier: Apache-2.0
 *
 * The checked pool: the same pool, whose alloc and free look at what they are given. Define POOL_CHECKED before
 * mem/pool.h, in every file that uses a pool, and the names of pool.h are these; or include this and call them by name.
 *
 * Seen, and reported through the caller's callback:
 *   double free        the object was given back already, whatever was written to it since
 *   foreign pointer    no object of this pool, or one that was never taken; NULL too
 *   misaligned pointer into an object, not at its start
 *   write after free   a freed object holds the poison; when it is taken next, or at pool_checked_sweep, it must still
 *   broken slots       the pool's own memory was overwritten, say by a write past the end of the highest object, behind
 *                      which it lies: a slot names what is no free object, an object's mark is none, an added region is
 *                      not as the pool left it
 * A refused free leaves the pool as it was; an object that was written to is given out all the same. A slot that names
 * no free object is passed over: alloc gives NULL that once, and the next call takes the next slot. Of a pool with a
 * broken region every free is refused, alloc gives NULL and walk and sweep look at nothing, until pool_reset, which
 * goes on without the region and what was added after it. Nothing that may have been overwritten is followed before it
 * was looked at. Without a callback the program traps.
 * Not seen: what is written to slots and objects' ends that are not in use, and objects of other
 * types in the same memory.
 *
 * How: a freed object is filled with a poison, all of it, and compared when it is taken next. A pointer's place is
 * found by one multiplication (pool_index), in added regions by one for each region. A byte beside the objects, the
 * mark, says of each whether it is live or free. Added regions, whose head lies behind their slots, are sealed by a
 * sum. With the address sanitizer in the build free objects are poisoned for it; with POOL_VALGRIND defined, which
 * wants Valgrind's headers, they are inaccessible for Memcheck, too, and live objects that nothing points to are leaks
 * (Valgrind manual, section 4.8, "Memory Pools"; its requests cost some cycles each even outside of it). A shared pool:
 * mem/pool_shared_checked.c.
 *
 * Costs 2 to 3 times an unchecked pair, for 64 live objects of 64 bytes, by CPU (Zen 5: 2.9).
 */
#pragma once

#include "mem/pool.h"

/* Where the compiler knows of it, the linker keeps it, too, that collects sections. */
#if defined(__has_attribute)
#if __has_attribute(retain)
#define POOL_KEEP __attribute__((used, retain))
#endif
#endif
#ifndef POOL_KEEP
#define POOL_KEEP __attribute__((used))
#endif

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POOL_ASAN
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) && !defined(POOL_ASAN)
#define POOL_ASAN
#endif

/* WATCHER: who watches memory; see pool_checked_watcher.
 * HIDE: nobody may touch it. SHOW: the pool may look at it. GIVE: it is taken. BACK: it was given back. FORGET: a slot
 * that is not in use any more, which else makes a lost object look as if somebody had it. PEEK: the pool reads what its
 * owner may never have written. WATCH, LEAVE: from here to there it is a pool. */
#if defined(POOL_ASAN) && __has_include(<sanitizer/asan_interface.h>)
#include <sanitizer/asan_interface.h>
#define POOL_WATCHER                     pool_asan_is_on
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
#define POOL_WATCHER                     pool_valgrind_is_on
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
#define POOL_WATCHER                     pool_asan_and_valgrind_are_off
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

/* What the one file hides the other has to show: pool_checked.c defines the symbol of its own watcher, and each file
 * that includes this names its own, so that one which was compiled for another does not link. */
extern const char POOL_WATCHER;
POOL_KEEP static const char *const pool_checked_watcher = &POOL_WATCHER;

/* As pool_init. */
int pool_checked_init(struct pool *pool, void *memory, size_t memory_bytes, size_t object_bytes, size_t alignment,
		      size_t capacity);

/* ---- inside ------------------------------------------------------------------------------------------------------ */

/* The paths of objects that are fresh, of another size, of an added region, or wrong. */
__attribute__((cold)) void *pool_checked_alloc_slow(struct pool *pool);
__attribute__((cold)) void pool_checked_free_slow(struct pool *pool, void *object);

#define POOL_POISON UINT64_C(0xf5fef5fef5fef5fe)

/* What a mark says: an object that was never taken, is live, or was given back. No byte that is likely to be
 * written by mistake. */
enum { POOL_MARK_FRESH = 0x6b, POOL_MARK_LIVE = 0x9d, POOL_MARK_FREED = 0xd6 };

/* Objects may be of any alignment, and of any type. */
typedef uint64_t pool_word __attribute__((aligned(1), may_alias));
typedef uint64_t pool_wide __attribute__((vector_size(16), aligned(1), may_alias));

/* Objects of one line, one behind the other: the inline paths are theirs, others' are calls. */
enum { POOL_LINE_SHIFT = 6, POOL_LINE = 1 << POOL_LINE_SHIFT };

/* Which object of the first region; as pool_index, without its multiplication. */
static inline uintptr_t pool_line_index(const struct pool *pool, const void *object) {
	uintptr_t distance = POOL_CAST(uintptr_t, object) - POOL_CAST(uintptr_t, pool->first.objects);
	return distance >> POOL_LINE_SHIFT | distance << (sizeof distance * 8 - POOL_LINE_SHIFT);
}

static inline void pool_poison_line(struct pool *pool, void *object) {
	const pool_wide poison = {POOL_POISON, POOL_POISON};
	pool_wide *wide = POOL_CAST(pool_wide *, object);
	wide[0] = poison;
	wide[1] = poison;
	wide[2] = poison;
	wide[3] = poison;
	POOL_BACK(pool, object, POOL_LINE);
}

static inline bool pool_line_is_poisoned(const void *object) {
	const pool_wide poison = {POOL_POISON, POOL_POISON};
	const pool_wide *wide = POOL_CAST(const pool_wide *, object);
	pool_wide differ = (wide[0] ^ poison) | (wide[1] ^ poison) | (wide[2] ^ poison) | (wide[3] ^ poison);
	return (differ[0] | differ[1]) == 0;
}

static inline void *pool_checked_alloc(struct pool *pool) {
	void **slot = pool->top - 1;
	if (__builtin_expect(pool->top <= pool->checked_bottom, 0))
		return pool_checked_alloc_slow(pool);
	void *object = *slot;
	uintptr_t index = pool_line_index(pool, object);
	unsigned char *marks = pool->first.marks;
	if (__builtin_expect(index >= pool->checked_taken, 0) || __builtin_expect(marks[index] != POOL_MARK_FREED, 0))
		return pool_checked_alloc_slow(pool);
	POOL_SHOW(object, POOL_LINE);
	if (__builtin_expect(!pool_line_is_poisoned(object), 0))
		return pool_checked_alloc_slow(pool);
	pool->top = slot;
	marks[index] = POOL_MARK_LIVE;
	POOL_GIVE(pool, object, POOL_LINE);
	POOL_FORGET(slot);
	return object;
}

static inline void pool_checked_free(struct pool *pool, void *object) {
	uintptr_t index = pool_line_index(pool, object);
	void **slot = pool->top;
	unsigned char *marks = pool->first.marks;
	if (__builtin_expect(index >= pool->checked_taken, 0) || __builtin_expect(marks[index] != POOL_MARK_LIVE, 0) ||
	    __builtin_expect(slot == pool->limit, 0)) {
		pool_checked_free_slow(pool, object);
		return;
	}
	pool->top = slot + 1;
	if (*slot != object) /* what was taken last comes back to its slot, and a store costs more than a look */
		*slot = object;
	marks[index] = POOL_MARK_FREED;
	pool_poison_line(pool, object);
}

#ifdef __cplusplus
}
#endif

#ifdef POOL_CHECKED
#define pool_init  pool_checked_init
#define pool_alloc pool_checked_alloc
#define pool_free  pool_checked_free
#endif
