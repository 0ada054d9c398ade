/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/ladder/ladder.h"

#include <math.h>

enum { WINDOW_LEAST = 4, SMALL_PAGE_MOST = 65536, OWN_LEVELS = 2, OWN_WAYS_LEAST = 8, TLB_PAGES = 32 };

static const double weak_step = 0.47;        /* ln of a ratio of 1.6 */
static const double tlb_step = 0.8;          /* of 2.2 */
static const double tlb_step_unknown = 1.25; /* of 3.5: where pages are unknown, so is whether a guest walks them */
static const double window_octaves = 2;      /* of a plateau that are looked at */
static const double hidden_octaves = 2;      /* of a way up */
static const double hidden_far_octaves = 1.5, far_rise = 2.1; /* and that, of one by more than 8 times */
static const double drift_hides = 1.5;                        /* between the ends of a latency's interval */
static const double shape_misfit = 3;                         /* times the noise */
static const double shape_misfit_least = 0.1;
static const double step_octaves = 0.5;
static const double knee_below = 3, knee_above = 4, knee_luck = 4; /* deviations above the plateau */
static const double strangers_bytes = 1024, near_next = 1.07;
static const double fit_margin = 0.05, fit_margin_ramp = 0.08; /* octaves, and a share of the ramp */
static const double drift_most = 0.25;                         /* octaves */
static const double few_pages = 0.6;                           /* octaves, of one page */
static const double late_from = 1.2, late_to = 1.5, late_share = 0.2, late_rise = 0.4;
static const double early_part = 0.75, early_share = 0.05, early_deviations = 3;
static const double short_octaves = 0.7;
static const double open_octaves = 1; /* of a last plateau */

struct finder {
	const struct levels_curve *curve;
	struct levels *levels;
	struct ladder_point *points;
	size_t count;
	struct ladder_plateau *plateaus;
	size_t plateau_count;
	struct ladder_shapes *shapes;
	struct ladder_fit_space *space;
};

static size_t points_bytes(size_t count) {
	return count * sizeof(struct ladder_point);
}

size_t levels_workspace_bytes(size_t count) {
	if (count > LEVELS_POINTS_MOST)
		return 0;
	return points_bytes(count) + LADDER_PLATEAUS_MOST * sizeof(struct ladder_plateau) +
	       sizeof(struct ladder_shapes) + sizeof(struct ladder_fit_space) + ladder_segment_bytes(count) + 64;
}

/* ---- latency ----------------------------------------------------------------------------------------------------- */

/* The `rank`-th smallest latency from first to last. */
static double ranked(const struct ladder_point *points, struct ladder_plateau plateau, size_t rank) {
	for (size_t i = plateau.first; i <= plateau.last; i++) {
		size_t below = 0, equal = 0;
		for (size_t j = plateau.first; j <= plateau.last; j++) {
			below += points[j].latency < points[i].latency;
			equal += points[j].latency == points[i].latency;
		}
		if (below <= rank && rank < below + equal)
			return points[i].latency;
	}
	return points[plateau.last].latency;
}

/* Ranks of the interval: as in the sign test, by the normal approximation; all where they are few. */
static void latency_of(const struct ladder_point *points, struct ladder_plateau plateau, struct levels_level *level) {
	size_t count = plateau.last - plateau.first + 1;
	double reach = 0.98 * sqrt((double)count), middle = (double)(count - 1) / 2;
	size_t low = middle > reach ? (size_t)(middle - reach) : 0;
	level->latency = (ranked(points, plateau, (count - 1) / 2) + ranked(points, plateau, count / 2)) / 2;
	level->latency_lower = ranked(points, plateau, low);
	level->latency_upper = ranked(points, plateau, count - 1 - low);
}

static double height_of(const struct finder *finder, size_t plateau) {
	struct levels_level level;
	latency_of(finder->points, finder->plateaus[plateau], &level);
	return log(level.latency);
}

/* ---- plateaus ---------------------------------------------------------------------------------------------------- */

static double span(const struct finder *finder, size_t plateau) {
	const struct ladder_plateau *p = &finder->plateaus[plateau];
	return finder->points[p->last].octave - finder->points[p->first].octave;
}

static double way_up(const struct finder *finder, size_t plateau) {
	return finder->points[finder->plateaus[plateau + 1].first].octave -
	       finder->points[finder->plateaus[plateau].last].octave;
}

static uint64_t page_bytes_of(const struct finder *finder) {
	return finder->curve->page_bytes ? finder->curve->page_bytes : 4096;
}

static bool small_pages(const struct finder *finder) {
	return page_bytes_of(finder) <= SMALL_PAGE_MOST;
}

/* A step of a TLB between plateaus: the plateau below takes in the one above. */
static void merge_tlb_steps(struct finder *finder) {
	size_t kept = 0;
	for (size_t i = 1; i < finder->plateau_count; i++) {
		double rise = height_of(finder, i) - height_of(finder, kept);
		if (small_pages(finder) && rise < weak_step)
			finder->plateaus[kept].last = finder->plateaus[i].last;
		else
			finder->plateaus[++kept] = finder->plateaus[i];
	}
	finder->plateau_count = finder->plateau_count > 0 ? kept + 1 : 0;
}

/* ---- where a level ends ------------------------------------------------------------------------------------------ */

/* The smallest first-level TLBs reach over so many pages; 0: small ones. */
static bool tlb_may_show(const struct finder *finder, double bytes) {
	return bytes > TLB_PAGES * (double)page_bytes_of(finder);
}

static struct ladder_window window_of(const struct finder *finder, size_t plateau) {
	const struct ladder_plateau *low = &finder->plateaus[plateau], *high = low + 1;
	const struct ladder_point *points = finder->points;
	size_t first = low->last, last = high->first;
	while (first > low->first &&
	       (points[low->last].octave - points[first].octave < window_octaves || low->last - first < WINDOW_LEAST))
		first--;
	while (last < high->last && (points[last].octave - points[high->first].octave < window_octaves / 2 ||
				     last - high->first < WINDOW_LEAST))
		last++;
	return (struct ladder_window){
		.points = points + first,
		.count = last - first + 1,
		.low_last = low->last - first,
		.high_first = high->first - first,
		.tlb = tlb_may_show(finder, points[last].bytes),
	};
}

static void size_from(struct levels_level *level, double lower, double best, double upper, double ramp) {
	level->bytes_lower = (uint64_t)lower;
	level->bytes_upper = (uint64_t)upper + 1;
	level->bytes_best = (uint64_t)best;
	level->kind = ramp <= step_octaves ? LEVEL_STEP : LEVEL_BETWEEN;
}

/* Of the plateau's last half octave: at its begin the level below may still hit. */
static double height_at_end(const struct finder *finder, size_t plateau) {
	struct ladder_plateau end = finder->plateaus[plateau];
	struct levels_level level;
	while (finder->points[end.last].octave - finder->points[end.first].octave > 0.5 && end.first + 2 < end.last)
		end.first++;
	latency_of(finder->points, end, &level);
	return log(level.latency);
}

/* The last point on a plateau, and the first above it. */
struct knee {
	size_t last;
	size_t first;
};

static struct knee knee_of(const struct finder *finder, size_t plateau) {
	const struct ladder_plateau *low = &finder->plateaus[plateau], *high = low + 1;
	const struct ladder_point *points = finder->points;
	double height = height_at_end(finder, plateau), noise = finder->levels->noise;
	struct knee knee = {.last = low->first};
	for (size_t i = low->first; i < high->first; i++)
		if (points[i].height <= height + knee_below * noise)
			knee.last = i;
	for (knee.first = knee.last + 1; knee.first < high->first; knee.first++)
		if (points[knee.first].height > height + knee_above * noise)
			break;
	/* It may be an outlier, of which the way up behind it says nothing. */
	if (knee.first + 1 < high->first && points[knee.first + 1].bytes < points[knee.first].bytes * near_next)
		knee.first++;
	return knee;
}

/* Where sets follow the address, a cache of any policy misses from its own size on, and the plateau's last point and
 * the first above it hold that. What rises slowest is random replacement: a share of 1.8 d of the loads misses at a
 * working set of 1 + d, and that may hide in the noise. Lines of others make the end come early. */
static void size_by_knee(const struct finder *finder, size_t plateau, struct levels_level *level) {
	const struct ladder_point *points = finder->points;
	const struct knee knee = knee_of(finder, plateau);
	double noise = finder->levels->noise;
	double rise = exp(height_of(finder, plateau + 1) - height_at_end(finder, plateau)) - 1;
	if (way_up(finder, plateau) > hidden_far_octaves) /* a level may be between, and so may be what it rises to */
		rise = fmin(rise, exp(weak_step) - 1);
	double hidden = (knee_below + knee_luck) * noise / (1.8 * rise);
	double last = points[knee.last].bytes, first = points[knee.first].bytes;
	size_from(level, last / (1 + hidden), sqrt(last * first), first * (1 + noise) + strangers_bytes,
		  way_up(finder, plateau));
}

/* Few pages fall less evenly than their average. */
static double luck_of_pages(const struct finder *finder, double octave) {
	double page_bytes = (double)page_bytes_of(finder), pages = exp2(octave) / page_bytes;
	return page_bytes > SMALL_PAGE_MOST ? 0 : few_pages / sqrt(pages > 1 ? pages : 1);
}

/* What drifts on the plateau, a TLB's misses or the level below that still hits, passes for a part of the way up. */
static double drift_margin(const struct finder *finder, size_t plateau, const struct levels_level *level) {
	double drift = log(level->latency_upper / level->latency_lower);
	double rise = height_of(finder, plateau + 1) - log(level->latency);
	return fmin(2 * drift / rise, drift_most);
}

/* A shape says nothing of what is between two points: an interval begins and ends with one. */
static double point_below(const struct finder *finder, double octave) {
	size_t i = finder->count - 1;
	while (i > 0 && finder->points[i].octave > octave)
		i--;
	return fmin(finder->points[i].bytes, exp2(octave));
}

static double point_above(const struct finder *finder, double octave) {
	size_t i = 0;
	while (i + 1 < finder->count && finder->points[i].octave < octave)
		i++;
	return fmax(finder->points[i].bytes, exp2(octave));
}

/* Caches of more than a large page have eight ways and more: a way, and with it each set, is within a page. */
static double own_most(const struct finder *finder) {
	double bytes = (double)finder->curve->page_bytes;
	return small_pages(finder) ? bytes : OWN_WAYS_LEAST * bytes;
}

/* A cache that a core has for itself, and whose sets follow an address that a page has all of. */
static bool is_own_of_a_page(const struct finder *finder, size_t plateau, const struct levels_level *level) {
	return plateau < OWN_LEVELS && !small_pages(finder) && (double)level->bytes_best <= own_most(finder);
}

/* Whether a point is there, as on no coarse grid. */
static bool has_point(const struct finder *finder, double from, double to) {
	for (size_t i = 0; i < finder->count; i++)
		if (finder->points[i].bytes >= from && finder->points[i].bytes <= to)
			return true;
	return false;
}

/* The mean share of loads that miss at sizes between two; 0: no point is there. */
static double share_between(const struct finder *finder, size_t plateau, double from, double to) {
	double low = exp(height_of(finder, plateau)), high = exp(height_of(finder, plateau + 1)), sum = 0;
	size_t count = 0;
	for (size_t i = 0; i < finder->count; i++)
		if (finder->points[i].bytes >= from && finder->points[i].bytes <= to) {
			sum += (finder->points[i].latency - low) / (high - low);
			count++;
		}
	return count > 0 ? sum / (double)count : 0;
}

/* Lines in order do not miss before the cache's own size, whatever replaces them; and beyond it soon: of 1.25 times the
 * size a third misses under random replacement, which is the slowest. A miss takes twice as long as a hit and more; the
 * next plateau may be far above that, where a level between them has none. */
static bool is_scattered(const struct finder *finder, size_t plateau, const struct levels_level *level) {
	const struct ladder_window window = window_of(finder, plateau);
	struct ladder_fit fit;
	if (ladder_fit(&window, finder->shapes, finder->space, &fit) && fit.scattered)
		return true;
	double lower = (double)level->bytes_lower, upper = (double)level->bytes_upper;
	double rise = exp(height_of(finder, plateau + 1) - height_of(finder, plateau)) - 1;
	double early = share_between(finder, plateau, lower * early_part, lower);
	double late = share_between(finder, plateau, upper * late_from, upper * late_to);
	return (early > early_share && early * rise > early_deviations * finder->levels->noise) ||
	       (late != 0 && late < late_share && late * rise < late_rise);
}

static void size_by_fit(const struct finder *finder, size_t plateau, struct levels_level *level) {
	struct ladder_window window = window_of(finder, plateau);
	const struct ladder_point *low = &window.points[window.low_last], *high = &window.points[window.high_first];
	struct ladder_fit fit;
	double misfit = shape_misfit * finder->levels->noise;
	bool fits = ladder_fit(&window, finder->shapes, finder->space, &fit);
	if (fits && fit.residual <= (misfit > shape_misfit_least ? misfit : shape_misfit_least)) {
		double margin = fit_margin + fit_margin_ramp * fit.ramp;
		if (fit.random)
			margin += luck_of_pages(finder, fit.octave) + drift_margin(finder, plateau, level);
		size_from(level, point_below(finder, fit.lower - margin), exp2(fit.octave),
			  point_above(finder, fit.upper + margin), fit.ramp);
		return;
	}
	level->doubts |= LEVEL_SHAPE;
	size_from(level, low->bytes, sqrt(low->bytes * high->bytes), high->bytes, way_up(finder, plateau));
}

/* Whether pages, hashes and TLBs have no part in where it ends, and points are near enough to see that; what they have
 * in the way up behind is no matter. */
static bool is_plain(const struct finder *finder, size_t plateau) {
	double bytes = finder->points[knee_of(finder, plateau).first].bytes;
	return plateau < OWN_LEVELS && bytes <= own_most(finder) && !tlb_may_show(finder, bytes) &&
	       has_point(finder, bytes * late_from, bytes * late_to);
}

/* TLBs have had 16 to 128 entries at the first level, and 512 to 4,096 at the second. */
static bool is_where_tlbs_end(const struct finder *finder, const struct levels_level *level) {
	static const unsigned entries[][2] = {{16, 128}, {512, 4096}};
	uint64_t page_bytes = page_bytes_of(finder);
	for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++)
		if (level->rise_from_bytes <= entries[i][1] * page_bytes &&
		    level->rise_to_bytes >= entries[i][0] * page_bytes)
			return true;
	return false;
}

/* Doubts about the number of the levels above. */
static unsigned end_of(const struct finder *finder, size_t plateau, struct levels_level *level) {
	double rise = height_of(finder, plateau + 1) - height_of(finder, plateau), way = way_up(finder, plateau);
	bool plain = is_plain(finder, plateau);
	level->rise_from_bytes = (uint64_t)finder->points[finder->plateaus[plateau].last].bytes;
	level->rise_to_bytes = (uint64_t)finder->points[finder->plateaus[plateau + 1].first].bytes;
	if (plain)
		size_by_knee(finder, plateau, level);
	else
		size_by_fit(finder, plateau, level);
	if (is_own_of_a_page(finder, plateau, level) && is_scattered(finder, plateau, level))
		level->doubts |= LEVEL_SCATTERED;
	double tlb = finder->curve->page_bytes ? tlb_step : tlb_step_unknown;
	if (rise < weak_step || (rise < tlb && is_where_tlbs_end(finder, level)))
		level->doubts |= LEVEL_WEAK;
	if ((plateau > 0 && span(finder, plateau) < short_octaves) || span(finder, plateau + 1) < short_octaves)
		level->doubts |= LEVEL_SHORT;
	bool hidden = way > hidden_octaves || (way > hidden_far_octaves && rise > far_rise);
	bool drifts = level->latency_upper > drift_hides * level->latency_lower;
	/* The first rise is this level's end, whatever is behind. */
	if ((hidden && !plain) || drifts)
		level->doubts |= LEVEL_HIDDEN;
	return hidden || drifts || (level->doubts & (LEVEL_WEAK | LEVEL_SHORT)) ? LEVEL_COUNT_DOUBT : 0;
}

/* A core's own caches are of few kinds, what cores share comes in slices of any. */
static void name_level(struct levels_level *level, size_t number) {
	bool known = !(level->doubts & ~(unsigned)LEVEL_COUNT_DOUBT);
	level->named_bytes =
		known ? levels_name(level->bytes_lower, level->bytes_upper, number < OWN_LEVELS && !level->doubts) : 0;
}

static void make_levels(struct finder *finder) {
	struct levels *levels = finder->levels;
	unsigned below = 0;
	for (size_t i = 0; i < finder->plateau_count && i < LEVELS_MOST; i++) {
		struct levels_level *level = &levels->level[levels->count++];
		*level = (struct levels_level){.kind = LEVEL_LAST, .doubts = below};
		latency_of(finder->points, finder->plateaus[i], level);
		if (i + 1 < finder->plateau_count)
			below |= end_of(finder, i, level);
		else if (finder->plateaus[i].last + 1 < finder->count || span(finder, i) < open_octaves)
			level->doubts |= LEVEL_OPEN;
		name_level(level, i);
	}
}

bool levels_find(const struct levels_curve *curve, void *workspace, struct levels *levels) {
	struct finder finder = {.curve = curve, .levels = levels, .space = workspace};
	if (curve->count > LEVELS_POINTS_MOST) {
		*levels = (struct levels){.outcome = LEVELS_TOO_MANY};
		return false;
	}
	finder.shapes = (struct ladder_shapes *)(finder.space + 1);
	finder.points = (struct ladder_point *)(finder.shapes + 1);
	finder.plateaus = (struct ladder_plateau *)(finder.points + curve->count);
	if (!ladder_curve(curve, finder.points, &finder.count, levels))
		return false;
	finder.plateau_count =
		ladder_plateaus(finder.points, finder.count, finder.plateaus + LADDER_PLATEAUS_MOST, finder.plateaus);
	merge_tlb_steps(&finder);
	if (finder.plateau_count == 0) {
		levels->outcome = LEVELS_NO_LEVEL;
		return false;
	}
	ladder_shapes_make(finder.shapes);
	make_levels(&finder);
	if (levels->count == 1 && !levels->level[0].doubts)
		levels->outcome = LEVELS_FLAT;
	return true;
}
