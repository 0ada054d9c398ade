/* SPDX-License-Identifier: Apache-2.0
 *
 * The software TLB: look-ups, updates, flushes; guest pages of 4 KiB. The walk is as short as one can be: what is
 * measured is the TLB, not a guest's tables.
 *
 * lookup/: 200 pages are there, in a store of 256 entries at the most. A sequence visits pages in shuffled order; those
 * that are not there are misses each time: the front and the store are asked, the walk is called through its pointer
 * and finds nothing, nothing is kept. So the share of misses stays what it is for ever.
 *
 * capacity/N: a store of N entries at the most, and four fifths as many pages.
 *
 * throughput/ and latency/: all pages are there, and read in random order. Throughput: look-ups that do not depend on
 * one another. Latency: each address depends on the host address before it, by two instructions of the loop (shift,
 * add); the order comes from a generator in registers, so that no memory but the TLB's is read.
 */
#include "mem/tlb.h"
#include "bench/consume.h"
#include "bench/suites.h"
#include "bench/suites/mapping.h"
#include "bench/suites/pattern.h"
#include "lib/units.h"
#include "platform.h"

#define SEED UINT64_C(0xa4093822299f31d0)

enum { IN_USE = 200, ENTRIES = 256, SEQUENCE = 25600, LOOKUPS = 100, UPDATES = 100, STORE_MOST = 1 << 19, ABSENT = 1 };

/* The walk's answer: guest memory lies here. Never touched. */
#define HOST_BASE UINT64_C(0x100000000000)

struct tlb_state {
	struct tlb tlb;
	size_t mapped_bytes;
	uint64_t present;                               /* pages from 0 on that the walk knows */
	uint64_t pages;                                 /* that throughput and latency visit; a power of two */
	uint64_t order;                                 /* the generator's state */
	uint32_t position;                              /* in the sequence */
	uint32_t length;                                /* of the sequence */
	uint32_t sequence[SEQUENCE];                    /* guest addresses */
	_Alignas(TLB_ALIGNMENT) unsigned char memory[]; /* the store's */
};

static int walk(void *owner, uint64_t address, uint32_t asid, enum tlb_access access, struct tlb_mapping *mapping) {
	(void)asid;
	(void)access;
	const struct tlb_state *state = owner;
	if (address / PAGE_BYTES >= state->present)
		return ABSENT;
	mapping->host = (void *)(uintptr_t)(HOST_BASE + (address & ~(uint64_t)(PAGE_BYTES - 1)));
	mapping->rights = TLB_RIGHT_READ | TLB_RIGHT_WRITE;
	return 0;
}

/* ---- set-up ------------------------------------------------------------------------------------------------------ */

/* Several times the pages, so that a set seldom overflows, in steps of 64 entries. */
static uint32_t store_entries(uint64_t pages) {
	uint32_t entries = TLB_STORE_LEAST;
	while (entries < 8 * pages && entries < STORE_MOST)
		entries *= 2;
	return entries;
}

#define STATE_BYTES(pages)                                                                              \
	(sizeof(struct tlb_state) + sizeof(struct tlb_space) + (pages)*16 * sizeof(struct tlb_stored) + \
	 TLB_STORE_LEAST * sizeof(struct tlb_stored))

static struct tlb_state *make_state(const struct benchmark *benchmark, struct bench_context *context, uint64_t pages,
				    uint32_t entries) {
	size_t mapped_bytes;
	void *memory = mapping_of(benchmark->memory_bytes, &mapped_bytes);
	if (memory == NULL) {
		context->reason = "no memory for the TLB";
		return NULL;
	}
	struct tlb_state *state = memory;
	context->state = state;
	state->mapped_bytes = mapped_bytes;
	state->present = state->pages = pages;
	state->order = SEED;
	const struct tlb_config config = {
		.entries = entries, .asids = 2, .page_bytes = PAGE_BYTES, .walk = walk, .owner = state};
	if (tlb_init(&state->tlb, state->memory, benchmark->memory_bytes - sizeof *state, &config) != 0)
		context->reason = "tlb_init failed";
	return state;
}

/* Of 25600 addresses `misses` lie beyond the pages that are there. */
static void make_sequence(struct tlb_state *state, unsigned misses, unsigned length) {
	uint64_t seed = SEED;
	state->length = length;
	for (unsigned i = 0; i < length; i++) {
		uint32_t page = i % (uint32_t)state->present + (i < misses ? (uint32_t)state->present : 0);
		state->sequence[i] = page * PAGE_BYTES + (uint32_t)(pattern_next(&seed) % PAGE_BYTES & ~7u);
	}
	pattern_shuffle(state->sequence, state->length, SEED);
}

/* The first pass fills, the second is like all that follow: every address right, and as many walks as promised. */
static const char *check(struct tlb_state *state, unsigned misses, bool broken) {
	for (unsigned pass = 0; pass < 2; pass++) {
		state->tlb.walks = 0;
		for (unsigned i = 0; i < state->length; i++) {
			void *host = NULL;
			bool there = state->sequence[i] / PAGE_BYTES < state->present;
			if (tlb_translate(&state->tlb, state->sequence[i], TLB_READ, &host) != (there ? 0 : ABSENT))
				return "a look-up failed, or one that should have failed did not";
			if (there && (uintptr_t)host != HOST_BASE + state->sequence[i] + broken)
				return "a look-up gave a wrong address";
		}
	}
	return state->tlb.walks == misses + broken ? NULL : "the share of misses is not the one promised";
}

static enum bench_setup_result verdict(const struct bench_context *context) {
	if (context->state == NULL)
		return BENCH_SKIP;
	return context->reason == NULL ? BENCH_READY : BENCH_FAIL;
}

static void teardown(const struct benchmark *benchmark, struct bench_context *context) {
	(void)benchmark;
	const struct tlb_state *state = context->state;
	if (state != NULL)
		(void)platform_memory_unmap(context->state, state->mapped_bytes);
}

/* ---- lookup, capacity -------------------------------------------------------------------------------------------- */

static enum bench_setup_result lookup_setup(const struct benchmark *benchmark, struct bench_context *context) {
	unsigned misses = (unsigned)benchmark->parameter;
	struct tlb_state *state = make_state(benchmark, context, IN_USE, ENTRIES);
	if (state != NULL && context->reason == NULL) {
		make_sequence(state, misses, SEQUENCE);
		context->reason = check(state, misses, context->injected_broken);
	}
	return verdict(context);
}

/* Inner loops without a wrap: choosing the next address by one costs three dependent cycles, as much as a look-up. */
static void lookup_run(void *argument, uint64_t iterations) {
	struct tlb_state *state = argument;
	void *host = NULL;
	while (iterations != 0) {
		const uint32_t *next = state->sequence + state->position;
		uint64_t left = SEQUENCE - state->position;
		uint64_t count = iterations < left ? iterations : left;
		for (const uint32_t *end = next + count; next != end; next++) {
			(void)tlb_translate_fixed(&state->tlb, *next, TLB_READ, PAGE_SHIFT, &host);
			bench_consume((uint64_t)(uintptr_t)host);
		}
		state->position = count == left ? 0 : state->position + (uint32_t)count;
		iterations -= count;
	}
}

static enum bench_setup_result capacity_setup(const struct benchmark *benchmark, struct bench_context *context) {
	uint64_t pages = benchmark->parameter * 4 / 5;
	struct tlb_state *state = make_state(benchmark, context, pages, (uint32_t)benchmark->parameter);
	if (state != NULL && context->reason == NULL) {
		make_sequence(state, 0, (uint32_t)pages);
		context->reason = check(state, 0, context->injected_broken);
		make_sequence(state, 0, LOOKUPS);
		for (unsigned i = 0; i < LOOKUPS; i++)
			state->sequence[i] = (uint32_t)(i * pages / LOOKUPS * PAGE_BYTES + i * 8);
		pattern_shuffle(state->sequence, state->length, SEED);
	}
	return verdict(context);
}

static void capacity_run(void *argument, uint64_t iterations) {
	struct tlb_state *state = argument;
	void *host = NULL;
	for (; iterations != 0; iterations--)
		for (unsigned i = 0; i < LOOKUPS; i++) {
			(void)tlb_translate_fixed(&state->tlb, state->sequence[i], TLB_READ, PAGE_SHIFT, &host);
			bench_consume((uint64_t)(uintptr_t)host);
		}
}

/* ---- update, flush ----------------------------------------------------------------------------------------------- */

static enum bench_setup_result small_setup(const struct benchmark *benchmark, struct bench_context *context) {
	struct tlb_state *state = make_state(benchmark, context, IN_USE, ENTRIES);
	if (state != NULL && context->reason == NULL) {
		make_sequence(state, 0, IN_USE);
		context->reason = check(state, 0, context->injected_broken);
	}
	return verdict(context);
}

static void update_run(void *argument, uint64_t iterations) {
	struct tlb_state *state = argument;
	for (; iterations != 0; iterations--) {
		for (uint64_t page = 0; page < UPDATES; page++) {
			const struct tlb_mapping mapping = {
				.host = (void *)(uintptr_t)(HOST_BASE + ((page ^ (iterations & 1)) * PAGE_BYTES)),
				.rights = TLB_RIGHT_READ | TLB_RIGHT_WRITE,
			};
			tlb_insert(&state->tlb, page * PAGE_BYTES, &mapping);
		}
		bench_consume_memory(&state->tlb);
	}
}

static void flush_all_run(void *argument, uint64_t iterations) {
	struct tlb_state *state = argument;
	for (; iterations != 0; iterations--) {
		tlb_flush_all(&state->tlb);
		bench_consume_memory(&state->tlb);
	}
}

static void flush_asid_run(void *argument, uint64_t iterations) {
	struct tlb_state *state = argument;
	for (; iterations != 0; iterations--) {
		(void)tlb_flush_asid(&state->tlb, 0);
		bench_consume_memory(&state->tlb);
	}
}

/* ---- throughput, latency ----------------------------------------------------------------------------------------- */

static enum bench_setup_result random_setup(const struct benchmark *benchmark, struct bench_context *context) {
	struct tlb_state *state =
		make_state(benchmark, context, benchmark->parameter, store_entries(benchmark->parameter));
	for (uint64_t page = 0; state != NULL && page < state->pages && context->reason == NULL; page++) {
		void *host = NULL;
		if (tlb_translate(&state->tlb, page * PAGE_BYTES, TLB_READ, &host) != 0)
			context->reason = "a look-up failed";
		else if ((uintptr_t)host != HOST_BASE + page * PAGE_BYTES + context->injected_broken)
			context->reason = "a look-up gave a wrong address";
	}
	return verdict(context);
}

/* Knuth's multiplier: MMIX's linear congruential generator; its high bits are the page. */
static inline uint64_t next_page(uint64_t *order, uint64_t mask) {
	*order = *order * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return *order >> 40 & mask;
}

static void throughput_run(void *argument, uint64_t iterations) {
	struct tlb_state *state = argument;
	uint64_t order = state->order, mask = state->pages - 1;
	void *host = NULL;
	for (; iterations != 0; iterations--) {
		(void)tlb_translate_fixed(&state->tlb, next_page(&order, mask) * PAGE_BYTES, TLB_READ, PAGE_SHIFT,
					  &host);
		bench_consume((uint64_t)(uintptr_t)host);
	}
	state->order = order;
}

static void latency_run(void *argument, uint64_t iterations) {
	struct tlb_state *state = argument;
	uint64_t order = state->order, mask = state->pages - 1;
	void *host = NULL;
	for (; iterations != 0; iterations--) {
		uint64_t zero = bench_opaque((uint64_t)(uintptr_t)host >> 63);
		uint64_t address = next_page(&order, mask) * PAGE_BYTES + zero;
		(void)tlb_translate_fixed(&state->tlb, address, TLB_READ, PAGE_SHIFT, &host);
	}
	bench_consume((uint64_t)(uintptr_t)host);
	state->order = order;
}

/* ---- the table --------------------------------------------------------------------------------------------------- */

#define TLB_ROW(which, units, pages_there, value, is_headline, setup_function, run_function, what)              \
	{                                                                                                       \
		.name = "tlb/" which, .iteration = what, .unit = BENCH_UNIT_ELEMENTS, .per_iteration = (units), \
		.memory_bytes = STATE_BYTES(pages_there), .parameter = (value), .headline = (is_headline),      \
		.setup = setup_function, .run = run_function, .teardown = teardown,                             \
	}

#define LOOKUP(which, misses, what)                                                 \
	TLB_ROW("lookup/" which, 1, IN_USE, misses, true, lookup_setup, lookup_run, \
		"translate one address for reading, 200 pages there, 256 entries, shuffled order, " what)

#define CAPACITY(entries)                                                                             \
	TLB_ROW("capacity/" #entries, LOOKUPS, entries, entries, false, capacity_setup, capacity_run, \
		"100 translations, shuffled, of pages that are there: 80 % of " #entries " entries")

#define RANDOM(pages)                                                                         \
	TLB_ROW("throughput/" #pages, 1, pages, pages, false, random_setup, throughput_run,   \
		"translate one address for reading, random over " #pages                      \
		" pages that are there, independent of one another"),                         \
		TLB_ROW("latency/" #pages, 1, pages, pages, false, random_setup, latency_run, \
			"translate one address for reading, random over " #pages              \
			" pages that are there, each depends on the one before (2 cycles of it the loop's)")

static const struct benchmark rows[] = {
	LOOKUP("mostly_hits", SEQUENCE / 100, "99 % hits, the others walk and find no page"),
	LOOKUP("all_misses", SEQUENCE, "every one a miss that walks and finds no page"),
	LOOKUP("mixed_workload", SEQUENCE / 5, "80 % hits, the others walk and find no page"),
	TLB_ROW("update/100", UPDATES, IN_USE, 0, false, small_setup, update_run,
		"tlb_insert 100 pages that are known, each at another host address than before"),
	TLB_ROW("flush/all", 1, IN_USE, 0, false, small_setup, flush_all_run, "one tlb_flush_all"),
	TLB_ROW("flush/asid", 1, IN_USE, 0, false, small_setup, flush_asid_run,
		"one tlb_flush_asid of the current address space"),
	CAPACITY(64),
	CAPACITY(128),
	CAPACITY(256),
	CAPACITY(512),
	RANDOM(64),
	RANDOM(1024),
	RANDOM(4096),
	RANDOM(65536),
};

const struct bench_suite suite_tlb = {
	.name = "tlb",
	.benchmarks = rows,
	.count = sizeof rows / sizeof rows[0],
};
