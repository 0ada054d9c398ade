/* SPDX-License-Identifier: Apache-2.0
 *
 * Detours that come at even intervals. The spectrum proposes intervals; which of them are named is decided over the
 * detours themselves, as lines of a comb may be missing where two trains meet, and where detours lie close there are
 * some at every beat.
 */
#include "bench/noise/noise.h"
#include "platform.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	PHASES = 400,
	PHASES_TAKEN = 13, /* about the fullest one, itself among them */
	EVENTS_LEAST = 8,
	TYPICAL = 4, /* times the median length: more of one detour is not looked at, as it would hide the rest */
	HARMONICS = 8,
	INTERVALS_MOST = 2 * 2 * PERIODS_MOST,
};

#define BIN_US      50.0 /* at the least: periods of two bins and more can be seen */
#define TURNS_MIN   0.2  /* of the turns must have an event beyond chance */
#define TURNS_FULL  0.9  /* below it an interval may be a harmonic of the train */
#define CHANCE_MOST 0.9  /* of the turns have one by chance: nothing can be told */
#define SURE        4    /* standard deviations of the share by chance */

/* Lists of a core's detours; all have `count` places. */
struct search {
	const struct noise_core *core;
	double span;     /* ticks that are looked at */
	double typical;  /* more of one detour is not looked at */
	bool *told;      /* a detour that a named train has */
	double *lengths; /* of one train */
	double intervals[INTERVALS_MOST];
	size_t interval_count;
};

/* A train among those detours that no other has. */
struct train {
	double ticks, middle; /* the interval; where in it they come, in turns */
	double share;         /* of the turns that have one, beyond those that would by chance */
	double least;         /* below that share it may be chance */
	size_t turns;         /* that have one; the longest of each is in the search's lengths */
	uint64_t events;
	bool crowded; /* by others, so that nothing can be told */
};

/* ---- one interval ------------------------------------------------------------------------------------------------ */

static double phase_of(const struct noise_detour *detour, double interval) {
	double turns = (double)detour->begin / interval;
	return turns - floor(turns);
}

/* The middle of the part of a turn that most is lost in: a faster train fills several parts alike. */
static double fullest_phase(const struct search *search, double interval) {
	double phases[PHASES] = {0}, best = 0;
	unsigned at = 0;
	for (size_t i = 0; i < search->core->kept_count; i++)
		if (!search->told[i])
			phases[(unsigned)(phase_of(&search->core->kept[i], interval) * PHASES) % PHASES] +=
				fmin((double)search->core->kept[i].ticks, search->typical);
	for (unsigned i = 0; i < PHASES; i++) {
		double sum = 0;
		for (unsigned j = 0; j < PHASES_TAKEN; j++)
			sum += phases[(i + j) % PHASES];
		if (sum > best) {
			best = sum;
			at = i;
		}
	}
	return fmod((at + PHASES_TAKEN / 2.0) / PHASES, 1);
}

/* How far behind the middle it comes, in turns: -0.5 to 0.5. */
static double off_by(const struct noise_detour *detour, double interval, double middle) {
	double off = phase_of(detour, interval) - middle;
	return off - round(off);
}

static bool is_near(const struct noise_detour *detour, double interval, double middle) {
	return fabs(off_by(detour, interval, middle)) <= PHASES_TAKEN / 2.0 / PHASES;
}

static double turn_of(const struct noise_detour *detour, double interval, double middle) {
	return floor((double)detour->begin / interval - middle + 0.5);
}

/* The interval anew, by least squares over the events' turns. */
static double refined(const struct search *search, double interval, double middle) {
	double n = 0, sum_x = 0, sum_y = 0, sum_xx = 0, sum_xy = 0;
	for (size_t i = 0; i < search->core->kept_count; i++) {
		const struct noise_detour *detour = &search->core->kept[i];
		if (search->told[i] || !is_near(detour, interval, middle))
			continue;
		double turn = turn_of(detour, interval, middle), off = off_by(detour, interval, middle);
		n++;
		sum_x += turn;
		sum_y += off;
		sum_xx += turn * turn;
		sum_xy += turn * off;
	}
	double spread = n * sum_xx - sum_x * sum_x;
	return spread > 0 ? interval * (1 + (n * sum_xy - sum_x * sum_y) / spread) : interval;
}

static int compare_doubles(const void *a, const void *b) {
	double left = *(const double *)a, right = *(const double *)b;
	return (left > right) - (left < right);
}

/* Of at least one; sorts. */
static double median(double *values, size_t count) {
	qsort(values, count, sizeof(values[0]), compare_doubles);
	return values[count / 2];
}

/* The longest detour of each turn, of those near the beat; how many turns have one, and how many detours are near. */
static size_t longest_of_turns(const struct search *search, const struct train *train, uint64_t *near, uint64_t *far) {
	double last = -1;
	size_t turns = 0;
	*near = *far = 0;
	for (size_t i = 0; i < search->core->kept_count; i++) {
		const struct noise_detour *detour = &search->core->kept[i];
		if (search->told[i])
			continue;
		if (!is_near(detour, train->ticks, train->middle)) {
			++*far;
			continue;
		}
		++*near;
		double turn = turn_of(detour, train->ticks, train->middle);
		if (turns == 0 || turn != last)
			search->lengths[turns++] = (double)detour->ticks;
		else
			search->lengths[turns - 1] = fmax(search->lengths[turns - 1], (double)detour->ticks);
		last = turn;
	}
	return turns;
}

/* What comes at that beat. Chance: detours elsewhere in a turn, as if they came at any time (Poisson's). */
static struct train train_at(const struct search *search, double interval) {
	struct train train = {.ticks = interval, .middle = fullest_phase(search, interval), .least = 1};
	train.ticks = refined(search, interval, train.middle);
	train.middle = fullest_phase(search, train.ticks);
	double all = search->span / train.ticks, taken = (double)PHASES_TAKEN / PHASES;
	uint64_t far;
	size_t turns = longest_of_turns(search, &train, &train.events, &far);
	double chance = 1 - exp(-(double)far / all * taken / (1 - taken));
	train.crowded = chance > CHANCE_MOST;
	if (train.events < EVENTS_LEAST || train.crowded)
		return train;
	train.share = fmax(0, fmin(1, ((double)turns / all - chance) / (1 - chance)));
	train.least = fmin(1, TURNS_MIN + SURE * sqrt(chance / (1 - chance) / all));
	train.turns = turns;
	return train;
}

/* ---- which are named --------------------------------------------------------------------------------------------- */

static void propose(struct search *search, double interval) {
	for (size_t i = 0; i < search->interval_count; i++)
		if (fabs(search->intervals[i] / interval - 1) < 0.01)
			return;
	if (search->interval_count < INTERVALS_MOST)
		search->intervals[search->interval_count++] = interval;
}

/* A harmonic of a train: its turns are full only at a multiple. A train beside a faster one: at a part, too. */
static void propose_kin(struct search *search, double interval) {
	struct train train = train_at(search, interval);
	bool full = train.crowded || train.share >= TURNS_FULL;
	for (unsigned times = 2; !full && times <= HARMONICS; times++)
		if (times * interval * EVENTS_LEAST <= search->span &&
		    train_at(search, times * interval).share >= TURNS_FULL) {
			interval *= times;
			full = true;
		}
	for (unsigned part = HARMONICS; full && part >= 2; part--)
		if (train_at(search, interval / part).share >= TURNS_FULL) {
			propose(search, interval / part);
			break;
		}
	propose(search, interval);
}

/* Each detour's length, cut at what is typical, shared by the two bins that it lies between. */
static void fill(const struct noise_core *core, double bin, double most, double *series, size_t count) {
	memset(series, 0, count * sizeof(series[0]));
	for (size_t i = 0; i < core->kept_count; i++) {
		double place = (double)core->kept[i].begin / bin, part = place - floor(place);
		double length = fmin((double)core->kept[i].ticks, most);
		if (place + 1 >= (double)count)
			return;
		series[(size_t)place] += length * (1 - part);
		series[(size_t)place + 1] += length * part;
	}
}

/* In bins of that many ticks, from the recording's begin on: as many as detours were kept for. */
static void look_for(struct search *search, double bin, double *series) {
	size_t points = PERIODS_POINTS_MOST;
	struct period found[PERIODS_MOST];
	while (points > PERIODS_POINTS_LEAST && (double)points * bin > search->span * 1.01)
		points /= 2;
	fill(search->core, bin, search->typical, series, points);
	size_t count = periods_find(series, points, series + points, found);
	for (size_t i = 0; i < count; i++)
		propose_kin(search, found[i].steps * bin);
}

/* From the fastest on: what comes at its beat is no longer looked at for slower ones. */
static void name_trains(struct search *search, struct noise_core *core) {
	qsort(search->intervals, search->interval_count, sizeof(double), compare_doubles);
	for (size_t i = 0; i < search->interval_count && core->period_count < PERIODS_MOST; i++) {
		struct train train = train_at(search, search->intervals[i]);
		if (train.share < train.least)
			continue;
		core->periods[core->period_count++] = (struct noise_period){
			train.ticks, median(search->lengths, train.turns), train.share, train.events};
		for (size_t j = 0; j < core->kept_count; j++)
			if (is_near(&core->kept[j], train.ticks, train.middle))
				search->told[j] = true;
	}
}

int noise_core_periods(struct noise_core *core) {
	core->period_count = 0;
	if (core->kept_count < EVENTS_LEAST)
		return 0;
	const struct noise_detour *last = &core->kept[core->kept_count - 1];
	double fine = fmax(1, BIN_US * (double)core->us);
	size_t doubles = NOISE_KEPT_MOST + PERIODS_POINTS_MOST;
	struct search search = {.core = core, .span = (double)(last->begin + last->ticks)};
	search.lengths =
		malloc(doubles * sizeof(double) + periods_workspace_bytes(PERIODS_POINTS_MOST) + NOISE_KEPT_MOST);
	if (search.lengths == NULL)
		return PLATFORM_ENOMEM;
	double *series = search.lengths + NOISE_KEPT_MOST;
	search.told = (bool *)(series + PERIODS_POINTS_MOST) + periods_workspace_bytes(PERIODS_POINTS_MOST);
	memset(search.told, 0, NOISE_KEPT_MOST);
	for (size_t i = 0; i < core->kept_count; i++)
		search.lengths[i] = (double)core->kept[i].ticks;
	search.typical = TYPICAL * median(search.lengths, core->kept_count);
	look_for(&search, fine, series);
	if (search.span / PERIODS_POINTS_MOST > fine)
		look_for(&search, search.span / PERIODS_POINTS_MOST, series);
	name_trains(&search, core);
	free(search.lengths);
	return 0;
}
