/* SPDX-License-Identifier: Apache-2.0
 *
 * A programme with one mistake in it, named by its argument, for Memcheck to find: built with
 * POOL_CHECKED and POOL_VALGRIND.
 *   none         none
 *   read         a read after the free
 *   write        a write after the free
 *   undefined    a decision on what an object holds that nobody wrote to
 *   leak         the last pointer to a live object is lost
 *   twice        a read after the free, of the first byte, behind a second free that was refused
 *   shared read, shared write, shared none
 *                as above, of an object of a shared pool, taken on one core and freed on another
 */
#include "mem/pool_checked.h"
#include "mem/pool_shared.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CAPACITY = 100, OBJECT_BYTES = 64 };

/* The compiler knows nothing of it. */
static void *volatile kept[CAPACITY];

static void refuse(void *argument, const struct pool_fault *fault) {
	(void)argument;
	(void)fault;
}

static int shared_mistake(const char *name) {
	static void *volatile memory; /* reachable to the end */
	struct pool_shared *shared;
	size_t bytes = pool_shared_bytes_needed(OBJECT_BYTES, OBJECT_BYTES, CAPACITY, 2);
	memory = aligned_alloc(POOL_CACHE_LINE_PAIR, POOL_ROUND(bytes, POOL_CACHE_LINE_PAIR));
	if (memory == NULL || pool_shared_init(&shared, memory, bytes, OBJECT_BYTES, OBJECT_BYTES, CAPACITY, 2) != 0)
		return 2;
	for (unsigned round = 0; round < 3; round++) {
		for (unsigned i = 0; i < CAPACITY; i++)
			kept[i] = memset(pool_core_alloc(pool_shared_core(shared, 0)), 1, OBJECT_BYTES);
		for (unsigned i = 0; i < CAPACITY; i++)
			pool_core_free(pool_shared_core(shared, 0), kept[i]);
	}
	unsigned char *volatile object = memset(pool_core_alloc(pool_shared_core(shared, 0)), 1, OBJECT_BYTES);
	pool_core_free(pool_shared_core(shared, 1), object);
	if (strcmp(name, "read") == 0)
		return object[5] == 1 ? 0 : 3;
	if (strcmp(name, "write") == 0)
		object[5] = 2;
	return 0;
}

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
	if (strcmp(name, "twice") == 0) {
		pool_set_report(pool, refuse, NULL);
		pool_free(pool, object);
		return object[0] == 1 ? 0 : 3;
	}
	if (strcmp(name, "write") == 0)
		object[5] = 2;
	return 0;
}

int main(int argc, char **argv) {
	static const char shared[] = "shared ";
	if (argc == 2 && strncmp(argv[1], shared, strlen(shared)) == 0)
		return shared_mistake(argv[1] + strlen(shared));
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
