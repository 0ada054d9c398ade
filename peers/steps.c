/* SPDX-License-Identifier: Apache-2.0
 *
 * Loops of one step each, unrolled, so that the loop itself costs nothing beside it.
 */
#include "peers/steps.h"

#include "bench/consume.h"
#include "bench/ticks.h"
#include "peers/peers.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

enum {
	WINDOW_TURNS = 300,
	UNROLLED = 20,
	CHAIN_TURNS = 200,
	ADD_TURNS = 1000,
	FLOOD_TURNS = 1000,
	RING_LINES = 64,
	LINE_WORDS = 8
};

#define TIMES_5(statement) \
	statement;         \
	statement;         \
	statement;         \
	statement;         \
	statement
#define TIMES_20(statement)         \
	do {                        \
		TIMES_5(statement); \
		TIMES_5(statement); \
		TIMES_5(statement); \
		TIMES_5(statement); \
	} while (0)

/* A struct's member behind a pointer: as the references have theirs. */
struct cells {
	uint64_t before[LINE_WORDS];
	volatile uint64_t word[2 * LINE_WORDS];
};

static _Alignas(4096) struct {
	void *ring[RING_LINES * LINE_WORDS];
	struct cells cells;
} memory;

static void add_chain(uint64_t turns) {
	uint64_t sum = 0, one = bench_opaque(1);
	for (; turns != 0; turns--)
		TIMES_20(sum = bench_opaque(sum + one));
	bench_consume(sum);
}

static void multiply_chain(uint64_t turns) {
	uint64_t product = bench_opaque(3), factor = bench_opaque(5);
	for (; turns != 0; turns--)
		TIMES_20(product = bench_opaque(product * factor));
	bench_consume(product);
}

/* Every line once, far apart each: 29 and 64 have no common factor. */
static void make_ring(void) {
	for (size_t i = 0; i < RING_LINES; i++)
		memory.ring[i * LINE_WORDS] = &memory.ring[(i + 29) % RING_LINES * LINE_WORDS];
}

static void load_chain(uint64_t turns) {
	void *at = memory.ring;
	for (; turns != 0; turns--)
		TIMES_20(at = *(void *volatile *)at);
	bench_consume((uint64_t)(uintptr_t)at);
}

static void forward_chain(uint64_t turns) {
	struct cells *cells = (struct cells *)(uintptr_t)bench_opaque((uintptr_t)&memory.cells);
	uint64_t one = bench_opaque(1);
	for (; turns != 0; turns--)
		TIMES_20(cells->word[1] = bench_opaque(cells->word[1] + one));
}

static void load_flood(uint64_t turns) {
	const struct cells *cells = (struct cells *)(uintptr_t)bench_opaque((uintptr_t)&memory.cells);
	for (; turns != 0; turns--)
		TIMES_20((void)cells->word[2]);
}

static void store_flood(uint64_t turns) {
	struct cells *cells = (struct cells *)(uintptr_t)bench_opaque((uintptr_t)&memory.cells);
	for (; turns != 0; turns--)
		TIMES_20(cells->word[3] = turns);
}

static void nop_flood(uint64_t turns) {
	for (; turns != 0; turns--)
		TIMES_20(__asm__ volatile("nop"));
}

static void empty_loop(uint64_t turns) {
	for (; turns != 0; turns--)
		__asm__ volatile("" : "+r"(turns));
}

static const struct {
	void (*run)(uint64_t turns);
	uint64_t turns;
	double steps; /* a turn */
} kinds[PEER_STEPS_COMMON] = {
	[PEER_ADD] = {add_chain, ADD_TURNS, UNROLLED},      [PEER_MULTIPLY] = {multiply_chain, CHAIN_TURNS, UNROLLED},
	[PEER_LOAD] = {load_chain, CHAIN_TURNS, UNROLLED},  [PEER_FORWARD] = {forward_chain, CHAIN_TURNS, UNROLLED},
	[PEER_LOADS] = {load_flood, FLOOD_TURNS, UNROLLED}, [PEER_STORES] = {store_flood, FLOOD_TURNS, UNROLLED},
	[PEER_NOPS] = {nop_flood, FLOOD_TURNS, UNROLLED},   [PEER_TURNS] = {empty_loop, FLOOD_TURNS *UNROLLED, 1},
};

static void sample(struct peer_steps *steps, enum peer_step step) {
	uint64_t begin = ticks_begin();
	kinds[step].run(kinds[step].turns);
	double ns = (double)(ticks_end() - begin) * peer_ns_a_tick() / ((double)kinds[step].turns * kinds[step].steps);
	steps->ns[step] = steps->ns[step] > 0 && steps->ns[step] < ns ? steps->ns[step] : ns;
}

void peer_steps_sample_clock(struct peer_steps *steps) {
	sample(steps, PEER_ADD);
}

void peer_steps_sample(struct peer_steps *steps) {
	make_ring();
	for (int step = 0; step < PEER_STEPS_COMMON; step++)
		sample(steps, (enum peer_step)step);
}

struct peer_costs peer_costs_of(const struct peer_steps *steps) {
	struct peer_costs costs;
	for (size_t step = 0; step < PEER_STEPS; step++)
		costs.cycles[step] = steps->ns[step] / steps->ns[PEER_ADD];
	costs.cycles[PEER_FORWARD] = costs.cycles[PEER_FORWARD] > 1 ? costs.cycles[PEER_FORWARD] - 1 : 0;
	return costs;
}

/* ---- the probe --------------------------------------------------------------------------------------------------- */

#define STEP(sum) sum = bench_opaque(sum + one)

static void one_chain(uint64_t turns) {
	add_chain(turns);
}

static void four_chains(uint64_t turns) {
	uint64_t a = 0, b = 0, c = 0, d = 0, one = bench_opaque(1);
	for (; turns != 0; turns--)
		TIMES_20(STEP(a); STEP(b); STEP(c); STEP(d));
	bench_consume(a + b + c + d);
}

static void eight_chains(uint64_t turns) {
	uint64_t a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0, one = bench_opaque(1);
	for (; turns != 0; turns--)
		TIMES_20(STEP(a); STEP(b); STEP(c); STEP(d); STEP(e); STEP(f); STEP(g); STEP(h));
	bench_consume(a + b + c + d + e + f + g + h);
}

void peer_chains_sample(struct peer_chains *chains, unsigned windows) {
	static void (*const run[1 + PEER_CHAINS_KINDS])(uint64_t) = {one_chain, [1 + PEER_CHAINS_FOUR] = four_chains,
								     [1 + PEER_CHAINS_EIGHT] = eight_chains};
	for (; windows != 0 && chains->count < PEER_WINDOWS_MAX; windows--, chains->count++)
		for (size_t kind = 0; kind < 1 + PEER_CHAINS_KINDS; kind++) {
			uint64_t begin = ticks_begin();
			run[kind](WINDOW_TURNS);
			chains->ns[kind][chains->count] = (double)(ticks_end() - begin) * peer_ns_a_tick();
		}
}

static int compare_doubles(const void *a, const void *b) {
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

struct peer_probe peer_probe_of(const struct peer_chains *chains) {
	double least[1 + PEER_CHAINS_KINDS], median[1 + PEER_CHAINS_KINDS], sorted[PEER_WINDOWS_MAX];
	struct peer_probe probe;
	for (size_t kind = 0; kind < 1 + PEER_CHAINS_KINDS; kind++) {
		for (unsigned i = 0; i < chains->count; i++)
			sorted[i] = chains->ns[kind][i];
		qsort(sorted, chains->count, sizeof *sorted, compare_doubles);
		least[kind] = sorted[0];
		median[kind] = sorted[chains->count / 2];
	}
	for (size_t kind = 0; kind < PEER_CHAINS_KINDS; kind++) {
		probe.usual[kind] = median[1 + kind] / median[0];
		probe.least[kind] = least[1 + kind] / least[0];
	}
	return probe;
}
