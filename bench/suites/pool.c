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

/* Takes all, sees that they are apart and aligned and that no more come, gives all back. */
static const char *check_pool(struct pool *pool, bool broken) {
	unsigned char *objects[LIVE];
	for (unsigned i = 0; i < LIVE; i++) {
		objects[i] = pool_alloc(pool);
		if (objects[i] == NULL)
			return "the pool gave fewer objects than its capacity";
		if (((uintptr_t)objects[i] & (OBJECT_BYTES - 1)) != 0)
			return "an object is misaligned";
		if (broken)
			objects[i] = objects[0];
		for (unsigned j = 0; j < i; j++)
			if (objects[i] == objects[j])
				return "the pool gave an object twice";
	}
	if (pool_alloc(pool) != NULL)
		return "the pool gave more objects than its capacity";
	for (unsigned i = LIVE; i-- > 0;)
		pool_free(pool, objects[i]);
	return NULL;
}

static enum bench_setup_result pool_setup(const struct benchmark *benchmark, struct bench_context *context) {
	(void)benchmark;
	void *memory;
	if (platform_memory_map(MAPPING_BYTES, PAGE_BYTES, PLATFORM_MEMORY_READ | PLATFORM_MEMORY_WRITE, &memory) !=
	    0) {
		context->reason = "no memory for the pool";
		return BENCH_SKIP;
	}
	struct pool_state *state = memory;
	context->state = state;
	state->allocate = malloc;
	state->release = free;
	if (pool_init(&state->pool, (unsigned char *)memory + PAGE_BYTES, MAPPING_BYTES - PAGE_BYTES, OBJECT_BYTES,
		      OBJECT_BYTES, LIVE) != 0) {
		context->reason = "pool_init failed";
		return BENCH_FAIL;
	}
	context->reason = check_pool(&state->pool, context->injected_broken);
	return context->reason == NULL ? BENCH_READY : BENCH_FAIL;
}

static enum bench_setup_result standard_setup(const struct benchmark *benchmark, struct bench_context *context) {
	enum bench_setup_result result = pool_setup(benchmark, context);
	if (result != BENCH_READY)
		return result;
	struct pool_state *state = context->state;
	void *objects[LIVE];
	unsigned taken = 0;
	while (taken < LIVE && (objects[taken] = state->allocate(OBJECT_BYTES)) != NULL)
		taken++;
	for (unsigned i = taken; i-- > 0;)
		state->release(objects[i]);
	if (taken == LIVE)
		return BENCH_READY;
	context->reason = "malloc has no memory";
	return BENCH_SKIP;
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
		.teardown = pool_teardown,                                                                   \
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
