/* SPDX-License-Identifier: Apache-2.0
 *
 * Same work, and work done in equal times.
 */
#include "bench/noise/noise.h"
#include "platform.h"

#include <math.h>
#include <stdlib.h>

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
