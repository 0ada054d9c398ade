/* SPDX-License-Identifier: Apache-2.0
 *
 * What it takes to change page tables and to make TLBs forget: platform_pages_repeat around each.
 *
 *   machine/pages/call                     a call of the kernel's that asks for nothing
 *   machine/pages/invalidate/PAGE/COUNT    the translations of COUNT pages are dropped, one after the other
 *   machine/pages/invalidate_all           all are
 *   machine/pages/protect/COUNT            COUNT pages become read-only, and writable again
 *   machine/pages/remap/COUNT              COUNT pages are taken out of the tables and put back
 *
 * In the image it is the kernel's loop over its entries, left every 1024 pages, so that a call is a part of each row:
 * 1/1024 of one for a round of one page, half of one for a round of 512. Hosted it is a system call a change
 * (platform.h), and a call a round. Nothing is taken off. Where a host emulates the image's kernel, rows are of that.
 */
#include "bench/suites.h"
#include "bench/suites/row_text.h"
#include "lib/units.h"
#include "platform.h"

enum { TABLE_PAGES = 512 };

static const struct kind {
	const char *name;
	enum platform_page_work work;
	uint64_t page_bytes;
	bool names_page, names_count;
	uint8_t changes; /* of a page, in an iteration */
	const char *what;
} kinds[] = {
	{"call", PLATFORM_PAGES_NOTHING, PAGE_BYTES, false, false, 1, "one call that asks for nothing"},
	{"invalidate", PLATFORM_PAGES_INVALIDATE, PAGE_BYTES, true, true, 1, "the TLB forgets each of "},
	{"invalidate", PLATFORM_PAGES_INVALIDATE, LARGE_PAGE_BYTES, true, true, 1, "the TLB forgets each of "},
	{"invalidate_all", PLATFORM_PAGES_INVALIDATE_ALL, PAGE_BYTES, false, false, 1, "the TLB forgets all"},
	{"protect", PLATFORM_PAGES_PROTECT, PAGE_BYTES, false, true, 2, "read-only, and writable again: "},
	{"remap", PLATFORM_PAGES_REMAP, PAGE_BYTES, false, true, 1, "out of the page table and back: "},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

static const uint16_t counts[] = {1, 4, 16, 64, TABLE_PAGES};
enum { COUNTS = sizeof counts / sizeof counts[0], LARGE_COUNTS = 3 };

struct page_state {
	struct platform_page_request request;
	void *memory; /* NULL: none */
	size_t mapped_bytes;
};

/* ---- the loops --------------------------------------------------------------------------------------------------- */

static void run(void *argument, uint64_t iterations) {
	struct page_state *state = argument;
	state->request.rounds = iterations;
	(void)platform_pages_repeat(&state->request);
}

static void run_call(void *argument, uint64_t iterations) {
	struct page_state *state = argument;
	for (; iterations != 0; iterations--)
		(void)platform_pages_repeat(&state->request);
}

/* ---- set-up ------------------------------------------------------------------------------------------------------ */

enum { KIND_SHIFT = 16 };

/* Twice as many as a table has: wherever it begins, one whole table is in it. */
static uint64_t mapped_bytes(const struct kind *kind, uint64_t count) {
	return kind->page_bytes == PAGE_BYTES ? 2 * LARGE_PAGE_BYTES : count * kind->page_bytes;
}

static void teardown(const struct benchmark *benchmark, struct bench_context *context) {
	struct page_state *state = context->state;
	(void)benchmark;
	if (state->memory != NULL)
		(void)platform_memory_unmap(state->memory, state->mapped_bytes);
	state->memory = NULL;
}

static uint64_t *word_of(const struct page_state *state, uint64_t page) {
	return (uint64_t *)(void *)((unsigned char *)state->request.memory + page * state->request.page_bytes);
}

/* Written before and after, so that each page is there and writable, and what is in it is what was; fresh pages, as
 * the platform may give, are zero. */
static const char *check(struct page_state *state, bool broken) {
	uint64_t count = state->request.bytes / state->request.page_bytes;
	for (uint64_t i = 0; i < count; i++)
		*word_of(state, i) = i + 1;
	state->request.rounds = 2;
	switch (platform_pages_repeat(&state->request)) {
	case 0:
		break;
	case PLATFORM_EUNSUPPORTED:
		return NULL;
	default:
		return "the pages could not be worked on";
	}
	state->request.rounds = 1;
	if (broken)
		*word_of(state, 0) = UINT64_MAX;
	for (uint64_t i = 0; i < count; i++) {
		uint64_t word = *word_of(state, i);
		bool may_be_fresh = state->request.work == PLATFORM_PAGES_REMAP;
		if (word != i + 1 && (word != 0 || !may_be_fresh))
			return "a page is not what it was";
		*word_of(state, i) = word;
	}
	return NULL;
}

/* NULL, or why there is none. */
static const char *take_memory(struct page_state *state, const struct kind *kind, uint64_t count) {
	if (kind->page_bytes != PAGE_BYTES && (platform_describe()->page_sizes & PLATFORM_PAGE_2MIB) == 0)
		return "this platform has no pages of that size";
	state->mapped_bytes = mapped_bytes(kind, count);
	if (platform_memory_map(state->mapped_bytes, kind->page_bytes, PLATFORM_MEMORY_READ | PLATFORM_MEMORY_WRITE,
				&state->memory) != 0) {
		state->memory = NULL;
		return "no memory in pages of that size";
	}
	uintptr_t from = (uintptr_t)state->memory;
	state->request = (struct platform_page_request){
		.memory = (void *)((from + LARGE_PAGE_BYTES - 1) & ~(uintptr_t)(LARGE_PAGE_BYTES - 1)),
		.bytes = count * kind->page_bytes,
		.page_bytes = kind->page_bytes,
		.work = kind->work,
		.rounds = 1,
	};
	return NULL;
}

static enum bench_setup_result setup(const struct benchmark *benchmark, struct bench_context *context) {
	static struct page_state state; /* one benchmark exists at a time */
	state = (struct page_state){.memory = NULL};
	context->state = &state;
	context->reason = take_memory(&state, &kinds[benchmark->parameter >> KIND_SHIFT],
				      benchmark->parameter & ((1u << KIND_SHIFT) - 1));
	if (context->reason == NULL && platform_pages_repeat(&state.request) == PLATFORM_EUNSUPPORTED)
		context->reason = "an operating system does not let a program do that";
	if (context->reason != NULL)
		return BENCH_SKIP;
	context->reason = check(&state, context->injected_broken);
	return context->reason == NULL ? BENCH_READY : BENCH_FAIL;
}

/* ---- the rows ---------------------------------------------------------------------------------------------------- */

static size_t counts_of(const struct kind *kind) {
	return !kind->names_count ? 1 : kind->page_bytes == PAGE_BYTES ? COUNTS : LARGE_COUNTS;
}

static void make_row(const struct kind *kind, uint64_t count, struct bench_row *row) {
	struct row_text name = {row->name, sizeof row->name, 0};
	struct row_text iteration = {row->iteration, sizeof row->iteration, 0};
	row_word(&name, "machine/pages/");
	row_word(&name, kind->name);
	row_word(&iteration, kind->what);
	if (kind->names_page) {
		row_word(&name, "/");
		row_size(&name, kind->page_bytes);
	}
	if (kind->names_count) {
		row_word(&name, "/");
		row_number(&name, count);
		row_number(&iteration, count);
		row_word(&iteration, count == 1 ? " page of " : " pages of ");
		row_size(&iteration, kind->page_bytes);
	}
	row->benchmark = (struct benchmark){
		.name = row->name,
		.iteration = row->iteration,
		.unit = BENCH_UNIT_ELEMENTS,
		.per_iteration = kind->changes * count,
		.memory_bytes = mapped_bytes(kind, count),
		.parameter = (uint64_t)(kind - kinds) << KIND_SHIFT | count,
		.quick_ns = 24 * NS_PER_MS,
		.setup = setup,
		.run = kind->work == PLATFORM_PAGES_NOTHING ? run_call : run,
		.teardown = teardown,
	};
}

static void make(size_t index, struct bench_row *row) {
	const struct kind *kind = kinds;
	for (; index >= counts_of(kind); kind++)
		index -= counts_of(kind);
	make_row(kind, counts[index], row);
}

static size_t count_made(void) {
	size_t count = 0;
	for (unsigned i = 0; i < KINDS; i++)
		count += counts_of(&kinds[i]);
	return count;
}

const struct bench_suite suite_machine_page_work = {.name = "machine/pages", .count_made = count_made, .make = make};
