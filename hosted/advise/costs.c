/* SPDX-License-Identifier: Apache-2.0
 *
 * From samples to figures: no machine is known here.
 */
#include "hosted/advise/costs.h"

#include "bench/student.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const double costs_beside_ns[COSTS_BESIDES] = {0, 2000, 8000, 32000};

struct rounds {
	uint32_t count;
	double ns[COSTS_SETTINGS][COSTS_ROUNDS][COSTS_ROWS];
};

const char *costs_setting_name(enum costs_setting setting) {
	static const char *const names[COSTS_SETTINGS] = {"plain", "recorded", "kernels", "pools", "huge"};
	return names[setting];
}

bool costs_are_of(const struct costs *costs, const struct costs *here) {
	struct text ignored = {0};
	bool fits = tune_signature_fits(&costs->machine, &here->machine, &ignored) &&
		    strcmp(costs->build, here->build) == 0 && strcmp(costs->huge_pages, here->huge_pages) == 0 &&
		    strcmp(costs->defrag, here->defrag) == 0 && strcmp(costs->tunables, here->tunables) == 0;
	text_free(&ignored);
	return fits;
}

static bool is_good(const double ns[COSTS_ROWS]) {
	for (size_t row = 0; row < COSTS_ROWS; row++)
		if (!(ns[row] > 0) || !isfinite(ns[row]))
			return false;
	return true;
}

static bool add_round(const struct costs_subject *subject, struct rng *rng, struct rounds *rounds,
		      struct costs *costs) {
	enum costs_setting order[COSTS_SETTINGS];
	for (uint32_t i = 0; i < COSTS_SETTINGS; i++) {
		uint32_t other = rng_below(rng, i + 1);
		order[i] = order[other];
		order[other] = (enum costs_setting)i;
	}
	for (size_t i = 0; i < COSTS_SETTINGS; i++) {
		double *ns = rounds->ns[order[i]][rounds->count];
		if (costs->has[order[i]])
			costs->has[order[i]] = subject->sample(subject->self, order[i], ns) && is_good(ns);
	}
	rounds->count++;
	return costs->has[COSTS_PLAIN];
}

static int ascending(const void *left, const void *right) {
	double a = *(const double *)left, b = *(const double *)right;
	return (a > b) - (a < b);
}

/* Its error by the winsorized variance, as in bench/tune/ratio.c, for numbers of either sign; as of a normal
 * distribution, of which Student's t has the tails that few numbers give it. */
struct costs_figure costs_figure_of(double *numbers, size_t count) {
	size_t cut = count / 4, kept = count - 2 * cut;
	double sum = 0, squares = 0;
	qsort(numbers, count, sizeof(*numbers), ascending);
	for (size_t i = cut; i < count - cut; i++)
		sum += numbers[i];
	double winsorized = (sum + (double)cut * (numbers[cut] + numbers[count - 1 - cut])) / (double)count;
	for (size_t i = 0; i < count; i++) {
		double number = i < cut ? numbers[cut] : i >= count - cut ? numbers[count - 1 - cut] : numbers[i];
		squares += (number - winsorized) * (number - winsorized);
	}
	double error = count > 1 ? sqrt(squares / (double)(count - 1) * (double)count) / (double)kept : 0;
	double tails = kept > 1 ? student_95((double)kept - 1) / 1.96 : 1;
	return (struct costs_figure){sum / (double)kept, tails * error};
}

static void take_figures(const struct rounds *rounds, struct costs *costs) {
	for (enum costs_setting setting = COSTS_PLAIN; setting < COSTS_SETTINGS; setting++)
		for (size_t row = 0; costs->has[setting] && row < COSTS_ROWS; row++) {
			double numbers[COSTS_ROUNDS];
			for (uint32_t i = 0; i < rounds->count; i++)
				numbers[i] = rounds->ns[setting][i][row] -
					     (setting == COSTS_PLAIN ? 0 : rounds->ns[COSTS_PLAIN][i][row]);
			costs->figures[setting][row] = costs_figure_of(numbers, rounds->count);
		}
}

int costs_measure(const struct costs_subject *subject, uint64_t seed, struct costs *costs) {
	struct rounds *rounds = calloc(1, sizeof(*rounds)); /* large */
	struct rng rng = rng_seeded(rng_seed_of(seed, "costs"));
	for (enum costs_setting setting = COSTS_PLAIN; setting < COSTS_SETTINGS; setting++)
		costs->has[setting] = true;
	bool good = rounds != NULL;
	for (uint32_t i = 0; good && i < COSTS_ROUNDS; i++) {
		if (subject->progress)
			subject->progress("what calls, blocks and pages cost here", (double)i / COSTS_ROUNDS);
		good = add_round(subject, &rng, rounds, costs);
	}
	if (good) {
		costs->rounds = rounds->count;
		take_figures(rounds, costs);
	}
	free(rounds);
	return good ? 0 : -1;
}
