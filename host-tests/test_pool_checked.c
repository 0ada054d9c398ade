/* SPDX-License-Identifier: Apache-2.0
 *
 * The checked pool: every fault is reported once, with what it was, and a healthy program is never accused.
 */
#define POOL_CHECKED
#include "host-tests/guarded.h"
#include "host-tests/pool_one_text.h"
#include "host-tests/unseen.h"

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
		unseen_flip(object, offset);
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
	unseen_flip(objects[42], 63);
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

Test(pool_checked, a_slot_of_null_hides_none_of_those_below, .init = start) {
	void *objects[3];
	for (unsigned i = 0; i < 3; i++)
		objects[i] = pool_alloc(&pool);
	for (unsigned i = 0; i < 3; i++)
		pool_free(&pool, objects[i]);
	pool.bottom[1] = NULL;
	cr_expect_eq(pool_alloc(&pool), objects[2]);
	cr_expect_null(pool_alloc(&pool));
	expect_report(POOL_FAULT_SLOTS, NULL, 0);
	cr_expect_eq(pool_alloc(&pool), objects[0]);
}

Test(pool_checked, what_is_written_below_the_lowest_slot_is_no_object, .init = start) {
	void *object = pool_alloc(&pool);
	pool_free(&pool, object);
	cr_expect_eq(pool_alloc(&pool), object);
	pool.bottom[-1] = object;
	cr_expect_null(pool_alloc(&pool));
	expect_report(POOL_FAULT_SLOTS, object, 0);
	cr_expect_not_null(pool_alloc(&pool));
	cr_expect_eq(reports, 0);
}

Test(pool_checked, batches_are_checked, .init = start) {
	void *objects[3] = {NULL};
	cr_assert_eq(pool_alloc_batch(&pool, objects, 2), 2);
	objects[2] = objects[0];
	pool_free_batch(&pool, objects, 3);
	expect_report(POOL_FAULT_DOUBLE_FREE, objects[0], 0);
	unseen_flip(objects[1], 5);
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
	unseen_flip(far, 9);
	cr_expect_eq(pool_alloc(&pool), (void *)far);
	expect_report(POOL_FAULT_OVERWRITTEN, far, 9);
}

Test(pool_checked, end_looks_once_more, .init = start) {
	void *object = pool_alloc(&pool);
	pool_free(&pool, object);
	unseen_flip(object, 7);
	pool_end(&pool);
	expect_report(POOL_FAULT_OVERWRITTEN, object, 7);
}

Test(pool_checked, reset_forgets, .init = start) {
	void *object = pool_alloc(&pool);
	pool_free(&pool, object);
	unseen_flip(object, 0);
	pool_reset(&pool);
	cr_expect_eq(pool_alloc(&pool), object);
	cr_expect_eq(reports, 0);
}

Test(pool_checked, traps_without_a_callback, .init = start, .signal = SIGILL) {
	pool_set_report(&pool, NULL, NULL);
	free_unseen(NULL);
}

Test(pool_checked, one_include_serves_both_builds) {
	cr_expect_eq(one_text_reports(), 1);
}

/* ---- what was written since the free, and past the end ----------------------------------------------------------- */

static const size_t every_size[] = {1,  2,  4,  7,  8,   9,   12,  15,  16,   17,   24,   32,  48,
				    63, 64, 65, 96, 128, 200, 256, 500, 1000, 1024, 2048, 4096};
enum {
	SIZES = sizeof every_size / sizeof every_size[0],
	FEW = 8,
	FEW_HEAD = sizeof(struct pool_region) + 2 * sizeof(void *),
	FEW_BYTES = FEW * (4096 + 64 + 9) + FEW_HEAD
};

static _Alignas(64) unsigned char few_memory[FEW_BYTES];
static _Alignas(64) unsigned char few_added[FEW_BYTES];

static struct { unsigned of[POOL_FAULT_SLOTS + 1]; } told;

static void tell(void *argument, const struct pool_fault *fault) {
	(void)argument;
	cr_assert(fault->kind >= POOL_FAULT_DOUBLE_FREE && fault->kind <= POOL_FAULT_SLOTS);
	cr_assert_not_null(fault->caller);
	told.of[fault->kind]++;
}

static void start_few(size_t bytes, size_t alignment) {
	memset(&told, 0, sizeof told);
	cr_assert_eq(pool_init(&pool, few_memory, sizeof few_memory, bytes, alignment, FEW), 0);
	pool_set_report(&pool, tell, NULL);
}

Test(pool_checked, a_second_free_is_seen_whatever_was_written_since) {
	for (size_t i = 0; i < SIZES; i++)
		for (size_t written = 1; written <= every_size[i]; written = 2 * written + 1) {
			start_few(every_size[i], every_size[i] % 64 == 0 ? 64 : 1);
			unsigned char *object = pool_alloc(&pool), *other = pool_alloc(&pool);
			pool_free(&pool, object);
			unseen_fill(object, 0x33, written);
			free_unseen(object);
			cr_expect_eq(told.of[POOL_FAULT_DOUBLE_FREE], 1, "%zu bytes, %zu written", every_size[i],
				     written);
			pool_free(&pool, other);
			cr_expect_eq(pool_alloc(&pool), other);
			cr_expect_eq(pool_alloc(&pool), object);
			cr_expect_neq(pool_alloc(&pool), object, "two owners of one object");
			cr_expect_eq(told.of[POOL_FAULT_OVERWRITTEN], 1);
		}
}

static bool live_only(void *argument, void *object) {
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
	BY_ADD,
	BY_STATISTICS,
	PATHS
};

/* Takes the path, with `live`, an object that is. */
static void take_path(enum path path, void *live) {
	static _Alignas(64) unsigned char more[FEW_BYTES];
	void *objects[4 * FEW] = {live};
	struct pool_statistics statistics;
	size_t walked = 0;
	switch (path) {
	case BY_ALLOC:
		for (unsigned i = 0; i < 3 * FEW; i++)
			(void)pool_alloc(&pool);
		break;
	case BY_ALLOC_BATCH:
		for (unsigned i = 0; i < 3 * FEW; i++)
			(void)pool_alloc_batch(&pool, objects, 4);
		break;
	case BY_FREE:
		pool_free(&pool, live);
		break;
	case BY_FREE_BATCH:
		pool_free_batch(&pool, objects, 1);
		break;
	case BY_WALK:
		pool_walk(&pool, live_only, &walked);
		break;
	case BY_SWEEP:
		cr_expect_gt(pool_checked_sweep(&pool), 0);
		break;
	case BY_END:
		pool_end(&pool);
		return;
	case BY_RESET:
		pool_reset(&pool);
		break;
	case BY_ADD:
		if (pool.last->objects != more)
			(void)pool_add(&pool, more, FEW_HEAD + FEW * (pool.stride + sizeof(void *) + 1));
		break;
	default:
		pool_statistics_read(&pool, &statistics);
		(void)pool_available(&pool);
	}
}

/* A pool of `regions`, half of whose objects are freed; `past` bytes are written behind the highest object
 * of the last region. */
static void overflow(size_t bytes, unsigned regions, size_t past, int value, enum path path) {
	unsigned char *object[4 * FEW], *highest, *live = NULL;
	size_t taken = 0;
	start_few(bytes, bytes % 64 == 0 ? 64 : 1);
	size_t stride = pool.stride;
	if (regions == 2)
		cr_assert_eq(pool_add(&pool, few_added, FEW_HEAD + FEW * (stride + sizeof(void *) + 1)), 0);
	while ((object[taken] = pool_alloc(&pool)) != NULL)
		taken++;
	cr_assert_eq(taken, regions * FEW);
	highest = object[taken - 1];
	for (size_t i = 0; i + 1 < taken; i++)
		if (i % 4 != 3)
			pool_free(&pool, object[i]);
		else
			live = object[i];
	/* Padding behind an object belongs to nobody. */
	unseen_fill(highest + stride, value, past);
	take_path(path, live);
	/* It goes on: whatever it is asked. */
	if (path != BY_END)
		for (enum path next = BY_ALLOC; next < PATHS; next++)
			if (next != BY_SWEEP && next != BY_END)
				take_path(next, live);
	if (path == BY_ALLOC || path == BY_ALLOC_BATCH || path == BY_WALK || path == BY_SWEEP || path == BY_END)
		cr_expect_gt(told.of[POOL_FAULT_SLOTS], 0, "%zu bytes, %u regions, %zu of %#x past, path %d", bytes,
			     regions, past, (unsigned)value, path);
	cr_expect_eq(told.of[POOL_FAULT_OVERWRITTEN], 0);
	pool_reset(&pool);
	memset(&told, 0, sizeof told);
	taken = 0;
	while ((object[taken] = pool_alloc(&pool)) != NULL)
		memset(object[taken++], 7, bytes);
	cr_expect_geq(taken, (size_t)FEW, "after a reset it is whole again");
	for (size_t i = 0; i < taken; i++)
		pool_free(&pool, object[i]);
	cr_expect_eq(pool_checked_sweep(&pool), 0);
	for (size_t i = 0; i < sizeof told.of / sizeof told.of[0]; i++)
		cr_expect_eq(told.of[i], 0, "report %zu after the reset", i);
}

/* All of a region's own memory behind its objects: slots, head of an added one, marks. */
static size_t behind_objects(unsigned regions) {
	return sizeof(void *) + FEW * (sizeof(void *) + 1) + (regions == 2 ? sizeof(struct pool_region) : 0);
}

Test(pool_checked, a_write_past_the_highest_object_is_reported_in_every_path) {
	static const int values[] = {0, 0x41, 0xff, 1};
	for (size_t i = 0; i < SIZES; i++)
		for (unsigned regions = 1; regions <= 2; regions++)
			for (enum path path = 0; path < PATHS; path++)
				for (size_t v = 0; v < sizeof values / sizeof values[0]; v++) {
					if (values[v] != 0) /* the lowest word is NULL */
						overflow(every_size[i], regions, 8, values[v], path);
					overflow(every_size[i], regions, 64, values[v], path);
					overflow(every_size[i], regions, behind_objects(regions), values[v], path);
				}
}

/* As the slots' last words, and the marks alone: every byte of it, one at a time. */
Test(pool_checked, every_byte_of_a_regions_head_is_sealed) {
	for (size_t at = 0; at < sizeof(struct pool_region); at++) {
		start_few(64, 64);
		cr_assert_eq(pool_add(&pool, few_added, sizeof few_added), 0);
		unsigned char *head = (unsigned char *)pool.first.next;
		head[at] ^= 0x10;
		cr_expect_eq(pool_checked_sweep(&pool), 1, "byte %zu", at);
		cr_expect_null(pool_alloc(&pool));
		pool_walk(&pool, live_only, &(size_t){0});
		cr_expect_eq(told.of[POOL_FAULT_SLOTS], 3, "byte %zu", at);
		pool_end(&pool);
	}
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
