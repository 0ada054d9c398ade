/* SPDX-License-Identifier: Apache-2.0
 *
 * A programme with one mistake in it, named by its argument, for Memcheck to find: built with POOL_CHECKED and POOL_VALGRIND.
 *   none         none
 *   read         a read after the free
 *   write        a write after the free
 *   undefined    a decision on what an object holds that nobody wrote to
 *   leak         the last pointer to a live object is lost
 */
#include "mem/pool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CAPACITY = 100, OBJECT_BYTES = 64 };

/* The compiler knows nothing of it. */
static void *volatile kept[CAPACITY];

static int mistake(struct pool *pool, const char *name) {
	unsigned char *volatile object = kept[7];
	if (strcmp(name, "undefined") == 0)
		return ((unsigned char *)pool_alloc(pool))[3] > 9 ? puts("above") : puts("not above");
	if (strcmp(name, "leak") == 0) {
		kept[7] = NULL;
		return 0;
	}
	pool_free(pool, object);
	kept[7] = NULL;
	if (strcmp(name, "read") == 0)
		return object[5] == 1 ? 0 : 3;
	if (strcmp(name, "write") == 0)
		object[5] = 2;
	return 0;
}

int main(int argc, char **argv) {
	struct pool pool;
	void *memory = aligned_alloc(OBJECT_BYTES, POOL_BYTES(OBJECT_BYTES, OBJECT_BYTES, 2 * CAPACITY));
	if (argc != 2 || memory == NULL ||
	    pool_init(&pool, memory, POOL_BYTES(OBJECT_BYTES, OBJECT_BYTES, 2 * CAPACITY), OBJECT_BYTES, OBJECT_BYTES,
		      2 * CAPACITY) != 0)
		return 2;
	/* Three rounds through the paths of fresh objects and of freed ones, some never written to. */
	for (unsigned round = 0; round < 3; round++) {
		for (unsigned i = 0; i < CAPACITY; i++) {
			kept[i] = pool_alloc(&pool);
			if (i % 2 == 0)
				memset(kept[i], 1, OBJECT_BYTES);
		}
		for (unsigned i = 0; i < CAPACITY; i++)
			pool_free(&pool, kept[i * 37 % CAPACITY]);
	}
	for (unsigned i = 0; i < CAPACITY; i++)
		kept[i] = memset(pool_alloc(&pool), 1, OBJECT_BYTES);
	int status = mistake(&pool, argv[1]);
	/* What is live stays live, to be looked for at the end. */
	return status;
}
