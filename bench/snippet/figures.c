/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/rng.h"
#include "bench/snippet/snippet.h"
#include "lib/units.h"

#include <math.h>
#include <stdlib.h>

/* Turns and ticks of strangers are numbers that doubles hold. */
static const uint64_t number_most = UINT64_C(1) << 52;

bool snippet_times_are_sane(const struct snippet_times *times) {
	if (times->rounds > SNIPPET_ROUNDS)
		return false;
	for (int loop = 0; loop < SNIPPET_LOOPS; loop++) {
		if (times->unroll[loop] == 0 || times->unroll[loop] > 2 * SNIPPET_UNROLL_MOST ||
		    times->turns[loop] == 0 || times->turns[loop] > number_most)
			return false;
		for (uint32_t i = 0; i < times->rounds; i++)
			if (times->ticks[loop][i] > number_most)
				return false;
	}
	return times->unroll[SNIPPET_LONG] > times->unroll[SNIPPET_SHORT] &&
	       times->unroll[SNIPPET_ADDS_LONG] > times->unroll[SNIPPET_ADDS] &&
	       times->turns[SNIPPET_LONG] == times->turns[SNIPPET_SHORT] &&
	       times->turns[SNIPPET_ADDS_LONG] == times->turns[SNIPPET_ADDS];
}

struct sorted {
	uint16_t order[SNIPPET_LOOPS][SNIPPET_ROUNDS]; /* rounds of each loop, the shortest first */
	double resampled[2][10000];
};

static const uint64_t *sorted_ticks; /* qsort has no argument */

static int by_ticks(const void *left, const void *right) {
	uint16_t a = *(const uint16_t *)left, b = *(const uint16_t *)right;
	uint64_t one = sorted_ticks[a], other = sorted_ticks[b];
	return one != other ? (one > other) - (one < other) : (a > b) - (a < b);
}

static int ascending(const void *left, const void *right) {
	double a = *(const double *)left, b = *(const double *)right;
	return (a > b) - (a < b);
}

/* The low decile of as many samples as there are rounds, of which round i is there drawn[i] times: stats_low_decile of
 * these. */
static double low_decile(const struct snippet_times *times, int loop, const uint16_t *order, const uint16_t *drawn) {
	double rank = 0.1 * (double)(times->rounds - 1);
	uint32_t below = (uint32_t)rank, seen = 0, i = 0;
	for (; seen + drawn[order[i]] <= below; i++)
		seen += drawn[order[i]];
	double low = (double)times->ticks[loop][order[i]], high = low;
	if (seen + drawn[order[i]] == below + 1 && below + 1 < times->rounds) {
		do
			i++;
		while (drawn[order[i]] == 0);
		high = (double)times->ticks[loop][order[i]];
	}
	return low + (rank - below) * (high - low);
}

/* Ticks of once what repeats in a pair of loops. */
static double once(const struct snippet_times *times, const struct sorted *sorted, int loop, const uint16_t *drawn) {
	double more = low_decile(times, loop + 1, sorted->order[loop + 1], drawn) -
		      low_decile(times, loop, sorted->order[loop], drawn);
	return more / (double)times->turns[loop] / (double)(times->unroll[loop + 1] - times->unroll[loop]);
}

static struct stats_estimate estimate(double point, double *resampled, uint32_t count) {
	double sum = 0, squares = 0;
	qsort(resampled, count, sizeof(*resampled), ascending);
	for (uint32_t i = 0; i < count; i++)
		sum += resampled[i];
	for (uint32_t i = 0; i < count; i++)
		squares += (resampled[i] - sum / count) * (resampled[i] - sum / count);
	return (struct stats_estimate){
		.point = point,
		.standard_error = sqrt(squares / (count - 1)),
		.lower = stats_quantile(resampled, count, 0.025),
		.upper = stats_quantile(resampled, count, 0.975),
	};
}

static bool find(const struct snippet_times *times, double per, uint64_t hz, uint64_t seed, uint32_t resamples,
		 struct sorted *sorted, struct snippet_figures *figures) {
	uint16_t drawn[SNIPPET_ROUNDS];
	struct rng rng = rng_seeded(seed);
	double tick_ns = NS_PER_SECOND / (double)hz;
	for (uint32_t i = 0; i < times->rounds; i++)
		drawn[i] = 1;
	double ticks = once(times, sorted, SNIPPET_SHORT, drawn), cycle = once(times, sorted, SNIPPET_ADDS, drawn);
	if (!(ticks > 0 && cycle > 0))
		return false;
	figures->ghz = 1 / (cycle * tick_ns);
	for (uint32_t k = 0; k < resamples; k++) {
		for (uint32_t i = 0; i < times->rounds; i++)
			drawn[i] = 0;
		for (uint32_t i = 0; i < times->rounds; i++)
			drawn[rng_below(&rng, times->rounds)]++;
		double some = once(times, sorted, SNIPPET_SHORT, drawn);
		double one = once(times, sorted, SNIPPET_ADDS, drawn);
		sorted->resampled[0][k] = some * tick_ns / per;
		sorted->resampled[1][k] = one > 0 ? some / one / per : 0;
	}
	figures->ns = estimate(ticks * tick_ns / per, sorted->resampled[0], resamples);
	figures->cycles = estimate(ticks / cycle / per, sorted->resampled[1], resamples);
	return figures->cycles.lower > 0;
}

bool snippet_figures_of(const struct snippet *snippet, const struct snippet_times *times, uint64_t hz, uint64_t seed,
			uint32_t resamples, struct snippet_figures *figures) {
	*figures = (struct snippet_figures){.ghz = 0};
	struct sorted *sorted = malloc(sizeof(*sorted));
	if (sorted == NULL || times->rounds < SNIPPET_ROUNDS_LEAST || hz == 0 || resamples < 2 ||
	    resamples > sizeof(sorted->resampled[0]) / sizeof(double)) {
		free(sorted);
		return false;
	}
	for (int loop = 0; loop < SNIPPET_LOOPS; loop++) {
		for (uint32_t i = 0; i < times->rounds; i++)
			sorted->order[loop][i] = (uint16_t)i;
		sorted_ticks = times->ticks[loop];
		qsort(sorted->order[loop], times->rounds, sizeof(uint16_t), by_ticks);
	}
	bool good = find(times, snippet->instructions, hz, seed, resamples, sorted, figures);
	free(sorted);
	return good;
}

bool snippet_waits(const struct snippet *snippet, const struct snippet_figures *figures) {
	static const double least_cycles = 0.95; /* of a copy: a twentieth is the clock's and the room's */
	return figures->cycles.upper * snippet->instructions / snippet->copies >= least_cycles;
}
