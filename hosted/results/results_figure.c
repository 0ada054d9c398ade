/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/results/results_figure.h"

#include "bench/rng.h"
#include "lib/units.h"

#include <stdlib.h>

/* A folder of hundreds of launches is read at once, and a stranger's row may have millions of samples. */
enum { RESAMPLES_MOST = 2000, DRAWS_MOST = 20000000 };

static uint32_t resamples_of(const json_t *options, size_t count) {
	json_int_t resamples = json_integer_value(json_object_get(options, "nresamples"));
	json_int_t most = 1 + (json_int_t)(DRAWS_MOST / count);
	if (resamples < 1 || resamples > RESAMPLES_MOST)
		resamples = RESAMPLES_MOST;
	return (uint32_t)(resamples < most ? resamples : most);
}

bool results_figure_of_samples(struct results_benchmark *benchmark, const json_t *options) {
	uint64_t seed = (uint64_t)json_integer_value(json_object_get(options, "seed"));
	const struct stats_input input = {
		.count = benchmark->count,
		.seed = rng_seed_of(seed, benchmark->name),
		.resamples = resamples_of(options, benchmark->count),
		.confidence_level = benchmark->mean.level,
	};
	size_t bytes = stats_workspace_bytes(input.count, input.resamples);
	double *ratios = malloc(input.count * sizeof(*ratios));
	void *workspace = bytes ? malloc(bytes) : NULL;
	struct stats_estimate found = {0};
	for (size_t i = 0; ratios && i < input.count; i++)
		ratios[i] = benchmark->times[i] / (double)benchmark->iters[i];
	bool good = ratios && workspace && stats_summarise_low_decile(&input, ratios, workspace, &found);
	free(workspace);
	free(ratios);
	benchmark->low_decile = (struct results_estimate){found.point, found.standard_error, input.confidence_level,
							  found.lower, found.upper};
	if (good && *benchmark->unit && found.point > 0)
		benchmark->per_second = (double)benchmark->per_iteration * NS_PER_SECOND / found.point;
	return good;
}
