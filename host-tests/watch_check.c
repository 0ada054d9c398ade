/* SPDX-License-Identifier: Apache-2.0
 *
 *     watch_check N       how rarely a watch errs on N made-up watches a regime, and how soon a benchmark of it sees
 *                         what it should, on a third as many
 *     watch_check table N hosted/watch/cusum_table.h
 *
 * A watch is 20 benchmarks of three percentiles, each a series of its own, from its first window on, at the default of
 * `--arl`. The time to its first alert is cut off at HORIZON days, so that its mean is too small, never too large; that
 * mean's lower 95 % bound is W. Hoeffding's ("Probability inequalities for sums of bounded random variables", Journal
 * of the American Statistical Association 58 (1963), inequality 2.1), which asks for nothing but independent watches.
 * The exit status is 1 where a bar is missed.
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
	HORIZON = 46,
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

/* Of a mean of values from 0 to 1: the least of which this one, or one above it, has a probability of 5 %. */
static double lower_bound(double mean, double count) {
	double low = 0, high = mean;
	for (int i = 0; i < 60; i++) {
		double least = (low + high) / 2;
		double distance = mean > 0 ? mean * log(mean / least) : 0;
		distance += mean < 1 ? (1 - mean) * log((1 - mean) / (1 - least)) : 0;
		*(distance * count > log(20) ? &low : &high) = least;
	}
	return low;
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
		double mean = sum / (double)count, least = HORIZON * lower_bound(mean / HORIZON, (double)count);
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

enum { BEFORE = 3 * DAY };

struct seen {
	uint32_t delay; /* windows from the change to the alert; 0: there was none */
	uint32_t end;   /* from the end of what changed to that of the alert; 0: it has none */
	uint32_t alerts;
	char by; /* the first letter */
	bool early;
	bool differs; /* from a detector that was not written and read back */
};

static double shift(uint32_t window) {
	return window < 3 * HOUR ? 1.05 : 1;
}

static double small_shift(uint32_t window) {
	return window < 2 * DAY ? 1.02 : 1;
}

static double stays(uint32_t window) {
	(void)window;
	return 1.05;
}

static double drift(uint32_t window) {
	return 1 + 0.05 * fmin(window / (30.0 * DAY), 1);
}

static double spikes(uint32_t window) {
	return window % 30 == 0 ? 10 : 1;
}

static double none(uint32_t window) {
	(void)window;
	return 1;
}

static const struct scenario {
	const char *words;
	double (*factor)(uint32_t window); /* from the change on; what comes before is 1 */
	uint32_t windows;
	uint32_t until;   /* the change's end; 0: there is none */
	uint32_t alerts;  /* that there should be */
	bool or_more;     /* what goes on and on is told again, once it has been taken for what is usual */
	uint32_t longest; /* delay in the median; 0: none is asked for */
	uint32_t restart_each;
	double first; /* factor of the first ten windows of all */
	double share; /* of the series that have to be right */
} scenarios[] = {
	{"5 % slower for 3 hours", shift, DAY, 3 * HOUR, 1, false, 20, 0, 1, 0.95},
	{"5 % slower for good", stays, 3 * DAY, DAY, 1, false, 20, 0, 1, 0.95},
	{"2 % slower for 2 days", small_shift, 2 * DAY, 0, 1, false, 0, 0, 1, 0.8},
	{"5 % in 30 days", drift, 32 * DAY, 0, 1, true, 0, 0, 1, 0.95},
	{"a window in 30 ten times slower", spikes, 3 * DAY, 0, 0, false, 0, 0, 1, 0.95},
	{"the first ten windows twice as slow", none, DAY, 0, 0, false, 0, 0, 2, 0.95},
	{"5 % for 3 hours, restarts", shift, DAY, 3 * HOUR, 1, false, 20, 41, 1, 0.95},
};

enum { SCENARIOS = sizeof(scenarios) / sizeof(scenarios[0]) };

struct changes {
	struct seen *seen;
	uint64_t count;
	int scenario;
};

/* Written and read back as after a restart. */
static void restart(struct detector *detector) {
	static uint8_t bytes[1 << 20];
	size_t length = detector_write(detector, bytes, sizeof(bytes));
	memset(detector, 0, detector_size());
	if (length == 0 || !detector_read(detector, &rules, bytes, length))
		abort();
}

static void note(struct seen *seen, const struct detector_event *event, uint32_t i, uint32_t until) {
	if (event->answer == DETECTOR_OPENED && i < BEFORE)
		seen->early = true;
	if (event->answer == DETECTOR_OPENED && i >= BEFORE && seen->alerts++ == 0) {
		seen->delay = i - BEFORE + 1;
		seen->by = event->by[0];
	}
	if (event->answer == DETECTOR_CLOSED && i >= BEFORE + until && seen->end == 0)
		seen->end = i - BEFORE - until + 1;
}

static void watch_change(uint64_t number, void *argument) {
	struct changes *changes = argument;
	const struct scenario *of = &scenarios[changes->scenario];
	struct detector *detector = new_detector(), *without = new_detector();
	int regime = (int)(number % REGIMES);
	struct seen *seen = &changes->seen[(uint64_t)regime * changes->count + number / REGIMES];
	struct benchmark benchmark;
	struct detector_event event, other;
	begin_benchmark(&benchmark, regime, number);
	for (uint32_t i = 0; i < BEFORE + of->windows; i++) {
		double factor = i < 10 ? of->first : i < BEFORE ? 1 : of->factor(i - BEFORE);
		for (int p = 0; p < DETECTOR_PERCENTILES; p++)
			benchmark.series[p].level = 100 * factor;
		struct benchmark again = benchmark;
		next_window(&benchmark, detector, &event);
		note(seen, &event, i, of->until);
		if (of->restart_each == 0)
			continue;
		next_window(&again, without, &other);
		seen->differs = seen->differs || event.answer != other.answer || event.first != other.first;
		if (i % of->restart_each == 0)
			restart(detector);
	}
	free(without);
	free(detector);
}

static uint32_t quantile(uint32_t *values, uint64_t count, double fraction) {
	qsort(values, count, sizeof(values[0]), by_size);
	return values[(uint64_t)(fraction * (double)(count - 1))];
}

/* Those with an alert before the change are passed over, and counted. */
static bool change_row(const struct scenario *of, const char *words, const struct seen *seen, uint64_t count) {
	uint32_t *delays = calloc(2 * count, sizeof(delays[0])), *ends = delays + count;
	if (!delays)
		abort();
	uint64_t early = 0, right = 0, found = 0, by[256] = {0}, differ = 0;
	for (uint64_t i = 0; i < count; i++) {
		early += seen[i].early;
		differ += seen[i].differs;
		if (seen[i].early)
			continue;
		bool as_many = of->or_more ? seen[i].alerts >= of->alerts : seen[i].alerts == of->alerts;
		right += as_many && (of->until == 0 || seen[i].end > 0);
		by[(unsigned char)seen[i].by]++;
		delays[found] = seen[i].delay ? seen[i].delay : UINT32_MAX;
		ends[found++] = seen[i].end ? seen[i].end : UINT32_MAX;
	}
	double share = found ? (double)right / (double)found : 0;
	bool kept = share >= of->share && differ == 0;
	printf("%-34s %6llu %6llu %6.1f %%", words, (unsigned long long)found, (unsigned long long)early, 100 * share);
	if (found && of->alerts) {
		uint32_t median = quantile(delays, found, 0.5), most = quantile(delays, found, 0.9);
		kept = kept && (of->longest == 0 || median <= of->longest);
		printf(" %8d %8d", (int)median, (int)most);
		printf(of->until ? " %8d" : "        -", (int)quantile(ends, found, 0.5));
		printf("  %4llu %4llu %4llu", (unsigned long long)by['c'], (unsigned long long)by['s'],
		       (unsigned long long)by['a']);
	}
	printf("  %s\n", kept ? "kept" : "MISSED");
	free(delays);
	return kept;
}

static bool check_change(int scenario, uint64_t count) {
	const struct scenario *of = &scenarios[scenario];
	struct changes changes = {shared((size_t)count * REGIMES * sizeof(struct seen)), count, scenario};
	on_all_cores(count * REGIMES, watch_change, &changes);
	printf("\n%s\n", of->words);
	bool kept = true;
	for (uint64_t regime = 0; regime < REGIMES; regime++)
		kept = change_row(of, regimes[regime].words, &changes.seen[regime * count], count) && kept;
	return kept;
}

static bool check_changes(uint64_t count) {
	printf("\nSomething does, after three days, in one benchmark; windows to the alert, and from the change's end "
	       "to its"
	       " end;\nalerts by cusum, sequence, anchor. Bar: as many alerts as there should be in 95 %% of the "
	       "series\n");
	printf("%-34s %6s %6s %8s %8s %8s %8s  %4s %4s %4s\n", "", "series", "early", "right", "median", "9 of 10",
	       "end", "c", "s", "a");
	bool kept = true;
	for (int scenario = 0; scenario < SCENARIOS; scenario++)
		kept = check_change(scenario, count) && kept;
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
	kept = check_changes((count + 2) / 3) && kept;
	return kept ? 0 : 1;
}
