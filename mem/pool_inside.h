/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the pool share. Not for its users.
 */
#pragma once

#include "mem/pool_checked.h"

/* What depends on the objects' shape alone, and where they and their states lie; no slots. The arguments are good. */
void pool_shape(struct pool *pool, unsigned char *objects, unsigned char *states, size_t object_bytes, size_t alignment,
		size_t capacity);

/* The region that has an object at exactly this address, and which one it is; NULL: none has. */
struct pool_region *pool_region_of(struct pool *pool, const void *object, size_t *index);

/* All objects of the region are fresh: their states say so. */
void pool_checked_prepare(struct pool *pool, struct pool_region *region);
