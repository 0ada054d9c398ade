/* SPDX-License-Identifier: Apache-2.0
 *
 * The checked pool: objects of added regions, fresh objects, and what went wrong.
 */
#undef POOL_CHECKED
#include "mem/pool_inside.h"

const char POOL_WATCHER = 0;

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

/* ---- the pool's own memory --------------------------------------------------------------------------------------- */

uintptr_t pool_seal_of(const uintptr_t *words, size_t count) {
	uintptr_t seal = (uintptr_t)POOL_POISON;
	for (size_t i = 0; i < count; i++)
		seal = (seal << 7 | seal >> (sizeof seal * 8 - 7)) ^ words[i];
	return seal;
}

static uintptr_t seal_of(const struct pool_region *region) {
	const uintptr_t words[] = {
		(uintptr_t)region,          (uintptr_t)region->next,  (uintptr_t)region->previous,
		(uintptr_t)region->objects, (uintptr_t)region->fresh, (uintptr_t)region->slots,
		(uintptr_t)region->marks,   region->capacity,         region->before,
	};
	return pool_seal_of(words, sizeof words / sizeof words[0]);
}

void pool_checked_seal(struct pool_region *region) {
	region->seal = seal_of(region);
}

bool pool_checked_is_sealed(const struct pool_region *region) {
	return region->seal == seal_of(region);
}

/* The first region lies in struct pool, out of the objects' reach. */
bool pool_checked_is_whole(struct pool *pool, const void *caller) {
	for (struct pool_region *region = pool->first.next; region != NULL; region = region->next)
		if (!pool_checked_is_sealed(region)) {
			report(pool, POOL_FAULT_SLOTS, region, 0, caller);
			return false;
		}
	return true;
}

void pool_checked_cut(struct pool *pool) {
	struct pool_region *region = &pool->first;
	while (pool_next_whole(pool, region) != NULL)
		region = region->next;
	if (region->next == NULL)
		return;
	region->next = NULL;
	pool_checked_seal(region);
	pool->last = region;
	pool->capacity = region->before + region->capacity;
}

/* The mark of the object that begins at this address and was taken since the last reset; NULL: none does. */
static unsigned char *mark_of(struct pool *pool, const void *object) {
	size_t index;
	struct pool_region *region = pool_region_of(pool, object, &index);
	return region != NULL && index < pool_taken_of(pool, region) ? &region->marks[index] : NULL;
}

size_t pool_checked_slots(struct pool *pool, const void *caller) {
	size_t wrong = 0, freed = pool_freed_count(pool);
	for (struct pool_region *slots = &pool->first; slots != NULL && freed > slots->before; slots = slots->next) {
		if (slots->slots[-1] != NULL) {
			wrong++;
			report(pool, POOL_FAULT_SLOTS, slots->slots[-1], 0, caller);
		}
		for (size_t i = 0; i < slots->capacity && i < freed - slots->before; i++) {
			const unsigned char *mark = mark_of(pool, slots->slots[i]);
			if (mark != NULL && *mark != POOL_MARK_LIVE)
				continue;
			wrong++;
			report(pool, POOL_FAULT_SLOTS, slots->slots[i], 0, caller);
		}
	}
	for (struct pool_region *region = &pool->first; region != NULL; region = region->next)
		for (size_t i = 0, taken = pool_taken_of(pool, region); i < taken; i++)
			if (region->marks[i] != POOL_MARK_LIVE && region->marks[i] != POOL_MARK_FREED) {
				wrong++;
				report(pool, POOL_FAULT_SLOTS, region->objects + pool->stride * i, 0, caller);
			}
	return wrong;
}

void pool_checked_hide(struct pool *pool, struct pool_region *region) {
	POOL_PEEK(region->slots - 1, (region->capacity + 1) * sizeof(void *));
	for (size_t i = 0; i < region->capacity; i++)
		POOL_HIDE(region->objects + pool->stride * i, pool->object_bytes);
}

void pool_checked_show(struct pool *pool, struct pool_region *region) {
	for (size_t i = 0; i < region->capacity; i++)
		POOL_SHOW(region->objects + pool->stride * i, pool->object_bytes);
}

void pool_checked_enter(struct pool *pool) {
	bool is_first = pool->freed_region == &pool->first;
	pool->checked_bottom = pool->checked_lines ? pool->bottom : (void **)UINTPTR_MAX;
	pool->checked_taken = pool->checked_lines && is_first ? pool_taken_of(pool, &pool->first) : 0;
}

/* ---- objects ----------------------------------------------------------------------------------------------------- */

void pool_checked_poison(const struct pool *pool, void *object) {
	pool_word *words = object;
	unsigned char *bytes = object;
	size_t left = pool->object_bytes, whole = left / sizeof(pool_word);
	for (size_t i = 0; i < whole; i++)
		words[i] = POOL_POISON;
	for (size_t i = whole * sizeof(pool_word); i < left; i++)
		bytes[i] = (unsigned char)(POOL_POISON >> (i % 8 * 8));
}

size_t pool_checked_wrong_byte(const struct pool *pool, const void *object) {
	const pool_word *words = object;
	const unsigned char *bytes = object;
	size_t i = 0, whole = pool->object_bytes / sizeof(pool_word);
	while (i < whole && words[i] == POOL_POISON)
		i++;
	i *= sizeof(pool_word);
	while (i < pool->object_bytes && bytes[i] == (unsigned char)(POOL_POISON >> (i % 8 * 8)))
		i++;
	return i;
}

/* pool_alloc takes what is not NULL, and only while slots are in use may that be so: else what is wrong is mended, or
 * the slot passed over, and reported. */
static bool top_is_good(struct pool *pool, const void *caller) {
	bool is_at_bottom = pool->top == pool->bottom;
	void *object = pool->top[-1];
	if (is_at_bottom == (object == NULL))
		return true;
	if (is_at_bottom)
		pool->top[-1] = NULL;
	else
		pool->top--;
	report(pool, POOL_FAULT_SLOTS, object, 0, caller);
	return false;
}

__attribute__((noinline)) void *pool_checked_alloc_slow(struct pool *pool) {
	const void *caller = __builtin_return_address(0);
	if (!pool_checked_is_whole(pool, caller) || !top_is_good(pool, caller))
		return NULL;
	bool is_fresh = pool_freed_count(pool) == 0;
	unsigned char *object = pool_alloc(pool);
	if (object == NULL && is_fresh)
		return NULL;
	unsigned char *mark = mark_of(pool, object);
	if (mark == NULL || (!is_fresh && *mark != POOL_MARK_FREED)) {
		report(pool, POOL_FAULT_SLOTS, object, 0, caller);
		return NULL;
	}
	*mark = POOL_MARK_LIVE;
	POOL_SHOW(object, pool->object_bytes);
	size_t wrong = is_fresh ? pool->object_bytes : pool_checked_wrong_byte(pool, object);
	if (wrong != pool->object_bytes)
		report(pool, POOL_FAULT_OVERWRITTEN, object, wrong, caller);
	if (is_fresh)
		pool_checked_enter(pool);
	POOL_GIVE(pool, object, pool->object_bytes);
	if (!is_fresh)
		POOL_FORGET(pool->top);
	return object;
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
	const void *caller = __builtin_return_address(0);
	if (!pool_checked_is_whole(pool, caller))
		return;
	size_t offset = offset_of(pool, object);
	unsigned char *mark = mark_of(pool, object);
	if (offset != 0) {
		report(pool, POOL_FAULT_MISALIGNED, object, offset, caller);
	} else if (mark == NULL) {
		report(pool, POOL_FAULT_FOREIGN, object, 0, caller);
	} else if (*mark == POOL_MARK_LIVE) {
		*mark = POOL_MARK_FREED;
		pool_free(pool, object);
		pool_checked_poison(pool, object);
		POOL_BACK(pool, object, pool->object_bytes);
	} else {
		report(pool, *mark == POOL_MARK_FREED ? POOL_FAULT_DOUBLE_FREE : POOL_FAULT_SLOTS, object, 0, caller);
	}
}

static size_t sweep_region(struct pool *pool, struct pool_region *region, const void *caller) {
	size_t wrong = 0;
	for (size_t i = 0, taken = pool_taken_of(pool, region); i < taken; i++) {
		unsigned char *object = region->objects + pool->stride * i;
		if (region->marks[i] != POOL_MARK_FREED)
			continue;
		POOL_SHOW(object, pool->object_bytes);
		size_t offset = pool_checked_wrong_byte(pool, object);
		if (offset != pool->object_bytes) {
			wrong++;
			report(pool, POOL_FAULT_OVERWRITTEN, object, offset, caller);
		}
		POOL_HIDE(object, pool->object_bytes);
	}
	return wrong;
}

size_t pool_checked_sweep(struct pool *pool) {
	const void *caller = __builtin_return_address(0);
	if (!pool->checked)
		return 0;
	if (!pool_checked_is_whole(pool, caller))
		return 1;
	size_t wrong = pool_checked_slots(pool, caller);
	for (struct pool_region *region = &pool->first; region != NULL; region = region->next)
		wrong += sweep_region(pool, region, caller);
	return wrong;
}
