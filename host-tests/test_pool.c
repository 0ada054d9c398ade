/* SPDX-License-Identifier: Apache-2.0
 *
 * The object pool against a model: which objects are live, and in what order the free ones were given back.
 */
#include "host-tests/guarded.h"
#include "mem/pool.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static unsigned char *allocate_aligned(size_t alignment, size_t bytes) {
	void *memory = NULL;
	cr_assert_eq(posix_memalign(&memory, alignment < sizeof(void *) ? sizeof(void *) : alignment, bytes), 0);
	return memory;
}

struct pool_model {
	struct pool pool;
	unsigned char *memory;
	size_t object_bytes, alignment, capacity;
	unsigned char **live;  /* [capacity], `live_count` of them */
	unsigned char **freed; /* the order in which they should come back */
	size_t live_count, freed_count, fresh_count;
};

static void model_start(struct pool_model *model, size_t object_bytes, size_t alignment, size_t capacity) {
	size_t bytes = pool_bytes_needed(object_bytes, alignment, capacity);
	*model = (struct pool_model){.object_bytes = object_bytes, .alignment = alignment, .capacity = capacity};
	model->memory = allocate_aligned(alignment, bytes);
	model->live = calloc(capacity, sizeof *model->live);
	model->freed = calloc(capacity, sizeof *model->freed);
	cr_assert_eq(pool_init(&model->pool, model->memory, bytes, object_bytes, alignment, capacity), 0);
}

static void model_end(struct pool_model *model) {
	free(model->memory);
	free(model->live);
	free(model->freed);
}

/* The pattern of an object is its address: two that overlap spoil one another's. */
static void mark(const struct pool_model *model, unsigned char *object) {
	for (size_t i = 0; i < model->object_bytes; i++)
		object[i] = (unsigned char)((uintptr_t)object >> (i % 4 * 8) ^ i);
}

static bool is_marked(const struct pool_model *model, const unsigned char *object) {
	for (size_t i = 0; i < model->object_bytes; i++)
		if (object[i] != (unsigned char)((uintptr_t)object >> (i % 4 * 8) ^ i))
			return false;
	return true;
}

static void model_take(struct pool_model *model) {
	unsigned char *object = pool_alloc(&model->pool);
	if (model->live_count == model->capacity) {
		cr_assert_null(object);
		return;
	}
	cr_assert_not_null(object);
	cr_assert_eq((uintptr_t)object % model->alignment, 0);
	if (model->freed_count != 0)
		cr_assert_eq(object, model->freed[--model->freed_count], "the last one freed comes first");
	else
		cr_assert_eq(object,
			     model->memory + POOL_STRIDE(model->object_bytes, model->alignment) * model->fresh_count++);
	mark(model, object);
	model->live[model->live_count++] = object;
}

static void model_give(struct pool_model *model, size_t which) {
	unsigned char *object = model->live[which];
	cr_assert(is_marked(model, object), "another object's bytes, or the pool's, lie over a live one");
	model->live[which] = model->live[--model->live_count];
	model->freed[model->freed_count++] = object;
	pool_free(&model->pool, object);
}

static void run_model(size_t object_bytes, size_t alignment, size_t capacity, uint64_t seed) {
	struct pool_model model;
	model_start(&model, object_bytes, alignment, capacity);
	for (unsigned step = 0; step < 20000; step++) {
		uint64_t random = next_random(&seed);
		bool mostly_take = (step / 1000 & 1) == 0;
		if (random % 5000 == 0) {
			pool_reset(&model.pool);
			model.live_count = model.freed_count = model.fresh_count = 0;
		} else if (model.live_count == 0 || (random >> 20) % 8 < (mostly_take ? 6u : 2u)) {
			model_take(&model);
		} else {
			model_give(&model, (random >> 32) % model.live_count);
		}
		cr_assert_eq(pool_available(&model.pool), capacity - model.live_count);
	}
	model_end(&model);
}

Test(pool, random_operations_match_the_model) {
	static const struct {
		size_t object_bytes, alignment, capacity;
	} shapes[] = {
		{1, 1, 1},     {1, 1, 300},  {7, 1, 64},   {8, 8, 100},     {24, 8, 33},
		{64, 64, 256}, {65, 64, 17}, {100, 4, 50}, {4096, 4096, 9}, {5, 2, 1000},
	};
	for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
		run_model(shapes[i].object_bytes, shapes[i].alignment, shapes[i].capacity, 0x9e3779b97f4a7c15u + i);
}

Test(pool, exhausted_returns_null) {
	struct pool_model model;
	model_start(&model, 64, 64, 3);
	for (unsigned i = 0; i < 3; i++)
		cr_assert_not_null(pool_alloc(&model.pool));
	cr_expect_null(pool_alloc(&model.pool));
	cr_expect_null(pool_alloc(&model.pool));
	cr_expect_eq(pool_available(&model.pool), 0);
	pool_free(&model.pool, model.memory + 64);
	cr_expect_eq(pool_alloc(&model.pool), (void *)(model.memory + 64));
	cr_expect_null(pool_alloc(&model.pool));
	model_end(&model);
}

Test(pool, init_and_reset_touch_no_memory) {
	struct pool pool;
	size_t bytes = pool_bytes_needed(48, 16, 1000);
	unsigned char *memory = allocate_aligned(16, bytes);
	memset(memory, 0x5a, bytes);
	cr_assert_eq(pool_init(&pool, memory, bytes, 48, 16, 1000), 0);
	pool_reset(&pool);
	for (size_t i = 0; i < bytes; i++)
		cr_assert_eq(memory[i], 0x5a);
	free(memory);
}

/* The pool stays inside exactly the bytes that it asked for: both ends lie against guard pages. */
Test(pool, uses_no_byte_outside) {
	struct guarded area = guarded_map(4 * 4096);
	size_t bytes = pool_bytes_needed(40, 8, 100);
	unsigned char *at_end = area.bytes + area.size - bytes;
	unsigned char *places[] = {area.bytes, at_end - (uintptr_t)at_end % 8};
	for (unsigned place = 0; place < 2; place++) {
		struct pool pool;
		void *objects[100];
		cr_assert_eq(pool_init(&pool, places[place], bytes, 40, 8, 100), 0);
		for (unsigned i = 0; i < 100; i++) {
			objects[i] = pool_alloc(&pool);
			memset(objects[i], 0xff, 40);
		}
		for (unsigned i = 0; i < 100; i++)
			pool_free(&pool, objects[i]);
	}
	guarded_unmap(area);
}

Test(pool, bad_arguments) {
	struct pool pool = {.capacity = 42};
	_Alignas(64) static unsigned char memory[4096];
	cr_expect_eq(pool_init(NULL, memory, sizeof memory, 8, 8, 8), POOL_EINVAL);
	cr_expect_eq(pool_init(&pool, NULL, sizeof memory, 8, 8, 8), POOL_EINVAL);
	cr_expect_eq(pool_init(&pool, memory, sizeof memory, 0, 8, 8), POOL_EINVAL);
	cr_expect_eq(pool_init(&pool, memory, sizeof memory, 8, 0, 8), POOL_EINVAL);
	cr_expect_eq(pool_init(&pool, memory, sizeof memory, 8, 12, 8), POOL_EINVAL);
	cr_expect_eq(pool_init(&pool, memory, sizeof memory, 8, 8, 0), POOL_EINVAL);
	cr_expect_eq(pool_init(&pool, memory, SIZE_MAX, 8, 8, SIZE_MAX / 8), POOL_EINVAL, "the size overflows");
	cr_expect_eq(pool_init(&pool, memory, SIZE_MAX, SIZE_MAX, 64, 1), POOL_EINVAL, "the stride overflows");
	cr_expect_eq(pool_init(&pool, memory + 8, sizeof memory - 8, 8, 64, 8), POOL_EALIGN);
	cr_expect_eq(pool_init(&pool, memory + 1, sizeof memory - 1, 1, 1, 8), POOL_EALIGN,
		     "the stack wants a pointer's");
	size_t needed = pool_bytes_needed(8, 8, 8);
	cr_expect_eq(pool_init(&pool, memory, needed - 1, 8, 8, 8), POOL_ENOMEM);
	cr_expect_eq(pool.capacity, 42, "a failed init leaves the pool as it was");
	cr_expect_eq(pool_init(&pool, memory, needed, 8, 8, 8), 0);
}

Test(pool, bytes_needed) {
	cr_expect_eq(pool_bytes_needed(0, 8, 8), 0);
	cr_expect_eq(pool_bytes_needed(8, 3, 8), 0);
	cr_expect_eq(pool_bytes_needed(8, 8, SIZE_MAX), 0);
	cr_expect_eq(pool_bytes_needed(SIZE_MAX / 2 + 1, 1, 1), 0);
	cr_expect_eq(pool_bytes_needed(64, 64, 100), 100 * (64 + sizeof(void *)));
	cr_expect_eq(pool_bytes_needed(1, 1, 3), 8 + 3 * sizeof(void *), "the stack is aligned");
	cr_expect_eq(pool_bytes_needed(65, 64, 17), POOL_BYTES(65, 64, 17));
}
