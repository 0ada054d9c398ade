/* SPDX-License-Identifier: Apache-2.0
 *
 * Look-ups in the software TLB: 256 entries, 200 of them in use, guest pages of 4 KiB. Throughput: look-ups do not
 * depend on one another.
 *
 * A sequence visits every entry in use equally often, in shuffled order. Some entries are shared by two pages that take
 * turns: each visit of one is a miss, which calls the walk through its pointer and replaces the page, so that the share
 * of misses stays what it is for ever. The walk is as short as one can be: what is measured is the TLB, not a guest's
 * tables.
 */
#include "mem/tlb.h"
#include "bench/consume.h"
#include "bench/suites.h"
#include "bench/suites/pattern.h"
#include "platform.h"

#define PAGE_BYTES 4096u
#define SEED       UINT64_C(0xa4093822299f31d0)

enum { ENTRIES = 256, IN_USE = 200, VISITS = 512, SEQUENCE = IN_USE * VISITS };

/* The walk's answer: guest memory lies here. Never touched. */
#define HOST_BASE UINT64_C(0x100000000000)

_Static_assert(VISITS % 2 == 0, "pages that take turns take as many in every pass");

struct tlb_state {
	struct tlb tlb;
	uint64_t walks;
	uint32_t position; /* in the sequence: a run goes on where the last one ended, or turns would be skipped */
	bool broken;
	_Alignas(TLB_ALIGNMENT) unsigned char memory[ENTRIES * sizeof(struct tlb_entry) + sizeof(uint64_t)];
	uint32_t sequence[SEQUENCE]; /* guest addresses */
};

static int walk(void *owner, uint64_t address, uint32_t asid, enum tlb_access access, struct tlb_mapping *mapping) {
	(void)asid;
	(void)access;
	struct tlb_state *state = owner;
	state->walks++;
	mapping->host = (void *)(uintptr_t)(HOST_BASE + (address & ~(uint64_t)(PAGE_BYTES - 1)));
	mapping->rights = TLB_RIGHT_READ | TLB_RIGHT_WRITE;
	return 0;
}

/* Of the entries in use, those below `sharing` are shared by two pages. */
static void make_sequence(struct tlb_state *state, unsigned sharing) {
	uint8_t turn[IN_USE] = {0};
	uint64_t seed = SEED;
	for (unsigned i = 0; i < SEQUENCE; i++)
		state->sequence[i] = i % IN_USE;
	for (unsigned i = SEQUENCE - 1; i > 0; i--) {
		unsigned other = (unsigned)(pattern_next(&seed) % (i + 1));
		uint32_t entry = state->sequence[i];
		state->sequence[i] = state->sequence[other];
		state->sequence[other] = entry;
	}
	for (unsigned i = 0; i < SEQUENCE; i++) {
		uint32_t entry = state->sequence[i];
		uint32_t page = entry;
		if (entry < sharing)
			page += ENTRIES * (turn[entry]++ & 1u);
		state->sequence[i] = page * PAGE_BYTES + (uint32_t)(pattern_next(&seed) % PAGE_BYTES & ~7u);
	}
}

/* The first pass fills, the second is like all that follow: every address right, and as many walks as the name
 * promises. */
static const char *check(struct tlb_state *state, unsigned sharing) {
	for (unsigned pass = 0; pass < 2; pass++) {
		state->walks = 0;
		for (unsigned i = 0; i < SEQUENCE; i++) {
			void *host = NULL;
			if (tlb_translate(&state->tlb, state->sequence[i], TLB_READ, &host) != 0)
				return "a look-up failed";
			if ((uintptr_t)host != HOST_BASE + state->sequence[i] + state->broken)
				return "a look-up gave a wrong address";
		}
	}
	return state->walks == (uint64_t)sharing * VISITS ? NULL : "the share of misses is not the one promised";
}

static enum bench_setup_result lookup_setup(const struct benchmark *benchmark, struct bench_context *context) {
	unsigned sharing = (unsigned)benchmark->parameter;
	void *memory;
	if (platform_memory_map(sizeof(struct tlb_state), PAGE_BYTES, PLATFORM_MEMORY_READ | PLATFORM_MEMORY_WRITE,
				&memory) != 0) {
		context->reason = "no memory for the TLB";
		return BENCH_SKIP;
	}
	struct tlb_state *state = memory;
	context->state = state;
	state->broken = context->injected_broken;
	const struct tlb_config config = {
		.entries = ENTRIES, .asids = 1, .page_bytes = PAGE_BYTES, .walk = walk, .owner = state};
	if (tlb_init(&state->tlb, state->memory, sizeof state->memory, &config) != 0) {
		context->reason = "tlb_init failed";
		return BENCH_FAIL;
	}
	make_sequence(state, sharing);
	context->reason = check(state, sharing);
	return context->reason == NULL ? BENCH_READY : BENCH_FAIL;
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
			(void)tlb_translate(&state->tlb, *next, TLB_READ, &host);
			bench_consume((uint64_t)(uintptr_t)host);
		}
		state->position = count == left ? 0 : state->position + (uint32_t)count;
		iterations -= count;
	}
}

static void lookup_teardown(const struct benchmark *benchmark, struct bench_context *context) {
	(void)benchmark;
	if (context->state != NULL)
		(void)platform_memory_unmap(context->state, sizeof(struct tlb_state));
}

#define LOOKUP(which, sharing, what)                                                                                  \
	{                                                                                                             \
		.name = "tlb/lookup/" which,                                                                          \
		.iteration = "translate one address for reading, 200 of 256 entries in use in shuffled order, " what, \
		.unit = BENCH_UNIT_ELEMENTS, .per_iteration = 1, .memory_bytes = sizeof(struct tlb_state),            \
		.parameter = (sharing), .setup = lookup_setup, .run = lookup_run, .teardown = lookup_teardown,        \
		.headline = true,                                                                                     \
	}

static const struct benchmark lookups[] = {
	LOOKUP("mostly_hits", 2, "99 % hits"),
	LOOKUP("all_misses", IN_USE, "every one a miss that walks and replaces a page"),
	LOOKUP("mixed_workload", IN_USE / 5, "80 % hits, the others walk and replace a page"),
};

const struct bench_suite suite_tlb = {
	.name = "tlb",
	.benchmarks = lookups,
	.count = sizeof lookups / sizeof lookups[0],
};
