/* SPDX-License-Identifier: Apache-2.0
 *
 * The latency that machine/latency/ measures beside a chase that was written apart: pointers through lines in the
 * order of a shuffled list of all of them (Fisher and Yates), one load a step. Both in pages of the same kind.
 */
#include "peers/suites/chase.h"
#include "bench/rng.h"
#include "bench/suites/chase.h"
#include "peers/suites/suites.h"

#include <stdlib.h>

enum { LOADS = 64 };

struct chases {
	void *ours, *theirs; /* where each goes on */
	void *memory[2];
	size_t bytes;
};

static void run_ours(void *state, uint64_t iterations) {
	struct chases *chases = state;
	chases->ours = chase_follow(chases->ours, iterations * LOADS);
}

static void run_theirs(void *state, uint64_t iterations) {
	struct chases *chases = state;
	chases->theirs = peer_chase(chases->theirs, iterations * (LOADS / PEER_CHASE_UNROLL));
}

/* Where a line's pointer is: in its middle. */
static void **line_at(unsigned char *memory, uint32_t line) {
	return (void **)(void *)(memory + (size_t)line * 64 + 32);
}

static void *shuffled_ring(unsigned char *memory, uint32_t lines) {
	struct rng rng = rng_seeded(lines);
	uint32_t *order = malloc(lines * sizeof *order);
	if (order == NULL)
		abort();
	for (uint32_t i = 0; i < lines; i++) {
		uint32_t other = rng_below(&rng, i + 1);
		order[i] = order[other];
		order[other] = i;
	}
	for (uint32_t i = 0; i < lines; i++)
		*line_at(memory, order[i]) = line_at(memory, order[(i + 1) % lines]);
	void *first = line_at(memory, order[0]);
	free(order);
	return first;
}

static void teardown(const struct peer_row *row, struct peer_contest *contest) {
	struct chases *chases = contest->state;
	(void)row;
	for (size_t i = 0; i < 2; i++)
		peer_memory_free(chases->memory[i], chases->bytes);
}

static bool setup(const struct peer_row *row, const struct peer_machine *machine, struct peer_contest *contest) {
	static struct chases chases; /* one row exists at a time */
	(void)machine;
	chases.bytes = row->parameter;
	for (size_t i = 0; i < 2; i++)
		chases.memory[i] = peer_memory(chases.bytes);
	const struct chase_elements elements = {
		.memory = chases.memory[0], .bytes = CHASE_LINE_BYTES, .count = chases.bytes / CHASE_LINE_BYTES};
	chase_make_cycle(&elements);
	chases.ours = chase_element(&elements, 0);
	chases.theirs = shuffled_ring(chases.memory[1], (uint32_t)elements.count);
	contest->state = &chases;
	contest->ours = (struct peer){.name = "machine/latency", .run = run_ours, .state = &chases};
	contest->peers[contest->count++] = (struct peer){.name = "plain chase", .run = run_theirs, .state = &chases};
	return true;
}

#define ROW(size_name, size, ratio)                                                             \
	{                                                                                       \
		.name = "machine/latency/" size_name, .operations = LOADS, .parameter = (size), \
		.bars = {PEER_BAR("plain chase", ratio)}, .setup = setup, .teardown = teardown, \
	}

/* What first-level caches hold, and half of what second-level ones do: where pages lie decides at the edge. */
static const struct peer_row rows[] = {
	ROW("16KiB", 16 << 10, 1.01),
	ROW("32KiB", 32 << 10, 1.01),
	ROW("128KiB", 128 << 10, 1.02),
	ROW("256KiB", 256 << 10, 1.02),
};

const struct peer_suite peers_chase = {.name = "machine", .rows = rows, .count = sizeof rows / sizeof rows[0]};
