/* SPDX-License-Identifier: Apache-2.0 */
#include "host-tests/fleet_model.h"

#include "bench/rng.h"

#include <math.h>
#include <stdlib.h>

enum { RUNS_MOST = 64 };

static double uniform(struct rng *rng) {
	return ((double)(rng_next(rng) >> 11) + 0.5) * 0x1p-53;
}

/* G. Box, M. Muller, Annals of Mathematical Statistics 29 (1958). */
static double normal(struct rng *rng) {
	double radius = sqrt(-2 * log(uniform(rng)));
	return radius * cos(2 * acos(-1) * uniform(rng));
}

/* Of deviation 1. */
static double noise_of(const struct fleet_model *model, double shared, struct rng *rng) {
	double squares = 0;
	switch (model->noise) {
	case FLEET_SHARED:
		return (normal(rng) + shared) / sqrt(2);
	case FLEET_SKEWED:
		return -log(uniform(rng));
	case FLEET_HEAVY:
		for (int i = 0; i < 3; i++)
			squares += pow(normal(rng), 2);
		return normal(rng) / sqrt(squares);
	default:
		return normal(rng);
	}
}

static int by_value(const void *a, const void *b) {
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double figure_of(const struct fleet_model *model, size_t machine, double shared, struct rng *rng) {
	double runs[RUNS_MOST];
	for (size_t i = 0; i < model->runs; i++)
		runs[i] = noise_of(model, shared, rng);
	qsort(runs, model->runs, sizeof(*runs), by_value);
	double middle = (runs[(model->runs - 1) / 2] + runs[model->runs / 2]) / 2;
	return 100 * exp(model->deviation * middle) * (machine == 0 ? model->slow : 1);
}

static void make_up(const struct fleet_model *model, double *figures, struct rng *rng) {
	for (size_t machine = 0; machine < model->machines; machine++) {
		double shared = normal(rng);
		for (size_t row = 0; row < model->benchmarks; row++)
			figures[row * model->machines + machine] = figure_of(model, machine, shared, rng);
	}
}

struct fleet_answers fleet_model_judge(const struct fleet_model *model, size_t fleets, uint64_t seed) {
	double *figures = calloc(model->machines * model->benchmarks, sizeof(*figures));
	struct fleet_cell *cells = calloc(model->machines * (model->benchmarks + 1), sizeof(*cells));
	struct fleet_cell *own = cells + model->machines * model->benchmarks;
	const struct fleet fleet = {figures, model->machines, model->benchmarks, model->machines};
	struct fleet_answers answers = {0};
	struct rng rng = rng_seeded(seed);
	if (!figures || !cells)
		abort();
	for (size_t round = 0; round < fleets; round++) {
		make_up(model, figures, &rng);
		if (fleet_judge(&fleet, &model->rules, cells) != (int)model->benchmarks)
			abort();
		bool first = own[0].stands_out;
		size_t named = 0;
		for (size_t machine = 0; machine < model->machines; machine++)
			named += own[machine].stands_out;
		size_t wrong = model->slow == 1 ? named : named - first;
		answers.found += first;
		answers.others += (double)wrong;
		answers.wrong += named ? (double)wrong / (double)named : 0;
	}
	free(figures);
	free(cells);
	answers.found /= (double)fleets;
	answers.others /= (double)fleets;
	answers.wrong /= (double)fleets;
	return answers;
}
