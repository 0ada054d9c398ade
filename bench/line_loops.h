/* SPDX-License-Identifier: Apache-2.0
 *
 * What cores do to lines that they share (bench/suites/machine_cores.c): loops of compare-and-swaps and additions, in
 * the instructions that the CPU at hand is best at. Each is in bench/<arch>/, of bench/line_loops_body.h, once for each
 * kind of instructions.
 *
 * Ordering: a line that is handed over is changed with acquire and release. What the first core wants is stored to
 * `wanted` with release; `played` likewise the other way.
 */
#pragma once

#include "simd/simd.h"

#include <stdatomic.h>
#include <stdint.h>

enum {
	LINE_COUNT = 64,
	LINE_APART = 256, /* lines are fetched in pairs, and pairs ahead */
	LINE_ROUNDS = 64, /* on each, before the next one's turn */
	LINE_CHECKED_CHANGES = 1000,
};

/* Of a line, or of what is wanted: it is over. */
#define LINE_ENDED UINT64_MAX

struct line {
	_Alignas(LINE_APART) _Atomic(uint64_t) value;
};

/* Zeroed at the begin. */
struct line_state {
	struct line lines[LINE_COUNT];       /* of a pair: how often each was handed over */
	struct line wanted, played;          /* rounds ever, of a leader on another core */
	struct line shared;                  /* of all: how often it was changed */
	struct line stop;                    /* not 0: those who change it shall end */
	_Alignas(LINE_APART) uint64_t round; /* the leader's */
};

/* Arguments are a struct line_state. `run` plays or sees so many rounds, or changes by whomever; `other` and `lead` end
 * at LINE_ENDED in all that they look at, or at `stop`; `checked` makes LINE_CHECKED_CHANGES. */
struct line_loops {
	void (*run_pair)(void *state, uint64_t rounds);           /* this core leads */
	void (*run_pair_of_others)(void *state, uint64_t rounds); /* another one does: `lead` */
	void (*lead)(void *state);
	void (*follow)(void *state);
	struct line_sharing {
		void (*run)(void *state, uint64_t changes);
		void (*other)(void *state);
		void (*checked)(void *state);
	} add, cas;
};

/* Those for this CPU. */
const struct line_loops *line_loops_choose(simd_features features);
