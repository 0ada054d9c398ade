/* SPDX-License-Identifier: Apache-2.0
 *
 * The checked pool: objects of added regions, fresh objects, and what went wrong.
 */
#undef POOL_CHECKED
#include "mem/pool_inside.h"

static void report(struct pool *pool, enum pool_fault_kind kind, void *object, size_t offset, const void *caller) {
	static const char *const texts[] = {
		[POOL_FAULT_DOUBLE_FREE] = "double free",
		[POOL_FAULT_FOREIGN] = "free of a pointer that is no live object of this pool",
		[POOL_FAULT_MISALIGNED] = "free of a pointer into an object",
		[POOL_FAULT_OVERWRITTEN] = "an object was written to after its free",
		[POOL_FAULT_SLOTS] = "the pool's own memory was written to",
	};
	if (pool->report == NULL)
		__builtin_trap();
	struct pool_fault fault = {kind, texts[kind], pool, object, offset, caller};
	pool->report(pool->report_argument, &fault);
}

int pool_checked_init(struct pool *pool, void *memory, size_t memory_bytes, size_t object_bytes, size_t alignment,
		      size_t capacity) {
	int status = pool_init(pool, memory, memory_bytes, object_bytes, alignment, capacity);
	if (status != 0)
		return status;
	pool->checked = true;
	pool_checked_prepare(pool, &pool->first);
	return 0;
}

void pool_set_report(struct pool *pool, pool_report *function, void *argument) {
	pool->report = function;
	pool->report_argument = argument;
}

void pool_checked_prepare(struct pool *pool, struct pool_region *region) {
	for (size_t i = 0; i < region->capacity; i++)
		region->states[i] = POOL_STATE_FRESH;
	for (size_t i = 0; i < region->capacity; i++)
		POOL_HIDE(region->objects + pool->stride * i, pool->object_bytes);
}

/* Of the first byte that is not what pool_poison wrote; object_bytes: there is none. */
static size_t first_wrong_byte(const struct pool *pool, const unsigned char *object) {
	size_t i = 0;
	while (i < pool->object_bytes && object[i] == (unsigned char)(POOL_POISON >> (i % 8 * 8)))
		i++;
	return i;
}

/* The slow end of pool_checked_alloc. */
__attribute__((noinline)) void *pool_checked_taken(struct pool *pool, void *object) {
	size_t index;
	struct pool_region *region = pool_region_of(pool, object, &index);
	if (region == NULL || region->states[index] == POOL_STATE_LIVE) {
		report(pool, POOL_FAULT_SLOTS, object, 0, __builtin_return_address(0));
		return NULL;
	}
	POOL_SHOW(object, pool->object_bytes);
	if (region->states[index] == POOL_STATE_FREED && !pool_is_poisoned(pool, object))
		report(pool, POOL_FAULT_OVERWRITTEN, object, first_wrong_byte(pool, object),
		       __builtin_return_address(0));
	region->states[index] = POOL_STATE_LIVE;
	POOL_GIVE(object, pool->object_bytes);
	return object;
}

/* The slow end of pool_checked_free. */
__attribute__((noinline)) void pool_checked_given(struct pool *pool, void *object) {
	size_t index;
	struct pool_region *region = pool_region_of(pool, object, &index);
	if (region != NULL && region->states[index] == POOL_STATE_LIVE) {
		region->states[index] = POOL_STATE_FREED;
		pool_poison(pool, object);
		pool_free(pool, object);
		return;
	}
	enum pool_fault_kind kind = POOL_FAULT_FOREIGN;
	size_t offset = 0;
	if (region != NULL && region->states[index] == POOL_STATE_FREED)
		kind = POOL_FAULT_DOUBLE_FREE;
	for (region = &pool->first; kind == POOL_FAULT_FOREIGN && region != NULL; region = region->next) {
		uintptr_t distance = (uintptr_t)object - (uintptr_t)region->objects;
		if (distance >= pool->stride * region->capacity || distance % pool->stride == 0)
			continue;
		kind = POOL_FAULT_MISALIGNED;
		offset = distance % pool->stride;
	}
	report(pool, kind, object, offset, __builtin_return_address(0));
}

size_t pool_checked_sweep(struct pool *pool) {
	size_t wrong = 0;
	for (struct pool_region *region = &pool->first; pool->checked && region != NULL; region = region->next)
		for (size_t i = 0; i < region->capacity; i++) {
			unsigned char *object = region->objects + pool->stride * i;
			if (region->states[i] != POOL_STATE_FREED)
				continue;
			POOL_SHOW(object, pool->object_bytes);
			size_t offset = first_wrong_byte(pool, object);
			if (offset != pool->object_bytes) {
				wrong++;
				report(pool, POOL_FAULT_OVERWRITTEN, object, offset, __builtin_return_address(0));
			}
			POOL_HIDE(object, pool->object_bytes);
		}
	return wrong;
}
