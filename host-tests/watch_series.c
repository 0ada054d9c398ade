/* SPDX-License-Identifier: Apache-2.0 */
#include "host-tests/watch_series.h"

#include <math.h>

#define TURN 6.28318530717958647692

static double uniform(struct rng *rng) {
	return ((double)(rng_next(rng) >> 11) + 0.5) * 0x1p-53;
}

/* Variance 1 each: G. Box, M. Muller (1958); R. Bailey, Mathematics of Computation 62 (1994), over sqrt(3). */
static double innovation(struct series *series) {
	double u = uniform(&series->rng), angle = cos(TURN * uniform(&series->rng));
	if (!series->heavy)
		return sqrt(-2 * log(u)) * angle;
	double root = cbrt(u);
	return sqrt(1 / (root * root) - 1) * angle;
}

double series_next(struct series *series) {
	double phi = series->correlation;
	series->state = phi * series->state + sqrt(1 - phi * phi) * innovation(series);
	double swing = series->swing > 0 ? series->swing * sin(TURN * series->time / series->day) : 0;
	series->time++;
	return series->level * exp(series->deviation * series->state + swing);
}
