/* SPDX-License-Identifier: Apache-2.0
 *
 * What suites ask of the system.
 */
#include "lib/units.h"
#include "peers/peers.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* What dlerror says is gone at its next error. */
static const char *kept_error(void) {
	const char *text = dlerror();
	char *kept = text != NULL ? strdup(text) : NULL;
	for (char *at = kept; at != NULL && *at != 0; at++)
		if (*at == '|' || *at == '\n')
			*at = ' '; /* it is printed in a table */
	return kept != NULL ? kept : "the loader gives no reason";
}

void *peer_symbol(const char *library, const char *symbol, const char **absent) {
	void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
	void *address = handle != NULL ? dlsym(handle, symbol) : NULL;
	*absent = address != NULL ? NULL : kept_error();
	return address;
}

/* Large areas that were given back, by size: rows ask for the same ones, and where a host's page tables are
 * shadowed, a page costs more than what is measured in it. */
enum { KEPT_AREAS = 4, KEPT_LEAST = 32 << 20 };
static struct {
	void *memory;
	size_t bytes;
} kept_areas[KEPT_AREAS];

static size_t whole_pages(size_t bytes) {
	return (bytes + 4095) & ~(size_t)4095;
}

static void *take_kept(size_t bytes) {
	for (size_t i = 0; i < KEPT_AREAS; i++) {
		void *memory = kept_areas[i].memory;
		if (memory == NULL || kept_areas[i].bytes != bytes)
			continue;
		kept_areas[i].memory = NULL;
		memset(memory, 0, bytes);
		return memory;
	}
	return NULL;
}

static void *map_area(size_t bytes) {
	size_t whole = bytes + LARGE_PAGE_BYTES;
	uint8_t *area = mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (area == MAP_FAILED) {
		fprintf(stderr, "bench-peers: no memory for %zu bytes\n", bytes);
		exit(1);
	}
	size_t before = -(uintptr_t)area & (LARGE_PAGE_BYTES - 1);
	if (before != 0)
		munmap(area, before);
	area += before;
	if (whole - before > bytes)
		munmap(area + bytes, whole - before - bytes);
	(void)madvise(area, bytes, MADV_HUGEPAGE);
	memset(area, 1, bytes);
	memset(area, 0, bytes);
	return area;
}

void *peer_memory(size_t bytes) {
	void *kept = take_kept(whole_pages(bytes));
	return kept != NULL ? kept : map_area(whole_pages(bytes));
}

/* The oldest makes room. */
void peer_memory_free(void *memory, size_t bytes) {
	static size_t next;
	bytes = whole_pages(bytes);
	if (bytes < KEPT_LEAST) {
		munmap(memory, bytes);
		return;
	}
	if (kept_areas[next].memory != NULL)
		munmap(kept_areas[next].memory, kept_areas[next].bytes);
	kept_areas[next].memory = memory;
	kept_areas[next].bytes = bytes;
	next = (next + 1) % KEPT_AREAS;
}
