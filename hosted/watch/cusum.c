/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/watch/cusum.h"

#include "hosted/watch/cusum_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MEDIAN_DEVIATION_SCALE 1.4826

double cusum_threshold(double run_length, double correlation) {
	if (!(run_length >= CUSUM_RUN_LENGTH_LEAST && run_length <= CUSUM_RUN_LENGTH_MOST) || !(correlation >= 0))
		return 0;
	int row = 0;
	while (row < CUSUM_TABLE_ROWS && cusum_table[row].correlation < correlation)
		row++;
	if (row == CUSUM_TABLE_ROWS)
		return 0;
	const double *thresholds = cusum_table[row].thresholds;
	double decade = log10(run_length / CUSUM_RUN_LENGTH_LEAST);
	int below = (int)fmin(decade, CUSUM_TABLE_DECADES - 2);
	return thresholds[below] + (decade - below) * (thresholds[below + 1] - thresholds[below]);
}

void cusum_begin(struct cusum *cusum, double threshold) {
	memset(cusum, 0, sizeof(*cusum));
	cusum->threshold = threshold;
}

static int by_size(const void *a, const void *b) {
	double left = *(const double *)a, right = *(const double *)b;
	return (left > right) - (left < right);
}

static double median(double *values) {
	qsort(values, CUSUM_LEARN, sizeof(values[0]), by_size);
	return (values[CUSUM_LEARN / 2 - 1] + values[CUSUM_LEARN / 2]) / 2;
}

static void learn(struct cusum *cusum) {
	double *values = cusum->values;
	cusum->middle = median(values);
	for (int i = 0; i < CUSUM_LEARN; i++)
		values[i] = fabs(values[i] - cusum->middle);
	cusum->scale = fmax(MEDIAN_DEVIATION_SCALE * median(values), CUSUM_SCALE_LEAST);
}

static double grown(const struct cusum *cusum, double sum, double z) {
	return fmin(fmax(sum + z - CUSUM_REFERENCE, 0), cusum->threshold + CUSUM_CUT);
}

enum cusum_answer cusum_add(struct cusum *cusum, double value) {
	if (!isfinite(value) || value <= 0)
		return CUSUM_SAME;
	if (cusum->learned < CUSUM_LEARN) {
		cusum->values[cusum->learned++] = log(value);
		if (cusum->learned == CUSUM_LEARN)
			learn(cusum);
		return CUSUM_LEARNS;
	}
	double z = fmin(fmax((log(value) - cusum->middle) / cusum->scale, -CUSUM_CUT), CUSUM_CUT);
	cusum->up = grown(cusum, cusum->up, z);
	cusum->down = grown(cusum, cusum->down, -z);
	double strength = cusum_strength(cusum);
	return strength >= 1 ? CUSUM_SLOWER : strength <= -1 ? CUSUM_FASTER : CUSUM_SAME;
}

double cusum_strength(const struct cusum *cusum) {
	return (cusum->up >= cusum->down ? cusum->up : -cusum->down) / cusum->threshold;
}
