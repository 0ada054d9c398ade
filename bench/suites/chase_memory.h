/* SPDX-License-Identifier: Apache-2.0
 *
 * The memory that a chase goes through, for rows that say in which pages it is to be.
 */
#pragma once

#include "bench/benchmark.h"
#include "bench/suites/chase.h"
#include "lib/units.h"
#include "platform.h"

#include <stddef.h>
#include <stdint.h>

enum { CHASE_PAGE_SIZES = 3 };
static const uint64_t chase_page_bytes[CHASE_PAGE_SIZES] = {PAGE_BYTES, LARGE_PAGE_BYTES, UINT64_C(1) << 30};

struct chase {
	void **at; /* the next to be read */
	size_t mapped_bytes;
	void *memory; /* NULL: none */
};

/* What the cycle is made of: as struct chase_elements has it. */
struct chase_shape {
	unsigned page; /* index of chase_page_bytes */
	uint64_t element_bytes, count, stagger;
};

/* In whole pages of their size. */
static inline uint64_t chase_memory_bytes(const struct chase_shape *shape) {
	uint64_t page = chase_page_bytes[shape->page];
	return (shape->count * shape->element_bytes + page - 1) / page * page;
}

static inline void chase_memory_give(struct chase *chase) {
	if (chase->memory != NULL)
		(void)platform_memory_unmap(chase->memory, chase->mapped_bytes);
	chase->memory = NULL;
}

/* NULL, or why there is none. */
static inline const char *chase_memory_take(struct chase *chase, const struct chase_shape *shape) {
	static const unsigned page_flags[CHASE_PAGE_SIZES] = {PLATFORM_PAGE_4KIB, PLATFORM_PAGE_2MIB,
							      PLATFORM_PAGE_1GIB};
	chase->mapped_bytes = chase_memory_bytes(shape);
	if ((platform_describe()->page_sizes & page_flags[shape->page]) == 0)
		return "this platform has no pages of that size";
	if (shape->count * shape->element_bytes > platform_describe()->memory_bytes / 2)
		return "it is more than half of the memory";
	if (platform_memory_map(chase->mapped_bytes, chase_page_bytes[shape->page],
				PLATFORM_MEMORY_READ | PLATFORM_MEMORY_WRITE, &chase->memory) == 0)
		return NULL;
	chase->memory = NULL;
	return "no memory in pages of that size";
}

/* A setup's whole work; chase_memory_give is its teardown's. */
static inline enum bench_setup_result chase_set_up(struct chase *chase, const struct chase_shape *shape,
						   struct bench_context *context) {
	*chase = (struct chase){NULL, 0, NULL};
	context->state = chase;
	context->reason = chase_memory_take(chase, shape);
	if (context->reason != NULL)
		return BENCH_SKIP;
	const struct chase_elements elements = {chase->memory, shape->element_bytes, shape->count, shape->stagger};
	chase_make_cycle(&elements);
	chase->at = chase_element(&elements, 0);
	if (context->injected_broken)
		**(void ***)chase->at = chase->at;
	if (chase_is_long_enough(chase->at, elements.count))
		return BENCH_READY;
	context->reason = "the cycle closes before it has been everywhere";
	return BENCH_FAIL;
}
