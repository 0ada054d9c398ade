/* SPDX-License-Identifier: Apache-2.0
 *
 * The checked shared pool: every fault is reported once, with what it was and on which core, and a healthy
 * program is never accused.
 */
#define POOL_CHECKED
#include "host-tests/pool_shared_stress.h"
#include "host-tests/unseen.h"
#include "mem/pool_shared_inside.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>

enum { CAPACITY = 100, CORES = 3, BYTES = 65536, OPERATIONS = 200000 };

static _Alignas(128) unsigned char memory[BYTES];
static _Alignas(128) unsigned char added[BYTES];
static struct pool_shared *pool;
static struct pool_core *core[CORES];
static struct pool_fault last;
static _Atomic(unsigned) reports;

static void note(void *argument, const struct pool_fault *fault) {
	(void)argument;
	if (atomic_fetch_add(&reports, 1) == 0)
		last = *fault;
}

static void start(void) {
	cr_assert_leq(pool_shared_bytes_needed(64, 64, CAPACITY, CORES), BYTES);
	cr_assert_eq(pool_shared_init(&pool, memory, BYTES, 64, 64, CAPACITY, CORES), 0);
	pool_shared_set_report(pool, note, NULL);
	for (size_t i = 0; i < CORES; i++)
		core[i] = pool_shared_core(pool, i);
}

static void expect_report(enum pool_fault_kind kind, size_t on, const void *object, size_t offset) {
	cr_expect_eq(atomic_load(&reports), 1);
	cr_expect_eq(last.kind, kind);
	cr_expect_null(last.pool);
	cr_expect_eq(last.shared, pool);
	cr_expect_eq(last.core, on);
	cr_expect_eq(last.object, object);
	cr_expect_eq(last.offset, offset);
	cr_expect_not_null(last.caller);
	cr_expect_not_null(last.text);
	atomic_store(&reports, 0);
}

/* The compiler sees some of these mistakes itself. */
__attribute__((noinline)) static void free_unseen(struct pool_core *on, void *object) {
	__asm__ volatile("" : "+r"(object));
	pool_core_free(on, object);
}

Test(pool_shared_checked, double_free_on_any_core, .init = start) {
	void *object = pool_core_alloc(core[0]);
	pool_core_free(core[1], object);
	cr_expect_eq(atomic_load(&reports), 0);
	for (size_t i = 0; i < CORES; i++) {
		pool_core_free(core[i], object);
		expect_report(POOL_FAULT_DOUBLE_FREE, i, object, 0);
	}
}

Test(pool_shared_checked, foreign_and_misaligned, .init = start) {
	static _Alignas(64) unsigned char elsewhere[64];
	unsigned char *object = pool_core_alloc(core[0]);
	void *strangers[] = {NULL, elsewhere, object + 64 * CAPACITY, object + 64, memory};
	for (size_t i = 0; i < sizeof strangers / sizeof strangers[0]; i++) {
		free_unseen(core[2], strangers[i]);
		expect_report(POOL_FAULT_FOREIGN, 2, strangers[i], 0);
	}
	for (size_t offset = 1; offset < 64; offset++) {
		free_unseen(core[1], object + offset);
		expect_report(POOL_FAULT_MISALIGNED, 1, object + offset, offset);
	}
	pool_core_free(core[1], object);
	cr_expect_eq(atomic_load(&reports), 0);
}

Test(pool_shared_checked, write_after_free, .init = start) {
	for (size_t offset = 0; offset < 64; offset++) {
		void *object = pool_core_alloc(core[0]);
		pool_core_free(core[0], object);
		unseen_flip(object, offset);
		cr_expect_eq(pool_shared_checked_sweep(pool), 1);
		expect_report(POOL_FAULT_OVERWRITTEN, 0, object, offset);
		cr_expect_eq(pool_core_alloc(core[0]), object);
		expect_report(POOL_FAULT_OVERWRITTEN, 0, object, offset);
		pool_core_free(core[0], object);
	}
	cr_expect_eq(pool_shared_checked_sweep(pool), 0);
}

Test(pool_shared_checked, broken_magazines_give_no_object, .init = start) {
	void *object = pool_core_alloc(core[0]), *other = pool_core_alloc(core[0]);
	pool_core_free(core[0], object);
	core[0]->top[-1] = other;
	cr_expect_null(pool_core_alloc(core[0]));
	expect_report(POOL_FAULT_SLOTS, 0, other, 0);
}

Test(pool_shared_checked, a_slot_of_null_hides_none_of_those_below, .init = start) {
	void *objects[3];
	for (unsigned i = 0; i < 3; i++)
		objects[i] = pool_core_alloc(core[0]);
	for (unsigned i = 0; i < 3; i++)
		pool_core_free(core[0], objects[i]);
	core[0]->top[-2] = NULL;
	cr_expect_eq(pool_core_alloc(core[0]), objects[2]);
	cr_expect_null(pool_core_alloc(core[0]));
	expect_report(POOL_FAULT_SLOTS, 0, NULL, 0);
	cr_expect_eq(pool_core_alloc(core[0]), objects[0]);
}

Test(pool_shared_checked, what_is_written_below_the_lowest_slot_is_no_object, .init = start) {
	void *object = pool_core_alloc(core[0]);
	pool_core_free(core[0], object);
	core[0]->bottom[-1] = object;
	cr_expect_eq(pool_shared_checked_sweep(pool), 1);
	expect_report(POOL_FAULT_SLOTS, 0, object, 0);
	core[1]->bottom[-1] = object;
	cr_expect_null(pool_core_alloc(core[1]));
	expect_report(POOL_FAULT_SLOTS, 1, object, 0);
	cr_expect_null((core[0]->bottom[-1] = NULL));
	cr_expect_eq(pool_core_alloc(core[0]), object);
	cr_expect_eq(atomic_load(&reports), 0);
}

Test(pool_shared_checked, batches_and_added_memory, .init = start) {
	void *objects[CAPACITY + 3];
	cr_assert_eq(pool_shared_add(pool, added, sizeof added), 0);
	cr_assert_eq(pool_core_alloc_batch(core[0], objects, CAPACITY + 2), CAPACITY + 2);
	unsigned char *far = objects[CAPACITY + 1];
	cr_assert(far >= added && far < added + sizeof added);
	free_unseen(core[1], far + 8);
	expect_report(POOL_FAULT_MISALIGNED, 1, far + 8, 8);
	objects[CAPACITY + 2] = far;
	pool_core_free_batch(core[1], objects, CAPACITY + 3);
	expect_report(POOL_FAULT_DOUBLE_FREE, 1, far, 0);
	unseen_flip(far, 9);
	pool_shared_end(pool);
	expect_report(POOL_FAULT_OVERWRITTEN, 0, far, 9);
	memset(added, 0, sizeof added);
}

Test(pool_shared_checked, reset_forgets, .init = start) {
	void *object = pool_core_alloc(core[0]);
	pool_core_free(core[0], object);
	unseen_flip(object, 0);
	pool_shared_reset(pool);
	cr_expect_eq(pool_core_alloc(core[0]), object);
	cr_expect_eq(atomic_load(&reports), 0);
}

Test(pool_shared_checked, reset_frees_added_memory_too, .init = start) {
	enum { MOST = CAPACITY + BYTES / 64 };
	static void *objects[MOST], *again[MOST];
	cr_assert_eq(pool_shared_add(pool, added, sizeof added), 0);
	size_t all = pool_core_alloc_batch(core[0], objects, MOST);
	cr_assert(all > CAPACITY && all < MOST);
	unsigned char *far = objects[all - 1];
	cr_assert(far >= added && far < added + sizeof added);
	pool_core_free(core[1], far);
	unseen_flip(far, 9);
	pool_shared_reset(pool);
	free_unseen(core[2], far);
	expect_report(POOL_FAULT_FOREIGN, 2, far, 0);
	cr_expect_eq(pool_core_alloc_batch(core[2], again, MOST), all);
	cr_expect_eq(atomic_load(&reports), 0);
	pool_core_free_batch(core[0], again, all);
	cr_expect_eq(pool_shared_checked_sweep(pool), 0);
	cr_expect_eq(atomic_load(&reports), 0);
	pool_shared_end(pool);
}

/* Not aligned to a sanitizer's granules, and with no room for the poison's words. */
Test(pool_shared_checked, small_and_odd_sizes) {
	static const struct { size_t bytes, alignment; } shapes[] = {{1, 1}, {7, 1}, {12, 4}, {1, 8}, {12, 8}};
	for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
		size_t bytes = shapes[i].bytes, alignment = shapes[i].alignment;
		cr_assert_eq(pool_shared_init(&pool, memory, BYTES, bytes, alignment, CAPACITY, CORES), 0);
		pool_shared_set_report(pool, note, NULL);
		core[0] = pool_shared_core(pool, 0);
		core[1] = pool_shared_core(pool, 1);
		for (size_t offset = 0; offset < bytes; offset++) {
			unsigned char *object = pool_core_alloc(core[0]), *neighbour = pool_core_alloc(core[0]);
			memset(object, 1, bytes);
			memset(neighbour, 2, bytes);
			pool_core_free(core[0], neighbour);
			if (offset != 0) {
				free_unseen(core[1], object + offset);
				expect_report(POOL_FAULT_MISALIGNED, 1, object + offset, offset);
			}
			for (size_t byte = 0; byte < bytes; byte++)
				cr_assert_eq(object[byte], 1, "its neighbour's poison is in it");
			pool_core_free(core[0], object);
			free_unseen(core[1], object);
			expect_report(POOL_FAULT_DOUBLE_FREE, 1, object, 0);
			unseen_flip(object, offset);
			cr_expect_eq(pool_shared_checked_sweep(pool), 1);
			expect_report(POOL_FAULT_OVERWRITTEN, 0, object, offset);
			cr_expect_eq(pool_core_alloc(core[0]), object);
			expect_report(POOL_FAULT_OVERWRITTEN, 0, object, offset);
			pool_core_free(core[0], object);
			cr_expect_eq(pool_shared_checked_sweep(pool), 0);
		}
		pool_shared_end(pool);
	}
}

/* ---- what was written since the free, past the end, and before the beginning ------------------------------------- */

static const size_t every_size[] = {1, 7, 8, 9, 16, 24, 32, 48, 63, 64, 65, 128, 200, 256, 1000, 1024, 4096};
enum { SIZES = sizeof every_size / sizeof every_size[0], MANY = 4 * POOL_MAGAZINE_OBJECTS + 9, MANY_BYTES = 3 << 20 };

static _Alignas(128) unsigned char many_memory[MANY_BYTES];
static _Alignas(128) unsigned char many_added[MANY_BYTES];
static void *many[4 * MANY];
static unsigned told[POOL_FAULT_SLOTS + 1];

static void tell(void *argument, const struct pool_fault *fault) {
	(void)argument;
	cr_assert(fault->kind >= POOL_FAULT_DOUBLE_FREE && fault->kind <= POOL_FAULT_SLOTS);
	cr_assert(fault->shared == pool && fault->pool == NULL);
	told[fault->kind]++;
}

static void start_many(size_t bytes) {
	memset(told, 0, sizeof told);
	/* The pool before was not ended, or was not found whole. */
	POOL_SHOW(many_memory, sizeof many_memory);
	POOL_SHOW(many_added, sizeof many_added);
	cr_assert_eq(pool_shared_init(&pool, many_memory, sizeof many_memory, bytes, bytes % 64 == 0 ? 64 : 1, MANY, 2),
		     0);
	pool_shared_set_report(pool, tell, NULL);
	core[0] = pool_shared_core(pool, 0);
	core[1] = pool_shared_core(pool, 1);
}

/* All of them taken and most given back: some in the depot, some in a core; the highest stays live. */
static unsigned char *take_and_give(void) {
	size_t taken = pool_core_alloc_batch(core[0], many, 4 * MANY);
	cr_assert_geq(taken, (size_t)MANY);
	size_t highest = 0;
	for (size_t i = 0; i < taken; i++)
		if ((uintptr_t)many[i] > (uintptr_t)many[highest])
			highest = i;
	unsigned char *kept = many[highest];
	many[highest] = many[taken - 1];
	for (size_t i = 0; i + 1 < taken; i++)
		if (i % 16 != 0)
			pool_core_free(core[i % 4 == 3], many[i]);
	return kept;
}

static bool go_on(void *argument, void *object) {
	(void)object;
	++*(size_t *)argument;
	return true;
}

enum path {
	BY_ALLOC,
	BY_FREE,
	BY_ALLOC_BATCH,
	BY_FREE_BATCH,
	BY_WALK,
	BY_SWEEP,
	BY_END,
	BY_RESET,
	BY_STATISTICS,
	PATHS
};

/* many[0], many[16] and so on are live. */
static void take_path(enum path path) {
	static void *objects[4 * MANY];
	struct pool_shared_statistics statistics;
	size_t walked = 0;
	switch (path) {
	case BY_ALLOC:
	case BY_ALLOC_BATCH:
		for (unsigned i = 0; i < 4 * MANY; i++)
			if (path == BY_ALLOC)
				(void)pool_core_alloc(core[i % 2]);
			else
				(void)pool_core_alloc_batch(core[i % 2], objects, 4);
		break;
	case BY_FREE:
	case BY_FREE_BATCH:
		for (unsigned i = 0; i < MANY; i += 16)
			if (path == BY_FREE)
				free_unseen(core[0], many[i]);
			else
				pool_core_free_batch(core[0], &many[i], 1);
		break;
	case BY_WALK:
		pool_shared_walk(pool, go_on, &walked);
		break;
	case BY_SWEEP:
		cr_expect_gt(pool_shared_checked_sweep(pool), 0u);
		break;
	case BY_END:
		pool_shared_end(pool);
		break;
	case BY_RESET:
		pool_shared_reset(pool);
		break;
	default:
		pool_shared_statistics_read(pool, &statistics);
	}
}

static void expect_slots_told(enum path path, const char *what, size_t bytes) {
	take_path(path);
	for (enum path next = BY_ALLOC; path != BY_END && next < BY_SWEEP; next++)
		take_path(next);
	if (path != BY_RESET)
		cr_expect_gt(told[POOL_FAULT_SLOTS], 0u, "%s, %zu bytes, path %d", what, bytes, path);
	cr_expect_eq(told[POOL_FAULT_OVERWRITTEN], 0u, "%s, %zu bytes, path %d", what, bytes, path);
	memset(told, 0, sizeof told);
	pool_shared_reset(pool);
	memset(told, 0, sizeof told);
	pool_core_free_batch(core[1], many, pool_core_alloc_batch(core[0], many, MANY));
	cr_expect_eq(pool_shared_checked_sweep(pool), 0u);
	for (size_t i = 0; i < sizeof told / sizeof told[0]; i++)
		cr_expect_eq(told[i], 0u, "%s, %zu bytes, path %d: report %zu after the reset", what, bytes, path, i);
}

Test(pool_shared_checked, a_second_free_is_seen_whatever_was_written_since) {
	for (size_t i = 0; i < SIZES; i++) {
		start_many(every_size[i]);
		void *object = pool_core_alloc(core[0]);
		pool_core_free(core[0], object);
		unseen_fill(object, 0x33, every_size[i]);
		free_unseen(core[1], object);
		cr_expect_eq(told[POOL_FAULT_DOUBLE_FREE], 1u, "%zu bytes", every_size[i]);
	}
}

Test(pool_shared_checked, a_write_past_the_highest_object_is_reported_in_every_path) {
	static const int values[] = {0, 0x41, 0xff, 1};
	for (size_t i = 0; i < SIZES; i++)
		for (unsigned grown = 0; grown < 2; grown++)
			for (enum path path = 0; path < PATHS; path++)
				for (size_t v = 0; v < 4; v++) {
					start_many(every_size[i]);
					size_t stride = pool->shape.stride, room = MANY * (stride + 1) + 4096;
					if (grown)
						cr_assert_eq(pool_shared_add(pool, many_added, room), 0);
					size_t capacity = pool_shared_regions(pool)->objects.capacity;
					unsigned char *highest = take_and_give();
					if (grown == (highest > many_added && highest < many_added + MANY_BYTES))
						unseen_fill(highest + stride, values[v], capacity);
					else
						unseen_fill(pool_shared_regions(pool)->objects.marks, values[v],
							    capacity);
					expect_slots_told(path, "marks", every_size[i]);
				}
}

Test(pool_shared_checked, overwritten_magazines_are_reported_in_every_path) {
	static const int values[] = {0, 0x41, 0xff};
	for (enum path path = 0; path < PATHS; path++)
		for (size_t v = 0; v < 3; v++)
			for (unsigned in_depot = 0; in_depot < 2; in_depot++) {
				start_many(64);
				(void)take_and_give();
				struct pool_magazine *magazine = core[0]->loaded;
				for (size_t m = 0; in_depot && m < pool->first.magazine_count; m++)
					if (m == (atomic_load(&pool->full.head) & 0xffffff))
						magazine = &pool->first.magazines[m];
				cr_assert(!in_depot || magazine != core[0]->loaded, "a magazine is in the depot");
				unseen_fill(magazine->slots, values[v], sizeof magazine->slots);
				if (path == BY_FREE || path == BY_FREE_BATCH || path == BY_STATISTICS)
					take_path(BY_WALK);
				expect_slots_told(path, in_depot ? "depot" : "core", 64);
			}
}

/* The list behind it cannot be found again, and is not looked for. */
Test(pool_shared_checked, a_broken_list_of_full_magazines_is_reported) {
	for (enum path path = 0; path < PATHS; path++)
		for (unsigned circle = 0; circle < 2; circle++) {
			start_many(64);
			(void)take_and_give();
			uint32_t index = (uint32_t)(atomic_load(&pool->full.head) & 0xffffff);
			cr_assert_lt(index, pool->first.magazine_count);
			atomic_store(&pool->first.magazines[index].next, circle ? index : 0x414141);
			if (circle)
				cr_expect_gt((take_path(BY_WALK), told[POOL_FAULT_SLOTS]), 0u);
			else
				expect_slots_told(path, "list", 64);
		}
}

Test(pool_shared_checked, every_byte_of_a_regions_head_is_sealed) {
	for (size_t at = offsetof(struct pool_shared_region, next); at < offsetof(struct pool_shared_region, objects);
	     at++) {
		start_many(64);
		cr_assert_eq(pool_shared_add(pool, many_added, sizeof many_added), 0);
		((unsigned char *)pool_shared_regions(pool))[at] ^= 0x10;
		cr_expect_eq(pool_shared_checked_sweep(pool), 1u, "byte %zu", at);
		cr_expect_null(pool_core_alloc(core[0]));
		expect_slots_told(BY_STATISTICS, "head", at);
	}
}

Test(pool_shared_checked, traps_without_a_callback, .init = start, .signal = SIGILL) {
	pool_shared_set_report(pool, NULL, NULL);
	free_unseen(core[0], NULL);
}

/* Both give back the same objects, each in its order: one of the two is refused, every time. */
static void *given[CAPACITY];

static void *give_all(void *argument) {
	size_t number = *(size_t *)argument;
	for (size_t i = 0; i < CAPACITY; i++)
		pool_core_free(core[number], given[i]);
	return NULL;
}

Test(pool_shared_checked, of_two_who_free_one_is_refused, .init = start) {
	enum { ROUNDS = 200 };
	for (unsigned round = 0; round < ROUNDS; round++) {
		pthread_t threads[2];
		size_t numbers[2] = {1, 2};
		cr_assert_eq(pool_core_alloc_batch(core[0], given, CAPACITY), CAPACITY);
		for (size_t i = 0; i < 2; i++)
			cr_assert_eq(pthread_create(&threads[i], NULL, give_all, &numbers[i]), 0);
		for (size_t i = 0; i < 2; i++)
			pthread_join(threads[i], NULL);
		cr_assert_eq(atomic_exchange(&reports, 0), CAPACITY);
		cr_assert_eq(pool_shared_checked_sweep(pool), 0);
		pool_shared_reset(pool);
	}
}

Test(pool_shared_checked, healthy_threads_are_not_accused) {
	static const struct stress_plan plans[] = {
		{4, 4 * STRESS_HELD_MAX + 2000, OPERATIONS, false, false, 1},
		{STRESS_THREADS_MAX, 150, OPERATIONS / 8, false, false, 2},
		{3, 1500, OPERATIONS / 8, true, false, 3},
		{4, 300, OPERATIONS / 2, false, true, 4},
	};
	for (size_t i = 0; i < sizeof plans / sizeof plans[0]; i++)
		cr_expect_null(stress_run(&plans[i]), "plan %zu", i);
}
