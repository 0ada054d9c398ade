/* SPDX-License-Identifier: Apache-2.0
 *
 * What a system takes to let the programme have memory.
 *
 *   os/map/PAGE/COUNT       COUNT pages of PAGE are mapped, are there and zero, and are given back
 *   os/touch/PAGE           a page that the programme has, and that is nowhere, is there and zero
 *   os/protect/COUNT        COUNT pages of 4 KiB become read-only, and writable again, a call each
 *
 * A page is stored into first, at the least. Where the system gives back the page that it took away, not a fresh one,
 * the programme clears it, as it has to there. Pages are taken away 64 at a time, or 4 of 2 MiB, which is in the time.
 * Hosted a page of 2 MiB is one where the kernel has one at hand.
 */
#include "bench/consume.h"
#include "bench/suites.h"
#include "lib/units.h"
#include "platform.h"

#include <string.h>

enum { SMALL_AT_ONCE = 64, LARGE_AT_ONCE = 4, CHECKED_ROUNDS = 2 };

static const unsigned read_write = PLATFORM_MEMORY_READ | PLATFORM_MEMORY_WRITE;

enum kind { KIND_MAP, KIND_TOUCH, KIND_PROTECT };

struct memory_state {
	struct platform_os_request map;
	struct platform_page_request touch; /* as many pages as are taken away at once */
	uint64_t at_once_bytes;             /* they, all */
	void *memory;                       /* NULL: none */
	size_t mapped_bytes;
	uint64_t bytes; /* that PROTECT is of */
	bool clears;    /* the page that was taken away is what comes back */
};

/* ---- the loops --------------------------------------------------------------------------------------------------- */

static void run_map(void *argument, uint64_t iterations) {
	struct memory_state *state = argument;
	state->map.rounds = iterations;
	(void)platform_os_repeat(&state->map);
}

static void run_touch(void *argument, uint64_t iterations) {
	struct memory_state *state = argument;
	const uint64_t page_bytes = state->touch.page_bytes, most = state->at_once_bytes / page_bytes;
	while (iterations != 0) {
		uint64_t count = iterations < most ? iterations : most;
		unsigned char *page = state->touch.memory;
		state->touch.bytes = count * page_bytes;
		(void)platform_pages_repeat(&state->touch);
		iterations -= count;
		for (; count != 0; count--, page += page_bytes) {
			*page = 0;
			if (state->clears)
				memset(page, 0, page_bytes);
			bench_consume_memory(page);
		}
	}
}

static void run_protect(void *argument, uint64_t iterations) {
	struct memory_state *state = argument;
	for (; iterations != 0; iterations--) {
		(void)platform_memory_protect(state->memory, state->bytes, PLATFORM_MEMORY_READ);
		(void)platform_memory_protect(state->memory, state->bytes, read_write);
	}
}

/* ---- set-up ------------------------------------------------------------------------------------------------------ */

enum { KIND_SHIFT = 60, LARGE_SHIFT = 59, COUNT_MASK = 0xffffff };
#define PARAMETER(kind, is_large, count) \
	((uint64_t)(kind) << KIND_SHIFT | (uint64_t)(is_large) << LARGE_SHIFT | (count))

static enum kind kind_of(const struct benchmark *benchmark) {
	return (enum kind)(benchmark->parameter >> KIND_SHIFT);
}

static uint64_t page_bytes_of(const struct benchmark *benchmark) {
	return benchmark->parameter >> LARGE_SHIFT & 1 ? LARGE_PAGE_BYTES : PAGE_BYTES;
}

static void teardown(const struct benchmark *benchmark, struct bench_context *context) {
	struct memory_state *state = context->state;
	(void)benchmark;
	if (state->memory != NULL)
		(void)platform_memory_unmap(state->memory, state->mapped_bytes);
	state->memory = NULL;
}

static enum bench_setup_result skip(struct bench_context *context, const char *reason) {
	context->reason = reason;
	return BENCH_SKIP;
}

static enum bench_setup_result fail(struct bench_context *context, const char *reason) {
	context->reason = reason;
	return BENCH_FAIL;
}

static enum bench_setup_result check_map(struct memory_state *state, bool broken, struct bench_context *context) {
	state->map.rounds = CHECKED_ROUNDS;
	int status = platform_os_repeat(&state->map);
	if (status == PLATFORM_EUNSUPPORTED || status == PLATFORM_ENOMEM)
		return skip(context, "no memory in pages of that size");
	return status == 0 && state->map.done + broken == CHECKED_ROUNDS
		       ? BENCH_READY
		       : fail(context, "not every round came to its end");
}

/* Each page is there again, as it was or fresh. */
static enum bench_setup_result check_touch(struct memory_state *state, bool broken, struct bench_context *context) {
	const uint64_t page_bytes = state->touch.page_bytes;
	unsigned char *memory = state->touch.memory;
	memset(memory, 1, state->at_once_bytes);
	state->touch.bytes = state->at_once_bytes;
	int status = platform_pages_repeat(&state->touch);
	if (status == PLATFORM_EUNSUPPORTED)
		return skip(context, "this platform takes no page of that size away");
	state->clears = memory[page_bytes - 1] == 1;
	for (uint64_t at = page_bytes - 1; at < state->at_once_bytes; at += page_bytes)
		if (memory[at] != (state->clears ^ broken))
			return fail(context, "a page is not what it was, nor fresh");
	return status == 0 ? BENCH_READY : fail(context, "no page could be taken away");
}

static enum bench_setup_result check_protect(struct memory_state *state, bool broken, struct bench_context *context) {
	unsigned char *memory = state->memory;
	*memory = 1;
	int status = platform_memory_protect(memory, state->bytes, PLATFORM_MEMORY_READ);
	bool kept = *(volatile unsigned char *)memory == 1 + broken;
	if (status == 0)
		status = platform_memory_protect(memory, state->bytes, read_write);
	return status == 0 && kept ? BENCH_READY : fail(context, "rights could not be changed and changed back");
}

static bool map_for(const struct benchmark *benchmark, struct memory_state *state) {
	state->mapped_bytes = benchmark->memory_bytes;
	return platform_memory_map(state->mapped_bytes, page_bytes_of(benchmark), read_write, &state->memory) == 0;
}

/* Half of what is mapped, from a multiple of itself on: so it is one page table's. */
static void take_at_once(struct memory_state *state, uint64_t page_bytes) {
	state->at_once_bytes = (page_bytes == PAGE_BYTES ? SMALL_AT_ONCE : LARGE_AT_ONCE) * page_bytes;
	uintptr_t from = (uintptr_t)state->memory;
	state->touch = (struct platform_page_request){
		.memory = (void *)((from + state->at_once_bytes - 1) & ~(uintptr_t)(state->at_once_bytes - 1)),
		.page_bytes = page_bytes,
		.work = PLATFORM_PAGES_WITHHOLD,
		.rounds = 1,
	};
}

static enum bench_setup_result setup(const struct benchmark *benchmark, struct bench_context *context) {
	static struct memory_state state; /* one benchmark exists at a time */
	const uint64_t page_bytes = page_bytes_of(benchmark);
	const bool broken = context->injected_broken;
	context->state = &state;
	state = (struct memory_state){.bytes = (benchmark->parameter & COUNT_MASK) * page_bytes};
	state.map =
		(struct platform_os_request){.work = PLATFORM_OS_MAP, .bytes = state.bytes, .page_bytes = page_bytes};
	if (kind_of(benchmark) == KIND_MAP)
		return check_map(&state, broken, context);
	if (!map_for(benchmark, &state))
		return skip(context, "no memory in pages of that size");
	take_at_once(&state, page_bytes);
	return kind_of(benchmark) == KIND_TOUCH ? check_touch(&state, broken, context)
						: check_protect(&state, broken, context);
}

/* ---- the rows ---------------------------------------------------------------------------------------------------- */

#define ROW(row_name, kind, is_large, count, mapped, units, loop, what)                                         \
	{                                                                                                       \
		.name = "os/" row_name, .iteration = what, .unit = BENCH_UNIT_ELEMENTS, .per_iteration = units, \
		.memory_bytes = (mapped) * ((is_large) ? LARGE_PAGE_BYTES : PAGE_BYTES),                        \
		.parameter = PARAMETER(kind, is_large, count), .quick_ns = 60 * NS_PER_MS, .setup = setup,      \
		.run = loop, .teardown = teardown,                                                              \
	}

static const struct benchmark rows[] = {
	ROW("map/4KiB/1", KIND_MAP, 0, 1, 1, 1, run_map, "one page of 4 KiB is mapped, stored into, and given back"),
	ROW("map/4KiB/256", KIND_MAP, 0, 256, 256, 256, run_map,
	    "256 pages of 4 KiB are mapped, each is stored into, and given back"),
	ROW("map/2MiB/1", KIND_MAP, 1, 1, 2, 1, run_map, "one page of 2 MiB is mapped, stored into, and given back"),
	ROW("touch/4KiB", KIND_TOUCH, 0, 1, 2 * SMALL_AT_ONCE, 1, run_touch,
	    "a page of 4 KiB is touched for the first time, and 1/64 of the call that takes 64 away"),
	ROW("touch/2MiB", KIND_TOUCH, 1, 1, 2 * LARGE_AT_ONCE, 1, run_touch,
	    "a page of 2 MiB is touched for the first time, and 1/4 of the call that takes 4 away"),
	ROW("protect/1", KIND_PROTECT, 0, 1, 1, 2, run_protect, "one page of 4 KiB: read-only, and writable again"),
	ROW("protect/256", KIND_PROTECT, 0, 256, 256, 2, run_protect,
	    "256 pages of 4 KiB: read-only, and writable again, in two calls"),
};

const struct bench_suite suite_os_memory = {.name = "os", .benchmarks = rows, .count = sizeof rows / sizeof rows[0]};
