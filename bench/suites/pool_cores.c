/* SPDX-License-Identifier: Apache-2.0
 *
 * Objects taken on the first core and given back on another, with the shared pool. The first writes the first 8 bytes
 * and sends the object through a mailbox, the other gives it back. A run ends when the other core has given back all of
 * it; between runs it waits, looking at the mailbox. An iteration is BLOCK objects, so that the shortest run still
 * hides how long two cores take to find one another: that is what a machine that has lent one of them to somebody else
 * makes of it, milliseconds.
 */
#include "bench/consume.h"
#include "bench/suites.h"
#include "bench/suites/apart.h"
#include "bench/suites/mailbox.h"
#include "bench/suites/team.h"
#include "lib/units.h"
#include "mem/pool_shared.h"
#include "platform.h"

enum { CAPACITY = 4096, BLOCK = 4096, CHECKED_BLOCKS = 3, RELATION_SHIFT = 32 };

struct cores_state {
	struct mailbox mailbox;
	struct mailbox_end put, get;
	_Alignas(APART_BYTES) struct pool_shared *pool;
	struct pool_core *first, *other;
	size_t mapped_bytes;
	_Alignas(APART_BYTES) _Atomic(bool) stop;
	_Atomic(bool) lose_one; /* the runner's self-test */
};

static void other_core(void *argument) {
	struct cores_state *state = argument;
	while (!atomic_load_explicit(&state->stop, memory_order_relaxed)) {
		uint64_t count = mailbox_available(&state->get);
		if (count == 0)
			(void)ticks_end(); /* a core that shares its units with this one has them meanwhile */
		for (; count != 0; count--) {
			void *object = mailbox_get(&state->get);
			/* No exchange: it would be the dearest instruction of the loop. */
			if (__builtin_expect(atomic_load_explicit(&state->lose_one, memory_order_relaxed), false))
				atomic_store_explicit(&state->lose_one, false, memory_order_relaxed);
			else
				pool_core_free(state->other, object);
			bench_consume_memory(state);
		}
		mailbox_done(&state->get);
	}
}

static void run(void *argument, uint64_t iterations) {
	struct cores_state *state = argument;
	for (uint64_t objects = iterations * BLOCK; objects != 0; objects--) {
		void *object = pool_core_alloc(state->first);
		if (object == NULL)
			return;
		*(uint64_t *)object = objects;
		bench_consume_memory(object);
		mailbox_put(&state->put, object);
	}
	mailbox_wait_until_read(&state->put);
}

static size_t state_bytes(void) {
	return (sizeof(struct cores_state) + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
}

static size_t object_bytes(const struct benchmark *benchmark) {
	return (uint32_t)benchmark->parameter;
}

static size_t pool_bytes(const struct benchmark *benchmark) {
	return pool_shared_bytes_needed(object_bytes(benchmark), 64, CAPACITY, 2);
}

/* What the other core still may look at stays mapped. */
static void teardown(const struct benchmark *benchmark, struct bench_context *context) {
	struct cores_state *state = context->state;
	(void)benchmark;
	if (state == NULL)
		return;
	atomic_store_explicit(&state->stop, true, memory_order_relaxed);
	if (team_join(context))
		(void)platform_memory_unmap(state, state->mapped_bytes);
	context->state = NULL;
}

/* NULL, or why not. */
static const char *make_pool(struct cores_state *state, size_t object_bytes, size_t bytes) {
	mailbox_start(&state->mailbox, &state->put, &state->get);
	if (pool_shared_init(&state->pool, (unsigned char *)state + state_bytes(), bytes, object_bytes, 64, CAPACITY,
			     2) != 0)
		return "pool_shared_init failed";
	state->first = pool_shared_core(state->pool, 0);
	state->other = pool_shared_core(state->pool, 1);
	return NULL;
}

static const char *check(struct cores_state *state) {
	struct pool_shared_statistics statistics;
	run(state, CHECKED_BLOCKS);
	pool_shared_statistics_read(state->pool, &statistics);
	if (statistics.live != 0 || statistics.in_cores + statistics.in_depot != CAPACITY)
		return "objects were lost between the cores";
	return state->put.at == CHECKED_BLOCKS * BLOCK ? NULL : "the pool was exhausted";
}

/* 0: there is no such core, and the reason is said. */
static unsigned core_choose(const struct benchmark *benchmark, struct bench_context *context) {
	static const char *const lacks[] = {
		[PLATFORM_RELATION_ANY] = "there is no second core",
		[PLATFORM_RELATION_SIBLING] = "the core has no other thread",
		[PLATFORM_RELATION_CLUSTER] = "there is no other core in the cluster",
		[PLATFORM_RELATION_OTHER_CORE] = "there is no other core in the package that is in no common cluster",
		[PLATFORM_RELATION_OTHER_PACKAGE] = "there is no other package",
	};
	enum platform_relation relation = (enum platform_relation)(benchmark->parameter >> RELATION_SHIFT);
	int core = platform_core_find(relation, 0);
	context->reason = lacks[relation];
	if (core < 0)
		return 0;
	context->reason = NULL;
	return (unsigned)core;
}

static enum bench_setup_result setup(const struct benchmark *benchmark, struct bench_context *context) {
	unsigned core = core_choose(benchmark, context);
	if (core == 0)
		return BENCH_SKIP;
	size_t bytes = state_bytes() + pool_bytes(benchmark);
	enum bench_setup_result result = BENCH_FAIL;
	void *memory;
	if (platform_memory_map(bytes, PAGE_BYTES, PLATFORM_MEMORY_READ | PLATFORM_MEMORY_WRITE, &memory) != 0) {
		context->reason = "no memory for the pool";
		return BENCH_SKIP;
	}
	struct cores_state *state = memory;
	state->mapped_bytes = bytes;
	context->state = state;
	atomic_store_explicit(&state->lose_one, context->injected_broken, memory_order_relaxed);
	context->reason = make_pool(state, object_bytes(benchmark), pool_bytes(benchmark));
	if (context->reason == NULL)
		result = team_start(context, core, other_core, state);
	if (result == BENCH_READY) {
		context->reason = check(state);
		result = context->reason == NULL ? BENCH_READY : BENCH_FAIL;
	}
	if (result != BENCH_READY)
		teardown(benchmark, context);
	return result;
}

#define ROW(row_name, which, bytes, relation)                                                                    \
	{                                                                                                        \
		.name = row_name,                                                                                \
		.iteration = "4096 objects of " which                                                            \
			     " taken, first 8 bytes written, sent, and given back by another core",              \
		.unit = BENCH_UNIT_ELEMENTS, .per_iteration = BLOCK, .memory_bytes = CAPACITY * ((bytes) + 128), \
		.parameter = (bytes) | (uint64_t)PLATFORM_RELATION_##relation << RELATION_SHIFT, .setup = setup, \
		.run = run, .teardown = teardown,                                                                \
	}

static const struct benchmark benchmarks[] = {
	ROW("pool/two_cores/64B", "64B", 64, ANY),
	ROW("pool/two_cores/1KiB", "1KiB", 1024, ANY),
	ROW("pool/related_cores/64B/sibling_thread", "64B", 64, SIBLING),
	ROW("pool/related_cores/64B/same_cluster", "64B", 64, CLUSTER),
	ROW("pool/related_cores/64B/other_core", "64B", 64, OTHER_CORE),
	ROW("pool/related_cores/64B/other_package", "64B", 64, OTHER_PACKAGE),
};

const struct bench_suite suite_pool_cores = {
	.name = "pool", .benchmarks = benchmarks, .count = sizeof benchmarks / sizeof benchmarks[0]};
