/* SPDX-License-Identifier: Apache-2.0
 *
 *     watch_check N       how rarely a watch errs on N made-up watches a regime, and how soon it sees what it should
 *     watch_check table N hosted/watch/cusum_table.h
 *
 * A watch is 20 benchmarks of three percentiles, each a series of its own, from its first window on, at the default of
 * `--arl`. The time to its first alert is cut off at HORIZON days, so that its mean is too small, never too large; that
 * mean's lower 95 % bound is W. Hoeffding's ("Probability inequalities for sums of bounded random variables", Journal
 * of the American Statistical Association 58 (1963), theorem 1), which asks for nothing but independent watches. The
 * exit status is 1 where a bar is missed.
 *
 * Times of the table are those of one percentile: windows over alarms in TABLE_DAYS, the mean of all series' rates,
 * those included that learned badly; its lower bound is the time over the upper 95 % bound for a Poisson mean (F.
 * Garwood, Biometrika 28 (1936)).
 */
#include "host-tests/watch_series.h"
#include "hosted/watch/detector.h"
#include "hosted/watch/track.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	DAY = BASELINE_DAY,
	HOUR = 60,
	BENCHMARKS = 20,
	ARL_DAYS = 30,
	HORIZON = 45,
	FIRST = 29930000,
	SEEDS_OF_TABLE = 1 << 20
};

static const struct detector_rules rules = {.run_length = (double)BENCHMARKS * ARL_DAYS * DAY, .window_seconds = 60};

static const struct regime {
	const char *words;
	struct series series;
} regimes[] = {
	{"independent, normal", {.correlation = 0}},
	{"AR(1) 0.5, normal", {.correlation = 0.5}},
	{"independent, Student t3", {.heavy = true}},
	{"day and night, 2 % up and down", {.swing = 0.02, .day = DAY}},
	{"all three", {.correlation = 0.5, .heavy = true, .swing = 0.02, .day = DAY}},
};

enum { REGIMES = sizeof(regimes) / sizeof(regimes[0]) };

static struct series series_of(int regime, uint64_t seed) {
	struct series series = regimes[regime].series;
	series.rng = rng_seeded(seed);
	series.level = 100;
	series.deviation = 0.02;
	return series;
}

/* ---- on all cores ------------------------------------------------------------------------------------------------ */

static void *shared(size_t bytes) {
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		abort();
	return memory;
}

/* One process a core; each does each so-many-th task, and writes what came of it to shared memory. */
static void on_all_cores(uint64_t tasks, void (*task)(uint64_t number, void *argument), void *argument) {
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	for (long core = 0; core < cores; core++) {
		pid_t child = fork();
		if (child < 0)
			abort();
		if (child > 0)
			continue;
		for (uint64_t i = (uint64_t)core; i < tasks; i += (uint64_t)cores)
			task(i, argument);
		_exit(0);
	}
	int status;
	for (long core = 0; core < cores; core++)
		if (wait(&status) < 0 || status != 0)
			abort();
}

/* ---- the table --------------------------------------------------------------------------------------------------- */

enum { TABLE_RUNS_MOST = 3000, TABLE_DAYS = 70, HEIGHTS = 12 };

static double height_of(int row) {
	return 7 + 2 * row;
}

/* Of each regime and run: the windows until its sum was at each height; 0: it was not. */
struct passages {
	uint32_t windows[REGIMES][TABLE_RUNS_MOST][HEIGHTS];
};

static void pass(uint64_t number, void *argument) {
	struct passages *passages = argument;
	int regime = (int)(number % REGIMES), reached = 0;
	uint32_t *windows = passages->windows[regime][number / REGIMES];
	static struct track track;
	static uint8_t hours[DAY];
	struct series series = series_of(regime, number);
	track_begin(&track, 1e6);
	for (uint32_t i = 0; i < TABLE_DAYS * DAY && reached < HEIGHTS; i++) {
		double level = series_next_log(&series);
		hours[i % DAY] = (uint8_t)(i / HOUR % BASELINE_HOURS);
		track.levels[i % DAY] = (float)level;
		if (i >= DAY)
			track_add(&track, level, hours[i % DAY], i);
		for (double sum = fmax(track.cusum.up, track.cusum.down);
		     reached < HEIGHTS && sum >= height_of(reached);)
			windows[reached++] = i + 1;
		if (i + 1 == DAY)
			track_learn(&track, hours, DAY);
		else if ((i + 1) % DAY == 0)
			track_follow(&track, hours, DAY);
	}
}

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

static double run_length(uint32_t (*runs)[HEIGHTS], uint64_t runs_made, int row) {
	double windows = 0;
	uint64_t count = 0;
	for (uint64_t run = 0; run < runs_made; run++) {
		windows += runs[run][row] ? runs[run][row] : TABLE_DAYS * DAY;
		count += runs[run][row] > 0;
	}
	return windows / upper_bound(count);
}

static void table(uint64_t runs) {
	struct passages *passages = shared(sizeof(*passages));
	on_all_cores(REGIMES * runs, pass, passages);
	double last = 0;
	int rows = 0;
	char text[HEIGHTS * 64] = "";
	for (int row = 0; row < HEIGHTS; row++) {
		double least = INFINITY;
		for (int regime = 0; regime < REGIMES; regime++) {
			double length = run_length(passages->windows[regime], runs, row);
			fprintf(stderr, "%4.0f %-40s %10.3g\n", height_of(row), regimes[regime].words, length);
			least = fmin(least, length);
		}
		/* Where hardly one was seen, more height shows nothing more. */
		if (least < 1.02 * last)
			break;
		last = least;
		rows++;
		sprintf(text + strlen(text), "\t{%.0f, %.3g},\n", height_of(row), least);
	}
	printf("/* SPDX-License-Identifier: Apache-2.0\n *\n"
	       " * Heights of cusum.h, and the windows to a false alarm in the mean, at least; printed by `make "
	       "watch-table`.\n"
	       " */\n#pragma once\n\nenum { CUSUM_TABLE_ROWS = %d };\n\n"
	       "static const struct {\n\tdouble height;\n\tdouble run_length;\n"
	       "} cusum_table[CUSUM_TABLE_ROWS] = {\n%s};\n",
	       rows, text);
}

/* ---- a watch in which nothing changes ---------------------------------------------------------------------------- */

static struct detector *new_detector(void) {
	struct detector *detector = malloc(detector_size());
	if (!detector || !detector_begin(detector, &rules))
		abort();
	return detector;
}

struct benchmark {
	struct series series[DETECTOR_PERCENTILES];
	uint64_t number;
};

static void begin_benchmark(struct benchmark *benchmark, int regime, uint64_t seed) {
	benchmark->number = FIRST;
	seed += SEEDS_OF_TABLE; /* the check is not of the series that the heights are made for */
	for (unsigned p = 0; p < DETECTOR_PERCENTILES; p++)
		benchmark->series[p] = series_of(regime, seed * DETECTOR_PERCENTILES + p);
}

static void next_window(struct benchmark *benchmark, struct detector *detector, struct detector_event *event) {
	double figures[DETECTOR_PERCENTILES];
	for (int p = 0; p < DETECTOR_PERCENTILES; p++)
		figures[p] = series_next(&benchmark->series[p]);
	detector_add_levels(detector, benchmark->number++, figures, event);
}

struct quiet {
	uint32_t *windows; /* to the first alert */
	uint64_t count;    /* watches a regime */
};

static void watch_quiet(uint64_t number, void *argument) {
	struct quiet *quiet = argument;
	struct detector *detector = new_detector();
	int regime = (int)(number % REGIMES);
	uint32_t first = HORIZON * DAY;
	for (uint64_t b = 0; b < BENCHMARKS; b++) {
		struct benchmark benchmark;
		struct detector_event event;
		begin_benchmark(&benchmark, regime, number * BENCHMARKS + b);
		detector_begin(detector, &rules);
		for (uint32_t i = 0; i < first; i++) {
			next_window(&benchmark, detector, &event);
			if (event.answer != DETECTOR_NONE)
				first = i;
		}
	}
	quiet->windows[(uint64_t)regime * quiet->count + number / REGIMES] = first;
	free(detector);
}

static bool check_quiet(uint64_t count) {
	struct quiet quiet = {shared((size_t)count * REGIMES * sizeof(uint32_t)), count};
	on_all_cores(count * REGIMES, watch_quiet, &quiet);
	printf("Nothing changes: %d benchmarks, --arl %dd, a deviation of 2 %%; days to the first alert, at most %d\n",
	       BENCHMARKS, ARL_DAYS, HORIZON);
	printf("%-34s %8s %8s %8s %10s  %s\n", "", "watches", "alerts", "mean", "at least", "bar");
	bool kept = true;
	for (uint64_t regime = 0; regime < REGIMES; regime++) {
		double sum = 0;
		uint64_t alerts = 0;
		for (uint64_t i = 0; i < count; i++) {
			uint32_t windows = quiet.windows[regime * count + i];
			sum += (double)windows / DAY;
			alerts += windows < HORIZON * DAY;
		}
		double mean = sum / (double)count, least = mean - HORIZON * sqrt(log(20) / 2 / (double)count);
		bool enough = least >= ARL_DAYS;
		printf("%-34s %8llu %8llu %8.1f %10.1f  %s\n", regimes[regime].words, (unsigned long long)count,
		       (unsigned long long)alerts, mean, least, enough ? "kept" : "MISSED");
		kept = kept && enough;
	}
	return kept;
}

/* ---- a benchmark in which something does ------------------------------------------------------------------------- */

static int by_size(const void *a, const void *b) {
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
	return (left > right) - (left < right);
}

enum { BEFORE = 3 * DAY, DURING = 3 * HOUR, AFTER = DAY };

struct seen {
	uint32_t delay; /* windows from the shift to the alert; 0: there was none */
	uint32_t end;   /* from its end to the alert's */
	uint32_t alerts;
	bool early; /* before the shift */
};

struct shifts {
	struct seen *seen;
	uint64_t count;
};

static void watch_shift(uint64_t number, void *argument) {
	struct shifts *shifts = argument;
	struct detector *detector = new_detector();
	int regime = (int)(number % REGIMES);
	struct seen *seen = &shifts->seen[(uint64_t)regime * shifts->count + number / REGIMES];
	struct benchmark benchmark;
	struct detector_event event;
	begin_benchmark(&benchmark, regime, number);
	for (uint32_t i = 0; i < BEFORE + DURING + AFTER; i++) {
		bool during = i >= BEFORE && i < BEFORE + DURING;
		for (int p = 0; p < DETECTOR_PERCENTILES; p++)
			benchmark.series[p].level = during ? 105 : 100;
		next_window(&benchmark, detector, &event);
		seen->early = seen->early || (event.answer == DETECTOR_OPENED && i < BEFORE);
		if (event.answer == DETECTOR_OPENED && i >= BEFORE && seen->alerts++ == 0)
			seen->delay = i - BEFORE + 1;
		if (event.answer == DETECTOR_CLOSED && i >= BEFORE + DURING)
			seen->end = i - BEFORE - DURING + 1;
	}
	free(detector);
}

static bool shift_row(const char *words, const struct seen *seen, uint64_t count) {
	uint32_t *delays = calloc(2 * count, sizeof(delays[0])), *ends = delays + count;
	if (!delays)
		abort();
	uint64_t early = 0, one = 0, found = 0;
	for (uint64_t i = 0; i < count; i++) {
		early += seen[i].early;
		if (seen[i].early)
			continue;
		one += seen[i].alerts == 1 && seen[i].end > 0;
		delays[found] = seen[i].delay ? seen[i].delay : UINT32_MAX;
		ends[found++] = seen[i].end ? seen[i].end : UINT32_MAX;
	}
	qsort(delays, found, sizeof(delays[0]), by_size);
	qsort(ends, found, sizeof(ends[0]), by_size);
	bool kept = found > 0 && delays[found / 2] <= 20 && (double)one >= 0.95 * (double)found;
	printf("%-34s %8llu %8llu %8u %8u %8u %9.1f %%  %s\n", words, (unsigned long long)found,
	       (unsigned long long)early, found ? delays[found / 2] : 0, found ? delays[found * 9 / 10] : 0,
	       found ? ends[found / 2] : 0, 100 * (double)one / (double)found, kept ? "kept" : "MISSED");
	free(delays);
	return kept;
}

static bool check_shift(uint64_t count) {
	struct shifts shifts = {shared((size_t)count * REGIMES * sizeof(struct seen)), count};
	on_all_cores(count * REGIMES, watch_shift, &shifts);
	printf("\n5 %% slower for %d windows, same rules; windows to the alert, and from the end to its end\n", DURING);
	printf("%-34s %8s %8s %8s %8s %8s %11s  %s\n", "", "series", "early", "median", "9 of 10", "end", "one alert",
	       "bar");
	bool kept = true;
	for (uint64_t regime = 0; regime < REGIMES; regime++)
		kept = shift_row(regimes[regime].words, &shifts.seen[regime * count], count) && kept;
	return kept;
}

int main(int argc, char **argv) {
	setvbuf(stdout, NULL, _IOLBF, 0);
	bool is_table = argc == 3 && strcmp(argv[1], "table") == 0;
	unsigned long count = argc == 2 || is_table ? strtoul(argv[argc - 1], NULL, 10) : 0;
	if (count == 0 || count > TABLE_RUNS_MOST) {
		fputs("usage: watch_check [table] N\n", stderr);
		return 2;
	}
	if (is_table) {
		table(count);
		return 0;
	}
	bool kept = check_quiet(count);
	kept = check_shift(count) && kept;
	return kept ? 0 : 1;
}
