/* SPDX-License-Identifier: Apache-2.0
 *
 * The checked shared pool: every fault is reported once, with what it was and on which core, and a healthy program is never accused.
 */
#define POOL_CHECKED
#include "host-tests/pool_shared_stress.h"

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

/* As a program would that the address sanitizer does not see. */
__attribute__((no_sanitize("address"), noinline)) static void write_byte(void *object, size_t offset) {
	((volatile unsigned char *)object)[offset] ^= 1;
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
		write_byte(object, offset);
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
	write_byte(far, 9);
	pool_shared_end(pool);
	expect_report(POOL_FAULT_OVERWRITTEN, 0, far, 9);
	memset(added, 0, sizeof added);
}

Test(pool_shared_checked, reset_forgets, .init = start) {
	void *object = pool_core_alloc(core[0]);
	pool_core_free(core[0], object);
	write_byte(object, 0);
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
	write_byte(far, 9);
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
			write_byte(object, offset);
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
