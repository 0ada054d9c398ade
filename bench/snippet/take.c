/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/rng.h"
#include "bench/snippet/machine.h"
#include "bench/snippet/snippet.h"
#include "bench/ticks.h"
#include "lib/units.h"

/* A sample is thousands of steps of a coarse clock, and short beside the pauses between two disturbances. */
static const uint64_t sample_ns = 100 * NS_PER_US;

/* Rounds that are not kept: the core's clock comes up meanwhile, and pages, caches and predictors know the loops. */
enum { ROUNDS_WARM = SNIPPET_ROUNDS / 10 };

struct timed {
	uint64_t begin, end;
};

static struct timed time_once(struct snippet_job *job, enum snippet_loop loop) {
	const struct snippet_area *area = job->area;
	uint64_t begin = ticks_begin();
	snippet_enter(area->loops[loop].init, area->memory, job->times.turns[loop], area->clear);
	return (struct timed){begin, ticks_end()};
}

static uint64_t ticks_of(struct timed timed) {
	return timed.end > timed.begin ? timed.end - timed.begin : 0;
}

static uint64_t ns_of(const struct snippet_job *job, uint64_t ticks) {
	return (uint64_t)((double)ticks / (double)job->hz * NS_PER_SECOND);
}

static void announce(const struct snippet_job *job, uint64_t ns) {
	if (job->before_sample != NULL)
		job->before_sample(ns);
}

/* The least of a few: one may be cold, or disturbed. One that is short enough decides. */
static uint64_t least_ns(struct snippet_job *job, enum snippet_loop loop, uint64_t expected_ns) {
	enum { TRIES = 4 };
	uint64_t least = UINT64_MAX;
	for (int i = 0; i < TRIES && least >= sample_ns; i++) {
		announce(job, expected_ns);
		uint64_t ns = ns_of(job, ticks_of(time_once(job, loop)));
		least = ns < least ? ns : least;
	}
	return least;
}

/* Turns that make a sample of the shorter loop, for both of the pair: doubled until one is seen to take that long. */
static void find_turns(struct snippet_job *job, enum snippet_loop loop) {
	static const uint64_t turns_most = UINT64_C(1) << 32;
	uint64_t turns = 1, ns = 0;
	for (;; turns *= 2) {
		job->times.turns[loop] = turns;
		ns = least_ns(job, loop, 2 * ns);
		if (ns >= sample_ns || turns >= turns_most)
			break;
	}
	double wanted = ns > sample_ns ? (double)turns * (double)sample_ns / (double)ns : (double)turns;
	job->times.turns[loop] = job->times.turns[loop + 1] = wanted < 1 ? 1 : (uint64_t)wanted;
}

static void shuffle(struct rng *rng, enum snippet_loop order[SNIPPET_LOOPS]) {
	for (uint32_t i = SNIPPET_LOOPS - 1; i > 0; i--) {
		uint32_t other = rng_below(rng, i + 1);
		enum snippet_loop at = order[i];
		order[i] = order[other];
		order[other] = at;
	}
}

/* Its samples' sum; *end is when the last one ended. */
static uint64_t take_round(struct snippet_job *job, struct rng *rng, uint32_t round, uint64_t *end) {
	static const enum snippet_loop first[] = {SNIPPET_SHORT, SNIPPET_LONG, SNIPPET_ADDS, SNIPPET_ADDS_LONG};
	enum snippet_loop order[SNIPPET_LOOPS];
	uint64_t sum = 0;
	for (int i = 0; i < SNIPPET_LOOPS; i++)
		order[i] = first[i];
	shuffle(rng, order);
	for (int i = 0; i < SNIPPET_LOOPS; i++) {
		announce(job, 2 * sample_ns);
		struct timed timed = time_once(job, order[i]);
		job->times.ticks[order[i]][round] = ticks_of(timed);
		sum += ticks_of(timed);
		*end = timed.end;
	}
	return sum;
}

uint64_t snippet_planned_ns(void) {
	return 2 * (1 + 2) * sample_ns; /* two pairs, one of each twice as long */
}

void snippet_take(struct snippet_job *job) {
	struct rng rng = rng_seeded(job->seed);
	uint64_t begin = ticks_begin(), before, end = begin;
	job->times.rounds = 0;
	for (int loop = 0; loop < SNIPPET_LOOPS; loop++)
		job->times.unroll[loop] = job->area->loops[loop].unroll;
	find_turns(job, SNIPPET_SHORT);
	find_turns(job, SNIPPET_ADDS);
	for (uint32_t i = 0; i < ROUNDS_WARM && ns_of(job, end - begin) < job->end_ns / 4; i++)
		(void)take_round(job, &rng, 0, &end);
	for (uint32_t i = 0; i < SNIPPET_ROUNDS; i++) {
		before = end;
		job->sums[i] = take_round(job, &rng, i, &end);
		job->times.rounds = i + 1;
		if (job->watch != NULL) {
			job->watch->gaps[i] = end - before - job->sums[i] - job->watch->probed;
			room_watch_sample(job->watch, i);
		}
		if (ns_of(job, end - begin) > job->end_ns)
			break;
	}
}

struct room_times snippet_room_times(const struct snippet_job *job) {
	return (struct room_times){
		.ticks = job->sums,
		.gaps = job->watch->gaps,
		.count = job->times.rounds,
		.step = 1,
		.linear = false,
		.us = job->hz / (NS_PER_SECOND / NS_PER_US),
		.hz = job->hz,
	};
}
