/* SPDX-License-Identifier: Apache-2.0
 *
 * The checked shared pool: the unchecked one's paths between a look at what is given and a look at what is taken.
 *
 * An object's mark says whether it is live, and is changed by one compare-and-swap: of two cores that give the same
 * object back at the same time, one is refused. It orders nothing, and need not: what a core writes to an object (the
 * poison) is handed on with the magazine that the object lies in.
 */
#undef POOL_CHECKED
#include "mem/pool_shared_inside.h"

void pool_shared_checked_report(struct pool_shared *shared, size_t core, enum pool_fault_kind kind, void *object,
				size_t offset, const void *caller) {
	pool_checked_report(shared->report, shared->report_argument,
			    (struct pool_fault){
				    .kind = kind,
				    .shared = shared,
				    .core = core,
				    .object = object,
				    .offset = offset,
				    .caller = caller,
			    });
}

static size_t number_of(const struct pool_core *core) {
	return (size_t)(core - core->shared->cores);
}

static void report(struct pool_core *core, enum pool_fault_kind kind, void *object, size_t offset, const void *caller) {
	pool_shared_checked_report(core->shared, number_of(core), kind, object, offset, caller);
}

uintptr_t pool_shared_seal_of(const struct pool_shared_region *region) {
	const uintptr_t words[] = {
		(uintptr_t)region,
		(uintptr_t)region->next,
		(uintptr_t)region->magazines,
		region->magazine_count,
		region->first_magazine,
		(uintptr_t)region->objects.objects,
		(uintptr_t)region->objects.marks,
		region->objects.capacity,
	};
	return pool_seal_of(words, sizeof words / sizeof words[0]);
}

/* The first lies where the pool itself does. */
bool pool_shared_checked_is_whole(struct pool_shared *shared, size_t core, const void *caller) {
	for (struct pool_shared_region *region = pool_shared_regions(shared); region != &shared->first;
	     region = region->next)
		if (region->seal != pool_shared_seal_of(region)) {
			pool_shared_checked_report(shared, core, POOL_FAULT_SLOTS, region, 0, caller);
			return false;
		}
	return true;
}

/* Sanitizers guard memory in granules of eight bytes; two cores' objects must not share one. (The stride is a
 * multiple of the alignment.) */
static bool is_watched(const struct pool_shared *shared) {
	return shared->shape.alignment % 8 == 0;
}

void pool_shared_checked_hide(struct pool_shared *shared, struct pool_shared_region *region) {
	const struct pool *shape = &shared->shape;
	for (size_t i = 0; i < region->objects.capacity; i++) {
		region->objects.marks[i] = POOL_MARK_FRESH;
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

/* pool_core_alloc takes what is not NULL, and only while the loaded magazine has objects may that be so: else what is
 * wrong is mended, or the slot passed over, and reported. */
static bool top_is_good(struct pool_core *core, const void *caller) {
	bool is_at_bottom = core->top == core->bottom;
	void *object = core->top[-1];
	if (is_at_bottom == (object == NULL))
		return true;
	if (is_at_bottom)
		core->top[-1] = NULL;
	else
		core->top--;
	report(core, POOL_FAULT_SLOTS, object, 0, caller);
	return false;
}

__attribute__((noinline)) void *pool_core_checked_alloc(struct pool_core *core) {
	const struct pool *shape = &core->shared->shape;
	const void *caller = __builtin_return_address(0);
	size_t offset;
	if (!pool_shared_checked_is_whole(core->shared, number_of(core), caller) || !top_is_good(core, caller))
		return NULL;
	void *object = pool_core_alloc(core);
	if (object == NULL && core->top == core->bottom) /* else a slot of another magazine said so */
		return NULL;
	unsigned char *mark = mark_of(core->shared, object, &offset), live = POOL_MARK_LIVE;
	unsigned char before = mark != NULL ? __atomic_load_n(mark, __ATOMIC_RELAXED) : live;
	while (before == POOL_MARK_FREED || before == POOL_MARK_FRESH)
		if (__atomic_compare_exchange_n(mark, &before, live, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
			break;
	if (before != POOL_MARK_FREED && before != POOL_MARK_FRESH) {
		report(core, POOL_FAULT_SLOTS, object, 0, caller);
		return NULL;
	}
	if (is_watched(core->shared))
		POOL_SHOW(object, shape->object_bytes);
	size_t wrong = before == POOL_MARK_FREED ? pool_checked_wrong_byte(shape, object) : shape->object_bytes;
	if (wrong != shape->object_bytes)
		report(core, POOL_FAULT_OVERWRITTEN, object, wrong, caller);
	return object;
}

static enum pool_fault_kind kind_of(unsigned char mark) {
	return mark == POOL_MARK_FREED   ? POOL_FAULT_DOUBLE_FREE
	       : mark == POOL_MARK_FRESH ? POOL_FAULT_FOREIGN
					 : POOL_FAULT_SLOTS;
}

__attribute__((noinline)) void pool_core_checked_free(struct pool_core *core, void *object) {
	const struct pool *shape = &core->shared->shape;
	const void *caller = __builtin_return_address(0);
	size_t offset;
	if (!pool_shared_checked_is_whole(core->shared, number_of(core), caller))
		return;
	unsigned char *mark = mark_of(core->shared, object, &offset), before = POOL_MARK_LIVE;
	if (mark == NULL) {
		report(core, offset != 0 ? POOL_FAULT_MISALIGNED : POOL_FAULT_FOREIGN, object, offset, caller);
	} else if (__atomic_compare_exchange_n(mark, &before, POOL_MARK_FREED, false, __ATOMIC_RELAXED,
					       __ATOMIC_RELAXED)) {
		pool_checked_poison(shape, object);
		if (is_watched(core->shared))
			POOL_HIDE(object, shape->object_bytes);
		pool_core_free(core, object);
	} else {
		report(core, kind_of(before), object, 0, caller);
	}
}

/* ---- with nobody else in it -------------------------------------------------------------------------------------- */

static void report_slot(struct pool_shared *shared, void *value, size_t *wrong) {
	++*wrong;
	pool_shared_checked_report(shared, 0, POOL_FAULT_SLOTS, value, 0, __builtin_return_address(0));
}

static void see_slots(struct pool_shared *shared, void *const *objects, size_t count, size_t *wrong) {
	if (objects[-1] != NULL)
		report_slot(shared, objects[-1], wrong);
	for (size_t i = 0; i < count; i++) {
		size_t offset;
		const unsigned char *mark = mark_of(shared, objects[i], &offset);
		if (mark == NULL || *mark == POOL_MARK_LIVE)
			report_slot(shared, objects[i], wrong);
	}
}

size_t pool_shared_checked_slots(struct pool_shared *shared, const void *caller) {
	size_t wrong = 0;
	if (!pool_shared_each_magazine(shared, see_slots, &wrong, &wrong))
		wrong++;
	for (struct pool_shared_region *region = pool_shared_regions(shared); region != NULL; region = region->next)
		for (size_t i = 0; i < region->objects.capacity; i++) {
			unsigned char mark = region->objects.marks[i];
			if (mark == POOL_MARK_FRESH || mark == POOL_MARK_LIVE || mark == POOL_MARK_FREED)
				continue;
			wrong++;
			pool_shared_checked_report(shared, 0, POOL_FAULT_SLOTS,
						   region->objects.objects + shared->shape.stride * i, 0, caller);
		}
	return wrong;
}

static size_t sweep_region(struct pool_shared *shared, struct pool_shared_region *region, const void *caller) {
	const struct pool *shape = &shared->shape;
	size_t wrong = 0;
	for (size_t i = 0; i < region->objects.capacity; i++) {
		unsigned char *object = region->objects.objects + shape->stride * i;
		if (region->objects.marks[i] != POOL_MARK_FREED)
			continue;
		POOL_SHOW(object, shape->object_bytes);
		size_t offset = pool_checked_wrong_byte(shape, object);
		if (offset != shape->object_bytes) {
			wrong++;
			pool_shared_checked_report(shared, 0, POOL_FAULT_OVERWRITTEN, object, offset, caller);
		}
		if (is_watched(shared))
			POOL_HIDE(object, shape->object_bytes);
	}
	return wrong;
}

size_t pool_shared_checked_sweep(struct pool_shared *shared) {
	const void *caller = __builtin_return_address(0);
	if (!shared->checked)
		return 0;
	if (!pool_shared_checked_is_whole(shared, 0, caller))
		return 1;
	size_t wrong = pool_shared_checked_slots(shared, caller);
	for (struct pool_shared_region *region = pool_shared_regions(shared); region != NULL; region = region->next)
		wrong += sweep_region(shared, region, caller);
	return wrong;
}

/* Regions behind one that was written to are not found. */
void pool_shared_end(struct pool_shared *shared) {
	(void)pool_shared_checked_sweep(shared);
	for (struct pool_shared_region *region = pool_shared_regions(shared); shared->checked && region != NULL;
	     region = region->next) {
		if (region != &shared->first && region->seal != pool_shared_seal_of(region))
			region = &shared->first;
		pool_checked_show(&shared->shape, &region->objects);
	}
}
