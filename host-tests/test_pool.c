/* SPDX-License-Identifier: Apache-2.0
 *
 * The object pool against a model: which objects are live, and in what order the free ones were given back.
 */
#include "host-tests/guarded.h"
#include "host-tests/pool_one_text.h"
#include "hosted/platform/sanitize.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static unsigned char *allocate_aligned(size_t alignment, size_t bytes) {
	void *memory = NULL;
	cr_assert_eq(posix_memalign(&memory, alignment < sizeof(void *) ? sizeof(void *) : alignment, bytes), 0);
	return memory;
}

enum { REGIONS_MAX = 6, OPERATIONS = HOSTED_SANITIZED ? 60000 : 300000 };

struct pool_model {
	struct pool pool;
	unsigned char *memory[REGIONS_MAX]; /* the first is init's, the others are added */
	size_t region_capacity[REGIONS_MAX];
	size_t regions;
	size_t object_bytes, alignment, capacity;
	unsigned char **live;  /* [CAPACITY_MAX], `live_count` of them */
	unsigned char **freed; /* the order in which they should come back */
	size_t live_count, freed_count, fresh_count, peak;
};

enum { CAPACITY_MAX = 8192 };

static void model_start(struct pool_model *model, size_t object_bytes, size_t alignment, size_t capacity) {
	size_t bytes = pool_bytes_needed(object_bytes, alignment, capacity);
	*model = (struct pool_model){.object_bytes = object_bytes, .alignment = alignment, .capacity = capacity};
	model->memory[0] = allocate_aligned(alignment, bytes);
	model->region_capacity[0] = capacity;
	model->regions = 1;
	model->live = calloc(CAPACITY_MAX, sizeof *model->live);
	model->freed = calloc(CAPACITY_MAX, sizeof *model->freed);
	cr_assert_eq(pool_init(&model->pool, model->memory[0], bytes, object_bytes, alignment, capacity), 0);
}

static void model_end(struct pool_model *model) {
	for (size_t i = 0; i < model->regions; i++)
		free(model->memory[i]);
	free(model->live);
	free(model->freed);
}

static void model_add(struct pool_model *model, size_t objects) {
	size_t bytes = objects * (POOL_STRIDE(model->object_bytes, model->alignment) + 9) + 100;
	unsigned char *memory = allocate_aligned(model->alignment, bytes);
	size_t before = model->pool.capacity;
	cr_assert_eq(pool_add(&model->pool, memory, bytes), 0);
	size_t added = model->pool.capacity - before;
	cr_assert_geq(added, objects);
	model->memory[model->regions] = memory;
	model->region_capacity[model->regions++] = added;
	model->capacity += added;
	cr_assert_leq(model->capacity, (size_t)CAPACITY_MAX);
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

/* The next object that was never taken. */
static unsigned char *model_fresh(struct pool_model *model) {
	size_t index = model->fresh_count++, region = 0;
	for (; index >= model->region_capacity[region]; region++)
		index -= model->region_capacity[region];
	return model->memory[region] + POOL_STRIDE(model->object_bytes, model->alignment) * index;
}

/* What the pool gave should be what the model expects. */
static void model_took(struct pool_model *model, unsigned char *object) {
	if (model->live_count == model->capacity) {
		cr_assert_null(object);
		return;
	}
	cr_assert_not_null(object);
	cr_assert_eq((uintptr_t)object % model->alignment, 0);
	if (model->freed_count != 0)
		cr_assert_eq(object, model->freed[--model->freed_count], "the last one freed comes first");
	else
		cr_assert_eq(object, model_fresh(model));
	mark(model, object);
	model->live[model->live_count++] = object;
	if (model->live_count > model->peak)
		model->peak = model->live_count;
}

static unsigned char *model_give(struct pool_model *model, size_t which) {
	unsigned char *object = model->live[which];
	cr_assert(is_marked(model, object), "another object's bytes, or the pool's, lie over a live one");
	model->live[which] = model->live[--model->live_count];
	model->freed[model->freed_count++] = object;
	return object;
}

enum { BATCH_MAX = 150 };

static void model_take_batch(struct pool_model *model, size_t count) {
	void *objects[BATCH_MAX];
	size_t left = model->capacity - model->live_count;
	size_t taken = pool_alloc_batch(&model->pool, objects, count);
	cr_assert_eq(taken, count < left ? count : left);
	for (size_t i = 0; i < taken; i++)
		model_took(model, objects[i]);
}

static void model_give_batch(struct pool_model *model, size_t count, uint64_t *seed) {
	void *objects[BATCH_MAX];
	size_t given = 0;
	for (; given < count && model->live_count != 0; given++)
		objects[given] = model_give(model, next_random(seed) % model->live_count);
	pool_free_batch(&model->pool, objects, given);
}

static int compare_pointers(const void *a, const void *b) {
	uintptr_t x = (uintptr_t) * (void *const *)a, y = (uintptr_t) * (void *const *)b;
	return (x > y) - (x < y);
}

struct walked {
	void *objects[CAPACITY_MAX];
	size_t count, limit;
};

static bool collect(void *argument, void *object) {
	struct walked *walked = argument;
	walked->objects[walked->count++] = object;
	return walked->count < walked->limit;
}

static void model_walk(struct pool_model *model) {
	static struct walked walked;
	walked.count = 0;
	walked.limit = SIZE_MAX;
	pool_walk(&model->pool, collect, &walked);
	cr_assert_eq(walked.count, model->live_count);
	qsort(walked.objects, walked.count, sizeof(void *), compare_pointers);
	qsort(model->live, model->live_count, sizeof(void *), compare_pointers);
	cr_assert_eq(memcmp(walked.objects, model->live, walked.count * sizeof(void *)), 0);
	for (size_t i = 0; i < model->live_count; i++)
		cr_assert(is_marked(model, model->live[i]), "the walk writes no object");
}

static void model_check_statistics(const struct pool_model *model) {
	struct pool_statistics statistics;
	pool_statistics_read(&model->pool, &statistics);
	cr_assert_eq(statistics.capacity, model->capacity);
	cr_assert_eq(statistics.live, model->live_count);
	cr_assert_eq(statistics.peak, model->peak);
	cr_assert_eq(statistics.regions, model->regions);
	cr_assert_eq(pool_available(&model->pool), model->capacity - model->live_count);
}

static void model_reset(struct pool_model *model) {
	pool_reset(&model->pool);
	model->live_count = model->freed_count = model->fresh_count = model->peak = 0;
}

static void run_model(size_t object_bytes, size_t alignment, size_t capacity, uint64_t seed) {
	struct pool_model model;
	model_start(&model, object_bytes, alignment, capacity);
	for (unsigned step = 0; step < OPERATIONS; step++) {
		uint64_t random = next_random(&seed);
		bool mostly_take = (step / 1000 & 1) == 0;
		if (random % 20000 == 0)
			model_reset(&model);
		else if (random % 20000 < 4 && model.regions < REGIONS_MAX)
			model_add(&model, 1 + (random >> 20) % 200);
		else if (random % 20000 < 12)
			model_walk(&model);
		else if (random % 64 == 0)
			model_take_batch(&model, (random >> 20) % BATCH_MAX);
		else if (random % 64 == 1)
			model_give_batch(&model, (random >> 20) % BATCH_MAX, &seed);
		else if (model.live_count == 0 || (random >> 20) % 8 < (mostly_take ? 6u : 2u))
			model_took(&model, pool_alloc(&model.pool));
		else
			pool_free(&model.pool, model_give(&model, (random >> 32) % model.live_count));
		model_check_statistics(&model);
	}
	model_end(&model);
}

/* Ten shapes: three million operations, each checked against the model. A failure names the
 * shape; its seed is fixed. */
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

Test(pool, one_include_serves_both_builds) {
	cr_expect_eq(one_text_reports(), 0);
}

Test(pool, exhausted_returns_null) {
	struct pool_model model;
	model_start(&model, 64, 64, 3);
	for (unsigned i = 0; i < 3; i++)
		cr_assert_not_null(pool_alloc(&model.pool));
	cr_expect_null(pool_alloc(&model.pool));
	cr_expect_null(pool_alloc(&model.pool));
	cr_expect_eq(pool_available(&model.pool), 0);
	pool_free(&model.pool, model.memory[0] + 64);
	cr_expect_eq(pool_alloc(&model.pool), (void *)(model.memory[0] + 64));
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
	cr_expect_eq(pool_bytes_needed(64, 64, 100), 100 * (64 + sizeof(void *) + 1) + sizeof(void *));
	cr_expect_eq(pool_bytes_needed(1, 1, 3), 8 + 3 * (sizeof(void *) + 1) + sizeof(void *), "the stack is aligned");
	cr_expect_eq(pool_bytes_needed(65, 64, 17), POOL_BYTES(65, 64, 17));
}

Test(pool, add_bad_arguments) {
	struct pool pool, before;
	_Alignas(64) static unsigned char memory[4096], more[4096];
	cr_assert_eq(pool_init(&pool, memory, sizeof memory, 64, 64, 8), 0);
	before = pool;
	cr_expect_eq(pool_add(NULL, more, sizeof more), POOL_EINVAL);
	cr_expect_eq(pool_add(&pool, NULL, sizeof more), POOL_EINVAL);
	cr_expect_eq(pool_add(&pool, more + 8, sizeof more - 8), POOL_EALIGN);
	cr_expect_eq(pool_add(&pool, more, 0), POOL_ENOMEM);
	cr_expect_eq(pool_add(&pool, more, 64 + 8 + 1), POOL_ENOMEM,
		     "no room for what the pool needs beside the object");
	cr_expect_eq(memcmp(&pool, &before, sizeof pool), 0, "a failed add leaves the pool as it was");
	cr_expect_eq(pool_add(&pool, more, sizeof more), 0);
	cr_expect_geq(pool.capacity, 8u + 50u);
}

/* Added memory, too, is used to its ends and no further, whatever its size. */
Test(pool, add_uses_no_byte_outside) {
	struct guarded first = guarded_map(4096), area = guarded_map(4096);
	for (size_t bytes = 128; bytes <= 1024; bytes += 8) {
		struct pool pool;
		unsigned char *memory = area.bytes + area.size - bytes;
		cr_assert_eq(pool_init(&pool, first.bytes, first.size, 24, 8, 2), 0);
		if (pool_add(&pool, memory, bytes) != 0)
			continue;
		void *objects[64];
		size_t taken = pool_alloc_batch(&pool, objects, 64);
		cr_assert_eq(taken, pool.capacity);
		for (size_t i = 0; i < taken; i++)
			memset(objects[i], 0xff, 24);
		pool_free_batch(&pool, objects, taken);
		cr_assert_eq(pool_available(&pool), taken);
	}
	guarded_unmap(first);
	guarded_unmap(area);
}

/* Stops when told to, and lets the visited object go. */
static bool give_back(void *pool, void *object) {
	pool_free(pool, object);
	return true;
}

Test(pool, walk_may_end_early_and_free) {
	static struct walked walked = {.limit = 3};
	struct pool_model model;
	model_start(&model, 16, 16, 10);
	for (unsigned i = 0; i < 10; i++)
		model_took(&model, pool_alloc(&model.pool));
	pool_walk(&model.pool, collect, &walked);
	cr_expect_eq(walked.count, 3);
	pool_walk(&model.pool, give_back, &model.pool);
	cr_expect_eq(pool_available(&model.pool), 10);
	model_end(&model);
}

Test(pool, init_and_reset_write_to_no_memory) {
	unsigned char memory[POOL_BYTES(64, 8, 4)] __attribute__((aligned(64))), before[sizeof memory];
	struct pool pool;
	memset(memory, 0x55, sizeof memory);
	cr_assert_eq(pool_init(&pool, memory, sizeof memory, 64, 8, 4), 0);
	memset(before, 0x55, sizeof before);
	cr_expect_eq(memcmp(memory, before, sizeof memory), 0);
	pool_free(&pool, pool_alloc(&pool));
	memcpy(before, memory, sizeof memory);
	pool_reset(&pool);
	cr_expect_eq(memcmp(memory, before, sizeof memory), 0);
	cr_expect_eq(pool_alloc(&pool), memory);
	cr_expect_eq(pool_alloc(&pool), memory + 64, "what was freed before the reset is forgotten");
}
