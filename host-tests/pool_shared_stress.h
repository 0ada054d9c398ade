/* SPDX-License-Identifier: Apache-2.0
 *
 * The shared pool under threads, against a model of one word an object: who has it. Taking an object that somebody has,
 * or seeing other words in it than those that its last owner wrote, is an error. Used by the unit test, and by the
 * programme that the thread sanitizer watches, with which the test framework does not work.
 *
 * Replayable but for the interleaving: what every thread does follows from the seed.
 *
 * With POOL_CHECKED the pool is the checked one: an object's words do not outlive its free, and a report is an error.
 * Where the pool grows, it begins with an eighth of its memory, and the threads add the rest as they go.
 */
#pragma once

#include "host-tests/next_random.h"
#include "mem/pool_shared.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

enum { STRESS_THREADS_MAX = 8, STRESS_HELD_MAX = 400, STRESS_BOXES = 64, STRESS_BATCH = 200, STRESS_PARTS = 8 };
#ifdef POOL_CHECKED
enum { STRESS_CHECKED = true };
#else
enum { STRESS_CHECKED = false };
#endif

struct stress_object {
	_Atomic(uint64_t) owner; /* 0: nobody; the model's, and so atomic */
	uint64_t words[3];       /* plain: the pool's promise is that they are ordered */
};

struct stress {
	struct pool_shared *pool;
	size_t threads;
	size_t capacity;
	unsigned operations;
	bool bursts; /* many at a time, so that the depot has most of the work */
	uint64_t seed;
	unsigned char *memory;
	size_t memory_bytes;
	size_t part_bytes;                   /* of the memory, not yet given to the pool; 0: all was */
	_Atomic(unsigned) next_part;         /* 0 is init's */
	_Atomic(void *) boxes[STRESS_BOXES]; /* through which objects change hands */
	_Atomic(const char *) error;
	struct stress_thread {
		struct stress *stress;
		size_t number;
		pthread_t thread;
		void *held[STRESS_HELD_MAX + STRESS_BATCH];
		size_t count;
	} thread[STRESS_THREADS_MAX];
};

static inline void stress_fail(struct stress *stress, const char *error) {
	atomic_store(&stress->error, error);
}

static inline void stress_took(struct stress_thread *me, struct stress_object *object) {
	uint64_t nobody = 0;
	if (!atomic_compare_exchange_strong_explicit(&object->owner, &nobody, me->number + 1, memory_order_relaxed,
						     memory_order_relaxed))
		stress_fail(me->stress, "an object was given to two");
	if (object->words[0] != object->words[1] || object->words[1] != object->words[2])
		stress_fail(me->stress, "an object's words are not those of one owner");
	me->held[me->count++] = object;
}

/* Out of the pool. */
static inline void stress_fresh(struct stress_thread *me, struct stress_object *object) {
	if (STRESS_CHECKED) {
		atomic_init(&object->owner, 0);
		object->words[0] = object->words[1] = object->words[2] = 0;
	}
	stress_took(me, object);
}

static inline struct stress_object *stress_let_go(struct stress_thread *me, uint64_t random) {
	size_t which = random % me->count;
	struct stress_object *object = me->held[which];
	me->held[which] = me->held[--me->count];
	object->words[0] = object->words[1] = object->words[2] = random;
	if (atomic_exchange_explicit(&object->owner, 0, memory_order_relaxed) != me->number + 1)
		stress_fail(me->stress, "another had the object, too");
	return object;
}

/* Puts an object into a box for whoever comes, and takes what lay there. */
static inline void stress_swap(struct stress_thread *me, uint64_t random) {
	_Atomic(void *) *box = &me->stress->boxes[(random >> 20) % STRESS_BOXES];
	void *mine = me->count != 0 && random % 3 != 0 ? stress_let_go(me, random >> 32) : NULL;
	void *theirs = atomic_exchange_explicit(box, mine, memory_order_acq_rel);
	if (theirs != NULL)
		stress_took(me, theirs);
}

static inline void stress_step(struct stress_thread *me, struct pool_core *core, uint64_t random) {
	void *batch[STRESS_BATCH];
	size_t count = 1 + (random >> 20) % STRESS_BATCH;
	unsigned what = me->stress->bursts ? 16 + (unsigned)(random >> 40) % 2 : random % 64;
	if (what < 16) {
		stress_swap(me, random / 64);
	} else if (what == 16) {
		count = me->count < STRESS_HELD_MAX ? pool_core_alloc_batch(core, batch, count) : 0;
		for (size_t i = 0; i < count; i++)
			stress_fresh(me, batch[i]);
	} else if (what == 17) {
		size_t given = 0;
		for (; given < count && me->count != 0; given++)
			batch[given] = stress_let_go(me, random >> 32);
		pool_core_free_batch(core, batch, given);
	} else if (me->count < STRESS_HELD_MAX && (me->count == 0 || what % 2 == 0)) {
		void *object = pool_core_alloc(core);
		if (object != NULL)
			stress_fresh(me, object);
	} else {
		pool_core_free(core, stress_let_go(me, random >> 32));
	}
}

/* Gives the pool the next part of its memory, once in a while. */
static inline void stress_grow(struct stress *stress) {
	unsigned part = atomic_fetch_add(&stress->next_part, 1);
	if (part < STRESS_PARTS &&
	    pool_shared_add(stress->pool, stress->memory + part * stress->part_bytes, stress->part_bytes) != 0)
		stress_fail(stress, "pool_shared_add failed");
}

static inline void stress_report(void *argument, const struct pool_fault *fault) {
	(void)fault;
	stress_fail(argument, "a healthy program was accused");
}

static inline void *stress_main(void *argument) {
	struct stress_thread *me = argument;
	struct stress *stress = me->stress;
	struct pool_core *core = pool_shared_core(stress->pool, me->number);
	uint64_t seed = stress->seed + me->number * 0x9e3779b97f4a7c15u;
	for (unsigned i = 0; i < stress->operations && atomic_load(&stress->error) == NULL; i++) {
		stress_step(me, core, next_random(&seed));
		if (stress->part_bytes != 0 && i % (stress->operations / STRESS_PARTS) == 100)
			stress_grow(stress);
	}
	return NULL;
}

static inline bool stress_count(void *argument, void *object) {
	struct stress *stress = argument;
	if (atomic_load(&((struct stress_object *)object)->owner) == 0) {
		for (size_t i = 0; i < STRESS_BOXES; i++)
			if (atomic_load(&stress->boxes[i]) == object)
				return true;
		stress_fail(stress, "the walk found an object that nobody has");
	}
	return true;
}

/* Afterwards the books must balance. */
static inline void stress_settle(struct stress *stress) {
	struct pool_shared_statistics statistics;
	size_t live = 0;
	for (size_t i = 0; i < stress->threads; i++)
		live += stress->thread[i].count;
	for (size_t i = 0; i < STRESS_BOXES; i++)
		live += atomic_load(&stress->boxes[i]) != NULL;
	pool_shared_statistics_read(stress->pool, &statistics);
	if (statistics.live != live ||
	    statistics.live + statistics.in_cores + statistics.in_depot != statistics.capacity)
		stress_fail(stress, "objects were lost, or there are more than there were");
	pool_shared_walk(stress->pool, stress_count, stress);
}

/* NULL, or why not. */
static inline const char *stress_start(struct stress *stress, bool grows) {
	size_t bytes = pool_shared_bytes_needed(sizeof(struct stress_object), 32, stress->capacity, stress->threads);
	size_t page = 4096, first = (bytes + page - 1) / page * page;
	void *memory = NULL;
	stress->part_bytes = grows ? first : 0;
	stress->memory_bytes = grows ? first * STRESS_PARTS : bytes;
	atomic_init(&stress->next_part, 1);
	if (bytes == 0 || posix_memalign(&memory, POOL_CACHE_LINE_PAIR, stress->memory_bytes) != 0)
		return "no memory";
	stress->memory = memory;
	for (size_t i = 0; i < stress->memory_bytes; i++)
		stress->memory[i] = 0;
	if (pool_shared_init(&stress->pool, memory, bytes, sizeof(struct stress_object), 32, stress->capacity,
			     stress->threads) != 0)
		return "pool_shared_init failed";
	pool_shared_set_report(stress->pool, stress_report, stress);
	return NULL;
}

static inline const char *stress_threads(struct stress *stress) {
	size_t started = 0;
	for (; started < stress->threads; started++) {
		struct stress_thread *thread = &stress->thread[started];
		thread->stress = stress;
		thread->number = started;
		if (pthread_create(&thread->thread, NULL, stress_main, thread) != 0) {
			stress_fail(stress, "no thread"); /* which ends those that run */
			break;
		}
	}
	for (size_t i = 0; i < started; i++)
		pthread_join(stress->thread[i].thread, NULL);
	if (atomic_load(&stress->error) == NULL)
		stress_settle(stress);
	if (atomic_load(&stress->error) == NULL && stress->part_bytes != 0 &&
	    atomic_load(&stress->next_part) < STRESS_PARTS)
		stress_fail(stress, "the pool did not grow");
	pool_shared_end(stress->pool);
	return atomic_load(&stress->error);
}

struct stress_plan {
	size_t threads, capacity;
	unsigned operations;
	bool bursts, grows;
	uint64_t seed;
};

/* NULL, or what went wrong. capacity: of an eighth, where the pool grows. */
static inline const char *stress_run(const struct stress_plan *plan) {
	struct stress *stress = calloc(1, sizeof *stress);
	if (stress == NULL)
		return "no memory";
	stress->threads = plan->threads;
	stress->capacity = plan->capacity;
	stress->operations = plan->operations;
	stress->bursts = plan->bursts;
	stress->seed = plan->seed;
	const char *error = stress_start(stress, plan->grows);
	if (error == NULL)
		error = stress_threads(stress);
	free(stress->memory);
	free(stress);
	return error;
}

/* The plans of the programmes under the thread sanitizer, until one sees a fault: what it saw, or NULL. */
static inline const char *stress_run_all(void) {
	enum { OPERATIONS = 100000 };
	static const struct stress_plan plans[] = {
		{4, 4 * STRESS_HELD_MAX + 2000, OPERATIONS, false, false, 1},
		{4, 150, OPERATIONS / 10, true, false, 2},
		{4, 200, OPERATIONS / 2, false, true, 3},
	};
	const char *error = NULL;
	for (size_t i = 0; i < sizeof plans / sizeof plans[0] && error == NULL; i++)
		error = stress_run(&plans[i]);
	return error;
}
