/* SPDX-License-Identifier: Apache-2.0
 *
 * Rounds: a few benchmarks, each measured once, shortly, again and again, for a watch. Which one comes next and how
 * long nothing is measured in between are random, so that nothing periodic on the machine meets always the same one:
 * all of them once in an order by lot, then all again; between two a pause that the duty asks for, half as long to one
 * and a half times as long. A benchmark is run as any run runs it (runner.h), so that one which faults or hangs is a
 * round that failed. Not for two threads at once.
 */
#pragma once

#include "bench/rounds/record.h"
#include "bench/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	ROUNDS_SAMPLES = 20,
	ROUNDS_WARM_UP_NS = 1000000,
	ROUNDS_MEASUREMENT_NS = 8000000,
	ROUNDS_FAILURES_MOST = 5, /* in a row; then a benchmark is measured no more: what failed may hold memory */
};

#define ROUNDS_DUTY 0.005 /* of one core */

struct rounds_request {
	const char *const *filters; /* as those of a run; none: the usual ones */
	size_t filter_count;
	bool exact;
	const char *const *inject; /* names under inject/: broken on purpose */
	size_t inject_count;
	uint64_t seed;
	double duty; /* 0: no pauses */
};

struct rounds;

/* Chooses, and measures each once, which is dropped: what cannot run here is left out, and said in `said`. NULL, with a
 * line in `complaint`: nothing is left, or too many. */
struct rounds *rounds_begin(const struct rounds_request *request, struct text *said, struct text *complaint);
void rounds_free(struct rounds *rounds);

/* What a record says before the first of them. */
void rounds_describe(const struct rounds *rounds, struct rounds_head *head);

size_t rounds_names(const struct rounds *rounds, const char *names[ROUNDS_BENCHMARKS_MOST]);

/* The next one. What it points to is good until the next call; round->time is 0. false: there is none any more, all
 * have failed too often. */
bool rounds_measure(struct rounds *rounds, struct round *round);

/* Of the one that was measured last: it was the last time. */
bool rounds_gave_up(const struct rounds *rounds);

/* Nanoseconds that nothing is to be measured after one of that cost. */
uint64_t rounds_pause_ns(struct rounds *rounds, uint64_t cost_ns);
