/* SPDX-License-Identifier: Apache-2.0
 *
 * The depot, and the slow ends of a core's alloc and free.
 *
 * Memory: struct pool_shared, cores, magazines, objects, their marks. Objects that were never taken stand behind a mark, `fresh`;
 * a core takes a magazine's worth of them at a time, when no full magazine is left.
 *
 * Invariants: a magazine in the depot is full or empty. A core holds two magazines whenever it is not in the depot, and never
 * more: it puts one back before it takes another. There are capacity / POOL_MAGAZINE_OBJECTS + 2 * cores magazines, of
 * which no more than capacity / POOL_MAGAZINE_OBJECTS can be full: a core that holds one therefore always finds an empty one.
 *
 * Ordering: who pushes a magazine releases with the compare-and-swap what it wrote to the magazine and, before it, to the
 * objects in it; who pops it acquires that with the load of the head. Swaps by others in between are read-modify-writes, and
 * continue the release sequence (C11 5.1.2.4p10), so the acquire sees the push of every magazine below, too. `next` is read of
 * a magazine that another core may own by then: hence atomic, relaxed, and believed only if the swap succeeds.
 */
#undef POOL_CHECKED
#include "mem/pool_shared.h"
#include "mem/pool_inside.h"

#include <stdatomic.h>

#define INDEX_BITS 24
#define INDEX_MASK ((UINT64_C(1) << INDEX_BITS) - 1) /* the index of no magazine, too: an empty list */

struct pool_magazine {
	_Atomic(uint32_t) next; /* in the depot: the index below */
	uint32_t index;
	void *objects[POOL_MAGAZINE_OBJECTS];
};

/* index | count << INDEX_BITS */
struct depot_list {
	_Alignas(POOL_CACHE_LINE_PAIR) _Atomic(uint64_t) head;
};

struct pool_shared {
	struct depot_list full;
	struct depot_list empty;
	_Alignas(POOL_CACHE_LINE_PAIR) _Atomic(size_t)
		fresh; /* objects ever taken from the mark; never above capacity */
	_Alignas(POOL_CACHE_LINE_PAIR) struct pool_core *cores;
	struct pool_magazine *magazines;
	size_t core_count;
	size_t magazine_count;
	struct pool shape; /* its arithmetic alone: stride, inverse, the region of objects and marks */
};

_Static_assert(sizeof(struct pool_magazine) % 64 == 0, "a magazine is whole lines");
_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "the depot needs compare-and-swap of 64 bits");

/* ---- the depot ------------------------------------------------------------------------------------------------------ */

static uint64_t next_head(uint64_t head, uint32_t index) {
	return ((head >> INDEX_BITS) + 1) << INDEX_BITS | index;
}

static void push(struct depot_list *list, struct pool_magazine *magazine) {
	uint64_t head = atomic_load_explicit(&list->head, memory_order_relaxed);
	do
		atomic_store_explicit(&magazine->next, (uint32_t)(head & INDEX_MASK), memory_order_relaxed);
	while (!atomic_compare_exchange_weak_explicit(&list->head, &head, next_head(head, magazine->index),
						      memory_order_release, memory_order_relaxed));
}

/* NULL: the list is empty. */
static struct pool_magazine *pop(struct pool_shared *shared, struct depot_list *list) {
	uint64_t head = atomic_load_explicit(&list->head, memory_order_acquire);
	while ((head & INDEX_MASK) != INDEX_MASK) {
		struct pool_magazine *magazine = &shared->magazines[head & INDEX_MASK];
		uint32_t next = atomic_load_explicit(&magazine->next, memory_order_relaxed);
		if (atomic_compare_exchange_weak_explicit(&list->head, &head, next_head(head, next),
							  memory_order_acquire, memory_order_acquire))
			return magazine;
	}
	return NULL;
}

static bool is_empty(struct depot_list *list) {
	return (atomic_load_explicit(&list->head, memory_order_relaxed) & INDEX_MASK) == INDEX_MASK;
}

/* By the invariant there is one. */
static struct pool_magazine *pop_empty(struct pool_shared *shared) {
	struct pool_magazine *magazine = pop(shared, &shared->empty);
	if (magazine == NULL)
		__builtin_trap(); /* more objects were given back than there are */
	return magazine;
}

/* Fills an empty magazine with objects that were never taken; their number. Relaxed: nothing was written to them. */
static size_t take_fresh(struct pool_shared *shared, struct pool_magazine *magazine) {
	const struct pool *shape = &shared->shape;
	size_t first = atomic_load_explicit(&shared->fresh, memory_order_relaxed), count;
	do {
		count = shape->capacity - first;
		if (count == 0)
			return 0;
		if (count > POOL_MAGAZINE_OBJECTS)
			count = POOL_MAGAZINE_OBJECTS;
	} while (!atomic_compare_exchange_weak_explicit(&shared->fresh, &first, first + count, memory_order_relaxed,
							memory_order_relaxed));
	for (size_t i = 0; i < count; i++) /* the lowest is taken first */
		magazine->objects[i] = shape->first.objects + shape->stride * (first + count - 1 - i);
	return count;
}

/* ---- a core --------------------------------------------------------------------------------------------------------- */

static void load(struct pool_core *core, struct pool_magazine *magazine, size_t objects) {
	core->loaded = magazine;
	core->bottom = magazine->objects;
	core->limit = magazine->objects + POOL_MAGAZINE_OBJECTS;
	core->top = magazine->objects + objects;
}

static void swap_loaded(struct pool_core *core, size_t objects) {
	struct pool_magazine *spare = core->spare;
	core->spare = core->loaded;
	core->spare_is_full = !core->spare_is_full;
	load(core, spare, objects);
}

/* The loaded magazine is empty. */
void *pool_core_alloc_slow(struct pool_core *core) {
	struct pool_shared *shared = core->shared;
	if (core->spare_is_full) {
		swap_loaded(core, POOL_MAGAZINE_OBJECTS);
		return *--core->top;
	}
	while (!is_empty(&shared->full)) {
		core->exchanges++;
		push(&shared->empty, core->spare);
		struct pool_magazine *full = pop(shared, &shared->full);
		if (full != NULL) {
			core->spare = core->loaded;
			load(core, full, POOL_MAGAZINE_OBJECTS);
			return *--core->top;
		}
		core->spare = pop_empty(shared); /* another core was quicker */
	}
	size_t fresh = take_fresh(shared, core->loaded);
	core->top = core->bottom + fresh;
	return fresh != 0 ? *--core->top : NULL;
}

/* The loaded magazine is full. */
void pool_core_free_slow(struct pool_core *core, void *object) {
	struct pool_shared *shared = core->shared;
	if (core->spare_is_full) {
		core->exchanges++;
		push(&shared->full, core->spare);
		core->spare = pop_empty(shared);
		core->spare_is_full = false;
	}
	swap_loaded(core, 0);
	*core->top++ = object;
}

size_t pool_core_alloc_batch(struct pool_core *core, void **objects, size_t count) {
	size_t taken = 0;
	while (taken < count) {
		size_t here = (size_t)(core->top - core->bottom), left = count - taken;
		for (size_t n = here < left ? here : left; n != 0; n--)
			objects[taken++] = *--core->top;
		if (taken == count)
			break;
		void *object = pool_core_alloc_slow(core);
		if (object == NULL)
			break;
		objects[taken++] = object;
	}
	return taken;
}

void pool_core_free_batch(struct pool_core *core, void *const *objects, size_t count) {
	for (size_t i = 0; i < count; i++)
		pool_core_free(core, objects[i]);
}

/* ---- beginning -------------------------------------------------------------------------------------------------------- */

/* Where things lie, from the start of the memory. */
struct layout {
	size_t magazine_count, cores, magazines, objects, marks, bytes;
};

static bool lay_out(struct layout *layout, size_t object_bytes, size_t alignment, size_t capacity, size_t cores) {
	size_t pool_bytes = pool_bytes_needed(object_bytes, alignment, capacity);
	if (pool_bytes == 0 || cores == 0 || cores > POOL_CORES_MAX)
		return false;
	size_t magazines = capacity / POOL_MAGAZINE_OBJECTS + 2 * cores;
	size_t align = alignment > POOL_CACHE_LINE_PAIR ? alignment : POOL_CACHE_LINE_PAIR;
	/* Objects, and slots for them, are in pool_bytes; what the rest comes to is far from overflowing beside it. */
	if (magazines >= INDEX_MASK || pool_bytes > SIZE_MAX / 4 || align > SIZE_MAX / 8)
		return false;
	layout->magazine_count = magazines;
	layout->cores = sizeof(struct pool_shared);
	layout->magazines = layout->cores + cores * sizeof(struct pool_core);
	layout->objects = POOL_ROUND(layout->magazines + magazines * sizeof(struct pool_magazine), align);
	layout->marks = layout->objects + POOL_STRIDE(object_bytes, alignment) * capacity;
	layout->bytes = layout->marks + capacity;
	return true;
}

size_t pool_shared_bytes_needed(size_t object_bytes, size_t alignment, size_t capacity, size_t cores) {
	struct layout layout;
	return lay_out(&layout, object_bytes, alignment, capacity, cores) ? layout.bytes : 0;
}

int pool_shared_init(struct pool_shared **shared, void *memory, size_t memory_bytes, size_t object_bytes,
		     size_t alignment, size_t capacity, size_t cores) {
	struct layout layout;
	if (shared == NULL || memory == NULL || !lay_out(&layout, object_bytes, alignment, capacity, cores))
		return POOL_EINVAL;
	if (((uintptr_t)memory & (POOL_CACHE_LINE_PAIR - 1)) != 0 || ((uintptr_t)memory & (alignment - 1)) != 0)
		return POOL_EALIGN;
	if (memory_bytes < layout.bytes)
		return POOL_ENOMEM;
	unsigned char *bytes = memory;
	struct pool_shared *pool = memory;
	pool_shape(&pool->shape, bytes + layout.objects, bytes + layout.marks, object_bytes, alignment, capacity);
	pool->cores = (struct pool_core *)(void *)(bytes + layout.cores);
	pool->magazines = (struct pool_magazine *)(void *)(bytes + layout.magazines);
	pool->core_count = cores;
	pool->magazine_count = layout.magazine_count;
	pool_shared_reset(pool);
	*shared = pool;
	return 0;
}

struct pool_core *pool_shared_core(struct pool_shared *shared, size_t number) {
	return number < shared->core_count ? &shared->cores[number] : NULL;
}

void pool_shared_reset(struct pool_shared *shared) {
	atomic_init(&shared->fresh, 0);
	atomic_init(&shared->full.head, INDEX_MASK);
	atomic_init(&shared->empty.head, INDEX_MASK);
	for (size_t i = 0; i < shared->magazine_count; i++) {
		shared->magazines[i].index = (uint32_t)i;
		push(&shared->empty, &shared->magazines[i]);
	}
	for (size_t i = 0; i < shared->core_count; i++) {
		struct pool_core *core = &shared->cores[i];
		*core = (struct pool_core){.shared = shared, .spare = pop_empty(shared)};
		load(core, pop_empty(shared), 0);
	}
}

/* ---- with nobody else in it ------------------------------------------------------------------------------------------- */

/* Calls see(argument, objects, count) for the objects of every magazine. */
static void for_each_magazine(struct pool_shared *shared,
			      void (*see)(struct pool_shared *, void *const *, size_t, size_t *), size_t *in_depot,
			      size_t *in_cores) {
	uint32_t index = (uint32_t)(atomic_load_explicit(&shared->full.head, memory_order_acquire) & INDEX_MASK);
	for (; index != INDEX_MASK; index = atomic_load_explicit(&shared->magazines[index].next, memory_order_relaxed))
		see(shared, shared->magazines[index].objects, POOL_MAGAZINE_OBJECTS, in_depot);
	for (size_t i = 0; i < shared->core_count; i++) {
		const struct pool_core *core = &shared->cores[i];
		see(shared, core->bottom, (size_t)(core->top - core->bottom), in_cores);
		if (core->spare_is_full)
			see(shared, core->spare->objects, POOL_MAGAZINE_OBJECTS, in_cores);
	}
}

static void add_count(struct pool_shared *shared, void *const *objects, size_t count, size_t *sum) {
	(void)shared;
	(void)objects;
	*sum += count;
}

enum { MARK_LIVE = 1, MARK_FREED = 2 };

static void mark_freed(struct pool_shared *shared, void *const *objects, size_t count, size_t *sum) {
	const struct pool *shape = &shared->shape;
	for (size_t i = 0; i < count; i++) {
		size_t index = pool_index(shape, &shape->first, objects[i]);
		if (index < shape->capacity)
			shape->first.marks[index] = MARK_FREED;
	}
	*sum += count;
}

void pool_shared_statistics_read(struct pool_shared *shared, struct pool_shared_statistics *statistics) {
	size_t capacity = shared->shape.capacity, in_depot = 0, in_cores = 0;
	for_each_magazine(shared, add_count, &in_depot, &in_cores);
	in_depot += capacity - atomic_load_explicit(&shared->fresh, memory_order_relaxed);
	*statistics = (struct pool_shared_statistics){
		.capacity = capacity,
		.live = capacity - in_depot - in_cores,
		.in_cores = in_cores,
		.in_depot = in_depot,
	};
	for (size_t i = 0; i < shared->core_count; i++)
		statistics->exchanges += shared->cores[i].exchanges;
}

void pool_shared_walk(struct pool_shared *shared, bool (*visit)(void *argument, void *object), void *argument) {
	const struct pool_region *region = &shared->shape.first;
	size_t taken = atomic_load_explicit(&shared->fresh, memory_order_relaxed), freed = 0;
	for (size_t i = 0; i < taken; i++)
		region->marks[i] = MARK_LIVE;
	for_each_magazine(shared, mark_freed, &freed, &freed);
	for (size_t i = 0; i < taken; i++)
		if (region->marks[i] == MARK_LIVE && !visit(argument, region->objects + shared->shape.stride * i))
			return;
}
