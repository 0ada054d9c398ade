/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the pool share. Not for its users.
 */
#pragma once

#include "mem/pool_checked.h"

/* What a mark says: an object that was never taken, is live, or was given back. */
enum { MARK_FRESH, MARK_LIVE, MARK_FREED };

/* What depends on the objects' shape alone, and where they and their marks lie; no slots. The arguments are good. */
void pool_shape(struct pool *pool, unsigned char *objects, unsigned char *marks, size_t object_bytes, size_t alignment,
		size_t capacity);

/* The region that has an object at exactly this address, and which one it is; NULL: none has. */
struct pool_region *pool_region_of(struct pool *pool, const void *object, size_t *index);

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

/* The poison of a freed object, whose first two words are `first`; where they do not fit, all bytes are poisoned alike. */
void pool_checked_poison(const struct pool *pool, void *object, uint64_t first);

/* Of the first byte that is not as pool_checked_poison left it; object_bytes: there is none. */
size_t pool_checked_wrong_byte(const struct pool *pool, const void *object, uint64_t first);

/* Of a pointer into an object of the region: how far into it. 0: it is into none. */
size_t pool_checked_offset(const struct pool *pool, const struct pool_region *region, const void *object);
