/* SPDX-License-Identifier: Apache-2.0
 *
 * The checked pool: every fault is reported once, with what it was, and a healthy program is never accused.
 */
#define POOL_CHECKED
#include "host-tests/guarded.h"
#include "mem/pool.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum { CAPACITY = 100, ADDED_BYTES = 8192 };

static struct pool pool;
static struct pool_fault last;
static unsigned reports;

static void note(void *argument, const struct pool_fault *fault) {
	(void)argument;
	last = *fault;
	reports++;
}

static _Alignas(64) unsigned char memory[POOL_BYTES(64, 64, CAPACITY)];
static _Alignas(64) unsigned char added[ADDED_BYTES];

static void start(void) {
	cr_assert_eq(pool_init(&pool, memory, sizeof memory, 64, 64, CAPACITY), 0);
	pool_set_report(&pool, note, NULL);
}

/* As a program would that the address sanitizer does not see. */
__attribute__((no_sanitize("address"), noinline)) static void write_byte(void *object, size_t offset) {
	((volatile unsigned char *)object)[offset] ^= 1;
}

static void expect_report(enum pool_fault_kind kind, const void *object, size_t offset) {
	cr_expect_eq(reports, 1);
	cr_expect_eq(last.kind, kind);
	cr_expect_eq(last.pool, &pool);
	cr_expect_eq(last.object, object);
	cr_expect_eq(last.offset, offset);
	cr_expect_not_null(last.caller);
	cr_expect_not_null(last.text);
	reports = 0;
}

Test(pool_checked, double_free, .init = start) {
	void *object = pool_alloc(&pool), *other = pool_alloc(&pool);
	pool_free(&pool, object);
	pool_free(&pool, other);
	cr_expect_eq(reports, 0);
	pool_free(&pool, object);
	expect_report(POOL_FAULT_DOUBLE_FREE, object, 0);
	cr_expect_eq(pool_available(&pool), CAPACITY, "the second free was refused");
}

/* What it begins with is then still the number of the slot that named it. */
Test(pool_checked, objects_never_written_to_are_not_accused, .init = start) {
	void *objects[CAPACITY];
	for (unsigned round = 0; round < 5; round++) {
		for (unsigned i = 0; i < CAPACITY; i++)
			cr_assert_not_null(objects[i] = pool_alloc(&pool));
		for (unsigned i = 0; i < CAPACITY; i++)
			pool_free(&pool, objects[(i * 37 + round) % CAPACITY]);
	}
	cr_expect_eq(reports, 0);
	for (unsigned i = 0; i < CAPACITY; i++) {
		pool_free(&pool, objects[i]);
		expect_report(POOL_FAULT_DOUBLE_FREE, objects[i], 0);
	}
}

/* The compiler sees some of these mistakes itself. */
__attribute__((noinline)) static void free_unseen(void *object) {
	__asm__ volatile("" : "+r"(object));
	pool_free(&pool, object);
}

Test(pool_checked, foreign_pointer, .init = start) {
	static _Alignas(64) unsigned char elsewhere[64];
	void *object = pool_alloc(&pool);
	uintptr_t base = (uintptr_t)memory;
	uintptr_t strangers[] = {0, (uintptr_t)elsewhere, base + 64, base - 64, base + 64 * CAPACITY};
	for (size_t i = 0; i < sizeof strangers / sizeof strangers[0]; i++) {
		free_unseen((void *)strangers[i]);
		expect_report(POOL_FAULT_FOREIGN, (void *)strangers[i], 0);
	}
	free_unseen(object);
	cr_expect_eq(reports, 0);
}

Test(pool_checked, misaligned_pointer, .init = start) {
	unsigned char *object = pool_alloc(&pool);
	for (size_t offset = 1; offset < 64; offset++) {
		pool_free(&pool, object + offset);
		expect_report(POOL_FAULT_MISALIGNED, object + offset, offset);
	}
}

Test(pool_checked, write_after_free_is_seen_at_the_next_take, .init = start) {
	for (size_t offset = 0; offset < 64; offset++) {
		void *object = pool_alloc(&pool);
		pool_free(&pool, object);
		write_byte(object, offset);
		cr_expect_eq(pool_alloc(&pool), object);
		expect_report(POOL_FAULT_OVERWRITTEN, object, offset);
		pool_free(&pool, object);
	}
}

Test(pool_checked, sweep_finds_what_was_not_taken_since, .init = start) {
	void *objects[CAPACITY];
	for (unsigned i = 0; i < CAPACITY; i++)
		objects[i] = pool_alloc(&pool);
	pool_free_batch(&pool, objects, CAPACITY);
	cr_expect_eq(pool_checked_sweep(&pool), 0);
	write_byte(objects[42], 63);
	cr_expect_eq(pool_checked_sweep(&pool), 1);
	expect_report(POOL_FAULT_OVERWRITTEN, objects[42], 63);
}

Test(pool_checked, broken_slots_give_no_object, .init = start) {
	void *object = pool_alloc(&pool);
	pool_free(&pool, object);
	pool.bottom[0] = memory + 1;
	cr_expect_null(pool_alloc(&pool));
	expect_report(POOL_FAULT_SLOTS, memory + 1, 0);
}

Test(pool_checked, batches_are_checked, .init = start) {
	void *objects[3] = {NULL};
	cr_assert_eq(pool_alloc_batch(&pool, objects, 2), 2);
	objects[2] = objects[0];
	pool_free_batch(&pool, objects, 3);
	expect_report(POOL_FAULT_DOUBLE_FREE, objects[0], 0);
	write_byte(objects[1], 5);
	cr_assert_eq(pool_alloc_batch(&pool, objects, 2), 2);
	expect_report(POOL_FAULT_OVERWRITTEN, objects[0], 5);
}

Test(pool_checked, added_memory_is_checked, .init = start) {
	void *objects[CAPACITY + 1];
	cr_assert_eq(pool_add(&pool, added, sizeof added), 0);
	for (unsigned i = 0; i <= CAPACITY; i++)
		objects[i] = pool_alloc(&pool);
	unsigned char *far = objects[CAPACITY];
	cr_assert_eq((void *)far, (void *)added);
	pool_free(&pool, far + 8);
	expect_report(POOL_FAULT_MISALIGNED, far + 8, 8);
	pool_free(&pool, far);
	pool_free(&pool, far);
	expect_report(POOL_FAULT_DOUBLE_FREE, far, 0);
	write_byte(far, 9);
	cr_expect_eq(pool_alloc(&pool), (void *)far);
	expect_report(POOL_FAULT_OVERWRITTEN, far, 9);
}

Test(pool_checked, end_looks_once_more, .init = start) {
	void *object = pool_alloc(&pool);
	pool_free(&pool, object);
	write_byte(object, 7);
	pool_end(&pool);
	expect_report(POOL_FAULT_OVERWRITTEN, object, 7);
}

Test(pool_checked, reset_forgets, .init = start) {
	void *object = pool_alloc(&pool);
	pool_free(&pool, object);
	write_byte(object, 0);
	pool_reset(&pool);
	cr_expect_eq(pool_alloc(&pool), object);
	cr_expect_eq(reports, 0);
}

Test(pool_checked, traps_without_a_callback, .init = start, .signal = SIGILL) {
	pool_set_report(&pool, NULL, NULL);
	free_unseen(NULL);
}

static bool count(void *argument, void *object) {
	(void)object;
	++*(size_t *)argument;
	return true;
}

/* A healthy program, all shapes of objects: fills what it takes to the last byte, and hears nothing. */
Test(pool_checked, healthy_programs_are_not_accused) {
	static const size_t sizes[] = {1, 7, 8, 15, 16, 17, 63, 64, 65, 100, 128, 200};
	enum { MOST = 64 };
	uint64_t seed = 0x243f6a8885a308d3u;
	for (size_t shape = 0; shape < sizeof sizes / sizeof sizes[0]; shape++) {
		size_t live = 0, bytes = pool_bytes_needed(sizes[shape], 1, MOST / 2);
		unsigned char *first = malloc(bytes), *second = malloc(ADDED_BYTES), *objects[MOST];
		cr_assert_eq(pool_init(&pool, first, bytes, sizes[shape], 1, MOST / 2), 0);
		cr_assert_eq(pool_add(&pool, second, ADDED_BYTES), 0);
		pool_set_report(&pool, note, NULL);
		for (unsigned step = 0; step < 50000; step++) {
			uint64_t random = next_random(&seed);
			if (live < MOST / 2 + 10 && (live == 0 || random % 2 != 0)) {
				objects[live] = pool_alloc(&pool);
				memset(objects[live++], (int)random, sizes[shape]);
			} else {
				size_t which = (random >> 8) % live;
				pool_free(&pool, objects[which]);
				objects[which] = objects[--live];
			}
			size_t walked = 0;
			if (step % 1000 == 0)
				pool_walk(&pool, count, &walked);
			cr_assert(step % 1000 != 0 || walked == live);
		}
		cr_expect_eq(pool_checked_sweep(&pool), 0);
		cr_expect_eq(reports, 0);
		pool_end(&pool);
		memset(first, 0, bytes); /* the sanitizer must have let go of it */
		memset(second, 0, ADDED_BYTES);
		free(first);
		free(second);
	}
}
