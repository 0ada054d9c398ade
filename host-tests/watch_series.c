/* SPDX-License-Identifier: Apache-2.0 */
#include "host-tests/watch_series.h"

#include <math.h>

#define TURN 6.28318530717958647692

enum { LAYERS = 128 };

#define LAYER_TAIL 3.442619855899 /* where the lowest layer's tail begins, for 128 of them */
#define LAYER_AREA 9.91256303526217e-3

/* Edges of the layers, from the lowest, and the density at them. */
static double edges[LAYERS + 1], heights[LAYERS + 1];

static double density(double x) {
	return exp(-x * x / 2);
}

__attribute__((constructor)) static void lay_out(void) {
	edges[0] = LAYER_AREA / density(LAYER_TAIL);
	edges[1] = LAYER_TAIL;
	for (int i = 2; i < LAYERS; i++)
		edges[i] = sqrt(-2 * log(LAYER_AREA / edges[i - 1] + density(edges[i - 1])));
	edges[LAYERS] = 0;
	for (int i = 0; i <= LAYERS; i++)
		heights[i] = density(edges[i]);
}

static double uniform(struct rng *rng) {
	return ((double)(rng_next(rng) >> 11) + 0.5) * 0x1p-53;
}

static double tail(struct rng *rng) {
	double x, y;
	do {
		x = -log(uniform(rng)) / LAYER_TAIL;
		y = -log(uniform(rng));
	} while (2 * y <= x * x);
	return LAYER_TAIL + x;
}

/* G. Marsaglia, W. Tsang: "The ziggurat method for generating random variables", Journal of Statistical Software 5
 * (2000), with layer and place from different bits (P. Leong et al., ibid. 12 (2005)). */
static double normal(struct rng *rng) {
	for (;;) {
		uint64_t bits = rng_next(rng);
		unsigned layer = bits & (LAYERS - 1);
		double sign = bits & LAYERS ? 1 : -1;
		double x = (double)(bits >> 11) * 0x1p-53 * edges[layer];
		if (x < edges[layer + 1])
			return sign * x;
		if (layer == 0)
			return sign * tail(rng);
		if (heights[layer] + uniform(rng) * (heights[layer + 1] - heights[layer]) < density(x))
			return sign * x;
	}
}

/* Variance 1 each. */
static double innovation(struct series *series) {
	double z = normal(&series->rng);
	if (!series->heavy)
		return z;
	double a = normal(&series->rng), b = normal(&series->rng), c = normal(&series->rng);
	return z / sqrt(a * a + b * b + c * c);
}

/* The angle is turned on, as a sine for each value would take longer than all else. */
static double swing(struct series *series) {
	if (series->cosine == 0 && series->sine == 0) {
		series->cosine = 1;
		series->turn_cosine = cos(TURN / series->day);
		series->turn_sine = sin(TURN / series->day);
	}
	double sine = series->sine * series->turn_cosine + series->cosine * series->turn_sine;
	series->cosine = series->cosine * series->turn_cosine - series->sine * series->turn_sine;
	series->sine = sine;
	return series->swing * sine;
}

double series_next_log(struct series *series) {
	double phi = series->correlation, value = innovation(series);
	if (phi != 0 && series->fresh == 0)
		series->fresh = sqrt(1 - phi * phi);
	series->state = phi != 0 ? phi * series->state + series->fresh * value : value;
	return series->deviation * series->state + (series->swing > 0 ? swing(series) : 0);
}

double series_next(struct series *series) {
	return series->level * exp(series_next_log(series));
}
