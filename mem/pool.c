/* SPDX-License-Identifier: Apache-2.0
 *
 * Object pool: all that is not a fast path. The memory holds the objects from its first byte on, then the stack of
 * pointers.
 */
#include "mem/pool.h"

#include <stdbool.h>

static bool shape_is_good(size_t object_bytes, size_t alignment, size_t capacity) {
	if (object_bytes == 0 || capacity == 0 || alignment == 0 || (alignment & (alignment - 1)) != 0)
		return false;
	/* Half the address space leaves room for every rounding below, and differences of pointers stay representable.
	 * */
	const size_t most = SIZE_MAX / 2;
	if (alignment > most || object_bytes > most - alignment)
		return false;
	return capacity <= most / (POOL_STRIDE(object_bytes, alignment) + 2 * sizeof(void *));
}

size_t pool_bytes_needed(size_t object_bytes, size_t alignment, size_t capacity) {
	return shape_is_good(object_bytes, alignment, capacity) ? POOL_BYTES(object_bytes, alignment, capacity) : 0;
}

int pool_init(struct pool *pool, void *memory, size_t memory_bytes, size_t object_bytes, size_t alignment,
	      size_t capacity) {
	size_t needed = pool_bytes_needed(object_bytes, alignment, capacity);
	if (pool == NULL || memory == NULL || needed == 0)
		return POOL_EINVAL;
	if (((uintptr_t)memory & (alignment - 1)) != 0 || ((uintptr_t)memory & (_Alignof(void *) - 1)) != 0)
		return POOL_EALIGN;
	if (memory_bytes < needed)
		return POOL_ENOMEM;
	unsigned char *objects = memory;
	size_t stride = POOL_STRIDE(object_bytes, alignment);
	size_t objects_bytes = stride * capacity;
	*pool = (struct pool){
		.bottom = (void **)(void *)(objects + POOL_STRIDE(objects_bytes, sizeof(void *))),
		.end = objects + objects_bytes,
		.objects = objects,
		.stride = stride,
		.capacity = capacity,
		.object_bytes = object_bytes,
	};
	pool_reset(pool);
	return 0;
}

void pool_reset(struct pool *pool) {
	pool->top = pool->bottom;
	pool->fresh = pool->objects;
}
