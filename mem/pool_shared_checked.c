/* SPDX-License-Identifier: Apache-2.0
 *
 * The checked shared pool: the unchecked one's paths between a look at what is given and a look at what is taken.
 *
 * An object's mark says whether it is live, and is changed by one atomic exchange: of two cores that give the same object back at the same
 * time, one is refused. It orders nothing, and need not: what a core writes to an object (the poison) is handed on with the
 * magazine that the object lies in.
 */
#undef POOL_CHECKED
#include "mem/pool_shared_inside.h"

static void report(struct pool_core *core, enum pool_fault_kind kind, void *object, size_t offset, const void *caller) {
	struct pool_shared *shared = core->shared;
	pool_checked_report(shared->report, shared->report_argument,
			    (struct pool_fault){
				    .kind = kind,
				    .shared = shared,
				    .core = (size_t)(core - shared->cores),
				    .object = object,
				    .offset = offset,
				    .caller = caller,
			    });
}

/* Sanitizers guard memory in granules of eight bytes; two cores' objects must not share one. (The stride is a multiple of the
 * alignment.) */
static bool is_watched(const struct pool_shared *shared) {
	return shared->shape.alignment % 8 == 0;
}

void pool_shared_checked_hide(struct pool_shared *shared, struct pool_shared_region *region) {
	const struct pool *shape = &shared->shape;
	for (size_t i = 0; i < region->objects.capacity; i++) {
		region->objects.marks[i] = MARK_FRESH;
		if (is_watched(shared))
			POOL_HIDE(region->objects.objects + shape->stride * i, shape->object_bytes);
	}
}

int pool_shared_checked_init(struct pool_shared **shared, void *memory, size_t memory_bytes, size_t object_bytes,
			     size_t alignment, size_t capacity, size_t cores) {
	int status = pool_shared_init(shared, memory, memory_bytes, object_bytes, alignment, capacity, cores);
	if (status != 0)
		return status;
	(*shared)->checked = true;
	pool_shared_checked_hide(*shared, &(*shared)->first);
	return 0;
}

void pool_shared_set_report(struct pool_shared *shared, pool_report *function, void *argument) {
	shared->report = function;
	shared->report_argument = argument;
}

/* The mark of the object that begins at this address; NULL: none does. */
static unsigned char *mark_of(struct pool_shared *shared, const void *object, size_t *offset) {
	*offset = 0;
	for (struct pool_shared_region *region = pool_shared_regions(shared); region != NULL; region = region->next) {
		size_t index = pool_index(&shared->shape, &region->objects, object);
		if (index < region->objects.capacity)
			return &region->objects.marks[index];
		if (*offset == 0)
			*offset = pool_checked_offset(&shared->shape, &region->objects, object);
	}
	return NULL;
}

__attribute__((noinline)) void *pool_core_checked_alloc(struct pool_core *core) {
	const struct pool *shape = &core->shared->shape;
	void *object = pool_core_alloc(core);
	size_t offset;
	if (object == NULL)
		return NULL;
	unsigned char *mark = mark_of(core->shared, object, &offset);
	int before = mark != NULL ? __atomic_exchange_n(mark, MARK_LIVE, __ATOMIC_RELAXED) : MARK_LIVE;
	if (before == MARK_LIVE) {
		report(core, POOL_FAULT_SLOTS, object, 0, __builtin_return_address(0));
		return NULL;
	}
	if (is_watched(core->shared))
		POOL_SHOW(object, shape->object_bytes);
	size_t wrong = before == MARK_FREED ? pool_checked_wrong_byte(shape, object, POOL_POISON) : shape->object_bytes;
	if (wrong != shape->object_bytes)
		report(core, POOL_FAULT_OVERWRITTEN, object, wrong, __builtin_return_address(0));
	return object;
}

__attribute__((noinline)) void pool_core_checked_free(struct pool_core *core, void *object) {
	const struct pool *shape = &core->shared->shape;
	size_t offset;
	unsigned char *mark = mark_of(core->shared, object, &offset), live = MARK_LIVE;
	enum pool_fault_kind kind = offset != 0 ? POOL_FAULT_MISALIGNED : POOL_FAULT_FOREIGN;
	if (mark != NULL) {
		if (__atomic_compare_exchange_n(mark, &live, MARK_FREED, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
			pool_checked_poison(shape, object, POOL_POISON);
			if (is_watched(core->shared))
				POOL_HIDE(object, shape->object_bytes);
			pool_core_free(core, object);
			return;
		}
		offset = 0;
		kind = live == MARK_FREED ? POOL_FAULT_DOUBLE_FREE : POOL_FAULT_FOREIGN;
	}
	report(core, kind, object, offset, __builtin_return_address(0));
}

size_t pool_shared_checked_sweep(struct pool_shared *shared) {
	const struct pool *shape = &shared->shape;
	size_t wrong = 0;
	for (struct pool_shared_region *region = pool_shared_regions(shared); shared->checked && region != NULL;
	     region = region->next)
		for (size_t i = 0; i < region->objects.capacity; i++) {
			unsigned char *object = region->objects.objects + shape->stride * i;
			if (region->objects.marks[i] != MARK_FREED)
				continue;
			POOL_SHOW(object, shape->object_bytes);
			size_t offset = pool_checked_wrong_byte(shape, object, POOL_POISON);
			if (offset != shape->object_bytes) {
				wrong++;
				report(shared->cores, POOL_FAULT_OVERWRITTEN, object, offset,
				       __builtin_return_address(0));
			}
			if (is_watched(shared))
				POOL_HIDE(object, shape->object_bytes);
		}
	return wrong;
}

void pool_shared_end(struct pool_shared *shared) {
	(void)pool_shared_checked_sweep(shared);
	for (struct pool_shared_region *region = pool_shared_regions(shared); shared->checked && region != NULL;
	     region = region->next)
		pool_checked_show(&shared->shape, &region->objects);
}
