/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the shared pool share. Not for its users.
 */
#pragma once

#include "mem/pool_inside.h"
#include "mem/pool_shared.h"

#include <stdatomic.h>

struct pool_magazine {
	_Atomic(uint32_t) next; /* in the depot: the index below */
	uint32_t index;
	void *slots[1 + POOL_MAGAZINE_OBJECTS]; /* slots[0]: NULL; the others: objects */
};

static inline void **pool_magazine_objects(struct pool_magazine *magazine) {
	return magazine->slots + 1;
}

/* index | count << INDEX_BITS */
struct depot_list {
	_Alignas(POOL_CACHE_LINE_PAIR) _Atomic(uint64_t) head;
};

/* Memory that was given at once: objects, and magazines for as many. */
struct pool_shared_region {
	_Alignas(POOL_CACHE_LINE_PAIR) _Atomic(size_t)
		fresh; /* objects ever taken from the mark; capacity: none is left, or not yet */
	_Alignas(POOL_CACHE_LINE_PAIR) struct pool_shared_region *next; /* added before this one */
	struct pool_magazine *magazines;
	size_t magazine_count;
	size_t first_magazine;      /* its index */
	uintptr_t seal;             /* of added memory: what all that stays as it is comes to */
	struct pool_region objects; /* objects, marks, capacity: for pool_index */
};

struct pool_shared {
	struct depot_list full;
	struct depot_list empty;
	struct pool_shared_region first;
	_Alignas(POOL_CACHE_LINE_PAIR) _Atomic(struct pool_shared_region *) newest; /* ends with `first` */
	_Atomic(size_t) magazine_count;
	struct pool_core *cores;
	size_t core_count;
	struct pool shape; /* its arithmetic alone: stride, inverse */
	bool checked;
	pool_report *report; /* NULL: trap */
	void *report_argument;
};

/* The newest region; the others follow by `next`. */
static inline struct pool_shared_region *pool_shared_regions(struct pool_shared *shared) {
	return atomic_load_explicit(&shared->newest, memory_order_acquire);
}

uintptr_t pool_shared_seal_of(const struct pool_shared_region *region);

/* see(shared, objects, count, sum) for the objects of every magazine that has some, objects[-1] being the NULL below
 * them; false: the depot's list was broken, and what lies behind was not seen. A checked pool has reported that. */
typedef void pool_shared_see(struct pool_shared *shared, void *const *objects, size_t count, size_t *sum);
bool pool_shared_each_magazine(struct pool_shared *shared, pool_shared_see *see, size_t *in_depot, size_t *in_cores);

void pool_shared_checked_report(struct pool_shared *shared, size_t core, enum pool_fault_kind kind, void *object,
				size_t offset, const void *caller);

/* Whether no added region of a checked pool was written to: behind this, lists of regions can be followed. Reports
 * the first that was. */
bool pool_shared_checked_is_whole(struct pool_shared *shared, size_t core, const void *caller);

/* Reports slots of magazines, of a checked pool that is whole, which name no free object, and marks that are none;
 * their number. Nobody else is in the pool. */
size_t pool_shared_checked_slots(struct pool_shared *shared, const void *caller);

/* All objects of the region were never taken: marks, and whoever watches memory. */
void pool_shared_checked_hide(struct pool_shared *shared, struct pool_shared_region *region);
