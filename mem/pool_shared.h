/* SPDX-License-Identifier: Apache-2.0
 *
 * A pool for many cores: an object may be given back on another core than the one that took it.
 *
 *     struct pool_shared *shared;
 *     pool_shared_init(&shared, memory, bytes, sizeof(struct packet), 64, 100000, cores);
 *     struct pool_core *core = pool_shared_core(shared, my_number);
 *     struct packet *packet = pool_core_alloc(core);
 *     pool_core_free(core, packet);
 *
 * Magazines, after J. Bonwick, J. Adams: "Magazines and Vmem" (USENIX 2001), section 3: every core has two, arrays of
 * pointers to free objects; alloc and free work on the one that is loaded, as on the stack of mem/pool.h, with NULL
 * below it, too. Only when both are empty, or both full, does a core go to the depot, and exchanges a whole magazine
 * there, or, when it came for the same the last time, both of them: one in 252 operations of a core that only takes or
 * only gives, one in 64 at the most, whatever their order.
 *
 * The depot is two lists of magazines, full and empty ones, each lock-free: R. Treiber's stack ("Systems Programming:
 * Coping with Parallelism", IBM RJ 5118, 1986), whose head is an index of 24 bits and a count of 40 bits in one word
 * of 64. The count goes up with every change, so that a head which was taken and put back in between is not mistaken
 * for one which was not (ABA), unless 2^40 changes fall between one core's load and its compare-and-swap: at 10 ns
 * each, three hours. Magazines are never given up, so what a core reads through an old head is a magazine still, and
 * thrown away when the swap fails.
 *
 * Costs:       a pointer an object, two magazines (2 KiB) a core, a byte an object. init is O(cores + magazines); it
 *              writes no object.
 * Ownership:   the memory is the caller's, and the pool's until pool_shared_end.
 * Concurrency: a struct pool_core is one thread's at a time (hand it on as you hand on any data); different ones at
 *              once. What was written to an object before its free is seen by who takes it next. Handing an object to
 *              the core that is to free it is the caller's, with release and acquire.
 * Exhaustion:  NULL. Free objects in other cores' magazines cannot be had: up to 252 for every other core. Give that
 *              much more than must be live.
 * Errors:      enum pool_error, said by init and add alone. A build that defines POOL_CHECKED before this header, in
 *              every file that uses the pool, sees what mem/pool_checked.h lists, and reports it, whichever core the
 *              object was taken and given back on. There alloc and free are calls. What the address sanitizer and
 *              Memcheck see of it are accesses after the free, to objects aligned to 8 or more; not, as with
 *              mem/pool.h, decisions on what nobody wrote, and leaks.
 */
#pragma once

#include "mem/pool.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
	POOL_CACHE_LINE_PAIR = 128,  /* what one core must not share with another: prefetchers fetch lines in pairs */
	POOL_MAGAZINE_OBJECTS = 126, /* with its head and the NULL below them, 1 KiB */
	POOL_CORES_MAX = 65536,
};

struct pool_shared;
struct pool_magazine;

enum pool_exchange { POOL_EXCHANGE_NONE, POOL_EXCHANGE_ALLOC, POOL_EXCHANGE_FREE };

/* One core's end of the pool. In the open for the inline paths; read it, but change it through the functions only. */
struct pool_core {
	void **top; /* the next object to take is top[-1]; NULL: the loaded magazine is empty */
	void **bottom;
	void **limit;
	struct pool_magazine *loaded; /* bottom to limit are its slots */
	struct pool_magazine *spare;
	bool spare_is_full;          /* else it is empty */
	unsigned char last_exchange; /* enum pool_exchange */
	struct pool_shared *shared;
	uint64_t exchanges; /* with the depot, so far */
	unsigned char unused[POOL_CACHE_LINE_PAIR - 7 * sizeof(void *) - sizeof(uint64_t)];
};

/* 0: the arguments are such that init would say POOL_EINVAL. */
size_t pool_shared_bytes_needed(size_t object_bytes, size_t alignment, size_t capacity, size_t cores);

/* Makes a pool in `memory`, which is aligned to POOL_CACHE_LINE_PAIR and to the objects' alignment. 0, or enum
 * pool_error. The other threads see it once the caller has handed it to them. */
int pool_shared_init(struct pool_shared **shared, void *memory, size_t memory_bytes, size_t object_bytes,
		     size_t alignment, size_t capacity, size_t cores);

/* As many further objects as fit into `memory`, aligned as init's, with all that the pool needs for them. Any thread,
 * at any time. Every added memory makes the depot's work somewhat longer: a few large ones, not many small. 0, or enum
 * pool_error and the pool unchanged; POOL_EINVAL, too, where there would be 2^24 magazines. */
int pool_shared_add(struct pool_shared *shared, void *memory, size_t memory_bytes);

/* The memory is the caller's again. Nobody else is in the pool. As pool_end: does something in a checked build only. */
void pool_shared_end(struct pool_shared *shared);

/* Number 0 to cores - 1; NULL beyond. */
struct pool_core *pool_shared_core(struct pool_shared *shared, size_t number);

/* All objects are free again. Nobody else is in the pool. O(cores + magazines). */
void pool_shared_reset(struct pool_shared *shared);

void *pool_core_alloc_slow(struct pool_core *core);
void pool_core_free_slow(struct pool_core *core, void *object);

/* An object, with whatever is in it; NULL: see Exhaustion. */
static inline void *pool_core_alloc(struct pool_core *core) {
	void *object = core->top[-1];
	if (__builtin_expect(object == NULL, 0))
		return pool_core_alloc_slow(core);
	core->top--;
	return object;
}

/* Gives back an object of this pool, whichever core took it. Not NULL. */
static inline void pool_core_free(struct pool_core *core, void *object) {
	if (__builtin_expect(core->top != core->limit, 1))
		*core->top++ = object;
	else
		pool_core_free_slow(core, object);
}

/* As so many times pool_core_alloc; the objects taken. */
size_t pool_core_alloc_batch(struct pool_core *core, void **objects, size_t count);
void pool_core_free_batch(struct pool_core *core, void *const *objects, size_t count);

/* ---- checked: mem/pool_checked.h --------------------------------------------------------------------------------- */

int pool_shared_checked_init(struct pool_shared **shared, void *memory, size_t memory_bytes, size_t object_bytes,
			     size_t alignment, size_t capacity, size_t cores);
void *pool_core_checked_alloc(struct pool_core *core);
void pool_core_checked_free(struct pool_core *core, void *object);

/* As pool_set_report, before other threads are in the pool. Reports come on the thread that made the mistake or found
 * it, and on several at once where several do. */
void pool_shared_set_report(struct pool_shared *shared, pool_report *report, void *argument);

/* As pool_checked_sweep. Nobody else is in the pool. Where a magazine's place in the depot was written to, what was in
 * the depot is lost after the report; a core that finds no empty magazine any more traps. */
size_t pool_shared_checked_sweep(struct pool_shared *shared);

struct pool_shared_statistics {
	size_t capacity;
	size_t live;
	size_t in_cores; /* free, in cores' magazines */
	size_t in_depot; /* free, in the depot or never taken */
	uint64_t exchanges;
};

/* Both want nobody else in the pool, and look at every magazine; the walk, like pool_walk, at every object. */
void pool_shared_statistics_read(struct pool_shared *shared, struct pool_shared_statistics *statistics);
void pool_shared_walk(struct pool_shared *shared, bool (*visit)(void *argument, void *object), void *argument);

#ifdef __cplusplus
}
#else
_Static_assert(sizeof(struct pool_core) == POOL_CACHE_LINE_PAIR, "two cores' ends share no line");
#endif

#ifdef POOL_CHECKED
#define pool_shared_init pool_shared_checked_init
#define pool_core_alloc  pool_core_checked_alloc
#define pool_core_free   pool_core_checked_free
#endif
