/* SPDX-License-Identifier: Apache-2.0
 *
 * The loops of line_loops.h for one file, compiled for one kind of instructions, that gives LINE_LOOPS a name.
 */
#pragma once

#include "bench/consume.h"
#include "bench/line_loops.h"
#include "bench/ticks.h"

#include <stdbool.h>

/* ---- a pair ------------------------------------------------------------------------------------------------------ */

static struct line *line_of(struct line_state *state, uint64_t round) {
	return &state->lines[round / LINE_ROUNDS % LINE_COUNT];
}

/* Its line's value when the round begins. */
static uint64_t value_of(uint64_t round) {
	return 2 * (round / (LINE_ROUNDS * LINE_COUNT) * LINE_ROUNDS + round % LINE_ROUNDS);
}

/* false: it is over. */
static inline bool hand_over(struct line *line, uint64_t value) {
	for (;;) {
		uint64_t seen = value;
		if (atomic_compare_exchange_strong_explicit(&line->value, &seen, value + 1, memory_order_acq_rel,
							    memory_order_acquire))
			return true;
		if (seen == LINE_ENDED)
			return false;
	}
}

static inline bool await_value(struct line *line, uint64_t value) {
	uint64_t seen;
	do
		seen = atomic_load_explicit(&line->value, memory_order_acquire);
	while (seen != value && seen != LINE_ENDED);
	return seen == value;
}

/* A pair: both spin on the compare-and-swap itself. A round ends with the other's answer, for which the next
 * one waits by itself. */
static inline bool lead(struct line_state *state, uint64_t rounds) {
	uint64_t round = state->round, end = round + rounds;
	while (round != end) {
		struct line *line = line_of(state, round);
		uint64_t value = value_of(round), left = LINE_ROUNDS - round % LINE_ROUNDS;
		if (left > end - round)
			left = end - round;
		for (round += left; left != 0; left--, value += 2)
			if (!hand_over(line, value))
				return false;
		if (!await_value(line, value))
			return false;
	}
	state->round = end;
	return true;
}

static void follow(void *argument) {
	struct line_state *state = argument;
	for (uint64_t round = 0;; round++)
		if (!hand_over(line_of(state, round), value_of(round) + 1))
			return;
}

static void lead_for_first(void *argument) {
	struct line_state *state = argument;
	for (uint64_t played = 0;;) {
		uint64_t wanted = atomic_load_explicit(&state->wanted.value, memory_order_acquire);
		if (wanted == LINE_ENDED)
			return;
		if (wanted == played) {
			(void)ticks_end(); /* a core that shares its units with this one has them meanwhile */
			continue;
		}
		if (!lead(state, wanted - played))
			return;
		played = wanted;
		atomic_store_explicit(&state->played.value, played, memory_order_release);
	}
}

static void run_pair(void *argument, uint64_t iterations) {
	(void)lead(argument, iterations);
}

static void run_pair_of_others(void *argument, uint64_t iterations) {
	struct line_state *state = argument;
	uint64_t wanted = atomic_load_explicit(&state->wanted.value, memory_order_relaxed) + iterations;
	atomic_store_explicit(&state->wanted.value, wanted, memory_order_release);
	while (atomic_load_explicit(&state->played.value, memory_order_acquire) != wanted)
		(void)ticks_end();
}

/* ---- one word for all -------------------------------------------------------------------------------------------- */

static inline uint64_t add(struct line *line) {
	return atomic_fetch_add_explicit(&line->value, 1, memory_order_relaxed) + 1;
}

/* *value: what it is believed to be, and what is known then. false: it was another one. */
static inline bool swap(struct line *line, uint64_t *value) {
	uint64_t next = *value + 1;
	bool swapped = atomic_compare_exchange_strong_explicit(&line->value, value, next, memory_order_relaxed,
							       memory_order_relaxed);
	if (swapped)
		*value = next;
	return swapped;
}

static uint64_t value_now(struct line *line) {
	return atomic_load_explicit(&line->value, memory_order_relaxed);
}

static bool is_stopped(struct line_state *state) {
	return value_now(&state->stop) != 0;
}

static void add_until_stopped(void *argument) {
	struct line_state *state = argument;
	while (!is_stopped(state))
		bench_consume(add(&state->shared)); /* what nobody asks for is another instruction */
}

static void swap_until_stopped(void *argument) {
	struct line_state *state = argument;
	for (uint64_t value = value_now(&state->shared); !is_stopped(state);)
		(void)swap(&state->shared, &value);
}

static void add_checked(void *argument) {
	struct line_state *state = argument;
	for (unsigned i = 0; i < LINE_CHECKED_CHANGES; i++)
		bench_consume(add(&state->shared));
}

static void swap_checked(void *argument) {
	struct line_state *state = argument;
	uint64_t value = value_now(&state->shared);
	for (unsigned i = 0; i < LINE_CHECKED_CHANGES;)
		i += swap(&state->shared, &value);
}

/* Takes part until the word is larger by so many, whoever did it. */
static void run_add(void *argument, uint64_t iterations) {
	struct line_state *state = argument;
	uint64_t value = value_now(&state->shared);
	for (uint64_t end = value + iterations; value < end;)
		value = add(&state->shared);
}

static void run_cas(void *argument, uint64_t iterations) {
	struct line_state *state = argument;
	uint64_t value = value_now(&state->shared);
	for (uint64_t end = value + iterations; value < end;)
		(void)swap(&state->shared, &value);
}

#define LINE_LOOPS                                                                                      \
	{                                                                                               \
		.run_pair = run_pair, .run_pair_of_others = run_pair_of_others, .lead = lead_for_first, \
		.follow = follow, .add = {run_add, add_until_stopped, add_checked},                     \
		.cas = {run_cas, swap_until_stopped, swap_checked},                                     \
	}
