/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/self_test.h"

#include "bench/rng.h"
#include "bench/stats.h"
#include "bench/text.h"
#include "platform.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLES_MAX = 101, RESAMPLES = 2000 };

/* Seventeen digits give a double back exactly; its bits stand beside them, as a C library may print what it likes. */
static void add_double(struct text *text, const char *name, double value) {
	uint64_t bits;
	memcpy(&bits, &value, sizeof(bits));
	text_format(text, " %s %.17g %016" PRIx64, name, value, bits);
}

static void add_estimate(struct text *text, const char *name, const struct stats_estimate *estimate) {
	text_format(text, "statistics   %s", name);
	add_double(text, "point", estimate->point);
	add_double(text, "error", estimate->standard_error);
	text_add_string(text, "\nstatistics     ");
	add_double(text, "lower", estimate->lower);
	add_double(text, "upper", estimate->upper);
	text_add_string(text, "\n");
}

/* Noise on a line, ties, and an outlier in every tenth. */
static bool add_case(struct text *text, size_t count, bool linear, const char *name) {
	uint64_t ticks[SAMPLES_MAX], seed = rng_seed_of(1, name);
	struct rng rng = rng_seeded(seed);
	for (size_t i = 0; i < count; i++) {
		uint64_t x = linear ? i + 1 : 1;
		ticks[i] = x * 10007 + rng_below(&rng, 500) * (rng_below(&rng, 10) == 0 ? 17 : 1);
	}
	const struct stats_input input = {
		.ticks = ticks,
		.count = count,
		.step = 13,
		.linear = linear,
		.clock_step = 24,
		.seed = seed,
		.resamples = RESAMPLES,
		.confidence_level = 0.95,
	};
	struct stats_summary s;
	void *workspace = malloc(stats_workspace_bytes(count, RESAMPLES));
	bool done = workspace && stats_summarise(&input, workspace, &s);
	free(workspace);
	if (!done)
		return false;
	text_format(text, "statistics %s %zu samples, outliers %" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32 "\n",
		    linear ? "linear" : "flat", count, s.outliers[STATS_LOW_SEVERE], s.outliers[STATS_LOW_MILD],
		    s.outliers[STATS_HIGH_MILD], s.outliers[STATS_HIGH_SEVERE]);
	add_estimate(text, STATS_FIGURE, stats_headline(&s));
	add_estimate(text, linear ? "slope" : "mean", linear ? &s.slope : &s.mean);
	add_estimate(text, "median", &s.median);
	add_estimate(text, "median_abs_dev", &s.median_abs_dev);
	add_estimate(text, "std_dev", &s.std_dev);
	return true;
}

int self_test(void) {
	struct text text = {0};
	bool good = add_case(&text, 100, true, "even") && add_case(&text, SAMPLES_MAX, true, "odd") &&
		    add_case(&text, 30, false, "flat") && add_case(&text, 11, false, "few") && !text.failed;
	if (good)
		platform_write(PLATFORM_STREAM_TEXT, text.bytes, text.length);
	else
		platform_write(PLATFORM_STREAM_ERROR, "out of memory\n", 14);
	text_free(&text);
	return good ? 0 : 2;
}
