/* SPDX-License-Identifier: Apache-2.0
 *
 * Noise only adds: a point that lies above the three after it, which have more to load, is an outlier.
 */
#include "bench/ladder/ladder.h"

#include <math.h>

enum { FOLLOWERS = 3 };

static const double latency_most = 1e12;
static const double noise_least = 0.002, noise_most = 0.15;
static const double outlier_deviations = 4, outlier_least = 0.04;

/* A quarter of all bends lie within that many of their deviations, where one in seven is of a way up, which is farther,
 * and the others are normal. */
static const double quarter = 0.25, quarter_deviations = 0.377;

static bool point_is_good(const struct levels_point *point) {
	if (point->bytes > LEVELS_BYTES_MOST)
		return false;
	if (!(point->latency > 1 / latency_most && point->latency < latency_most))
		return false;
	if (point->lower == 0 && point->upper == 0)
		return true;
	return point->lower > 0 && point->lower <= point->latency && point->upper >= point->latency &&
	       point->upper < latency_most;
}

static enum levels_outcome check(const struct levels_curve *curve, size_t *at) {
	if (curve->count > LEVELS_POINTS_MOST)
		return LEVELS_TOO_MANY;
	for (*at = 0; *at < curve->count; ++*at) {
		if (!point_is_good(&curve->points[*at]))
			return LEVELS_BAD_POINT;
		if (curve->points[*at].bytes == 0 ||
		    (*at > 0 && curve->points[*at].bytes <= curve->points[*at - 1].bytes))
			return LEVELS_UNSORTED;
	}
	*at = 0;
	return curve->count < LEVELS_POINTS_LEAST ? LEVELS_TOO_FEW : LEVELS_FOUND;
}

static double own_noise(const struct levels_point *point) {
	return point->lower > 0 ? (log(point->upper) - log(point->lower)) / (2 * 1.959964) : 0;
}

/* How far a point lies off the middle of its neighbours: a steady way up is no noise. */
static double bend(const struct ladder_point *points, size_t i) {
	return fabs(points[i].height - 2 * points[i + 1].height + points[i + 2].height);
}

/* The `rank`-th smallest bend, by counting: no room to sort is needed. */
static double bend_at(const struct ladder_point *points, size_t count, size_t rank) {
	for (size_t i = 0; i + 2 < count; i++) {
		double candidate = bend(points, i);
		size_t below = 0, equal = 0;
		for (size_t j = 0; j + 2 < count; j++) {
			below += bend(points, j) < candidate;
			equal += bend(points, j) == candidate;
		}
		if (below <= rank && rank < below + equal)
			return candidate;
	}
	return 0;
}

static double noise_of(const struct ladder_point *points, size_t count) {
	double noise = bend_at(points, count, (size_t)(quarter * (double)(count - 2))) / (quarter_deviations * sqrt(6));
	return noise > noise_least ? noise : noise_least;
}

static double middle(double a, double b, double c) {
	double low = a < b ? a : b, high = a < b ? b : a;
	return c < low ? low : c > high ? high : c;
}

static bool is_outlier(const struct ladder_point *points, size_t count, size_t i, double noise) {
	if (i + FOLLOWERS >= count)
		return false;
	double later = middle(points[i + 1].height, points[i + 2].height, points[i + 3].height);
	double limit = outlier_deviations * noise > outlier_least ? outlier_deviations * noise : outlier_least;
	return points[i].height > later + limit;
}

static void read_points(const struct levels_curve *curve, struct ladder_point *points) {
	for (size_t i = 0; i < curve->count; i++) {
		const struct levels_point *point = &curve->points[i];
		points[i] = (struct ladder_point){
			.octave = log2((double)point->bytes),
			.bytes = (double)point->bytes,
			.latency = point->latency,
			.height = log(point->latency),
			.noise = own_noise(point),
		};
	}
}

bool ladder_curve(const struct levels_curve *curve, struct ladder_point *points, size_t *count, struct levels *levels) {
	*levels = (struct levels){0};
	levels->outcome = check(curve, &levels->at);
	if (levels->outcome != LEVELS_FOUND)
		return false;
	read_points(curve, points);
	levels->noise = noise_of(points, curve->count);
	/* What is judged is ahead of where the kept ones go. */
	*count = 0;
	for (size_t i = 0; i < curve->count; i++) {
		if (is_outlier(points, curve->count, i, levels->noise)) {
			levels->outliers++;
			continue;
		}
		points[*count] = points[i];
		if (points[*count].noise < levels->noise)
			points[*count].noise = levels->noise;
		++*count;
	}
	if (levels->noise > noise_most)
		levels->outcome = LEVELS_LOUD;
	return levels->outcome == LEVELS_FOUND;
}
