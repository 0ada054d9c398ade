/* SPDX-License-Identifier: Apache-2.0
 *
 * The depot, and the slow ends of a core's alloc and free.
 *
 * Memory: struct pool_shared, cores, magazines, objects, their marks; added memory: struct pool_shared_region,
 * magazines, objects, marks. Objects that were never taken stand behind their region's mark, `fresh`; a core takes a
 * magazine's worth of them at a time, when no full magazine is left.
 *
 * Invariants: a magazine in the depot is full or empty. A core holds two magazines whenever it is not in the depot.
 * There it takes one or two before it puts as many back, but holds never more than two that are not full. There are at
 * least capacity / POOL_MAGAZINE_OBJECTS + 2 * cores magazines, of which no more than capacity / POOL_MAGAZINE_OBJECTS
 * can be full: a core that holds full ones alone therefore always finds two empty ones. Added memory brings its
 * magazines into the depot before its first object can be taken. Regions are never taken away.
 *
 * Ordering: who pushes a magazine releases with the compare-and-swap what it wrote to the magazine and, before it, to
 * the objects in it; who pops it acquires that with the load of the head. Swaps by others in between are
 * read-modify-writes, and continue the release sequence (C11 5.1.2.4p10), so the acquire sees the push of every
 * magazine below, too, and, since a region is in the list of regions before its magazines are pushed, the region of
 * every index that it reads. `next` is read of a magazine that another core may own by then: hence atomic, relaxed, and
 * believed only if the swap succeeds.
 */
#undef POOL_CHECKED
#include "mem/pool_shared_inside.h"

#define INDEX_BITS 24
#define INDEX_MASK ((UINT64_C(1) << INDEX_BITS) - 1) /* the index of no magazine, too: an empty list */

enum { LINE_BYTES = 64 };

_Static_assert(sizeof(struct pool_magazine) % LINE_BYTES == 0, "a magazine is whole lines");
_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "the depot needs compare-and-swap of 64 bits");

/* ---- the depot --------------------------------------------------------------------------------------------------- */

static uint64_t next_head(uint64_t head, uint32_t index) {
	return ((head >> INDEX_BITS) + 1) << INDEX_BITS | index;
}

/* `lowest` is `highest`, or the one below it. */
static void push_chain(struct depot_list *list, struct pool_magazine *highest, struct pool_magazine *lowest) {
	uint64_t head = atomic_load_explicit(&list->head, memory_order_relaxed);
	if (highest != lowest)
		atomic_store_explicit(&highest->next, lowest->index, memory_order_relaxed);
	do
		atomic_store_explicit(&lowest->next, (uint32_t)(head & INDEX_MASK), memory_order_relaxed);
	while (!atomic_compare_exchange_weak_explicit(&list->head, &head, next_head(head, highest->index),
						      memory_order_release, memory_order_relaxed));
}

static void push(struct depot_list *list, struct pool_magazine *magazine) {
	push_chain(list, magazine, magazine);
}

/* NULL: there is none, as somebody wrote to the index. */
static struct pool_magazine *magazine_at(struct pool_shared *shared, uint64_t index) {
	struct pool_shared_region *region = pool_shared_regions(shared);
	while (region != NULL && index - region->first_magazine >= region->magazine_count)
		region = region->next;
	return region != NULL ? &region->magazines[index - region->first_magazine] : NULL;
}

/* What is behind an index that is none cannot be found: the list is given up. */
static void cut(struct pool_shared *shared, struct depot_list *list, uint64_t head) {
	if (!shared->checked)
		__builtin_trap();
	if (atomic_compare_exchange_strong_explicit(&list->head, &head, next_head(head, INDEX_MASK),
						    memory_order_acquire, memory_order_relaxed))
		pool_shared_checked_report(shared, 0, POOL_FAULT_SLOTS, list, 0, __builtin_return_address(0));
}

/* Up to two, the highest first; how many. */
static size_t pop_some(struct pool_shared *shared, struct depot_list *list, size_t most,
		       struct pool_magazine *taken[2]) {
	uint64_t head = atomic_load_explicit(&list->head, memory_order_acquire);
	while ((head & INDEX_MASK) != INDEX_MASK) {
		size_t count = 1;
		taken[0] = magazine_at(shared, head & INDEX_MASK);
		if (taken[0] == NULL) {
			cut(shared, list, head);
			head = atomic_load_explicit(&list->head, memory_order_acquire);
			continue;
		}
		uint32_t next = atomic_load_explicit(&taken[0]->next, memory_order_relaxed);
		taken[1] = most > 1 && next != INDEX_MASK ? magazine_at(shared, next) : NULL;
		if (taken[1] != NULL) {
			next = atomic_load_explicit(&taken[1]->next, memory_order_relaxed);
			count = 2;
		}
		if (atomic_compare_exchange_weak_explicit(&list->head, &head, next_head(head, next),
							  memory_order_acquire, memory_order_acquire))
			return count;
	}
	return 0;
}

/* Up to two; how many. By the invariant there are so many for a core that holds full ones alone. */
static size_t pop_empty(struct pool_shared *shared, size_t most, struct pool_magazine *taken[2]) {
	size_t count = pop_some(shared, &shared->empty, most, taken);
	if (count == 0)
		__builtin_trap(); /* more objects were given back than there are */
	return count;
}

/* Relaxed but for the opening of an added region: nothing was written to its objects. */
static size_t take_fresh_of(const struct pool *shape, struct pool_shared_region *region,
			    struct pool_magazine *magazine) {
	size_t first = atomic_load_explicit(&region->fresh, memory_order_acquire), count;
	do {
		count = region->objects.capacity - first;
		if (count == 0)
			return 0;
		if (count > POOL_MAGAZINE_OBJECTS)
			count = POOL_MAGAZINE_OBJECTS;
	} while (!atomic_compare_exchange_weak_explicit(&region->fresh, &first, first + count, memory_order_acquire,
							memory_order_acquire));
	void **objects = pool_magazine_objects(magazine);
	for (size_t i = 0; i < count; i++) /* the lowest is taken first */
		objects[i] = region->objects.objects + shape->stride * (first + count - 1 - i);
	return count;
}

/* Fills an empty magazine with objects that were never taken, those of the first memory before others; their number. */
static size_t take_fresh(struct pool_shared *shared, struct pool_magazine *magazine) {
	size_t count = take_fresh_of(&shared->shape, &shared->first, magazine);
	for (struct pool_shared_region *region = pool_shared_regions(shared); count == 0 && region != &shared->first;
	     region = region->next)
		count = take_fresh_of(&shared->shape, region, magazine);
	return count;
}

/* ---- a core ------------------------------------------------------------------------------------------------------ */

static void load(struct pool_core *core, struct pool_magazine *magazine, size_t objects) {
	core->loaded = magazine;
	core->bottom = pool_magazine_objects(magazine);
	core->limit = core->bottom + POOL_MAGAZINE_OBJECTS;
	core->top = core->bottom + objects;
}

static void swap_loaded(struct pool_core *core, size_t objects) {
	struct pool_magazine *spare = core->spare;
	core->spare = core->loaded;
	core->spare_is_full = !core->spare_is_full;
	load(core, spare, objects);
}

/* Two magazines when the last exchange was of this kind as well. One after one of the other kind: a core that then
 * turns back has a full magazine and an empty one, and does not come again at once. */
static size_t exchange_most(const struct pool_core *core, enum pool_exchange exchange) {
	return core->last_exchange == exchange ? 2 : 1;
}

/* All lines of what another core wrote at once: alloc would wait for one after the other. */
static void fetch_all(struct pool_magazine *const *magazines, size_t count) {
	for (size_t i = 0; i < count; i++)
		for (size_t behind = sizeof **magazines; behind != 0; behind -= LINE_BYTES)
			__builtin_prefetch((const unsigned char *)magazines[i] + behind - LINE_BYTES);
}

static void note_exchange(struct pool_core *core, enum pool_exchange exchange) {
	core->last_exchange = exchange;
	core->exchanges++;
}

/* The loaded magazine is empty. */
void *pool_core_alloc_slow(struct pool_core *core) {
	struct pool_shared *shared = core->shared;
	struct pool_magazine *full[2];
	if (core->spare_is_full) {
		swap_loaded(core, POOL_MAGAZINE_OBJECTS);
		return *--core->top;
	}
	size_t count = pop_some(shared, &shared->full, exchange_most(core, POOL_EXCHANGE_ALLOC), full);
	if (count == 0) {
		size_t fresh = take_fresh(shared, core->loaded);
		core->top = core->bottom + fresh;
		return fresh != 0 ? *--core->top : NULL;
	}
	fetch_all(full, count);
	note_exchange(core, POOL_EXCHANGE_ALLOC);
	push_chain(&shared->empty, core->spare, count == 2 ? core->loaded : core->spare);
	core->spare = count == 2 ? full[1] : core->loaded;
	core->spare_is_full = count == 2;
	load(core, full[0], POOL_MAGAZINE_OBJECTS);
	return *--core->top;
}

/* The loaded magazine is full. */
void pool_core_free_slow(struct pool_core *core, void *object) {
	struct pool_shared *shared = core->shared;
	struct pool_magazine *empty[2];
	if (!core->spare_is_full) {
		swap_loaded(core, 0);
		*core->top++ = object;
		return;
	}
	size_t count = pop_empty(shared, exchange_most(core, POOL_EXCHANGE_FREE), empty);
	note_exchange(core, POOL_EXCHANGE_FREE);
	push_chain(&shared->full, core->spare, count == 2 ? core->loaded : core->spare);
	core->spare = count == 2 ? empty[1] : core->loaded;
	core->spare_is_full = count != 2;
	load(core, empty[0], 0);
	*core->top++ = object;
}

size_t pool_core_alloc_batch(struct pool_core *core, void **objects, size_t count) {
	size_t taken = 0;
	if (core->shared->checked) {
		while (taken < count && (objects[taken] = pool_core_checked_alloc(core)) != NULL)
			taken++;
		return taken;
	}
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
		if (core->shared->checked)
			pool_core_checked_free(core, objects[i]);
		else
			pool_core_free(core, objects[i]);
}

/* ---- beginning --------------------------------------------------------------------------------------------------- */

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
	*pool = (struct pool_shared){
		.cores = (struct pool_core *)(void *)(bytes + layout.cores),
		.core_count = cores,
		.first = {.magazines = (struct pool_magazine *)(void *)(bytes + layout.magazines),
			  .magazine_count = layout.magazine_count},
	};
	pool_shape(&pool->shape, bytes + layout.objects, bytes + layout.marks, object_bytes, alignment, capacity);
	pool->first.objects = pool->shape.first;
	atomic_init(&pool->magazine_count, layout.magazine_count);
	atomic_init(&pool->newest, &pool->first);
	pool_shared_reset(pool);
	*shared = pool;
	return 0;
}

struct pool_core *pool_shared_core(struct pool_shared *shared, size_t number) {
	return number < shared->core_count ? &shared->cores[number] : NULL;
}

static void push_all(struct pool_shared *shared, struct pool_shared_region *region) {
	for (size_t i = 0; i < region->magazine_count; i++) {
		region->magazines[i].index = (uint32_t)(region->first_magazine + i);
		region->magazines[i].slots[0] = NULL;
		push(&shared->empty, &region->magazines[i]);
	}
}

/* Indices for a region's magazines; false: there are not so many. */
static bool number_magazines(struct pool_shared *shared, struct pool_shared_region *region) {
	size_t first = atomic_load_explicit(&shared->magazine_count, memory_order_relaxed);
	do
		if (region->magazine_count >= INDEX_MASK - first)
			return false;
	while (!atomic_compare_exchange_weak_explicit(&shared->magazine_count, &first, first + region->magazine_count,
						      memory_order_relaxed, memory_order_relaxed));
	region->first_magazine = first;
	return true;
}

int pool_shared_add(struct pool_shared *shared, void *memory, size_t memory_bytes) {
	if (shared == NULL || memory == NULL)
		return POOL_EINVAL;
	if (shared->checked && !pool_shared_checked_is_whole(shared, 0, __builtin_return_address(0)))
		return POOL_EINVAL;
	const struct pool *shape = &shared->shape;
	size_t align = shape->alignment > POOL_CACHE_LINE_PAIR ? shape->alignment : POOL_CACHE_LINE_PAIR;
	if (((uintptr_t)memory & (align - 1)) != 0)
		return POOL_EALIGN;
	/* A magazine for every full one's worth of objects, one for the rest, and what the objects'
	 * alignment may take. */
	size_t each = shape->stride + 1, full = POOL_MAGAZINE_OBJECTS * each + sizeof(struct pool_magazine);
	size_t aside = sizeof(struct pool_shared_region) + sizeof(struct pool_magazine) + align;
	if (memory_bytes < aside + each)
		return POOL_ENOMEM;
	size_t room = memory_bytes - aside, rest = room % full / each;
	size_t capacity =
		room / full * POOL_MAGAZINE_OBJECTS + (rest < POOL_MAGAZINE_OBJECTS ? rest : POOL_MAGAZINE_OBJECTS - 1);
	struct pool_shared_region *region = memory;
	*region = (struct pool_shared_region){
		.magazines = (struct pool_magazine *)(void *)(region + 1),
		.magazine_count = capacity / POOL_MAGAZINE_OBJECTS + 1,
	};
	uintptr_t behind = (uintptr_t)(region->magazines + region->magazine_count);
	unsigned char *objects = (unsigned char *)memory + (POOL_ROUND(behind, align) - (uintptr_t)memory);
	region->objects = (struct pool_region){
		.objects = objects, .marks = objects + shape->stride * capacity, .capacity = capacity};
	atomic_init(&region->fresh, capacity);
	if (!number_magazines(shared, region))
		return POOL_EINVAL;
	if (shared->checked)
		pool_shared_checked_hide(shared, region);
	region->next = pool_shared_regions(shared);
	do
		region->seal = pool_shared_seal_of(region);
	while (!atomic_compare_exchange_weak_explicit(&shared->newest, &region->next, region, memory_order_acq_rel,
						      memory_order_acquire));
	push_all(shared, region);
	atomic_store_explicit(&region->fresh, 0, memory_order_release);
	return 0;
}

void pool_shared_reset(struct pool_shared *shared) {
	if (shared->checked && !pool_shared_checked_is_whole(shared, 0, __builtin_return_address(0)))
		atomic_init(&shared->newest, &shared->first);
	atomic_init(&shared->full.head, INDEX_MASK);
	atomic_init(&shared->empty.head, INDEX_MASK);
	for (struct pool_shared_region *region = pool_shared_regions(shared); region != NULL; region = region->next) {
		atomic_init(&region->fresh, 0);
		push_all(shared, region);
		if (shared->checked)
			pool_shared_checked_hide(shared, region);
	}
	for (size_t i = 0; i < shared->core_count; i++) {
		struct pool_core *core = &shared->cores[i];
		struct pool_magazine *empty[2];
		(void)pop_empty(shared, 2, empty);
		*core = (struct pool_core){.shared = shared, .spare = empty[1]};
		load(core, empty[0], 0);
	}
}

/* ---- with nobody else in it -------------------------------------------------------------------------------------- */

bool pool_shared_each_magazine(struct pool_shared *shared, pool_shared_see *see, size_t *in_depot, size_t *in_cores) {
	bool is_whole = true;
	uint64_t head = atomic_load_explicit(&shared->full.head, memory_order_acquire);
	uint32_t index = (uint32_t)(head & INDEX_MASK);
	size_t most = atomic_load_explicit(&shared->magazine_count, memory_order_relaxed);
	while (index != INDEX_MASK) {
		struct pool_magazine *magazine = magazine_at(shared, index);
		if (magazine == NULL || most-- == 0) { /* no magazine, or a circle */
			cut(shared, &shared->full, head);
			is_whole = false;
			break;
		}
		see(shared, pool_magazine_objects(magazine), POOL_MAGAZINE_OBJECTS, in_depot);
		index = atomic_load_explicit(&magazine->next, memory_order_relaxed);
	}
	for (size_t i = 0; i < shared->core_count; i++) {
		const struct pool_core *core = &shared->cores[i];
		see(shared, core->bottom, (size_t)(core->top - core->bottom), in_cores);
		if (core->spare_is_full)
			see(shared, pool_magazine_objects(core->spare), POOL_MAGAZINE_OBJECTS, in_cores);
	}
	return is_whole;
}

static void add_count(struct pool_shared *shared, void *const *objects, size_t count, size_t *sum) {
	(void)shared;
	(void)objects;
	*sum += count;
}

static void mark_freed(struct pool_shared *shared, void *const *objects, size_t count, size_t *sum) {
	for (size_t i = 0; i < count; i++)
		for (struct pool_shared_region *region = pool_shared_regions(shared); region != NULL;
		     region = region->next) {
			size_t index = pool_index(&shared->shape, &region->objects, objects[i]);
			if (index < region->objects.capacity)
				region->objects.marks[index] = POOL_MARK_FREED;
		}
	*sum += count;
}

void pool_shared_statistics_read(struct pool_shared *shared, struct pool_shared_statistics *statistics) {
	size_t capacity = 0, in_depot = 0, in_cores = 0;
	*statistics = (struct pool_shared_statistics){0};
	if (shared->checked && !pool_shared_checked_is_whole(shared, 0, __builtin_return_address(0)))
		return;
	(void)pool_shared_each_magazine(shared, add_count, &in_depot, &in_cores);
	for (struct pool_shared_region *region = pool_shared_regions(shared); region != NULL; region = region->next) {
		capacity += region->objects.capacity;
		in_depot += region->objects.capacity - atomic_load_explicit(&region->fresh, memory_order_relaxed);
	}
	*statistics = (struct pool_shared_statistics){
		.capacity = capacity,
		.live = capacity - in_depot - in_cores,
		.in_cores = in_cores,
		.in_depot = in_depot,
	};
	for (size_t i = 0; i < shared->core_count; i++)
		statistics->exchanges += shared->cores[i].exchanges;
}

/* A checked pool's marks are right at any time. */
static void mark_all(struct pool_shared *shared) {
	size_t freed = 0;
	for (struct pool_shared_region *region = pool_shared_regions(shared); region != NULL; region = region->next)
		for (size_t i = 0, taken = atomic_load_explicit(&region->fresh, memory_order_relaxed); i < taken; i++)
			region->objects.marks[i] = POOL_MARK_LIVE;
	(void)pool_shared_each_magazine(shared, mark_freed, &freed, &freed);
}

void pool_shared_walk(struct pool_shared *shared, bool (*visit)(void *argument, void *object), void *argument) {
	if (!shared->checked)
		mark_all(shared);
	else if (!pool_shared_checked_is_whole(shared, 0, __builtin_return_address(0)))
		return;
	else
		(void)pool_shared_checked_slots(shared, __builtin_return_address(0));
	for (struct pool_shared_region *region = pool_shared_regions(shared); region != NULL; region = region->next)
		for (size_t i = 0, taken = atomic_load_explicit(&region->fresh, memory_order_relaxed); i < taken; i++)
			if (region->objects.marks[i] == POOL_MARK_LIVE &&
			    !visit(argument, region->objects.objects + shared->shape.stride * i))
				return;
}
