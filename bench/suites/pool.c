/* SPDX-License-Identifier: Apache-2.0
 *
 * The object pool against the C library's malloc of the same build: newlib's in the image, the system's hosted.
 *
 * Both sides do the same: take an object of 64 bytes, write its first 8 bytes, give it back. `cycle` gives each back
 * before the next is taken: one live object. `allocate` takes 64, then gives them back in reverse order: its figure is
 * one allocation with its share of the frees, since an allocator that may put work off to the free would else be
 * measured at half its price. `throughput` holds 100.
 *
 * The pool's paths are inlined into the loop, as they are into a user's code; the barrier between take and give makes
 * the compiler write the pool's state back, as a user's other work would. malloc and free are called through pointers
 * that the compiler knows nothing of, once loaded: it would delete the pair.
 */
#include "mem/pool.h"
#include "bench/consume.h"
#include "bench/suites.h"
#include "lib/units.h"
#include "platform.h"

#include <stdlib.h>

#define OBJECT_BYTES  64u
#define LIVE          64u
#define HELD          100u
#define CAPACITY_MOST 500u
#define MAPPING_BYTES (16 * PAGE_BYTES)

struct pool_state {
	struct pool pool;
	void *(*allocate)(size_t bytes);
	void (*release)(void *object);
	uint64_t pairs; /* an iteration's, of pool_sizes */
	void *taken[CAPACITY_MOST];
};

_Static_assert(sizeof(struct pool_state) <= 2 * PAGE_BYTES, "the pool's memory lies behind the state");
_Static_assert(POOL_BYTES(OBJECT_BYTES, OBJECT_BYTES, CAPACITY_MOST) <= MAPPING_BYTES - 2 * PAGE_BYTES,
	       "the pool's memory is mapped");

static inline void touch(void *object, uint64_t value) {
	*(uint64_t *)object = value;
	bench_consume_memory(object);
}

/* What both sides promise of live objects. */
static const char *check_objects(void *const *objects, size_t count, size_t alignment) {
	for (size_t i = 0; i < count; i++) {
		if (((uintptr_t)objects[i] & (alignment - 1)) != 0)
			return "an object is misaligned";
		for (size_t j = 0; j < i; j++) {
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

/* benchmark->parameter: the pool's capacity, the objects that are live at the most. */
static enum bench_setup_result pool_setup(const struct benchmark *benchmark, struct bench_context *context) {
	size_t capacity = benchmark->parameter, taken = 0;
	struct pool_state *state = map_state(context);
	if (state == NULL) {
		context->reason = "no memory for the pool";
		return BENCH_SKIP;
	}
	state->pairs = benchmark->per_iteration;
	if (pool_init(&state->pool, (unsigned char *)state + 2 * PAGE_BYTES, MAPPING_BYTES - 2 * PAGE_BYTES,
		      OBJECT_BYTES, OBJECT_BYTES, capacity) != 0) {
		context->reason = "pool_init failed";
		return BENCH_FAIL;
	}
	while (taken < capacity && (state->taken[taken] = pool_alloc(&state->pool)) != NULL)
		taken++;
	void *last = state->taken[capacity - 1];
	if (taken != capacity || pool_alloc(&state->pool) != NULL)
		context->reason = "the pool gave fewer or more objects than its capacity";
	else if (context->injected_broken)
		state->taken[capacity - 1] = capacity > 1 ? state->taken[0] : (unsigned char *)last + 1;
	if (context->reason == NULL)
		context->reason = check_objects(state->taken, capacity, OBJECT_BYTES);
	state->taken[capacity - 1] = last;
	for (size_t i = taken; i-- > 0;)
		pool_free(&state->pool, state->taken[i]);
	return context->reason == NULL ? BENCH_READY : BENCH_FAIL;
}

static enum bench_setup_result standard_setup(const struct benchmark *benchmark, struct bench_context *context) {
	struct pool_state *state = map_state(context);
	size_t wanted = benchmark->parameter, taken = 0;
	while (state != NULL && taken < wanted && (state->taken[taken] = state->allocate(OBJECT_BYTES)) != NULL)
		taken++;
	if (state == NULL || taken < wanted) {
		context->reason = "no memory for the objects";
	} else {
		void *last = state->taken[wanted - 1];
		if (context->injected_broken)
			state->taken[wanted - 1] = state->taken[0];
		context->reason = check_objects(state->taken, wanted, _Alignof(max_align_t));
		state->taken[wanted - 1] = last;
	}
	for (size_t i = taken; i-- > 0;)
		state->release(state->taken[i]);
	if (taken < wanted)
		return BENCH_SKIP;
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

/* pool_sizes: as many pairs an iteration as the name says, out of a pool of half as many objects. */
static void pool_sizes(void *argument, uint64_t iterations) {
	struct pool_state *state = argument;
	stack_pool_cycle(state, iterations * state->pairs);
}

/* HELD objects are taken, then all given back, in the order in which they were taken. */
static inline void hold_from_pool(struct pool *pool, void **held) {
	for (unsigned i = 0; i < HELD; i++) {
		held[i] = pool_alloc(pool);
		if (held[i] == NULL)
			return;
		touch(held[i], i);
	}
	for (unsigned i = 0; i < HELD; i++) {
		pool_free(pool, held[i]);
		bench_consume_memory(pool);
	}
}

static void throughput_stack_pool(void *argument, uint64_t iterations) {
	struct pool *pool = &((struct pool_state *)argument)->pool;
	void *held[HELD];
	for (; iterations != 0; iterations--)
		hold_from_pool(pool, held);
}

static void throughput_standard(void *argument, uint64_t iterations) {
	const struct pool_state *state = argument;
	void *(*const allocate)(size_t) = state->allocate;
	void (*const release)(void *) = state->release;
	void *held[HELD];
	for (; iterations != 0; iterations--) {
		for (unsigned i = 0; i < HELD; i++) {
			held[i] = allocate(OBJECT_BYTES);
			if (held[i] == NULL)
				return;
			touch(held[i], i);
		}
		for (unsigned i = 0; i < HELD; i++)
			release(held[i]);
	}
}

static void preallocation_without(void *argument, uint64_t iterations) {
	struct pool *pool = &((struct pool_state *)argument)->pool;
	void *held[HELD];
	for (; iterations != 0; iterations--) {
		pool_reset(pool);
		hold_from_pool(pool, held);
	}
}

/* Setup took all of them once, and gave them back. */
static void preallocation_with(void *argument, uint64_t iterations) {
	throughput_stack_pool(argument, iterations);
}

static void stats_with(void *argument, uint64_t iterations) {
	struct pool *pool = &((struct pool_state *)argument)->pool;
	for (; iterations != 0; iterations--) {
		struct pool_statistics statistics;
		void *object = pool_alloc(pool);
		if (object == NULL)
			return;
		touch(object, iterations);
		pool_free(pool, object);
		pool_statistics_read(pool, &statistics);
		bench_consume(statistics.live);
		bench_consume_memory(pool);
	}
}

static void pool_teardown(const struct benchmark *benchmark, struct bench_context *context) {
	(void)benchmark;
	if (context->state != NULL)
		(void)platform_memory_unmap(context->state, MAPPING_BYTES);
}

#define POOL_BENCHMARK(benchmark_name, function, pairs, capacity, setup_function, is_headline, what)                   \
	{                                                                                                              \
		.name = "pool/" benchmark_name, .iteration = what, .unit = BENCH_UNIT_ELEMENTS,                        \
		.per_iteration = pairs, .memory_bytes = MAPPING_BYTES, .parameter = capacity, .setup = setup_function, \
		.run = function, .teardown = pool_teardown, .headline = is_headline,                                   \
	}
#define POOL_VS_STANDARD(function, setup_function, what) \
	POOL_BENCHMARK("pool_vs_standard/" #function, function, 1, LIVE, setup_function, true, what)
#define POOL_SIZE(size)                                                               \
	POOL_BENCHMARK(                                                               \
		"pool_sizes/" #size, pool_sizes, size, (size) / 2, pool_setup, false, \
		#size " times pool_alloc of 64 bytes, first 8 written, and pool_free at once; a pool of half as many")

static const struct benchmark pool_benchmarks[] = {
	POOL_VS_STANDARD(
		stack_pool_allocate, pool_setup,
		"pool_alloc of 64 bytes, first 8 written, and its pool_free; 64 taken, then 64 given back in reverse"),
	POOL_VS_STANDARD(stack_pool_cycle, pool_setup,
			 "pool_alloc of 64 bytes, first 8 written, and pool_free at once"),
	POOL_VS_STANDARD(standard_allocate, standard_setup,
			 "malloc of 64 bytes, first 8 written, and its free; 64 taken, then 64 given back in reverse"),
	POOL_VS_STANDARD(standard_cycle, standard_setup, "malloc of 64 bytes, first 8 written, and free at once"),
	POOL_SIZE(10),
	POOL_SIZE(50),
	POOL_SIZE(100),
	POOL_SIZE(500),
	POOL_SIZE(1000),
	POOL_BENCHMARK("preallocation/without", preallocation_without, HELD, HELD, pool_setup, false,
		       "pool_reset, 100 objects taken as never before, first 8 bytes written, all given back"),
	POOL_BENCHMARK("preallocation/with", preallocation_with, HELD, HELD, pool_setup, false,
		       "100 objects taken that were given back before, first 8 bytes written, all given back"),
	POOL_BENCHMARK("throughput/stack_pool", throughput_stack_pool, HELD, HELD, pool_setup, false,
		       "100 objects of 64 bytes taken from the pool, first 8 written, and held; then all given back"),
	POOL_BENCHMARK("throughput/standard", throughput_standard, HELD, HELD, standard_setup, false,
		       "100 objects of 64 bytes from malloc, first 8 written, and held; then all given back"),
	POOL_BENCHMARK("stats_overhead/without", stack_pool_cycle, 1, LIVE, pool_setup, false,
		       "pool_alloc of 64 bytes, first 8 written, and pool_free; statistics cost nothing until read"),
	POOL_BENCHMARK("stats_overhead/with", stats_with, 1, LIVE, pool_setup, false,
		       "the same pair, and the statistics read after it"),
};

const struct bench_suite suite_pool = {
	.name = "pool",
	.benchmarks = pool_benchmarks,
	.count = sizeof pool_benchmarks / sizeof pool_benchmarks[0],
};
