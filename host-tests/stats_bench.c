/* SPDX-License-Identifier: Apache-2.0
 *
 * `make stats-bench`: what the statistics of a whole run cost, on one core. Bar: 100 benchmarks of 100 samples with
 * 100,000 resamples in 5 s of CPU time. Exit status 1 where that is missed.
 */
#include "bench/rng.h"
#include "bench/stats.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { BENCHMARKS = 100, SAMPLES = 100, RESAMPLES = 100000, BAR_S = 5 };

static double cpu_seconds(void) {
	struct timespec time;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(void) {
	uint64_t ticks[SAMPLES];
	struct stats_summary summary;
	void *workspace = malloc(stats_workspace_bytes(SAMPLES, RESAMPLES));
	double begin = cpu_seconds(), widths = 0;
	if (!workspace)
		return 2;
	for (uint64_t b = 0; b < BENCHMARKS; b++) {
		struct rng rng = rng_seeded(b);
		for (uint64_t i = 0; i < SAMPLES; i++)
			ticks[i] = (i + 1) * 10000 + rng_below(&rng, 3000);
		const struct stats_input input = {
			.ticks = ticks,
			.count = SAMPLES,
			.step = 10,
			.linear = b % 2 == 0,
			.seed = b,
			.resamples = RESAMPLES,
			.confidence_level = 0.95,
		};
		if (!stats_summarise(&input, workspace, &summary))
			return 2;
		widths += summary.mean.upper - summary.mean.lower;
	}
	free(workspace);
	double seconds = cpu_seconds() - begin;
	printf("%d benchmarks x %d samples x %d resamples: %.2f s of CPU time, %.1f ms a benchmark (mean width "
	       "%.17g)\n",
	       BENCHMARKS, SAMPLES, RESAMPLES, seconds, seconds * 1e3 / BENCHMARKS, widths / BENCHMARKS);
	return seconds > BAR_S;
}
