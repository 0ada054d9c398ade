/* SPDX-License-Identifier: Apache-2.0
 *
 * The object pool against the C library's malloc of the same build: newlib's in the image, the system's hosted.
 *
 * Both sides do the same: take an object of 64 bytes, write its first 8 bytes, give it back. `cycle` gives each back
 * before the next is taken: one live object. `allocate` takes 64, then gives them back in reverse order: its figure is
 * one allocation with its share of the frees, since an allocator that may put work off to the free would else be
 * measured at half its price.
 *
 * The pool's paths are inlined into the loop, as they are into a user's code; the barrier between take and give makes
 * the compiler write the pool's state back, as a user's other work would. malloc and free are called through pointers
 * that the compiler knows nothing of, once loaded: it would delete the pair.
 */
#include "mem/pool.h"
#include "bench/consume.h"
#include "bench/suites.h"
#include "platform.h"

#include <stdlib.h>

#define PAGE_BYTES    4096u
#define OBJECT_BYTES  64u
#define LIVE          64u
#define MAPPING_BYTES (PAGE_BYTES + 2 * PAGE_BYTES)

struct pool_state {
	struct pool pool;
	void *(*allocate)(size_t bytes);
	void (*release)(void *object);
};

_Static_assert(POOL_BYTES(OBJECT_BYTES, OBJECT_BYTES, LIVE) <= MAPPING_BYTES - PAGE_BYTES,
	       "the pool's memory is mapped");

static inline void touch(void *object, uint64_t value) {
	*(uint64_t *)object = value;
	bench_consume_memory(object);
}

/* What both sides promise of live objects. */
static const char *check_objects(void *const *objects, size_t alignment) {
	for (unsigned i = 0; i < LIVE; i++) {
		if (((uintptr_t)objects[i] & (alignment - 1)) != 0)
			return "an object is misaligned";
		for (unsigned j = 0; j < i; j++) {
			uintptr_t low = (uintptr_t)(objects[i] < objects[j] ? objects[i] : objects[j]);
			uintptr_t high = (uintptr_t)(objects[i] < objects[j] ? objects[j] : objects[i]);
			if (high - low < OBJECT_BYTES)
				return "two live objects overlap";
		}
	}
	return NULL;
}

static struct pool_state *map_state(struct bench_context *context) {
	void *memory;
	if (platform_memory_map(MAPPING_BYTES, PAGE_BYTES, PLATFORM_MEMORY_READ | PLATFORM_MEMORY_WRITE, &memory) != 0)
		return NULL;
	struct pool_state *state = memory;
	state->allocate = malloc;
	state->release = free;
	context->state = state;
	return state;
}

static enum bench_setup_result pool_setup(const struct benchmark *benchmark, struct bench_context *context) {
	(void)benchmark;
	struct pool_state *state = map_state(context);
	if (state == NULL) {
		context->reason = "no memory for the pool";
		return BENCH_SKIP;
	}
	void *objects[LIVE] = {NULL};
	if (pool_init(&state->pool, (unsigned char *)state + PAGE_BYTES, MAPPING_BYTES - PAGE_BYTES, OBJECT_BYTES,
		      OBJECT_BYTES, LIVE) != 0) {
		context->reason = "pool_init failed";
		return BENCH_FAIL;
	}
	for (unsigned i = 0; i < LIVE; i++)
		objects[i] = pool_alloc(&state->pool);
	if (context->injected_broken)
		objects[LIVE - 1] = objects[0];
	context->reason = check_objects(objects, OBJECT_BYTES);
	if (context->reason == NULL && (objects[LIVE - 1] == NULL || pool_alloc(&state->pool) != NULL))
		context->reason = "the pool gave fewer or more objects than its capacity";
	for (unsigned i = LIVE; i-- > 0;)
		pool_free(&state->pool, objects[i]);
	return context->reason == NULL ? BENCH_READY : BENCH_FAIL;
}

static enum bench_setup_result standard_setup(const struct benchmark *benchmark, struct bench_context *context) {
	(void)benchmark;
	struct pool_state *state = map_state(context);
	void *objects[LIVE];
	unsigned taken = 0;
	while (state != NULL && taken < LIVE && (objects[taken] = state->allocate(OBJECT_BYTES)) != NULL)
		taken++;
	if (taken == LIVE) {
		void *last = objects[LIVE - 1];
		if (context->injected_broken)
			objects[LIVE - 1] = objects[0];
		context->reason = check_objects(objects, _Alignof(max_align_t));
		objects[LIVE - 1] = last;
	}
	for (unsigned i = taken; i-- > 0;)
		state->release(objects[i]);
	if (taken < LIVE) {
		context->reason = "no memory for 64 objects";
		return BENCH_SKIP;
	}
	return context->reason == NULL ? BENCH_READY : BENCH_FAIL;
}

static void stack_pool_allocate(void *argument, uint64_t iterations) {
	struct pool *pool = &((struct pool_state *)argument)->pool;
	void *objects[LIVE];
	while (iterations != 0) {
		unsigned batch = iterations < LIVE ? (unsigned)iterations : LIVE;
		for (unsigned i = 0; i < batch; i++) {
			objects[i] = pool_alloc(pool);
			if (objects[i] == NULL)
				return;
			touch(objects[i], i);
		}
		for (unsigned i = batch; i-- > 0;) {
			pool_free(pool, objects[i]);
			bench_consume_memory(pool);
		}
		iterations -= batch;
	}
}

static void stack_pool_cycle(void *argument, uint64_t iterations) {
	struct pool *pool = &((struct pool_state *)argument)->pool;
	for (; iterations != 0; iterations--) {
		void *object = pool_alloc(pool);
		if (object == NULL)
			return;
		touch(object, iterations);
		pool_free(pool, object);
		bench_consume_memory(pool);
	}
}

static void standard_allocate(void *argument, uint64_t iterations) {
	const struct pool_state *state = argument;
	void *(*const allocate)(size_t) = state->allocate;
	void (*const release)(void *) = state->release;
	void *objects[LIVE];
	while (iterations != 0) {
		unsigned batch = iterations < LIVE ? (unsigned)iterations : LIVE;
		for (unsigned i = 0; i < batch; i++) {
			objects[i] = allocate(OBJECT_BYTES);
			if (objects[i] == NULL)
				return;
			touch(objects[i], i);
		}
		for (unsigned i = batch; i-- > 0;)
			release(objects[i]);
		iterations -= batch;
	}
}

static void standard_cycle(void *argument, uint64_t iterations) {
	const struct pool_state *state = argument;
	void *(*const allocate)(size_t) = state->allocate;
	void (*const release)(void *) = state->release;
	for (; iterations != 0; iterations--) {
		void *object = allocate(OBJECT_BYTES);
		if (object == NULL)
			return;
		touch(object, iterations);
		release(object);
	}
}

static void pool_teardown(const struct benchmark *benchmark, struct bench_context *context) {
	(void)benchmark;
	if (context->state != NULL)
		(void)platform_memory_unmap(context->state, MAPPING_BYTES);
}

#define POOL_BENCHMARK(function, setup_function, what)                                                       \
	{                                                                                                    \
		.name = "pool/pool_vs_standard/" #function, .iteration = what, .unit = BENCH_UNIT_ELEMENTS,  \
		.per_iteration = 1, .memory_bytes = MAPPING_BYTES, .setup = setup_function, .run = function, \
		.teardown = pool_teardown, .headline = true,                                                 \
	}

static const struct benchmark pool_benchmarks[] = {
	POOL_BENCHMARK(
		stack_pool_allocate, pool_setup,
		"pool_alloc of 64 bytes, first 8 written, and its pool_free; 64 taken, then 64 given back in reverse"),
	POOL_BENCHMARK(stack_pool_cycle, pool_setup, "pool_alloc of 64 bytes, first 8 written, and pool_free at once"),
	POOL_BENCHMARK(standard_allocate, standard_setup,
		       "malloc of 64 bytes, first 8 written, and its free; 64 taken, then 64 given back in reverse"),
	POOL_BENCHMARK(standard_cycle, standard_setup, "malloc of 64 bytes, first 8 written, and free at once"),
};

const struct bench_suite suite_pool = {
	.name = "pool",
	.benchmarks = pool_benchmarks,
	.count = sizeof pool_benchmarks / sizeof pool_benchmarks[0],
};
