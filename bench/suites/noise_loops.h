/* SPDX-License-Identifier: Apache-2.0
 *
 * The loops of `noise`, which look at the clock and at nothing else; compiled once for both platforms, as suites are.
 * Each runs on any core, and calls nothing of the platform's.
 */
#pragma once

#include <stdint.h>

/* A step of the clock from look to look that is longer than others; its begin counts from the recording's. */
struct noise_detour {
	uint64_t begin;
	uint64_t ticks;
};

enum { NOISE_GAPS_MOST = 8192 };

/* What a core writes while it looks: its own memory, touched before. */
struct noise_look {
	uint64_t origin;    /* ticks at the recording's begin */
	uint64_t threshold; /* longer gaps are written */
	uint64_t looks;
	uint64_t looked; /* ticks between looks; writing is not among them */
	uint64_t gaps;   /* beyond NOISE_GAPS_MOST only they and `lost` count */
	uint64_t lost;
	uint64_t backs; /* how often the clock went back by more than the threshold; that step is no part of `looked` */
	struct noise_detour gap[NOISE_GAPS_MOST];
};

/* For that many ticks. */
void noise_look(struct noise_look *look, uint64_t ticks);

/* Ticks from one look to the next, where nothing comes between: the clock's step where that is longer. At least 1. */
uint64_t noise_least_step(void);

/* The longest step from look to look in each of `count` spans of so many ticks, or more where the core was away at its
 * end, that follow each other. */
void noise_longest_steps(uint32_t *longest, uint64_t count, uint64_t span);

/* Fixed work: how many ticks each of `count` times of `adds` dependent additions takes. */
void noise_fixed_work(uint32_t *ticks, uint64_t count, uint64_t adds);

/* Fixed time: how often in each of `count` quanta of so many ticks, which follow each other without a gap, `adds`
 * dependent additions and a look were done. A quantum that the core was away for throughout has none. */
void noise_fixed_time(uint32_t *works, uint64_t count, uint64_t quantum, uint64_t adds);
