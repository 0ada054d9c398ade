/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/suites/noise_loops.h"

#include "bench/suites/tune_loops.h"
#include "bench/ticks.h"

#include <stdbool.h>

/* Looks of a clock that is read out of order may go back by a step. */
static uint64_t step(uint64_t from, uint64_t to) {
	return (int64_t)(to - from) > 0 ? to - from : 0;
}

/* A step that is longer than the threshold, or back, which wraps to a long one. True: looking goes on behind it, and
 * what was written down is not looked at. */
static bool take_step(struct noise_look *look, uint64_t before, uint64_t gap) {
	if ((int64_t)gap < 0) {
		bool jump = -gap > look->threshold;
		look->backs += jump;
		return jump;
	}
	if (look->gaps < NOISE_GAPS_MOST)
		look->gap[look->gaps] = (struct noise_detour){step(look->origin, before), gap};
	look->gaps++;
	look->lost += gap;
	look->looked += gap;
	return true;
}

/* One comparison a look: whatever is not a short step forwards is sorted out beside the loop. */
void noise_look(struct noise_look *look, uint64_t ticks) {
	const uint64_t threshold = look->threshold;
	uint64_t looks = 0, begin = ticks_look(), first = begin, before = begin;
	do {
		uint64_t now = ticks_look(), gap = now - before;
		looks++;
		if (__builtin_expect(gap > threshold, 0)) {
			if (!take_step(look, before, gap))
				continue;
			look->looked += before - begin;
			begin = ticks_look();
			first += (int64_t)gap < 0 ? begin - before : 0;
			now = begin;
		}
		before = now;
	} while (before - first < ticks);
	look->looked += before - begin;
	look->looks += looks;
}

enum { ROUNDS_WITHOUT = 100, LOOKS = 1000, TRIES_MOST = 100000 };

/* The clock's own step is the shortest that is none; looks that are faster than it have a mean. */
uint64_t noise_least_step(void) {
	uint64_t least = UINT64_MAX, mean = UINT64_MAX;
	for (unsigned without = 0, tries = 0; without < ROUNDS_WITHOUT && tries < TRIES_MOST; without++, tries++) {
		uint64_t begin = ticks_look(), before = begin;
		for (unsigned i = 0; i < LOOKS; i++) {
			uint64_t now = ticks_look(), gap = step(before, now);
			before = now;
			if (gap != 0 && gap < least) {
				least = gap;
				without = 0;
			}
		}
		uint64_t each = (step(begin, before) + LOOKS - 1) / LOOKS;
		mean = each < mean ? each : mean;
	}
	least = least == UINT64_MAX || least < mean ? mean : least;
	return least != 0 && least != UINT64_MAX ? least : 1;
}

void noise_longest_steps(uint32_t *longest, uint64_t count, uint64_t span) {
	uint64_t before = ticks_look();
	for (uint64_t i = 0; i < count; i++) {
		uint64_t most = 0, end = before + span;
		do {
			uint64_t now = ticks_look(), each = step(before, now);
			most = each > most ? each : most;
			before = now;
		} while ((int64_t)(end - before) > 0);
		longest[i] = most < UINT32_MAX ? (uint32_t)most : UINT32_MAX;
	}
}

void noise_fixed_work(uint32_t *ticks, uint64_t count, uint64_t adds) {
	for (uint64_t i = 0; i < count; i++) {
		uint64_t begin = ticks_begin();
		tune_loop_add(adds);
		uint64_t each = ticks_end() - begin;
		ticks[i] = each < UINT32_MAX ? (uint32_t)each : UINT32_MAX;
	}
}

void noise_fixed_time(uint32_t *works, uint64_t count, uint64_t quantum, uint64_t adds) {
	uint64_t end = ticks_look();
	for (uint64_t i = 0; i < count; i++) {
		uint32_t done = 0;
		end += quantum;
		while ((int64_t)(end - ticks_look()) > 0) {
			tune_loop_add(adds);
			done++;
		}
		works[i] = done;
	}
}
