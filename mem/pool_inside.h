/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the pool share. Not for its users.
 */
#pragma once

#include "mem/pool_checked.h"

/* What depends on the objects' shape alone, and where they and their marks lie; no slots. The arguments are good. */
void pool_shape(struct pool *pool, unsigned char *objects, unsigned char *marks, size_t object_bytes, size_t alignment,
		size_t capacity);

/* The region that has an object at exactly this address, and which one it is; NULL: none has. */
struct pool_region *pool_region_of(struct pool *pool, const void *object, size_t *index);

/* What words come to; among them their place, so that no pattern seals itself. */
uintptr_t pool_seal_of(const uintptr_t *words, size_t count);

/* Whether the region is as pool_checked_seal left it. */
bool pool_checked_is_sealed(const struct pool_region *region);

/* The region behind this one; NULL, too, where that one was written to. */
static inline struct pool_region *pool_next_whole(const struct pool *pool, const struct pool_region *region) {
	struct pool_region *next = region->next;
	return next != NULL && pool->checked && !pool_checked_is_sealed(next) ? NULL : next;
}

/* After each change of a checked pool's region. */
void pool_checked_seal(struct pool_region *region);

/* Whether no added region of a checked pool was written to: behind this, lists of regions can be followed. Reports
 * the first that was. */
bool pool_checked_is_whole(struct pool *pool, const void *caller);

/* From the first region that was written to on, they are the pool's no longer. The pool is to be
 * reset, or at its end. */
void pool_checked_cut(struct pool *pool);

/* Reports slots in use, of a checked pool that is whole, which name no freed object, and marks that are
 * none; their number. */
size_t pool_checked_slots(struct pool *pool, const void *caller);

/* Another region's slots were entered, or objects taken fresh: what the checked inline paths go by. */
void pool_checked_enter(struct pool *pool);

/* Freed objects, in the slots of the first region and on. */
size_t pool_freed_count(const struct pool *pool);

/* Objects of the region that were taken since the last reset. */
size_t pool_taken_of(const struct pool *pool, const struct pool_region *region);

/* To whoever watches memory: all objects of the region are free. */
void pool_checked_hide(struct pool *pool, struct pool_region *region);

/* To whoever watches memory: it is the caller's again. */
void pool_checked_show(struct pool *pool, struct pool_region *region);

/* Traps where there is no function. fault.text is filled in. */
void pool_checked_report(pool_report *function, void *argument, struct pool_fault fault);

/* Fills a freed object with the poison. */
void pool_checked_poison(const struct pool *pool, void *object);

/* Of the first byte that is not as pool_checked_poison left it; object_bytes: there is none. */
size_t pool_checked_wrong_byte(const struct pool *pool, const void *object);

/* Of a pointer into an object of the region: how far into it. 0: it is into none. */
size_t pool_checked_offset(const struct pool *pool, const struct pool_region *region, const void *object);
