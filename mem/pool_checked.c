/* SPDX-License-Identifier: Apache-2.0
 *
 * The checked pool: objects of added regions, fresh objects, and what went wrong.
 */
#undef POOL_CHECKED
#include "mem/pool_inside.h"

void pool_checked_report(pool_report *function, void *argument, struct pool_fault fault) {
	static const char *const texts[] = {
		[POOL_FAULT_DOUBLE_FREE] = "double free",
		[POOL_FAULT_FOREIGN] = "free of a pointer that is no live object of this pool",
		[POOL_FAULT_MISALIGNED] = "free of a pointer into an object",
		[POOL_FAULT_OVERWRITTEN] = "an object was written to after its free",
		[POOL_FAULT_SLOTS] = "the pool's own memory was written to",
	};
	if (function == NULL)
		__builtin_trap();
	fault.text = texts[fault.kind];
	function(argument, &fault);
}

static void report(struct pool *pool, enum pool_fault_kind kind, void *object, size_t offset, const void *caller) {
	pool_checked_report(
		pool->report, pool->report_argument,
		(struct pool_fault){.kind = kind, .pool = pool, .object = object, .offset = offset, .caller = caller});
}

int pool_checked_init(struct pool *pool, void *memory, size_t memory_bytes, size_t object_bytes, size_t alignment,
		      size_t capacity) {
	int status = pool_init(pool, memory, memory_bytes, object_bytes, alignment, capacity);
	if (status != 0)
		return status;
	pool->checked = true;
	pool->checked_lines =
		object_bytes == POOL_LINE && pool->stride == POOL_LINE && alignment >= _Alignof(pool_wide);
	pool_checked_enter(pool);
	POOL_LEAVE(pool);
	POOL_WATCH(pool);
	pool_checked_hide(pool, &pool->first);
	return 0;
}

void pool_set_report(struct pool *pool, pool_report *function, void *argument) {
	pool->report = function;
	pool->report_argument = argument;
}

void pool_checked_hide(struct pool *pool, struct pool_region *region) {
	POOL_PEEK(region->slots, region->capacity * sizeof(void *));
	for (size_t i = 0; i < region->capacity; i++)
		POOL_HIDE(region->objects + pool->stride * i, pool->object_bytes);
}

void pool_checked_show(struct pool *pool, struct pool_region *region) {
	for (size_t i = 0; i < region->capacity; i++)
		POOL_SHOW(region->objects + pool->stride * i, pool->object_bytes);
}

void pool_checked_poison(const struct pool *pool, void *object, uint64_t first) {
	pool_word *words = object;
	unsigned char *bytes = object;
	size_t left = pool->object_bytes, whole = left / sizeof(pool_word);
	for (size_t i = 0; i < whole; i++)
		words[i] = i < 2 ? first : POOL_POISON;
	for (size_t i = whole * sizeof(pool_word); i < left; i++)
		bytes[i] = (unsigned char)(POOL_POISON >> (i % 8 * 8));
}

size_t pool_checked_wrong_byte(const struct pool *pool, const void *object, uint64_t first) {
	const pool_word *words = object;
	const unsigned char *bytes = object;
	size_t i = 0, whole = pool->object_bytes / sizeof(pool_word);
	while (i < whole && words[i] == (i < 2 ? first : POOL_POISON))
		i++;
	uint64_t wanted = i < 2 && i < whole ? first : POOL_POISON;
	i *= sizeof(pool_word);
	while (i < pool->object_bytes && bytes[i] == (unsigned char)(wanted >> (i % 8 * 8)))
		i++;
	return i;
}

void pool_checked_enter(struct pool *pool) {
	bool is_first = pool->freed_region == &pool->first;
	pool->checked_bottom = pool->checked_lines ? pool->bottom : (void **)UINTPTR_MAX;
	pool->checked_taken = pool->checked_lines && is_first ? pool_taken_of(pool, &pool->first) : 0;
	pool->checked_slots_bytes = pool->first.capacity * sizeof(void *);
}

__attribute__((noinline)) void *pool_checked_alloc_slow(struct pool *pool) {
	size_t index;
	bool is_fresh = pool_freed_count(pool) == 0;
	unsigned char *object = pool_alloc(pool);
	if (object == NULL)
		return NULL;
	if (pool_region_of(pool, object, &index) == NULL) {
		report(pool, POOL_FAULT_SLOTS, object, 0, __builtin_return_address(0));
		return NULL;
	}
	POOL_SHOW(object, pool->object_bytes);
	size_t wrong = is_fresh ? pool->object_bytes : pool_checked_wrong_byte(pool, object, (uintptr_t)pool->top);
	if (wrong != pool->object_bytes)
		report(pool, POOL_FAULT_OVERWRITTEN, object, wrong, __builtin_return_address(0));
	if (is_fresh)
		pool_checked_enter(pool);
	POOL_GIVE(pool, object, pool->object_bytes);
	if (!is_fresh)
		POOL_FORGET(pool->top);
	return object;
}

/* Some slot in use names it. Where there is no room for the slot's address, it is looked for. */
static bool is_freed(const struct pool *pool, const void *object) {
	size_t freed = pool_freed_count(pool);
	bool is_small = pool->object_bytes < sizeof(pool_word);
	uint64_t named_by = is_small ? 0 : pool_first_word(object);
	for (const struct pool_region *slots = &pool->first; slots != NULL && freed > slots->before;
	     slots = slots->next) {
		size_t used = freed - slots->before < slots->capacity ? freed - slots->before : slots->capacity;
		uint64_t distance = named_by - (uintptr_t)slots->slots;
		if (!is_small && distance < used * sizeof(void *) && slots->slots[distance / sizeof(void *)] == object)
			return true;
		for (size_t i = 0; is_small && i < used; i++)
			if (slots->slots[i] == object)
				return true;
	}
	return false;
}

size_t pool_checked_offset(const struct pool *pool, const struct pool_region *region, const void *object) {
	uintptr_t distance = (uintptr_t)object - (uintptr_t)region->objects;
	return distance < pool->stride * region->capacity ? distance % pool->stride : 0;
}

static size_t offset_of(const struct pool *pool, const void *object) {
	size_t offset = 0;
	for (const struct pool_region *region = &pool->first; region != NULL && offset == 0; region = region->next)
		offset = pool_checked_offset(pool, region, object);
	return offset;
}

__attribute__((noinline)) void pool_checked_free_slow(struct pool *pool, void *object) {
	size_t index, offset = offset_of(pool, object);
	struct pool_region *region = pool_region_of(pool, object, &index);
	enum pool_fault_kind kind = POOL_FAULT_DOUBLE_FREE;
	if (offset != 0)
		kind = POOL_FAULT_MISALIGNED;
	else if (region == NULL || index >= pool_taken_of(pool, region))
		kind = POOL_FAULT_FOREIGN;
	else if (!is_freed(pool, object)) {
		pool_free(pool, object);
		pool_checked_poison(pool, object, (uintptr_t)(pool->top - 1));
		POOL_BACK(pool, object, pool->object_bytes);
		return;
	}
	if (kind == POOL_FAULT_DOUBLE_FREE)
		POOL_HIDE(object, pool->object_bytes); /* again: it was looked at */
	report(pool, kind, object, offset, __builtin_return_address(0));
}

size_t pool_checked_sweep(struct pool *pool) {
	size_t wrong = 0, freed = pool->checked ? pool_freed_count(pool) : 0;
	for (struct pool_region *slots = &pool->first; slots != NULL && freed > slots->before; slots = slots->next)
		for (size_t i = 0; i < slots->capacity && i < freed - slots->before; i++) {
			unsigned char *object = slots->slots[i];
			POOL_SHOW(object, pool->object_bytes);
			size_t offset = pool_checked_wrong_byte(pool, object, (uintptr_t)&slots->slots[i]);
			if (offset != pool->object_bytes) {
				wrong++;
				report(pool, POOL_FAULT_OVERWRITTEN, object, offset, __builtin_return_address(0));
			}
			POOL_HIDE(object, pool->object_bytes);
		}
	return wrong;
}
