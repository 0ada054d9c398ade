/* SPDX-License-Identifier: Apache-2.0
 *
 * The shared pool: one core against what its contract says, several against the model of pool_shared_stress.h.
 */
#include "host-tests/pool_shared_stress.h"
#include "hosted/platform/sanitize.h"
#include "mem/pool_shared.c" /* the depot's insides are looked at below */

#include <criterion/criterion.h>
#include <string.h>

enum { OPERATIONS = HOSTED_SANITIZED ? 100000 : 1000000 };

static void *memory_for(size_t object_bytes, size_t alignment, size_t capacity, size_t cores, size_t *bytes) {
	void *memory = NULL;
	*bytes = pool_shared_bytes_needed(object_bytes, alignment, capacity, cores);
	cr_assert_neq(*bytes, 0);
	cr_assert_eq(posix_memalign(&memory, alignment < 128 ? 128 : alignment, *bytes), 0);
	return memory;
}

/* Every object once, none beyond, and all of them again after they came back, through another core, too. */
static void expect_all_objects(size_t object_bytes, size_t alignment, size_t capacity, size_t cores) {
	struct pool_shared *pool;
	size_t bytes, taken = 0;
	unsigned char *memory = memory_for(object_bytes, alignment, capacity, cores, &bytes);
	unsigned char **objects = calloc(capacity, sizeof *objects);
	cr_assert_eq(pool_shared_init(&pool, memory, bytes, object_bytes, alignment, capacity, cores), 0);
	for (unsigned round = 0; round < 3; round++) {
		struct pool_core *first = pool_shared_core(pool, 0), *last = pool_shared_core(pool, cores - 1);
		unsigned char *object;
		for (taken = 0; (object = pool_core_alloc(first)) != NULL; taken++) {
			cr_assert_lt(taken, capacity);
			cr_assert_eq((uintptr_t)object % alignment, 0);
			cr_assert(object >= memory && object + object_bytes <= memory + bytes);
			memset(object, (int)round, object_bytes);
			objects[taken] = object;
		}
		/* What the other core kept in its magazines is not to be had. */
		cr_assert_geq(taken + (round == 0 || cores == 1 ? 0 : 2 * POOL_MAGAZINE_OBJECTS), capacity);
		for (size_t i = 0; i < taken; i++)
			pool_core_free(last, objects[i]);
	}
	pool_shared_reset(pool);
	for (taken = 0; pool_core_alloc(pool_shared_core(pool, 0)) != NULL; taken++)
		continue;
	cr_expect_eq(taken, capacity, "reset frees what lies in any magazine");
	free(objects);
	free(memory);
}

Test(pool_shared, gives_every_object) {
	expect_all_objects(64, 64, 1, 1);
	expect_all_objects(64, 64, POOL_MAGAZINE_OBJECTS - 1, 1);
	expect_all_objects(64, 64, POOL_MAGAZINE_OBJECTS, 2);
	expect_all_objects(1, 1, 1000, 1);
	expect_all_objects(24, 8, 5000, 3);
	expect_all_objects(4096, 4096, 300, 2);
}

Test(pool_shared, last_freed_is_next_taken) {
	struct pool_shared *pool;
	size_t bytes;
	void *memory = memory_for(64, 64, 100, 1, &bytes);
	cr_assert_eq(pool_shared_init(&pool, memory, bytes, 64, 64, 100, 1), 0);
	struct pool_core *core = pool_shared_core(pool, 0);
	void *first = pool_core_alloc(core), *second = pool_core_alloc(core);
	pool_core_free(core, first);
	pool_core_free(core, second);
	cr_expect_eq(pool_core_alloc(core), second);
	cr_expect_eq(pool_core_alloc(core), first);
	free(memory);
}

Test(pool_shared, a_core_that_only_takes_or_gives_goes_to_the_depot_once_in_two_magazines) {
	enum { ROUNDS = 100 * POOL_MAGAZINE_OBJECTS };
	struct pool_shared *pool;
	struct pool_shared_statistics statistics;
	size_t bytes;
	void *memory = memory_for(64, 64, 1000, 2, &bytes);
	cr_assert_eq(pool_shared_init(&pool, memory, bytes, 64, 64, 1000, 2), 0);
	for (unsigned i = 0; i < ROUNDS; i++)
		pool_core_free(pool_shared_core(pool, 1), pool_core_alloc(pool_shared_core(pool, 0)));
	pool_shared_statistics_read(pool, &statistics);
	cr_expect_leq(statistics.exchanges, 2u * ROUNDS / (2 * POOL_MAGAZINE_OBJECTS) + 2);
	cr_expect_eq(statistics.live, 0);
	free(memory);
}

enum { RUNS_CAPACITY = 2000 };

struct runs {
	struct pool_core *core;
	void *objects[RUNS_CAPACITY];
	size_t live, operations;
};

static void run_of(struct runs *runs, bool takes, size_t length) {
	for (; length != 0 && (takes ? runs->live < RUNS_CAPACITY : runs->live != 0); length--, runs->operations++)
		if (takes)
			cr_assert_not_null(runs->objects[runs->live++] = pool_core_alloc(runs->core));
		else
			pool_core_free(runs->core, runs->objects[--runs->live]);
}

/* Runs of takes, then of gives, of every length in turns, and in no order those which end where magazines do. Worst is
 * what exchanges one magazine after two operations, two after a magazine's worth, and turns. */
Test(pool_shared, no_order_goes_to_the_depot_more_than_once_in_64) {
	enum { MAGAZINE = POOL_MAGAZINE_OBJECTS, TURNS = 40, RUNS = 20000 };
	static const unsigned lengths[] = {1,
					   2,
					   3,
					   MAGAZINE - 1,
					   MAGAZINE,
					   MAGAZINE + 1,
					   MAGAZINE + 2,
					   MAGAZINE + 3,
					   2 * MAGAZINE - 1,
					   2 * MAGAZINE,
					   2 * MAGAZINE + 1};
	static struct runs runs;
	struct pool_shared *pool;
	struct pool_shared_statistics statistics;
	size_t bytes;
	void *memory = memory_for(64, 64, RUNS_CAPACITY, 1, &bytes);
	cr_assert_eq(pool_shared_init(&pool, memory, bytes, 64, 64, RUNS_CAPACITY, 1), 0);
	runs.core = pool_shared_core(pool, 0);
	uint64_t before = 0, random = 1;
	for (size_t length = 1; length <= 4 * MAGAZINE; length++) {
		run_of(&runs, true, RUNS_CAPACITY);
		run_of(&runs, false, RUNS_CAPACITY / 2);
		runs.operations = 0;
		pool_shared_statistics_read(pool, &statistics);
		before = statistics.exchanges;
		for (unsigned turn = 0; turn < TURNS; turn++)
			run_of(&runs, turn % 2 == 0, length);
		pool_shared_statistics_read(pool, &statistics);
		cr_expect_leq(statistics.exchanges - before, runs.operations / 64 + 2, "runs of %zu", length);
	}
	runs.operations = 0;
	for (unsigned run = 0; run < RUNS; run++) {
		random = random * 6364136223846793005u + 1442695040888963407u;
		run_of(&runs, runs.live < RUNS_CAPACITY / 2 && (random >> 62 != 0 || runs.live == 0),
		       lengths[(random >> 33) % (sizeof lengths / sizeof lengths[0])]);
	}
	before = statistics.exchanges;
	pool_shared_statistics_read(pool, &statistics);
	cr_expect_leq(statistics.exchanges - before, runs.operations / 64 + 2);
	cr_expect_eq(statistics.live, runs.live);
	free(memory);
}

/* What a core that slept meanwhile would compare its old head with (ABA). */
Test(pool_shared, a_head_that_came_back_is_another_head) {
	struct pool_shared *pool;
	size_t bytes;
	void *memory = memory_for(64, 64, 1000, 1, &bytes);
	cr_assert_eq(pool_shared_init(&pool, memory, bytes, 64, 64, 1000, 1), 0);
	uint64_t before = atomic_load(&pool->empty.head);
	struct pool_magazine *taken[2];
	cr_assert_eq(pop_some(pool, &pool->empty, 2, taken), 2);
	cr_expect_neq(taken[0], taken[1]);
	push(&pool->empty, taken[0]);
	uint64_t after = atomic_load(&pool->empty.head);
	cr_expect_eq(before & INDEX_MASK, after & INDEX_MASK);
	cr_expect_neq(before, after);
	free(memory);
}

Test(pool_shared, bad_arguments) {
	static _Alignas(128) unsigned char memory[16384];
	struct pool_shared *pool = NULL;
	cr_expect_eq(pool_shared_init(NULL, memory, sizeof memory, 8, 8, 8, 1), POOL_EINVAL);
	cr_expect_eq(pool_shared_init(&pool, NULL, sizeof memory, 8, 8, 8, 1), POOL_EINVAL);
	cr_expect_eq(pool_shared_init(&pool, memory, sizeof memory, 0, 8, 8, 1), POOL_EINVAL);
	cr_expect_eq(pool_shared_init(&pool, memory, sizeof memory, 8, 3, 8, 1), POOL_EINVAL);
	cr_expect_eq(pool_shared_init(&pool, memory, sizeof memory, 8, 8, 0, 1), POOL_EINVAL);
	cr_expect_eq(pool_shared_init(&pool, memory, sizeof memory, 8, 8, 8, 0), POOL_EINVAL);
	cr_expect_eq(pool_shared_init(&pool, memory, sizeof memory, 8, 8, 8, POOL_CORES_MAX + 1), POOL_EINVAL);
	cr_expect_eq(pool_shared_init(&pool, memory, sizeof memory, 1, 1, (size_t)POOL_MAGAZINE_OBJECTS << 24, 1),
		     POOL_EINVAL, "more magazines than an index can name");
	cr_expect_eq(pool_shared_init(&pool, memory + 64, sizeof memory - 64, 8, 8, 8, 1), POOL_EALIGN);
	size_t needed = pool_shared_bytes_needed(8, 8, 8, 1);
	cr_assert_leq(needed, sizeof memory);
	cr_expect_eq(pool_shared_init(&pool, memory, needed - 1, 8, 8, 8, 1), POOL_ENOMEM);
	cr_expect_null(pool);
	cr_assert_eq(pool_shared_init(&pool, memory, needed, 8, 8, 8, 1), 0);
	cr_expect_null(pool_shared_core(pool, 1));
}

/* What is added is taken when the rest is gone, all of it, and is free again after a reset. */
Test(pool_shared, added_memory_is_given) {
	enum { CAPACITY = 100, ADDED_BYTES = 32768, MOST = 4096 };
	static void *objects[MOST];
	struct pool_shared *pool;
	struct pool_shared_statistics statistics;
	size_t bytes, taken = 0;
	unsigned char *memory = memory_for(24, 8, CAPACITY, 2, &bytes), *added = NULL;
	cr_assert_eq(posix_memalign((void **)&added, 128, ADDED_BYTES), 0);
	cr_assert_eq(pool_shared_init(&pool, memory, bytes, 24, 8, CAPACITY, 2), 0);
	struct pool_core *first = pool_shared_core(pool, 0), *second = pool_shared_core(pool, 1);
	for (size_t i = 0; i < CAPACITY; i++)
		cr_assert_not_null(objects[taken++] = pool_core_alloc(first));
	cr_expect_null(pool_core_alloc(first));
	cr_expect_eq(pool_shared_add(pool, added + 64, ADDED_BYTES - 64), POOL_EALIGN);
	cr_expect_eq(pool_shared_add(pool, added, 512), POOL_ENOMEM);
	cr_expect_eq(pool_shared_add(pool, NULL, ADDED_BYTES), POOL_EINVAL);
	cr_expect_eq(pool_shared_add(NULL, added, ADDED_BYTES), POOL_EINVAL);
	cr_assert_eq(pool_shared_add(pool, added, ADDED_BYTES), 0);
	unsigned char *object;
	while ((object = pool_core_alloc(first)) != NULL) {
		cr_assert(object >= added && object + 24 <= added + ADDED_BYTES);
		cr_assert_eq((uintptr_t)object % 8, 0);
		memset(object, 1, 24);
		objects[taken++] = object;
	}
	pool_shared_statistics_read(pool, &statistics);
	cr_expect_eq(statistics.capacity, taken);
	cr_expect_eq(statistics.live, taken);
	cr_expect_geq(taken - CAPACITY, (ADDED_BYTES - 1024) / (24 + 10), "ten bytes aside for an object");
	for (size_t i = 0; i < taken; i++)
		pool_core_free(second, objects[i]);
	pool_shared_reset(pool);
	for (size_t again = 0; again < taken; again++)
		cr_assert_not_null(pool_core_alloc(first));
	cr_expect_null(pool_core_alloc(first));
	free(memory);
	free(added);
}

/* Four million operations of four threads, enough objects for all; then so few that they starve one another. */
Test(pool_shared, threads_match_the_model) {
	static const struct stress_plan plans[] = {
		{4, 4 * STRESS_HELD_MAX + 2000, OPERATIONS, false, false, 1},
		{4, 150, OPERATIONS / 4, false, false, 2},
		{2, 700, OPERATIONS / 4, false, false, 3},
		{STRESS_THREADS_MAX, POOL_MAGAZINE_OBJECTS, OPERATIONS / 8, false, false, 4},
		{1, 500, OPERATIONS / 4, false, false, 5},
		{3, 1500, OPERATIONS / 4, true, false, 6},
		{STRESS_THREADS_MAX, 900, OPERATIONS / 16, true, false, 7},
		{4, 300, OPERATIONS / 4, false, true, 8},
		{3, 100, OPERATIONS / 16, true, true, 9},
	};
	for (size_t i = 0; i < sizeof plans / sizeof plans[0]; i++)
		cr_expect_null(stress_run(&plans[i]), "plan %zu", i);
}
