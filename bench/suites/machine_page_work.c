/* SPDX-License-Identifier: Apache-2.0
 *
 * What it takes to change page tables and to make TLBs forget: platform_pages_repeat around each.
 *
 *   machine/pages/call                     a call of the kernel's that asks for nothing
 *   machine/pages/invalidate/PAGE/COUNT    the translations of COUNT pages are dropped, one after the other
 *   machine/pages/invalidate_all           all are
 *   machine/pages/protect/COUNT            COUNT pages become read-only, and writable again
 *   machine/pages/remap/COUNT              COUNT pages are taken out of the tables and put back
 *   machine/pages/fault                    a store into a page that was taken away: 64 are, then each is stored into
 *   machine/pages/shootdown/CORES          a page becomes read-only, and writable again, for all of CORES, of which all
 *                                          but the first read it over and over
 *
 * An iteration is one call, that of machine/pages/call, in which so many pages are worked on that it is little of it:
 * CALL_PAGES over all rounds, CALL_SHOOTDOWNS of what another core has to answer to. In the image it is the kernel's
 * loop over its entries, hosted a system call for each change (platform.h). Nothing is taken off. Where a host emulates
 * the image's kernel, rows are of that.
 */
#include "bench/consume.h"
#include "bench/suites.h"
#include "bench/suites/apart.h"
#include "bench/suites/row_text.h"
#include "bench/suites/team.h"
#include "bench/suites/team_await.h"
#include "bench/ticks.h"
#include "lib/units.h"
#include "platform.h"

#include <stdatomic.h>

enum { TABLE_PAGES = 512, FAULT_PAGES = 64, CALL_PAGES = 256, CALL_SHOOTDOWNS = 16 };

/* What the number at the end of a row's name counts. */
enum counted { COUNTED_NOTHING, COUNTED_PAGES, COUNTED_CORES };

static const struct kind {
	const char *name;
	enum platform_page_work work;
	uint64_t page_bytes;
	bool names_page;
	enum counted counted;
	uint8_t changes; /* of a page, in an iteration */
	const char *what;
} kinds[] = {
	{"call", PLATFORM_PAGES_NOTHING, PAGE_BYTES, false, COUNTED_NOTHING, 1, "one call that asks for nothing"},
	{"invalidate", PLATFORM_PAGES_INVALIDATE, PAGE_BYTES, true, COUNTED_PAGES, 1, "the TLB forgets each of "},
	{"invalidate", PLATFORM_PAGES_INVALIDATE, LARGE_PAGE_BYTES, true, COUNTED_PAGES, 1, "the TLB forgets each of "},
	{"invalidate_all", PLATFORM_PAGES_INVALIDATE_ALL, PAGE_BYTES, false, COUNTED_NOTHING, 1, "the TLB forgets all"},
	{"protect", PLATFORM_PAGES_PROTECT, PAGE_BYTES, false, COUNTED_PAGES, 2, "read-only, and writable again: "},
	{"remap", PLATFORM_PAGES_REMAP, PAGE_BYTES, false, COUNTED_PAGES, 1, "out of the page table and back: "},
	{"fault", PLATFORM_PAGES_WITHHOLD, PAGE_BYTES, false, COUNTED_NOTHING, 1,
	 "one store into a page that was taken away, and 1/64 of the call that takes 64 away"},
	{"shootdown", PLATFORM_PAGES_PROTECT, PAGE_BYTES, false, COUNTED_CORES, 2,
	 "read-only, and writable again: a page that is read on "},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

static const uint16_t page_counts[] = {1, 4, 16, 64, TABLE_PAGES};
enum { PAGE_COUNTS = sizeof page_counts / sizeof page_counts[0], LARGE_PAGE_COUNTS = 3 };

static const uint16_t core_counts[] = {2, 3, 4, 6, 8, 12, 16, 24, 32, 48, BENCH_CORES_MAX};

struct line {
	_Alignas(APART_BYTES) _Atomic(uint64_t) value;
};

/* Another core's. */
struct reader {
	const _Atomic(uint64_t) *word;
	const struct line *stop;
	struct line seen; /* 1: it has read the word */
};

struct page_state {
	struct platform_page_request request;
	void *memory; /* NULL: none */
	size_t mapped_bytes;
	int error; /* that a call ended in; 0: none */
	struct line stop;
	struct reader readers[BENCH_CORES_MAX];
};

/* ---- the loops --------------------------------------------------------------------------------------------------- */

static void run(void *argument, uint64_t iterations) {
	struct page_state *state = argument;
	for (; iterations != 0; iterations--) {
		int error = platform_pages_repeat(&state->request);
		if (error != 0)
			state->error = error;
	}
}

static uint64_t *word_of(const struct page_state *state, uint64_t page) {
	return (uint64_t *)(void *)((unsigned char *)state->request.memory + page * state->request.page_bytes);
}

static void run_fault(void *argument, uint64_t iterations) {
	struct page_state *state = argument;
	while (iterations != 0) {
		uint64_t count = iterations < FAULT_PAGES ? iterations : FAULT_PAGES;
		state->request.bytes = count * PAGE_BYTES;
		int error = platform_pages_repeat(&state->request);
		if (error != 0)
			state->error = error;
		iterations -= count;
		for (uint64_t i = 0; i < count; i++)
			*word_of(state, i) = iterations;
		bench_consume_memory(state->request.memory);
	}
}

static void read_on(void *argument) {
	struct reader *reader = argument;
	while (atomic_load_explicit(&reader->stop->value, memory_order_relaxed) == 0) {
		bench_consume(atomic_load_explicit(reader->word, memory_order_relaxed));
		atomic_store_explicit(&reader->seen.value, 1, memory_order_relaxed);
	}
}

/* ---- set-up ------------------------------------------------------------------------------------------------------ */

enum { KIND_SHIFT = 16 };

static const struct kind *kind_of(const struct benchmark *benchmark) {
	return &kinds[benchmark->parameter >> KIND_SHIFT];
}

/* Pages or cores. */
static uint64_t number_of(const struct benchmark *benchmark) {
	return benchmark->parameter & ((1u << KIND_SHIFT) - 1);
}

static uint64_t pages_of(const struct kind *kind, uint64_t number) {
	return kind->counted == COUNTED_PAGES ? number : kind->work == PLATFORM_PAGES_WITHHOLD ? FAULT_PAGES : 1;
}

/* Of a call. */
static uint64_t rounds_of(const struct kind *kind, uint64_t number) {
	if (kind->counted == COUNTED_CORES)
		return CALL_SHOOTDOWNS;
	return kind->work == PLATFORM_PAGES_NOTHING || kind->work == PLATFORM_PAGES_WITHHOLD || number > CALL_PAGES
		       ? 1
		       : CALL_PAGES / pages_of(kind, number);
}

/* Twice as many as a table has: wherever it begins, one whole table is in it. */
static uint64_t mapped_bytes(const struct kind *kind, uint64_t number) {
	return kind->page_bytes == PAGE_BYTES ? 2 * LARGE_PAGE_BYTES : pages_of(kind, number) * kind->page_bytes;
}

static void teardown(const struct benchmark *benchmark, struct bench_context *context) {
	struct page_state *state = context->state;
	(void)benchmark;
	if (state->error != 0)
		context->reason = state->error == PLATFORM_EIO ? "another core does not answer, or the system refused"
							       : "the pages could not be worked on any more";
	atomic_store_explicit(&state->stop.value, 1, memory_order_relaxed);
	if (team_join(context) && state->memory != NULL)
		(void)platform_memory_unmap(state->memory, state->mapped_bytes);
	state->memory = NULL;
}

/* Written before and after, so that each page is there and writable, and what is in it is what was; fresh pages, as
 * the platform may give, are zero. */
static const char *check(struct page_state *state, bool broken) {
	uint64_t count = state->request.bytes / state->request.page_bytes;
	for (uint64_t i = 0; i < count; i++)
		*word_of(state, i) = i + 1;
	if (platform_pages_repeat(&state->request) != 0)
		return "the pages could not be worked on";
	if (broken)
		*word_of(state, 0) = UINT64_MAX;
	for (uint64_t i = 0; i < count; i++) {
		uint64_t word = *word_of(state, i);
		bool may_be_fresh = state->request.work >= PLATFORM_PAGES_REMAP;
		if (word != i + 1 && (word != 0 || !may_be_fresh))
			return "a page is not what it was";
		*word_of(state, i) = word;
	}
	return NULL;
}

static enum bench_setup_result start_readers(struct page_state *state, uint64_t cores, struct bench_context *context) {
	enum bench_setup_result result = BENCH_READY;
	for (unsigned core = 1; core < cores && result == BENCH_READY; core++) {
		struct reader *reader = &state->readers[core - 1];
		reader->word = (const _Atomic(uint64_t) *)(const void *)state->request.memory;
		reader->stop = &state->stop;
		result = team_start(context, core, read_on, reader);
	}
	for (unsigned core = 1; core < cores && result == BENCH_READY; core++)
		result = team_await(context, core, &state->readers[core - 1].seen.value);
	return result;
}

/* NULL, or why there is none. */
static const char *take_memory(struct page_state *state, const struct kind *kind, uint64_t number) {
	if (kind->page_bytes != PAGE_BYTES && (platform_describe()->page_sizes & PLATFORM_PAGE_2MIB) == 0)
		return "this platform has no pages of that size";
	state->mapped_bytes = mapped_bytes(kind, number);
	if (platform_memory_map(state->mapped_bytes, kind->page_bytes, PLATFORM_MEMORY_READ | PLATFORM_MEMORY_WRITE,
				&state->memory) != 0) {
		state->memory = NULL;
		return "no memory in pages of that size";
	}
	uintptr_t from = (uintptr_t)state->memory;
	state->request = (struct platform_page_request){
		.memory = (void *)((from + LARGE_PAGE_BYTES - 1) & ~(uintptr_t)(LARGE_PAGE_BYTES - 1)),
		.bytes = pages_of(kind, number) * kind->page_bytes,
		.page_bytes = kind->page_bytes,
		.work = kind->work,
		.rounds = rounds_of(kind, number),
	};
	return NULL;
}

static enum bench_setup_result setup(const struct benchmark *benchmark, struct bench_context *context) {
	static struct page_state state; /* one benchmark exists at a time */
	const struct kind *kind = kind_of(benchmark);
	uint64_t number = number_of(benchmark);
	state = (struct page_state){.memory = NULL};
	context->state = &state;
	if (kind->counted == COUNTED_CORES && number > platform_describe()->cores_usable)
		context->reason = "there is no second core";
	else
		context->reason = take_memory(&state, kind, number);
	if (context->reason == NULL && platform_pages_repeat(&state.request) == PLATFORM_EUNSUPPORTED)
		context->reason = "an operating system does not let a program do that";
	enum bench_setup_result result = context->reason == NULL ? BENCH_READY : BENCH_SKIP;
	if (result == BENCH_READY && kind->counted == COUNTED_CORES)
		result = start_readers(&state, number, context);
	if (result == BENCH_READY) {
		context->reason = check(&state, context->injected_broken);
		result = context->reason == NULL ? BENCH_READY : BENCH_FAIL;
	}
	if (result != BENCH_READY)
		teardown(benchmark, context);
	return result;
}

/* ---- the rows ---------------------------------------------------------------------------------------------------- */

static unsigned cores_most(void) {
	unsigned cores = platform_describe()->cores_usable;
	return cores < 2 ? 2 : cores < BENCH_CORES_MAX ? cores : BENCH_CORES_MAX;
}

/* How many rows it has; of cores, those counts that are below what there is, and that. */
static size_t rows_of(const struct kind *kind) {
	size_t rows = 1;
	if (kind->counted == COUNTED_PAGES)
		return kind->page_bytes == PAGE_BYTES ? PAGE_COUNTS : LARGE_PAGE_COUNTS;
	while (kind->counted == COUNTED_CORES && core_counts[rows - 1] < cores_most())
		rows++;
	return rows;
}

static uint64_t number_of_row(const struct kind *kind, size_t index) {
	if (kind->counted == COUNTED_CORES)
		return core_counts[index] < cores_most() ? core_counts[index] : cores_most();
	return page_counts[index];
}

static void describe(const struct kind *kind, uint64_t number, struct row_text *text) {
	uint64_t rounds = rounds_of(kind, number);
	row_word(text, kind->what);
	if (kind->counted == COUNTED_CORES) {
		row_number(text, number);
		row_word(text, " cores");
	} else if (kind->counted == COUNTED_PAGES) {
		row_number(text, number);
		row_word(text, number == 1 ? " page of " : " pages of ");
		row_size(text, kind->page_bytes);
	}
	if (rounds != 1) {
		row_word(text, ", ");
		row_number(text, rounds);
		row_word(text, " times");
	}
}

static void (*run_of(const struct kind *kind))(void *state, uint64_t iterations) {
	return kind->work == PLATFORM_PAGES_WITHHOLD ? run_fault : run;
}

static void make_row(const struct kind *kind, uint64_t number, struct bench_row *row) {
	struct row_text name = {row->name, sizeof row->name, 0};
	struct row_text iteration = {row->iteration, sizeof row->iteration, 0};
	row_word(&name, "machine/pages/");
	row_word(&name, kind->name);
	if (kind->names_page) {
		row_word(&name, "/");
		row_size(&name, kind->page_bytes);
	}
	if (kind->counted != COUNTED_NOTHING) {
		row_word(&name, "/");
		row_number(&name, number);
	}
	describe(kind, number, &iteration);
	row->benchmark = (struct benchmark){
		.name = row->name,
		.iteration = row->iteration,
		.unit = BENCH_UNIT_ELEMENTS,
		.per_iteration = kind->work == PLATFORM_PAGES_WITHHOLD
					 ? 1
					 : kind->changes * rounds_of(kind, number) * pages_of(kind, number),
		.memory_bytes = mapped_bytes(kind, number),
		.parameter = (uint64_t)(kind - kinds) << KIND_SHIFT | number,
		.quick_ns = 24 * NS_PER_MS,
		.setup = setup,
		.run = run_of(kind),
		.teardown = teardown,
	};
}

static void make(size_t index, struct bench_row *row) {
	const struct kind *kind = kinds;
	for (; index >= rows_of(kind); kind++)
		index -= rows_of(kind);
	make_row(kind, number_of_row(kind, index), row);
}

static size_t count_made(void) {
	size_t count = 0;
	for (unsigned i = 0; i < KINDS; i++)
		count += rows_of(&kinds[i]);
	return count;
}

const struct bench_suite suite_machine_page_work = {.name = "machine/pages", .count_made = count_made, .make = make};
