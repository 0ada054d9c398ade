/* SPDX-License-Identifier: Apache-2.0
 *
 * Two bounds make a step's interval: it is flat up to a small excess, and it has risen from a large one on, twice in a
 * row. Both curves are first made to never fall, from their end: what another's work adds to one point is gone then.
 */
#include "bench/reach/reach.h"

#include <math.h>
#include <string.h>

enum {
	START_POINTS = 3,   /* that the load without a miss is taken from */
	NOISE_POINTS = 12,  /* at whose neighbours' differences the noise is looked at */
	PLATEAU_POINTS = 4, /* and an octave: what is flat for that long is a plateau */
	ENTRY_SLACK = 16,   /* 1/16 more pages than entries: then 1/8 of the loads miss, of random replacement */
};

/* Of the time of a load that does not miss, and of the noise of a point; what is larger counts. A miss of the first
 * level is 40 % and more of a load, as 2 cycles and more of 5. */
static const double flat_share = 0.05, flat_sigmas = 3, rise_share = 0.25, rise_sigmas = 5;
/* Behind the first step: a plateau's spread, and a second step in the height of the first. Random replacement nears
 * its plateau by 1/16 of the step in the octave that is flat, and by as much behind it. */
static const double plateau_share = 0.1, second_share = 0.5;

struct finder {
	size_t count;
	uint32_t pages[REACH_POINTS_MOST];
	double ns[REACH_POINTS_MOST];     /* monotone */
	double excess[REACH_POINTS_MOST]; /* ns, over a load that does not miss */
	double shown[REACH_POINTS_MOST];  /* the same, of points as they were measured */
	double base, sigma, flat, rise;   /* ns */
	uint64_t first_lines, second_lines;
	bool has_held, is_cut; /* neither nor: what is beyond half of the first cache is the TLBs' as well */
};

static double larger(double a, double b) {
	return a > b ? a : b;
}

static double median(const double *values, size_t count) {
	double sorted[REACH_POINTS_MOST];
	for (size_t i = 0; i < count; i++) {
		size_t at = i;
		for (; at > 0 && sorted[at - 1] > values[i]; at--)
			sorted[at] = sorted[at - 1];
		sorted[at] = values[i];
	}
	return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
}

/* The standard deviation of a point, by the differences of neighbours: a step is one of many. */
static double noise_of(const double *values, size_t count) {
	static const double scale = 1.4826 / 1.41421356;
	double differences[NOISE_POINTS];
	size_t pairs = count - 1 < NOISE_POINTS ? count - 1 : NOISE_POINTS;
	for (size_t i = 0; i < pairs; i++)
		differences[i] = fabs(values[i + 1] - values[i]);
	return scale * median(differences, pairs);
}

static void make_monotone(double *values, size_t count) {
	for (size_t i = count - 1; i-- > 0;)
		if (values[i] > values[i + 1])
			values[i] = values[i + 1];
}

/* The first point of two in a row from `from` on, before `end`, that are above; `end`: none. */
static size_t first_risen(const double *values, size_t from, size_t end, double above) {
	for (size_t i = from; i + 1 < end; i++)
		if (values[i] > above && values[i + 1] > above)
			return i;
	return end;
}

/* ---- the curve --------------------------------------------------------------------------------------------------- */

static bool is_sound(const struct reach_curve *curve) {
	for (size_t i = 0; i < curve->count; i++) {
		const struct reach_point *point = &curve->points[i];
		if (!(point->ns > 0 && point->ns < 1e12 && point->held_ns >= 0 && point->held_ns < 1e12) ||
		    point->count == 0 || (i > 0 && point->count <= curve->points[i - 1].count))
			return false;
	}
	return true;
}

/* Of `count` pages lines are so few that no first cache ends. */
static bool is_in_first_cache(const struct finder *finder, uint32_t count) {
	return count <= finder->first_lines / 2;
}

/* Where lines that are no cache's end make large pages slower, they are not large. */
static bool is_cut(const struct finder *finder, const double *held, double sigma) {
	size_t near = 0;
	while (near < finder->count && is_in_first_cache(finder, finder->pages[near]))
		near++;
	double base = median(held, START_POINTS);
	return first_risen(held, 0, near, base + larger(rise_share * base, rise_sigmas * sigma)) < near;
}

/* The excess over the large pages where these are some, else over the load that does not miss. */
static void set_up(struct finder *finder, const struct reach_curve *curve) {
	double held[REACH_POINTS_MOST], raw[REACH_POINTS_MOST];
	*finder = (struct finder){.count = curve->count,
				  .first_lines = curve->first_lines,
				  .second_lines = curve->second_lines,
				  .has_held = curve->first_lines > 0};
	for (size_t i = 0; i < curve->count; i++) {
		finder->pages[i] = curve->points[i].count;
		finder->ns[i] = raw[i] = curve->points[i].ns;
		held[i] = curve->points[i].held_ns;
		finder->has_held &= held[i] > 0;
	}
	finder->sigma = noise_of(raw, finder->count);
	make_monotone(finder->ns, finder->count);
	if (finder->has_held) {
		double held_sigma = noise_of(held, finder->count);
		make_monotone(held, finder->count);
		finder->is_cut = is_cut(finder, held, held_sigma);
		if (!finder->is_cut)
			finder->sigma = hypot(finder->sigma, held_sigma);
	}
	for (size_t i = 0; i < finder->count; i++) {
		finder->excess[i] = finder->ns[i] - (finder->has_held && !finder->is_cut ? held[i] : 0);
		finder->shown[i] = finder->excess[i] + raw[i] - finder->ns[i];
	}
	double start = median(finder->excess, START_POINTS);
	for (size_t i = 0; i < finder->count; i++) {
		finder->excess[i] -= start;
		finder->shown[i] -= start;
	}
	finder->base = median(finder->ns, START_POINTS);
	finder->flat = larger(flat_share * finder->base, flat_sigmas * finder->sigma);
	finder->rise = larger(rise_share * finder->base, rise_sigmas * finder->sigma);
}

/* ---- levels ------------------------------------------------------------------------------------------------------ */

static bool is_told_apart(const struct finder *finder) {
	return finder->has_held && !finder->is_cut;
}

/* Of a level that was looked for up to so many pages. */
static unsigned doubts_at(const struct finder *finder, uint32_t pages) {
	if (is_in_first_cache(finder, pages))
		return 0;
	if (!is_told_apart(finder))
		return finder->is_cut ? REACH_CUT : REACH_CACHE;
	return pages > finder->second_lines / 2 ? REACH_FAR : 0;
}

static void set_plateau(const struct finder *finder, struct reach_level *level, size_t from, size_t to, double base) {
	level->ns = base + median(finder->shown + from, to - from);
	level->ns_lower = level->ns_upper = level->ns;
	for (size_t i = from; i < to; i++) {
		double ns = base + finder->shown[i];
		level->ns_lower = ns < level->ns_lower ? ns : level->ns_lower;
		level->ns_upper = larger(level->ns_upper, ns);
	}
}

/* The last point from `from` on up to which all are flat. */
static size_t last_flat(const double *excess, size_t from, size_t end, double above) {
	size_t last = from;
	while (last + 1 < end && excess[last + 1] <= above)
		last++;
	return last;
}

/* `from` is on the plateau before, whose excess is `height`; what is below `flat` is so by noise alone. A second level
 * slows down before it ends, as others' entries are in it, too: half of what the slack allows is flat there. */
static void set_step(const struct finder *finder, struct reach_level *level, size_t from, size_t risen, double height,
		     double flat) {
	double slack = (finder->excess[risen + 1] - height) * 2 / ENTRY_SLACK;
	double above = height > 0 ? larger(flat, slack / 2) : flat;
	size_t last = last_flat(finder->excess, from, risen, height + above);
	level->kind = REACH_STEP;
	level->lower = finder->pages[last];
	level->upper = finder->pages[risen];
	level->sure = finder->pages[risen + 1];
	level->doubts |= doubts_at(finder, level->sure);
	if (flat > slack)
		level->doubts |= REACH_NOISE;
	if (level->upper > 2 * level->lower)
		level->doubts |= REACH_WIDE;
}

static void set_beyond(const struct finder *finder, struct reach_level *level, size_t flat, unsigned doubt) {
	level->kind = REACH_BEYOND;
	level->lower = finder->pages[flat];
	level->doubts |= doubt | doubts_at(finder, level->lower);
}

/* Points `first` to before `end`, and what counts as flat there: ns. */
struct stretch {
	size_t first, end;
	double flat;
};

/* A plateau of it; false: there is none. */
static bool find_plateau(const struct finder *finder, const struct stretch *stretch, size_t *first, size_t *last) {
	const size_t end = stretch->end;
	double spread = larger(stretch->flat, flat_sigmas * finder->sigma);
	for (size_t at = stretch->first; at < end; at++) {
		double least = finder->excess[at], most = least;
		for (size_t to = at; to < end; to++) {
			least = finder->excess[to] < least ? finder->excess[to] : least;
			most = larger(most, finder->excess[to]);
			if (most - least > spread)
				break;
			if (to - at + 1 >= PLATEAU_POINTS && finder->pages[to] >= 2 * finder->pages[at]) {
				*first = at;
				*last = to;
				return true;
			}
		}
	}
	return false;
}

/* The second level, behind the first's end. 1: it was found; 0: its plateau only; -1: nothing. */
static int find_second(const struct finder *finder, const struct stretch *stretch, struct reach_level *level) {
	size_t first, last;
	if (!find_plateau(finder, stretch, &first, &last))
		return -1;
	double height = median(finder->excess + first, last + 1 - first);
	double sigma = noise_of(finder->excess + first, last + 1 - first);
	double step = larger(finder->rise, larger(second_share * height, rise_sigmas * sigma));
	double flat = larger(stretch->flat, flat_sigmas * sigma);
	size_t risen = first_risen(finder->excess, last + 1, stretch->end, height + step);
	if (level->ns <= 0)
		set_plateau(finder, level, first, last + 1, finder->base);
	if (risen == stretch->end) {
		set_beyond(finder, level, last_flat(finder->excess, last, risen, height + flat), REACH_OPEN);
		return 0;
	}
	level->doubts = 0;
	set_step(finder, level, last, risen, height, flat);
	return 1;
}

/* Where the first cache ends, what is beside no large pages tells nothing: that part is left out. Behind it a load of
 * the next cache is the measure, and all is uncertain. */
static void look_beside_caches(const struct finder *finder, struct stretch *stretch, struct reach_level *level) {
	struct stretch far = *stretch;
	while (stretch->end > stretch->first && !is_in_first_cache(finder, finder->pages[stretch->end - 1]))
		stretch->end--;
	int found = find_second(finder, stretch, level);
	if (found == 1)
		return;
	while (far.first < far.end && finder->pages[far.first] < 2 * finder->first_lines)
		far.first++;
	struct reach_level beyond = *level;
	if (far.first < far.end)
		far.flat = plateau_share * finder->ns[far.first];
	if (finder->first_lines > 0 && find_second(finder, &far, &beyond) == 1)
		*level = beyond;
	else if (found < 0)
		set_beyond(finder, level, stretch->first, REACH_RAMP);
	else
		level->doubts = finder->is_cut ? REACH_CUT : REACH_CACHE;
}

static void look_for_second(const struct finder *finder, size_t risen, struct reach_level *level) {
	struct stretch stretch = {risen, finder->count, plateau_share * finder->base};
	if (!is_told_apart(finder))
		look_beside_caches(finder, &stretch, level);
	else if (find_second(finder, &stretch, level) < 0)
		set_beyond(finder, level, risen, REACH_RAMP);
}

static enum reach_outcome find(struct finder *finder, struct reach *reach) {
	for (size_t i = 0; i < START_POINTS; i++)
		if (fabs(finder->excess[i]) > finder->flat)
			return REACH_NO_START;
	size_t risen = first_risen(finder->excess, 0, finder->count, finder->rise);
	size_t flat = last_flat(finder->excess, 0, risen, finder->flat);
	reach->count = 1;
	set_plateau(finder, &reach->level[0], 0, flat + 1, finder->base);
	if (risen == finder->count) {
		/* No step shows that the large pages are large. */
		bool is_near = is_in_first_cache(finder, finder->pages[flat]);
		set_beyond(finder, &reach->level[0], flat, is_near ? 0 : REACH_CACHE);
		return REACH_FOUND;
	}
	set_step(finder, &reach->level[0], 0, risen, 0, finder->flat);
	reach->count = 2;
	look_for_second(finder, risen, &reach->level[1]);
	reach->level[1].doubts |= reach->level[0].doubts;
	return REACH_FOUND;
}

bool reach_find(const struct reach_curve *curve, struct reach *reach) {
	struct finder finder;
	memset(reach, 0, sizeof *reach);
	if (curve->count < REACH_POINTS_LEAST || curve->count > REACH_POINTS_MOST) {
		reach->outcome = REACH_TOO_FEW;
		return false;
	}
	if (!is_sound(curve)) {
		reach->outcome = REACH_BAD_POINT;
		return false;
	}
	set_up(&finder, curve);
	reach->outcome = find(&finder, reach);
	return reach->count > 0;
}

/* ---- told -------------------------------------------------------------------------------------------------------- */

bool reach_holds(const struct reach_level *level, uint32_t upper, uint64_t entries) {
	uint64_t lower = level->lower - level->lower / ENTRY_SLACK;
	return entries >= lower && (level->kind == REACH_BEYOND || entries <= upper);
}

static bool holds_either(const struct reach_level *level, uint32_t upper, uint64_t told, uint64_t before) {
	return reach_holds(level, upper, told) || (before > 0 && reach_holds(level, upper, told + before));
}

enum reach_verdict reach_judge(struct reach_level *level, uint64_t told, uint64_t before) {
	if (level == NULL)
		return REACH_NOT_MEASURED;
	if (level->doubts != 0)
		return REACH_UNCERTAIN;
	if (told == 0)
		return REACH_NOT_TOLD;
	if (level->kind == REACH_BEYOND)
		return holds_either(level, 0, told, before) ? REACH_UNCERTAIN : REACH_DIFFERS;
	if (holds_either(level, level->upper, told, before))
		return REACH_AGREES;
	if (!holds_either(level, level->sure, told, before))
		return REACH_DIFFERS;
	level->doubts |= REACH_ALONE;
	return REACH_UNCERTAIN;
}

const char *reach_outcome_name(enum reach_outcome outcome) {
	static const char *const names[] = {
		[REACH_FOUND] = "found",
		[REACH_TOO_FEW] = "too few points",
		[REACH_BAD_POINT] = "a point is no time",
		[REACH_NO_START] = "not flat where it begins",
	};
	return names[outcome];
}

const char *reach_doubt_name(enum reach_doubt doubt) {
	switch (doubt) {
	case REACH_CACHE:
		return "a cache may end there, with no large pages to tell";
	case REACH_CUT:
		return "a cache may end there, and the host cuts large pages into small ones";
	case REACH_FAR:
		return "near the second cache's end";
	case REACH_WIDE:
		return "it rises slowly";
	case REACH_RAMP:
		return "nothing is flat behind the level before";
	case REACH_OPEN:
		return "the curve ends before";
	case REACH_SHARED:
		return "neighbouring pages may share an entry";
	case REACH_ALONE:
		return "one point alone says that it ends so soon";
	case REACH_NOISE:
		return "noise hides where it begins to rise";
	case REACH_DOUBTS_END:
		break;
	}
	return "";
}
