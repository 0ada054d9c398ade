/* SPDX-License-Identifier: Apache-2.0
 *
 * Steady state: so many objects stay live while some are given back and as many taken. An iteration is one object given
 * back and one taken, its first 8 bytes written; 64 are given back, then 64 taken, in groups. Which ones:
 *   lifo     those taken last, the newest first
 *   fifo     the oldest
 *   random   a shuffled order, in which every object has its turn before any has its second
 * A run goes on where the last one ended.
 *
 * numa_strategies is the random order with the pool's memory on the core's own node, spread over all, or on
 * another. Where there is one node, or the platform cannot tell, it is skipped: three figures of the same
 * thing would say nothing.
 */
#include "bench/consume.h"
#include "bench/suites.h"
#include "bench/suites/pattern.h"
#include "lib/units.h"
#include "mem/pool.h"
#include "platform.h"

#include <stdlib.h>

enum { OBJECT_BYTES = 64, GROUP = 64, NUMA_LIVE = 262144 };

#define SEED UINT64_C(0x13198a2e03707344)

enum order { LIFO, FIFO, RANDOM };
enum source { POOL, STANDARD, LOCAL, INTERLEAVE, REMOTE };

/* benchmark->parameter */
#define PARAMETER(live, order, source) ((uint64_t)(live) << 8 | (uint64_t)(order) << 4 | (uint64_t)(source))

struct steady_state {
	struct pool pool;
	void *(*allocate)(size_t bytes);
	void (*release)(void *object);
	void **live;           /* [count] */
	const uint32_t *order; /* [count]: positions in `live` */
	size_t count;
	size_t position; /* in `order` */
	size_t mapped_bytes;
	void *memory; /* the pool's */
	size_t memory_bytes;
};

static size_t round_to_page(size_t bytes) {
	return (bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
}

static size_t count_of(const struct benchmark *benchmark) {
	return (size_t)(benchmark->parameter >> 8);
}

static enum order order_of(const struct benchmark *benchmark) {
	return (enum order)(benchmark->parameter >> 4 & 15);
}

static enum source source_of(const struct benchmark *benchmark) {
	return (enum source)(benchmark->parameter & 15);
}

/* Inlined with constants: each of the loops below is without a switch. */
#define ALWAYS_INLINE static inline __attribute__((always_inline))

ALWAYS_INLINE void give(struct steady_state *state, bool standard, void *object) {
	if (standard)
		state->release(object);
	else
		pool_free(&state->pool, object);
	bench_consume_memory(state);
}

ALWAYS_INLINE bool take(struct steady_state *state, bool standard, void **place) {
	void *object = standard ? state->allocate(OBJECT_BYTES) : pool_alloc(&state->pool);
	if (object == NULL)
		return false;
	*(uint64_t *)object = 1;
	bench_consume_memory(object);
	*place = object;
	return true;
}

ALWAYS_INLINE void run(struct steady_state *state, uint64_t iterations, bool standard, bool lifo) {
	while (iterations != 0) {
		const uint32_t *order = state->order + state->position;
		size_t group = iterations < GROUP ? (size_t)iterations : GROUP;
		if (group > state->count - state->position)
			group = state->count - state->position;
		for (size_t i = 0; i < group; i++)
			give(state, standard, state->live[order[i]]);
		for (size_t i = 0; i < group; i++)
			if (!take(state, standard, &state->live[order[lifo ? group - 1 - i : i]]))
				return;
		if (!lifo)
			state->position = (state->position + group) % state->count;
		iterations -= group;
	}
}

static void run_pool(void *state, uint64_t iterations) {
	run(state, iterations, false, false);
}

static void run_pool_lifo(void *state, uint64_t iterations) {
	run(state, iterations, false, true);
}

static void run_standard(void *state, uint64_t iterations) {
	run(state, iterations, true, false);
}

static void run_standard_lifo(void *state, uint64_t iterations) {
	run(state, iterations, true, true);
}

static void make_order(uint32_t *order, size_t count, enum order which) {
	for (size_t i = 0; i < count; i++)
		order[i] = (uint32_t)(which == LIFO ? count - 1 - i : i);
	if (which == RANDOM)
		pattern_shuffle(order, count, SEED);
}

static bool map(size_t bytes, void **memory) {
	return platform_memory_map(bytes, PAGE_BYTES, PLATFORM_MEMORY_READ | PLATFORM_MEMORY_WRITE, memory) == 0;
}

static void teardown(const struct benchmark *benchmark, struct bench_context *context) {
	struct steady_state *state = context->state;
	if (state == NULL)
		return;
	for (size_t i = 0; source_of(benchmark) == STANDARD && i < state->count; i++)
		if (state->live[i] != NULL)
			state->release(state->live[i]);
	if (state->memory != NULL)
		(void)platform_memory_unmap(state->memory, state->memory_bytes);
	(void)platform_memory_unmap(state, state->mapped_bytes);
	context->state = NULL;
}

/* The state, then the live objects' pointers, then their order, in one mapping. */
static struct steady_state *make_state(const struct benchmark *benchmark, struct bench_context *context) {
	size_t count = count_of(benchmark);
	size_t bytes = round_to_page(sizeof(struct steady_state)) + count * (sizeof(void *) + sizeof(uint32_t));
	void *memory;
	if (!map(bytes, &memory))
		return NULL;
	struct steady_state *state = memory;
	void **live = (void **)(void *)((unsigned char *)memory + round_to_page(sizeof *state));
	uint32_t *order = (uint32_t *)(void *)(live + count);
	make_order(order, count, order_of(benchmark));
	*state = (struct steady_state){.allocate = malloc,
				       .release = free,
				       .live = live,
				       .order = order,
				       .count = count,
				       .mapped_bytes = bytes};
	context->state = state;
	return state;
}

/* NULL, or why not. */
static const char *make_pool(struct steady_state *state, enum source source) {
	state->memory_bytes = round_to_page(pool_bytes_needed(OBJECT_BYTES, OBJECT_BYTES, state->count));
	if (!map(state->memory_bytes, &state->memory))
		return "no memory for the pool";
	if (source != POOL && platform_memory_place(state->memory, state->memory_bytes,
						    source == LOCAL        ? PLATFORM_PLACE_LOCAL
						    : source == INTERLEAVE ? PLATFORM_PLACE_INTERLEAVE
									   : PLATFORM_PLACE_REMOTE) != 0)
		return "this machine has one memory node, or does not say which memory is whose";
	if (pool_init(&state->pool, state->memory, state->memory_bytes, OBJECT_BYTES, OBJECT_BYTES, state->count) != 0)
		return "pool_init failed";
	return NULL;
}

/* Every live object holds its number: none lies over another. */
static const char *fill_and_check(struct steady_state *state, bool standard, bool broken) {
	for (size_t i = 0; i < state->count; i++)
		if (!take(state, standard, &state->live[i]))
			return "no memory for the objects";
	for (size_t i = 0; i < state->count; i++)
		*(uint64_t *)state->live[i] = i;
	if (broken)
		*(uint64_t *)state->live[state->count - 1] = 0;
	for (size_t i = 0; i < state->count; i++)
		if (*(const uint64_t *)state->live[i] != i)
			return "two live objects overlap";
	return NULL;
}

static enum bench_setup_result setup(const struct benchmark *benchmark, struct bench_context *context) {
	enum source source = source_of(benchmark);
	struct steady_state *state = make_state(benchmark, context);
	context->reason = state == NULL ? "no memory" : source == STANDARD ? NULL : make_pool(state, source);
	enum bench_setup_result result = BENCH_SKIP;
	if (context->reason == NULL) {
		context->reason = fill_and_check(state, source == STANDARD, context->injected_broken);
		result = context->reason == NULL ? BENCH_READY : BENCH_FAIL;
	}
	if (result != BENCH_READY)
		teardown(benchmark, context);
	return result;
}

#define ROW(row_name, function, live_, order_, source_, what)                                                          \
	{                                                                                                              \
		.name = "pool/" row_name, .iteration = what, .unit = BENCH_UNIT_ELEMENTS, .per_iteration = 1,          \
		.memory_bytes = (uint64_t)(live_)*96 + 2 * PAGE_BYTES, .parameter = PARAMETER(live_, order_, source_), \
		.setup = setup, .run = function, .teardown = teardown,                                                 \
	}
#define STEADY(live, order_name, order, pool_function, standard_function, which)                                      \
	ROW("steady/" #live "/" order_name, pool_function, live, order, POOL,                                         \
	    "of " #live " live objects of 64 bytes one given back, " which ", and one taken, first 8 bytes written"), \
		ROW("steady/" #live "/" order_name "/standard", standard_function, live, order, STANDARD,             \
		    "of " #live " live objects from malloc one given back, " which                                    \
		    ", and one taken, first 8 bytes written")
#define STEADY_ORDERS(live)                                                               \
	STEADY(live, "lifo", LIFO, run_pool_lifo, run_standard_lifo, "the newest first"), \
		STEADY(live, "fifo", FIFO, run_pool, run_standard, "the oldest first"),   \
		STEADY(live, "random", RANDOM, run_pool, run_standard, "in shuffled order")
#define NUMA(strategy, source, where)                                         \
	ROW("numa_strategies/" strategy, run_pool, NUMA_LIVE, RANDOM, source, \
	    "of 262144 live objects, memory " where                           \
	    ", one given back in shuffled order, one taken, first 8 bytes written")

static const struct benchmark benchmarks[] = {
	STEADY_ORDERS(64),
	STEADY_ORDERS(4096),
	STEADY_ORDERS(262144),
	NUMA("local", LOCAL, "on the core's own node"),
	NUMA("interleave", INTERLEAVE, "spread over all nodes"),
	NUMA("bind", REMOTE, "bound to another node"),
};

const struct bench_suite suite_pool_steady = {
	.name = "pool", .benchmarks = benchmarks, .count = sizeof benchmarks / sizeof benchmarks[0]};
