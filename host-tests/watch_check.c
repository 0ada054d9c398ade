/* SPDX-License-Identifier: Apache-2.0
 *
 *     watch_check N       how rarely the detectors of hosted/watch/ err on N made-up series a case, how fast they are
 *     watch_check table   hosted/watch/cusum_table.h
 *
 * A mean time to a false alarm is time watched over alarms, as if they came at one rate; series are cut off at a
 * length. Its lower bound is the time over the upper 95 % bound for a Poisson mean (F. Garwood, Biometrika 28 (1936)).
 * One series that would last long weighs no more than its cut-off, so the figures err to the short side. TOO OFTEN is
 * what has a probability of less than 1 % where the mean is what was asked for; the exit status is 1 then.
 */
#include "host-tests/watch_series.h"
#include "hosted/watch/cusum.h"
#include "hosted/watch/sequence.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double at_most(uint64_t count, double mean) {
	double sum = 0;
	for (uint64_t k = 0; k <= count; k++)
		sum += exp((double)k * log(mean) - mean - lgamma((double)k + 1));
	return sum;
}

/* The mean of which at most `count` has a probability of 5 %. */
static double upper_bound(uint64_t count) {
	double low = (double)count, high = (double)count + 10 + 4 * sqrt((double)count + 1);
	for (int i = 0; i < 60; i++) {
		double mean = (low + high) / 2;
		*(at_most(count, mean) > 0.05 ? &low : &high) = mean;
	}
	return high;
}

/* ---- the table --------------------------------------------------------------------------------------------------- */

enum { STEPS = 1000, RUNS = 300, RUN_VALUES = 300000 };

#define STEP 0.1

/* Values until the sum of a run reached (i + 1) * STEP; 0: it did not. */
static uint32_t passages[2][RUNS][STEPS];

static void pass(struct series *series, uint32_t *times) {
	struct cusum cusum;
	cusum_begin(&cusum, 2 * STEPS * STEP);
	memset(times, 0, STEPS * sizeof(times[0]));
	int reached = 0;
	for (uint32_t time = 0; time < RUN_VALUES && reached < STEPS;) {
		if (cusum_add(&cusum, series_next(series)) == CUSUM_LEARNS)
			continue;
		time++;
		double most = fmax(cusum.up, cusum.down);
		for (; reached < STEPS && most >= (reached + 1) * STEP; reached++)
			times[reached] = time;
	}
}

/* Runs are cut off at what was asked for: those that learned badly are not outweighed by those that learned well. */
static bool suffices(uint32_t (*runs)[STEPS], int step, double run_length) {
	double longest = fmin(run_length, RUN_VALUES), seen = 0;
	uint64_t count = 0;
	for (int run = 0; run < RUNS; run++) {
		bool passed = runs[run][step] && runs[run][step] <= longest;
		seen += passed ? runs[run][step] : longest;
		count += passed;
	}
	return seen >= run_length * upper_bound(count);
}

static double threshold(double run_length) {
	for (int step = 0; step < STEPS; step++)
		if (suffices(passages[0], step, run_length) && suffices(passages[1], step, run_length))
			return (step + 1) * STEP;
	return INFINITY;
}

static void table_row(double correlation) {
	for (int heavy = 0; heavy < 2; heavy++)
		for (uint64_t run = 0; run < RUNS; run++) {
			struct series series = {.rng = rng_seeded(run),
						.level = 100,
						.deviation = 0.02,
						.correlation = correlation,
						.heavy = heavy};
			pass(&series, passages[heavy][run]);
		}
	printf("\t{%.2f, {", correlation);
	for (double run_length = 1e3; run_length < 2e6; run_length *= 10)
		printf("%s%.1f", run_length > 1e3 ? ", " : "", threshold(run_length));
	printf("}},\n");
}

static void table(void) {
	puts("/* SPDX-License-Identifier: Apache-2.0\n *\n"
	     " * Thresholds of cusum.h for 10^3, 10^4, 10^5 and 10^6 values to a false alarm; printed by `make "
	     "watch-table`.\n"
	     " */\n#pragma once\n\nenum { CUSUM_TABLE_ROWS = 4, CUSUM_TABLE_DECADES = 4 };\n\n"
	     "static const struct {\n\tdouble correlation;\n\tdouble thresholds[CUSUM_TABLE_DECADES];\n"
	     "} cusum_table[CUSUM_TABLE_ROWS] = {");
	for (double correlation = 0; correlation < 0.8; correlation += 0.25)
		table_row(correlation);
	puts("};");
}

/* ---- the check --------------------------------------------------------------------------------------------------- */

enum { VALUES = 100000, BEFORE = 1000, AFTER = 5000 };

#define RUN_LENGTH 1e5

static const struct sequence_rules rules = {
	.run_length = RUN_LENGTH, .dependence = 3, .tolerance = 0.02, .narrowest = 64, .stride = 4, .learn = 64};

static const struct {
	const char *words;
	struct series series;
	bool cusum_promises; /* the sequences do in all of these */
} cases[] = {
	{"independent, normal", {.correlation = 0}, true},
	{"AR(1) 0.5, normal", {.correlation = 0.5}, true},
	{"independent, Student t3", {.heavy = true}, true},
	{"AR(1) 0.5, Student t3", {.correlation = 0.5, .heavy = true}, true},
	{"day and night, 1 % up and down in 288 values", {.swing = 0.01, .day = 288}, false},
};

enum { CASES = sizeof(cases) / sizeof(cases[0]) };

struct detectors {
	struct sequence sequence;
	struct cusum cusum;
};

enum { SEQUENCE, CUSUM, DETECTORS };

static const char *const names[DETECTORS] = {"sequence", "cusum"};

static struct series series_of(int which, uint64_t seed) {
	struct series series = cases[which].series;
	series.rng = rng_seeded(seed);
	series.level = 100;
	series.deviation = 0.02;
	return series;
}

static void begin(struct detectors *detectors) {
	if (!sequence_begin(&detectors->sequence, &rules))
		abort();
	cusum_begin(&detectors->cusum, cusum_threshold(RUN_LENGTH, 0.5));
}

/* Values until the first alarm of each, of up to `values` of them; 0: there was none. */
static void watch(struct detectors *detectors, struct series *series, uint64_t values, uint64_t first[DETECTORS]) {
	first[SEQUENCE] = first[CUSUM] = 0;
	for (uint64_t i = 1; i <= values && !(first[SEQUENCE] && first[CUSUM]); i++) {
		double value = series_next(series);
		if (!first[SEQUENCE] && sequence_add(&detectors->sequence, value) >= SEQUENCE_FASTER)
			first[SEQUENCE] = i;
		if (!first[CUSUM] && cusum_add(&detectors->cusum, value) >= CUSUM_FASTER)
			first[CUSUM] = i;
	}
}

static bool check_alarms(int which, uint64_t count) {
	static struct detectors detectors;
	uint64_t seen[DETECTORS] = {0}, alarms[DETECTORS] = {0}, first[DETECTORS];
	for (uint64_t seed = 0; seed < count; seed++) {
		struct series series = series_of(which, seed);
		begin(&detectors);
		watch(&detectors, &series, VALUES, first);
		for (int i = 0; i < DETECTORS; i++) {
			seen[i] += first[i] ? first[i] : VALUES;
			alarms[i] += first[i] > 0;
		}
	}
	bool kept = true;
	for (int i = 0; i < DETECTORS; i++) {
		bool promised = i == SEQUENCE || cases[which].cusum_promises;
		bool enough = alarms[i] == 0 || at_most(alarms[i] - 1, (double)seen[i] / RUN_LENGTH) < 0.99;
		printf("%-46s %-9s %9.0f %7llu %14.0f  %s\n", cases[which].words, names[i], (double)seen[i],
		       (unsigned long long)alarms[i], (double)seen[i] / upper_bound(alarms[i]),
		       !promised ? "not promised"
		       : enough  ? ""
				 : "TOO OFTEN");
		kept = kept && (enough || !promised);
	}
	return kept;
}

static int by_size(const void *a, const void *b) {
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
	return (left > right) - (left < right);
}

/* Series in which there was an alarm before the shift are passed over, and said. */
static void check_delay(int which, uint64_t count, uint64_t *delays) {
	static struct detectors detectors;
	size_t found[DETECTORS] = {0};
	for (uint64_t seed = 0; seed < count; seed++) {
		uint64_t before[DETECTORS], after[DETECTORS];
		struct series series = series_of(which, seed);
		begin(&detectors);
		watch(&detectors, &series, BEFORE, before);
		series.level *= 1.05;
		watch(&detectors, &series, AFTER, after);
		for (int i = 0; i < DETECTORS; i++)
			if (!before[i])
				delays[(size_t)i * count + found[i]++] = after[i] ? after[i] : AFTER;
	}
	for (int i = 0; i < DETECTORS; i++) {
		uint64_t *of = &delays[(size_t)i * count];
		qsort(of, found[i], sizeof(of[0]), by_size);
		if (found[i])
			printf("%-46s %-9s %9zu %7llu %14llu\n", cases[which].words, names[i], found[i],
			       (unsigned long long)of[found[i] / 2], (unsigned long long)of[found[i] * 9 / 10]);
	}
}

static bool check(uint64_t count) {
	bool kept = true;
	printf("no change, 2 %% of deviation; a false alarm in %.0f values was asked for\n", RUN_LENGTH);
	printf("%-46s %-9s %9s %7s %14s\n", "", "", "values", "alarms", "mean, at least");
	for (int which = 0; which < CASES; which++)
		kept = check_alarms(which, count) && kept;
	uint64_t *delays = calloc(DETECTORS * count, sizeof(delays[0]));
	if (!delays)
		abort();
	printf("\n5 %% slower after %d values; values until the alarm\n", BEFORE);
	printf("%-46s %-9s %9s %7s %14s\n", "", "", "series", "median", "nine of ten");
	for (int which = 0; which < CASES; which++)
		check_delay(which, count, delays);
	free(delays);
	return kept;
}

int main(int argc, char **argv) {
	if (argc == 2 && strcmp(argv[1], "table") == 0) {
		table();
		return 0;
	}
	unsigned long count = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
	if (count == 0 || count > 100000) {
		fputs("usage: watch_check N|table\n", stderr);
		return 2;
	}
	return check(count) ? 0 : 1;
}
