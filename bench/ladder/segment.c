/* SPDX-License-Identifier: Apache-2.0
 *
 * Pieces of a curve, each flat or a straight way up, of the least sum of squares and penalties: exact, by dynamic
 * programming over where the last piece begins and ends, so that each piece can be held to begin no lower than the one
 * before ends (B. Jackson et al., "An Algorithm for Optimal Partitioning of Data on an Interval", IEEE Signal
 * Processing Letters 12 (2005); the penalty is of the kind of Schwarz's criterion, Annals of Statistics 6 (1978)).
 * Neighbours with no more between them than a drift are one plateau.
 */
#include "bench/ladder/ladder.h"

#include <math.h>

static const double flat_penalty = 3, slope_penalty = 5; /* times ln(count) */
static const double never = 1e300;

static const double drift_step = 0.25, drift_slope = 0.3; /* ln latency, and that an octave */
static const double span_least = 0.45;                    /* octaves of a plateau */

/* Sums over points 0 .. i - 1, by weight. */
struct sums {
	double w, x, y, xx, xy, yy;
};

struct piece {
	double begin; /* height */
	double end;
	double cost;
	double slope;
};

struct table {
	const struct sums *sums;
	const struct ladder_point *points;
	size_t count;
	double penalty;
	double *best;    /* [first * count + last]: of all up to a last piece from first to last */
	double *end;     /* height at which that piece ends */
	uint8_t *before; /* where the piece before it begins */
};

size_t ladder_segment_bytes(size_t count) {
	return (count + 1) * sizeof(struct sums) + count * count * (2 * sizeof(double) + sizeof(uint8_t));
}

static void sum_up(const struct ladder_point *points, size_t count, struct sums *sums) {
	sums[0] = (struct sums){0};
	for (size_t i = 0; i < count; i++) {
		double w = 1 / (points[i].noise * points[i].noise);
		double x = points[i].octave - points[0].octave, y = points[i].height - points[0].height;
		sums[i + 1] = (struct sums){
			sums[i].w + w,          sums[i].x + w * x,      sums[i].y + w * y,
			sums[i].xx + w * x * x, sums[i].xy + w * x * y, sums[i].yy + w * y * y,
		};
	}
}

static struct piece piece_of(const struct table *table, size_t first, size_t last) {
	const struct sums *a = &table->sums[first], *b = &table->sums[last + 1];
	const struct ladder_point *points = table->points;
	double w = b->w - a->w, x = (b->x - a->x) / w, y = (b->y - a->y) / w;
	double xx = b->xx - a->xx - w * x * x, xy = b->xy - a->xy - w * x * y, yy = b->yy - a->yy - w * y * y;
	struct piece piece = {.begin = y, .end = y, .cost = (yy > 0 ? yy : 0) + flat_penalty * table->penalty};
	if (last < first + 2 || xy <= 0)
		return piece;
	double slope = xy / xx, rest = yy - slope * xy;
	double cost = (rest > 0 ? rest : 0) + slope_penalty * table->penalty;
	if (cost >= piece.cost)
		return piece;
	double origin = points[0].octave;
	return (struct piece){
		.begin = y + slope * (points[first].octave - origin - x),
		.end = y + slope * (points[last].octave - origin - x),
		.cost = cost,
		.slope = slope,
	};
}

/* The cheapest way to points up to first - 1 whose last piece ends no higher than `begin`. */
static double best_before(const struct table *table, size_t first, double begin, size_t *at) {
	double best = never;
	for (size_t h = 0; h < first; h++) {
		double cost = table->best[h * table->count + first - 1];
		if (cost < best && table->end[h * table->count + first - 1] <= begin) {
			best = cost;
			*at = h;
		}
	}
	return best;
}

static void fill(const struct table *table) {
	for (size_t last = 0; last < table->count; last++)
		for (size_t first = 0; first <= last; first++) {
			struct piece piece = piece_of(table, first, last);
			size_t before = 0, cell = first * table->count + last;
			double cost = first == 0 ? 0 : best_before(table, first, piece.begin, &before);
			table->best[cell] = cost < never ? cost + piece.cost : never;
			table->end[cell] = piece.end;
			table->before[cell] = (uint8_t)before;
		}
}

/* First points of the pieces of the cheapest way, ascending. */
static size_t trace(const struct table *table, size_t *firsts) {
	size_t last = table->count - 1, first = 0, count = 0;
	for (size_t i = 1; i <= last; i++)
		if (table->best[i * table->count + last] < table->best[first * table->count + last])
			first = i;
	for (;;) {
		firsts[count++] = first;
		if (first == 0)
			break;
		size_t before = table->before[first * table->count + last];
		last = first - 1;
		first = before;
	}
	for (size_t i = 0; i < count / 2; i++) {
		size_t other = firsts[i];
		firsts[i] = firsts[count - 1 - i];
		firsts[count - 1 - i] = other;
	}
	return count;
}

/* ---- plateaus ---------------------------------------------------------------------------------------------------- */

static double middle_of(const struct table *table, struct ladder_plateau range) {
	return (table->points[range.first].octave + table->points[range.last].octave) / 2;
}

static bool drifts(const struct table *table, struct ladder_plateau below, struct ladder_plateau above) {
	struct piece low = piece_of(table, below.first, below.last), high = piece_of(table, above.first, above.last);
	double rise = (high.begin + high.end - low.begin - low.end) / 2;
	double way = middle_of(table, above) - middle_of(table, below);
	return low.slope <= drift_slope && high.slope <= drift_slope && high.begin - low.end <= drift_step &&
	       rise <= drift_slope * way;
}

static bool is_plateau(const struct table *table, struct ladder_plateau all, struct ladder_plateau piece) {
	return piece_of(table, piece.first, piece.last).slope <= drift_slope &&
	       table->points[all.last].octave - table->points[all.first].octave >= span_least;
}

size_t ladder_plateaus(const struct ladder_point *points, size_t count, void *workspace,
		       struct ladder_plateau *plateaus) {
	struct sums *sums = workspace;
	double *best = (double *)(sums + count + 1);
	struct table table = {sums,
			      points,
			      count,
			      log((double)count),
			      best,
			      best + count * count,
			      (uint8_t *)(best + 2 * count * count)};
	size_t firsts[LEVELS_POINTS_MOST], found = 0;
	sum_up(points, count, sums);
	fill(&table);
	size_t pieces = trace(&table, firsts);
	struct ladder_plateau all = {0}, piece = {0};
	for (size_t i = 0; i < pieces; i++) {
		struct ladder_plateau next = {firsts[i], i + 1 < pieces ? firsts[i + 1] - 1 : count - 1};
		if (i > 0 && !drifts(&table, piece, next)) {
			if (is_plateau(&table, all, piece) && found < LADDER_PLATEAUS_MOST)
				plateaus[found++] = all;
			all.first = next.first;
		}
		all.last = next.last;
		piece = next;
	}
	if (is_plateau(&table, all, piece) && found < LADDER_PLATEAUS_MOST)
		plateaus[found++] = all;
	return found;
}
