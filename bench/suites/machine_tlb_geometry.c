/* SPDX-License-Identifier: Apache-2.0
 *
 * Sets, ways and index of the TLBs: bench/tlb_geometry/ on pages of this machine's.
 *
 *   machine/tlb_geometry/PAGE
 *
 * What is found is setup's, and goes into the record; a sample is one page's way through a trial. Each page holds code
 * that says which frame it is in, so that it can be read and called. Pages of four neighbours exchange their frames at
 * first: translations that are neighbours in both addresses may be cached as one.
 *
 * Refused where what answers is no TLB of the machine's (an emulator), where nobody lets a programme do it, and where
 * an entry costs so much to change that the tables are shadowed: there each change is seen at once.
 */
#include "bench/consume.h"
#include "bench/return_code.h"
#include "bench/suites.h"
#include "bench/suites/row_text.h"
#include "bench/ticks.h"
#include "bench/tlb_geometry/geometry.h"
#include "lib/units.h"
#include "platform.h"

#include <stdlib.h>

enum {
	TRIED_BYTES = 3 * PAGE_BYTES, /* to see whether it can be; the rest is as much as there is */
	PAGE_BITS_LEAST = 9,
	PAGE_BITS_MOST = 16,
	LINE_BYTES = 64,
	STAGGER_LINES = 5,
	STAGGER_MOST = 65536,
	OWN_PAGES = 6, /* stack, list, state, code */
	ENTRY_TICKS_MOST = 2000,
	CALL_TICKS_MOST = 20000,
	FIRST_VALUE = 0x1111,
	SECOND_VALUE = 0x2222,
};

static const uint64_t TOUCHES_MOST = 200000000;

struct pages {
	unsigned char *memory; /* NULL: none */
	uint64_t bytes, page_bytes;
	unsigned page_bits;
	uint64_t stagger;     /* mask of where in a page its code lies */
	unsigned char *first; /* page 0, aligned to all of them */
	unsigned char *spare; /* what holds the other frame */
	uint64_t code_of_first, code_of_second;
	uint32_t desynced; /* page that has it; NONE */
	bool broken;       /* an exchange was refused */
	struct tlb_geometry geometry;
};

enum { NONE = UINT32_MAX };

static unsigned char *page_at(const struct pages *pages, uint32_t page) {
	return pages->first + page * pages->page_bytes;
}

static uint64_t place_in(const struct pages *pages, uint32_t page) {
	return (uint64_t)page * STAGGER_LINES * LINE_BYTES & pages->stagger;
}

/* ---- as a machine ------------------------------------------------------------------------------------------------ */

static int exchange(struct pages *pages, void *page, void *other, enum platform_exchange told) {
	int error = platform_page_exchange(page, other, told);
	pages->broken |= error != 0;
	return error;
}

static int flush(void *argument) {
	struct pages *pages = argument;
	void *other = pages->desynced == NONE ? pages->spare : page_at(pages, pages->desynced);
	pages->desynced = NONE;
	return exchange(pages, other, pages->spare, PLATFORM_EXCHANGE_ALL);
}

static int desync(void *argument, uint32_t page) {
	struct pages *pages = argument;
	int error = exchange(pages, page_at(pages, page), pages->spare, PLATFORM_EXCHANGE_UNTOLD);
	if (error == 0)
		pages->desynced = page;
	return error;
}

static int forget(void *argument, const uint32_t *list, size_t count) {
	int error = 0;
	for (size_t i = 0; i < count && error == 0; i++) {
		unsigned char *page = page_at(argument, list[i]);
		error = exchange(argument, page, page, PLATFORM_EXCHANGE_PAGES);
	}
	return error;
}

static uint64_t read_page(const struct pages *pages, uint32_t page, uint64_t offset) {
	return *(const volatile uint64_t *)(const void *)(page_at(pages, page) + place_in(pages, page) + offset);
}

static uint64_t call_page(const struct pages *pages, uint32_t page, uint64_t offset) {
	uintptr_t at = (uintptr_t)page_at(pages, page) + place_in(pages, page) + offset;
	return ((uint32_t(*)(void))at)();
}

/* No address is known before the page before has answered. */
static int touch(void *argument, enum tlb_side side, const uint32_t *list, size_t count) {
	const struct pages *pages = argument;
	uint64_t answer = 0, none = bench_opaque(0);
	if (side == TLB_CODE)
		for (size_t i = 0; i < count; i++)
			answer = call_page(pages, list[i], answer & none);
	else
		for (size_t i = 0; i < count; i++)
			answer = read_page(pages, list[i], answer & none);
	bench_consume(answer);
	return 0;
}

static int answer_of(void *argument, enum tlb_side side, uint32_t page, enum tlb_frame *frame) {
	const struct pages *pages = argument;
	uint64_t answer =
		side == TLB_CODE ? return_code_of((uint32_t)call_page(pages, page, 0)) : read_page(pages, page, 0);
	*frame = answer == pages->code_of_first    ? TLB_FRAME_FIRST
		 : answer == pages->code_of_second ? TLB_FRAME_SECOND
						   : TLB_FRAME_NEITHER;
	return 0;
}

/* ---- where it cannot be ------------------------------------------------------------------------------------------ */

/* To and fro, the TLBs told at last, and read: only then do shadowed tables have to follow. */
static uint64_t ticks_of_change(unsigned char *page, unsigned char *other) {
	enum { ROUNDS = 32 };
	uint64_t least = UINT64_MAX;
	for (unsigned round = 0; round < ROUNDS; round++) {
		uint64_t begin = ticks_begin();
		(void)platform_page_exchange(page, other, PLATFORM_EXCHANGE_UNTOLD);
		bench_consume(*(volatile unsigned char *)page);
		(void)platform_page_exchange(page, other, PLATFORM_EXCHANGE_ALL);
		bench_consume(*(volatile unsigned char *)page);
		uint64_t ticks = ticks_end() - begin;
		least = ticks < least ? ticks : least;
	}
	return least;
}

/* Whether it would be told wrong, or take for ever. An exchange of two pages changes two entries, that of a page with
 * itself none. */
static bool is_slow(unsigned char *two_pages, struct row_text *why) {
	uint64_t none = ticks_of_change(two_pages, two_pages);
	uint64_t two = ticks_of_change(two_pages, two_pages + PAGE_BYTES);
	uint64_t entry = two > none ? (two - none) / 4 : 0, call = none / 2;
	if (entry > ENTRY_TICKS_MOST) {
		row_word(why, "page tables are shadowed here: a changed entry costs ");
		row_number(why, entry);
	} else {
		row_word(why, "the kernel is emulated here: a call costs ");
		row_number(why, call);
	}
	row_word(why, " ticks");
	return entry > ENTRY_TICKS_MOST || call > CALL_TICKS_MOST;
}

static const char *who_forbids(int error) {
	if (error != PLATFORM_EUNSUPPORTED)
		return "two pages cannot exchange their frames now";
	return platform_describe()->way[0] == 'h'
		       ? "an operating system owns the page tables"
		       : "this architecture forbids to replace a live entry (break-before-make)";
}

/* Why not; NULL: nothing is in the way. */
static const char *refusal(struct bench_context *context) {
	struct row_text text = {context->reason_text, sizeof context->reason_text, 0};
	void *two_pages;
	if (platform_memory_map(TRIED_BYTES, PAGE_BYTES, PLATFORM_MEMORY_READ | PLATFORM_MEMORY_WRITE, &two_pages) != 0)
		return "no memory in small pages";
	unsigned char *begin = (unsigned char *)two_pages + (-(uintptr_t)two_pages & (PAGE_BYTES - 1));
	int error = platform_page_exchange(begin, begin, PLATFORM_EXCHANGE_ALL);
	bool emulated = platform_describe()->emulated[0] != 0;
	bool slow = error == 0 && !emulated && is_slow(begin, &text);
	(void)platform_memory_unmap(two_pages, TRIED_BYTES);
	if (error != 0)
		return who_forbids(error);
	if (emulated)
		return "an emulator's TLB is no machine's";
	return slow ? context->reason_text : NULL;
}

/* ---- set-up ------------------------------------------------------------------------------------------------------ */

/* Twice as many pages as are looked at, so that a block of them is aligned to its size; of half of what is free. */
static bool map_pages(struct pages *pages) {
	uint64_t most = platform_memory_free_bytes() / 2 / (2 * pages->page_bytes);
	pages->page_bits = PAGE_BITS_MOST;
	while (pages->page_bits > 0 && UINT64_C(1) << pages->page_bits > most)
		pages->page_bits--;
	pages->bytes = 2 * pages->page_bytes << pages->page_bits;
	void *memory;
	if (pages->page_bits < PAGE_BITS_LEAST ||
	    platform_memory_map(pages->bytes, pages->page_bytes, PLATFORM_MEMORY_READ | PLATFORM_MEMORY_WRITE,
				&memory) != 0)
		return false;
	uint64_t block = pages->page_bytes << pages->page_bits;
	pages->memory = memory;
	pages->first = pages->memory + (-(uintptr_t)memory & (block - 1));
	bool before = (uint64_t)(pages->first - pages->memory) >= pages->page_bytes;
	pages->spare = before ? pages->first - pages->page_bytes : pages->first + block;
	return true;
}

/* Frames that ascend with their pages in no four of them. */
static void mix_frames(struct pages *pages) {
	for (uint32_t page = 0; page < UINT32_C(1) << pages->page_bits && !pages->broken; page += 4) {
		exchange(pages, page_at(pages, page), page_at(pages, page + 3), PLATFORM_EXCHANGE_UNTOLD);
		exchange(pages, page_at(pages, page + 1), page_at(pages, page + 2), PLATFORM_EXCHANGE_UNTOLD);
	}
	exchange(pages, pages->spare, pages->spare, PLATFORM_EXCHANGE_ALL);
}

static bool write_code(struct pages *pages) {
	pages->stagger = (pages->page_bytes < STAGGER_MOST ? pages->page_bytes : STAGGER_MOST) - LINE_BYTES;
	pages->code_of_first = return_code_of(FIRST_VALUE);
	pages->code_of_second = return_code_of(SECOND_VALUE);
	for (uint32_t page = 0; page < UINT32_C(1) << pages->page_bits; page++)
		*(uint64_t *)(void *)(page_at(pages, page) + place_in(pages, page)) = pages->code_of_first;
	for (uint64_t at = 0; at <= pages->stagger; at += LINE_BYTES)
		*(uint64_t *)(void *)(pages->spare + at) = pages->code_of_second;
	return platform_memory_protect(pages->memory, pages->bytes, PLATFORM_MEMORY_READ | PLATFORM_MEMORY_EXECUTE) ==
	       0;
}

static bool find(struct pages *pages) {
	void *workspace = malloc(tlb_geometry_workspace_bytes(pages->page_bits));
	const struct tlb_machine machine = {
		.argument = pages,
		.page_bits = pages->page_bits,
		.page_shift = (unsigned)__builtin_ctzll(pages->page_bytes),
		.own_pages = OWN_PAGES,
		.touches_most = TOUCHES_MOST,
		.flush = flush,
		.touch = touch,
		.desync = desync,
		.answer = answer_of,
		.forget = forget,
	};
	if (workspace != NULL)
		tlb_geometry_find(&machine, workspace, 1, &pages->geometry);
	free(workspace);
	return workspace != NULL;
}

static void teardown(const struct benchmark *benchmark, struct bench_context *context) {
	struct pages *pages = context->state;
	(void)benchmark;
	if (pages->memory != NULL)
		(void)platform_memory_unmap(pages->memory, pages->bytes);
	pages->memory = NULL;
}

static enum bench_setup_result setup(const struct benchmark *benchmark, struct bench_context *context) {
	static struct pages pages; /* one benchmark exists at a time */
	pages = (struct pages){.page_bytes = benchmark->parameter, .desynced = NONE};
	context->state = &pages;
	context->reason = refusal(context);
	if (context->reason != NULL)
		return BENCH_SKIP;
	context->reason = "too little memory in pages of that size";
	if (!map_pages(&pages))
		return BENCH_SKIP;
	mix_frames(&pages);
	bool ready = write_code(&pages) && find(&pages) && !pages.broken && !context->injected_broken;
	context->tlb_geometry = &pages.geometry;
	context->reason = "the pages cannot be exchanged and called";
	if (!ready)
		teardown(benchmark, context);
	return ready ? BENCH_READY : BENCH_FAIL;
}

/* ---- the loop ---------------------------------------------------------------------------------------------------- */

static void run(void *argument, uint64_t iterations) {
	const uint32_t page = 0;
	enum tlb_frame frame;
	for (; iterations != 0; iterations--) {
		(void)touch(argument, TLB_DATA, &page, 1);
		(void)desync(argument, page);
		(void)answer_of(argument, TLB_DATA, page, &frame);
		(void)flush(argument);
		bench_consume(frame);
	}
}

#define ROW(name_of_page, bytes)                                                                                    \
	{                                                                                                           \
		.name = "machine/tlb_geometry/" name_of_page,                                                       \
		.iteration = "a page of " name_of_page " is read, exchanged with another, read, and put back",      \
		.unit = BENCH_UNIT_ELEMENTS, .per_iteration = 1, .memory_bytes = TRIED_BYTES, .parameter = (bytes), \
		.setup = setup, .run = run, .teardown = teardown,                                                   \
	}

static const struct benchmark rows[] = {ROW("4KiB", PAGE_BYTES), ROW("2MiB", LARGE_PAGE_BYTES)};

const struct bench_suite suite_machine_tlb_geometry = {
	.name = "machine/tlb_geometry",
	.benchmarks = rows,
	.count = sizeof rows / sizeof rows[0],
};
