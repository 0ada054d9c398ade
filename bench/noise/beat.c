/* SPDX-License-Identifier: Apache-2.0
 *
 * Periods of detours, and of work done in equal times.
 */
#include "bench/noise/noise.h"
#include "platform.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	PHASES = 400,
	PHASES_TAKEN = 13, /* about the fullest one, itself among them */
	EVENTS_LEAST = 8,
	TYPICAL = 4, /* times the median length: more of one detour is not looked at, as it would hide the rest */
};

#define BIN_US    50.0 /* at the least: periods of two bins and more can be seen */
#define TURNS_MIN 0.2  /* of the turns must have an event: less is chance */

static int compare_doubles(const void *a, const void *b) {
	double left = *(const double *)a, right = *(const double *)b;
	return (left > right) - (left < right);
}

/* Of at least one; sorts. */
static double median(double *values, size_t count) {
	qsort(values, count, sizeof(values[0]), compare_doubles);
	return values[count / 2];
}

/* ---- detours ----------------------------------------------------------------------------------------------------- */

static double phase_of(const struct noise_detour *detour, double period) {
	return fmod((double)detour->begin, period) / period;
}

/* The middle of the fullest part of a turn. */
static double fullest_phase(const struct noise_core *core, double period) {
	uint32_t phases[PHASES] = {0}, best = 0;
	unsigned at = 0;
	for (size_t i = 0; i < core->kept_count; i++)
		phases[(unsigned)(phase_of(&core->kept[i], period) * PHASES) % PHASES]++;
	for (unsigned i = 0; i < PHASES; i++) {
		uint32_t sum = 0;
		for (unsigned j = 0; j < PHASES_TAKEN; j++)
			sum += phases[(i + j) % PHASES];
		if (sum > best) {
			best = sum;
			at = i;
		}
	}
	return fmod((at + PHASES_TAKEN / 2.0) / PHASES, 1);
}

/* How far behind the middle it comes, in turns: -0.5 to 0.5. */
static double off_by(const struct noise_detour *detour, double period, double middle) {
	double off = phase_of(detour, period) - middle;
	return off - round(off);
}

/* The interval anew, by least squares over the events' turns. */
static double refined(const struct noise_core *core, double period, double middle) {
	double n = 0, sum_x = 0, sum_y = 0, sum_xx = 0, sum_xy = 0;
	for (size_t i = 0; i < core->kept_count; i++) {
		double off = off_by(&core->kept[i], period, middle);
		if (fabs(off) > PHASES_TAKEN / 2.0 / PHASES)
			continue;
		double turn = round((double)core->kept[i].begin / period - middle - off);
		n++;
		sum_x += turn;
		sum_y += off;
		sum_xx += turn * turn;
		sum_xy += turn * off;
	}
	double spread = n * sum_xx - sum_x * sum_x;
	return spread > 0 ? period * (1 + (n * sum_xy - sum_x * sum_y) / spread) : period;
}

/* false: too few come at that beat. */
static bool describe(const struct noise_core *core, double ticks, double span, double *lengths,
		     struct noise_period *period) {
	double middle = fullest_phase(core, ticks);
	ticks = refined(core, ticks, middle);
	middle = fullest_phase(core, ticks);
	size_t count = 0;
	for (size_t i = 0; i < core->kept_count; i++)
		if (fabs(off_by(&core->kept[i], ticks, middle)) <= PHASES_TAKEN / 2.0 / PHASES)
			lengths[count++] = (double)core->kept[i].ticks;
	if (count < EVENTS_LEAST || (double)count < TURNS_MIN * span / ticks)
		return false;
	*period = (struct noise_period){.ticks = ticks,
					.length = median(lengths, count),
					.turns = fmin(1, (double)count * ticks / span),
					.events = count};
	return true;
}

/* Each detour's length, cut at what is typical, shared by the two bins that it lies between. */
static void fill(const struct noise_core *core, double bin, double most, double *series, size_t count) {
	memset(series, 0, count * sizeof(series[0]));
	for (size_t i = 0; i < core->kept_count; i++) {
		double place = (double)core->kept[i].begin / bin, part = place - floor(place);
		double length = fmin((double)core->kept[i].ticks, most);
		if (place + 1 >= (double)count)
			return;
		series[(size_t)place] += length * (1 - part);
		series[(size_t)place + 1] += length * part;
	}
}

static bool is_known(const struct noise_core *core, const struct noise_period *period) {
	for (size_t i = 0; i < core->period_count; i++)
		if (fabs(core->periods[i].ticks / period->ticks - 1) < 0.01)
			return true;
	return false;
}

/* In bins of that many ticks, from the recording's begin on. */
static void look_for(struct noise_core *core, double bin, double span, double *space, size_t points) {
	double *series = space + NOISE_KEPT_MOST, *workspace = series + points;
	struct period found[PERIODS_MOST];
	for (size_t i = 0; i < core->kept_count; i++)
		space[i] = (double)core->kept[i].ticks;
	fill(core, bin, TYPICAL * median(space, core->kept_count), series, points);
	size_t count = periods_find(series, points, workspace, found);
	for (size_t i = 0; i < count && core->period_count < PERIODS_MOST; i++) {
		struct noise_period period;
		if (describe(core, found[i].steps * bin, span, space, &period) && !is_known(core, &period))
			core->periods[core->period_count++] = period;
	}
}

int noise_core_periods(struct noise_core *core) {
	const size_t points = PERIODS_POINTS_MOST;
	core->period_count = 0;
	if (core->kept_count < EVENTS_LEAST)
		return 0;
	const struct noise_detour *last = &core->kept[core->kept_count - 1];
	double span = (double)(last->begin + last->ticks), fine = BIN_US * (double)core->us;
	size_t bytes = (NOISE_KEPT_MOST + points) * sizeof(double) + periods_workspace_bytes(points);
	double *space = malloc(bytes);
	if (space == NULL)
		return PLATFORM_ENOMEM;
	look_for(core, fmax(fine, 1), span, space, points);
	if (span / (double)points > fine)
		look_for(core, span / (double)points, span, space, points);
	free(space);
	return 0;
}

/* ---- fixed work and fixed time ----------------------------------------------------------------------------------- */

static int compare_words(const void *a, const void *b) {
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
	return (left > right) - (left < right);
}

static double variation(const uint32_t *values, size_t count) {
	double mean = 0, squares = 0;
	for (size_t i = 0; i < count; i++)
		mean += (double)values[i] / (double)count;
	for (size_t i = 0; i < count; i++)
		squares += ((double)values[i] - mean) * ((double)values[i] - mean);
	return mean > 0 && count > 1 ? sqrt(squares / (double)(count - 1)) / mean : 0;
}

/* What each quantum did not get done, in its own length's unit. */
static int find_periods(struct noise_fixed *fixed, const uint32_t *works, size_t quanta, double best, double quantum) {
	size_t points = PERIODS_POINTS_LEAST;
	while (points * 2 <= quanta && points * 2 <= PERIODS_POINTS_MOST)
		points *= 2;
	if (points > quanta || !(best > 0))
		return 0;
	double *series = malloc(points * sizeof(double) + periods_workspace_bytes(points));
	if (series == NULL)
		return PLATFORM_ENOMEM;
	for (size_t i = 0; i < points; i++)
		series[i] = (best - fmin(works[i], best)) / best * quantum;
	struct period found[PERIODS_MOST];
	fixed->period_count = periods_find(series, points, series + points, found);
	for (size_t i = 0; i < fixed->period_count; i++)
		fixed->periods[i] = (struct noise_period){.ticks = found[i].steps * quantum, .length = found[i].length};
	free(series);
	return 0;
}

int noise_fixed_summarise(struct noise_fixed *fixed, uint32_t *work_ticks, size_t works, uint32_t *quantum_works,
			  size_t quanta, double quantum_ticks) {
	*fixed = (struct noise_fixed){.works = works, .quanta = quanta, .quantum = quantum_ticks};
	fixed->variation = variation(work_ticks, works);
	qsort(work_ticks, works, sizeof(work_ticks[0]), compare_words);
	fixed->least = work_ticks[0];
	fixed->median = work_ticks[works / 2];
	fixed->longest = work_ticks[works - 1];
	fixed->quanta_variation = variation(quantum_works, quanta);
	double best = 0, done = 0;
	for (size_t i = 0; i < quanta; i++) {
		best = fmax(best, quantum_works[i]);
		done += quantum_works[i];
	}
	fixed->lost = best > 0 ? 1 - done / (best * (double)quanta) : 1;
	return find_periods(fixed, quantum_works, quanta, best, quantum_ticks);
}
