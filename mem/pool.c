/* SPDX-License-Identifier: Apache-2.0
 *
 * Object pool: all that is not a fast path. A region's memory holds its objects from the first byte on, then the slots
 * of the stack, then, but for the first one, which lies in struct pool, the region itself, then the marks.
 *
 * Invariants: slots of the regions before freed_region are all in use, of those behind it none. Every object of the
 * regions before fresh_region was taken since the last reset, none of those behind it. While freed_region is not the
 * first, pool.fresh equals pool.end, which sends pool_alloc here, and the mark is kept in fresh_region. Until an object
 * was freed since the last reset there are no slots: bottom, top and limit lie behind `none`, so that a reset writes to
 * no region, and the first free comes here.
 */
#undef POOL_CHECKED /* the paths here are those that the checked ones are made of */
#include "mem/pool_inside.h"

static bool shape_is_good(size_t object_bytes, size_t alignment, size_t capacity) {
	if (object_bytes == 0 || capacity == 0 || alignment == 0 || (alignment & (alignment - 1)) != 0)
		return false;
	/* Half the address space leaves room for every rounding below, and differences of pointers
	 * stay representable. */
	const size_t most = SIZE_MAX / 2;
	if (alignment > most || object_bytes > most - 64 - alignment)
		return false;
	return capacity <= most / (POOL_STRIDE(object_bytes, alignment) + 3 * sizeof(void *) + 1);
}

static bool is_aligned(const void *memory, size_t alignment) {
	return (((uintptr_t)memory & (alignment - 1)) | ((uintptr_t)memory & (_Alignof(void *) - 1))) == 0;
}

size_t pool_bytes_needed(size_t object_bytes, size_t alignment, size_t capacity) {
	return shape_is_good(object_bytes, alignment, capacity) ? POOL_BYTES(object_bytes, alignment, capacity) : 0;
}

/* Of an odd number, modulo 2^n. Each step doubles the bits that are right; the number itself has three. */
static uintptr_t inverse_of(uintptr_t odd) {
	uintptr_t inverse = odd;
	for (unsigned right = 3; right < sizeof inverse * 8; right *= 2)
		inverse *= 2 - odd * inverse;
	return inverse;
}

void pool_shape(struct pool *pool, unsigned char *objects, unsigned char *marks, size_t object_bytes, size_t alignment,
		size_t capacity) {
	size_t stride = POOL_STRIDE(object_bytes, alignment);
	unsigned shift = (unsigned)__builtin_ctzll(stride);
	*pool = (struct pool){
		.stride = stride,
		.object_bytes = object_bytes,
		.alignment = alignment,
		.capacity = capacity,
		.last = &pool->first,
		.stride_inverse = inverse_of(stride >> shift),
		.stride_shift = shift,
		.first = {.objects = objects, .fresh = objects, .marks = marks, .capacity = capacity},
	};
}

static void **slots_behind(unsigned char *objects, size_t stride, size_t capacity) {
	return (void **)(void *)(objects + POOL_ROUND(stride * capacity, sizeof(void *))) + 1;
}

int pool_init(struct pool *pool, void *memory, size_t memory_bytes, size_t object_bytes, size_t alignment,
	      size_t capacity) {
	size_t needed = pool_bytes_needed(object_bytes, alignment, capacity);
	if (pool == NULL || memory == NULL || needed == 0)
		return POOL_EINVAL;
	if (!is_aligned(memory, alignment))
		return POOL_EALIGN;
	if (memory_bytes < needed)
		return POOL_ENOMEM;
	void **slots = slots_behind(memory, POOL_STRIDE(object_bytes, alignment), capacity);
	pool_shape(pool, memory, (unsigned char *)(slots + capacity), object_bytes, alignment, capacity);
	pool->first.slots = slots;
	pool_reset(pool);
	return 0;
}

int pool_add(struct pool *pool, void *memory, size_t memory_bytes) {
	if (pool == NULL || memory == NULL)
		return POOL_EINVAL;
	if (pool->checked && !pool_checked_is_whole(pool, __builtin_return_address(0)))
		return POOL_EINVAL;
	if (!is_aligned(memory, pool->alignment))
		return POOL_EALIGN;
	/* Rounding before the slots, and what lies below the lowest of them, included. */
	const size_t aside = sizeof(struct pool_region) + 2 * sizeof(void *);
	size_t each = pool->stride + sizeof(void *) + 1;
	if (memory_bytes < aside + each)
		return POOL_ENOMEM;
	size_t capacity = (memory_bytes - aside) / each;
	void **slots = slots_behind(memory, pool->stride, capacity);
	struct pool_region *region = (struct pool_region *)(void *)(slots + capacity);
	*region = (struct pool_region){
		.previous = pool->last,
		.objects = memory,
		.fresh = memory,
		.slots = slots,
		.marks = (unsigned char *)(region + 1),
		.capacity = capacity,
		.before = pool->capacity,
	};
	pool->last->next = region;
	if (pool->checked) {
		pool_checked_seal(pool->last);
		pool_checked_seal(region);
		pool_checked_hide(pool, region);
	}
	pool->last = region;
	pool->capacity += capacity;
	return 0;
}

static void enter_slots(struct pool *pool, struct pool_region *region, void **top) {
	pool->freed_region = region;
	region->slots[-1] = NULL;
	pool->bottom = region->slots;
	pool->limit = region->slots + region->capacity;
	pool->top = top;
	if (pool->checked)
		pool_checked_enter(pool);
}

static void enter_fresh(struct pool *pool, struct pool_region *region, unsigned char *fresh) {
	pool->fresh_region = region;
	pool->fresh = fresh;
	pool->end = region->objects + pool->stride * region->capacity;
}

/* The first object of fresh_region that was never taken. */
static unsigned char *fresh_mark(const struct pool *pool) {
	return pool->freed_region == &pool->first ? pool->fresh : pool->fresh_region->fresh;
}

void pool_reset(struct pool *pool) {
	if (pool->checked) {
		(void)pool_checked_is_whole(pool, __builtin_return_address(0));
		pool_checked_cut(pool);
		POOL_LEAVE(pool);
		POOL_WATCH(pool);
	}
	enter_fresh(pool, &pool->first, pool->first.objects);
	pool->freed_region = &pool->first;
	pool->none = NULL;
	pool->bottom = pool->top = pool->limit = &pool->none + 1;
	if (pool->checked)
		pool_checked_enter(pool);
	for (struct pool_region *region = &pool->first; pool->checked && region != NULL; region = region->next)
		pool_checked_hide(pool, region);
}

void pool_end(struct pool *pool) {
	(void)pool_checked_sweep(pool);
	if (pool->checked) {
		pool_checked_cut(pool);
		POOL_LEAVE(pool);
	}
	for (struct pool_region *region = &pool->first; pool->checked && region != NULL; region = region->next)
		pool_checked_show(pool, region);
}

void *pool_alloc_slow(struct pool *pool) {
	struct pool_region *before = pool->freed_region->previous;
	if (before != NULL) {
		if (before == &pool->first)
			enter_fresh(pool, pool->fresh_region, pool->fresh_region->fresh);
		enter_slots(pool, before, before->slots + before->capacity);
		return *--pool->top;
	}
	struct pool_region *next = pool->fresh_region->next;
	if (next == NULL)
		return NULL;
	enter_fresh(pool, next, next->objects + pool->stride);
	return next->objects;
}

void pool_free_slow(struct pool *pool, void *object) {
	if (pool->bottom == &pool->none + 1) {
		enter_slots(pool, &pool->first, pool->first.slots);
		*pool->top++ = object;
		return;
	}
	struct pool_region *next = pool->freed_region->next;
	if (next == NULL)
		__builtin_trap(); /* more given back than there are objects */
	if (pool->freed_region == &pool->first) {
		pool->fresh_region->fresh = pool->fresh;
		if (pool->checked)
			pool_checked_seal(pool->fresh_region);
		pool->fresh = pool->end;
	}
	enter_slots(pool, next, next->slots);
	*pool->top++ = object;
}

size_t pool_alloc_batch(struct pool *pool, void **objects, size_t count) {
	size_t taken = 0;
	while (taken < count) {
		size_t freed = (size_t)(pool->top - pool->bottom), left = count - taken;
		void **top = pool->top;
		for (size_t n = pool->checked ? 0 : freed < left ? freed : left; n != 0; n--)
			objects[taken++] = *--top;
		pool->top = top;
		if (taken == count)
			break;
		void *object = pool->checked ? pool_checked_alloc(pool) : pool_alloc(pool);
		if (object == NULL)
			break;
		objects[taken++] = object;
	}
	return taken;
}

void pool_free_batch(struct pool *pool, void *const *objects, size_t count) {
	while (count != 0) {
		size_t room = (size_t)(pool->limit - pool->top), now = room < count ? room : count;
		void **top = pool->top;
		count -= pool->checked ? 0 : now;
		for (size_t n = pool->checked ? 0 : now; n != 0; n--)
			*top++ = *objects++;
		pool->top = top;
		if (count == 0)
			break;
		if (pool->checked)
			pool_checked_free(pool, *objects++);
		else
			pool_free(pool, *objects++);
		count--;
	}
}

size_t pool_freed_count(const struct pool *pool) {
	return pool->freed_region->before + (size_t)(pool->top - pool->bottom);
}

static size_t ever_taken(const struct pool *pool) {
	const struct pool_region *region = pool->fresh_region;
	return region->before + (size_t)(fresh_mark(pool) - region->objects) / pool->stride;
}

void pool_statistics_read(const struct pool *pool, struct pool_statistics *statistics) {
	size_t peak = ever_taken(pool), regions = 0;
	for (const struct pool_region *region = &pool->first; region != NULL; region = pool_next_whole(pool, region))
		regions++;
	*statistics = (struct pool_statistics){
		.capacity = pool->capacity,
		.live = peak - pool_freed_count(pool),
		.peak = peak,
		.regions = regions,
	};
}

size_t pool_available(const struct pool *pool) {
	return pool->capacity - ever_taken(pool) + pool_freed_count(pool);
}

/* ---- the live objects -------------------------------------------------------------------------------------------- */

/* Objects of the region that were taken since the last reset. */
size_t pool_taken_of(const struct pool *pool, const struct pool_region *region) {
	size_t taken = ever_taken(pool);
	if (taken <= region->before)
		return 0;
	return taken - region->before < region->capacity ? taken - region->before : region->capacity;
}

struct pool_region *pool_region_of(struct pool *pool, const void *object, size_t *index) {
	for (struct pool_region *region = &pool->first; region != NULL; region = region->next) {
		*index = pool_index(pool, region, object);
		if (*index < region->capacity)
			return region;
	}
	return NULL;
}

static void mark_freed(struct pool *pool) {
	for (struct pool_region *region = &pool->first; region != NULL; region = region->next)
		for (size_t i = 0, taken = pool_taken_of(pool, region); i < taken; i++)
			region->marks[i] = POOL_MARK_LIVE;
	size_t freed = pool_freed_count(pool), index;
	for (const struct pool_region *slots = &pool->first; slots != NULL && freed > slots->before;
	     slots = slots->next)
		for (size_t i = 0; i < slots->capacity && i < freed - slots->before; i++) {
			struct pool_region *region = pool_region_of(pool, slots->slots[i], &index);
			if (region != NULL)
				region->marks[index] = POOL_MARK_FREED;
		}
}

void pool_walk(struct pool *pool, bool (*visit)(void *argument, void *object), void *argument) {
	if (!pool->checked)
		mark_freed(pool);
	else if (!pool_checked_is_whole(pool, __builtin_return_address(0)))
		return;
	else
		(void)pool_checked_slots(pool, __builtin_return_address(0));
	for (struct pool_region *region = &pool->first; region != NULL; region = region->next)
		for (size_t i = 0, taken = pool_taken_of(pool, region); i < taken; i++)
			if (region->marks[i] == POOL_MARK_LIVE && !visit(argument, region->objects + pool->stride * i))
				return;
}
