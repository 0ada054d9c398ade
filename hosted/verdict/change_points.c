/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/verdict/change_points.h"

#include "bench/stats.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Where a segment can begin that may still be the best one. */
struct beginning {
	size_t at;
	size_t closing;     /* the first end at which it cannot be: SIZE_MAX while that is not known */
	double sum, square; /* of the figures before it, and of their squares */
	double cost;        /* of the best division of them */
	double reached;     /* that, and a segment from here to the end that is looked at, without a penalty */
};

struct search {
	const double *figures;
	size_t count;
	size_t *previous;       /* where the last segment of the best division of the first i figures begins */
	struct beginning *open; /* ascending */
};

static int compare(const void *a, const void *b) {
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double median(double *values, size_t count) {
	qsort(values, count, sizeof(*values), compare);
	return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

/* Of the noise: neighbours' difference has twice its variance. `work` has room for count. */
static double noise(const double *values, size_t count, double *work) {
	for (size_t i = 1; i < count; i++)
		work[i - 1] = fabs(values[i] - values[i - 1]);
	double deviation = median(work, count - 1) * STATS_MEDIAN_ABS_DEV_SCALE / sqrt(2);
	if (deviation > 0)
		return deviation;
	/* Most neighbours are equal: what difference there is counts, and where there is none nothing changes. */
	double sum = 0;
	for (size_t i = 1; i < count; i++)
		sum += fabs(values[i] - values[i - 1]);
	return sum / (double)count / 16;
}

/* In deviations from the series' median, single wild figures drawn in. */
static void normalise(const double *values, size_t count, double deviation, double *work) {
	memcpy(work, values, count * sizeof(*work));
	double middle = median(work, count);
	for (size_t i = 0; i < count; i++) {
		double near[5];
		size_t first = i < 2 ? 0 : i - 2, last = i + 2 < count ? i + 2 : count - 1, used = 0;
		for (size_t j = first; j <= last; j++)
			near[used++] = values[j];
		double centre = median(near, used), away = (values[i] - centre) / deviation;
		away = away > 4 ? 4 : away < -4 ? -4 : away;
		work[i] = (centre - middle) / deviation + away;
	}
}

/* The cost of the best division of the figures before `end`; beginnings that are of no use to this end nor to any later
 * one are dropped. Returns how many are left. */
static size_t find_best(const struct search *search, size_t open, struct beginning *end, double penalty) {
	size_t kept = 0, previous = 0;
	end->cost = INFINITY;
	for (size_t i = 0; i < open; i++) {
		struct beginning *begin = &search->open[kept];
		if (search->open[i].closing <= end->at)
			continue;
		if (kept++ < i)
			*begin = search->open[i];
		size_t length = end->at - begin->at;
		double sum = end->sum - begin->sum; /* squares around the segment's own mean */
		begin->reached = begin->cost + end->square - begin->square - sum * sum / (double)length;
		if (length >= CHANGE_POINTS_SEGMENT_MIN && begin->reached + penalty < end->cost) {
			end->cost = begin->reached + penalty;
			previous = begin->at;
		}
	}
	search->previous[end->at] = previous;
	return kept;
}

static void divide(const struct search *search, double penalty) {
	struct beginning end = {.closing = SIZE_MAX, .cost = -penalty};
	size_t open = 1;
	search->open[0] = end;
	while (end.at < search->count) {
		double figure = search->figures[end.at++];
		end.sum += figure;
		end.square += figure * figure;
		open = find_best(search, open, &end, penalty);
		if (!isfinite(end.cost))
			continue;
		/* The pruning: what is worse even without a penalty loses to a segment that begins here, from where
		 * that one may end. */
		for (size_t i = 0; i < open; i++)
			if (search->open[i].closing == SIZE_MAX && search->open[i].reached > end.cost)
				search->open[i].closing = end.at + CHANGE_POINTS_SEGMENT_MIN;
		search->open[open++] = end;
	}
}

static void read_points(const struct search *search, size_t *points, size_t capacity, size_t *found) {
	size_t total = 0;
	for (size_t end = search->count; search->previous[end] > 0; end = search->previous[end])
		total++;
	*found = total < capacity ? total : capacity;
	size_t index = total;
	for (size_t end = search->count; search->previous[end] > 0; end = search->previous[end])
		if (--index < capacity)
			points[index] = search->previous[end];
}

bool change_points_divide(const double *figures, size_t count, double penalty, size_t *points, size_t capacity,
			  size_t *found) {
	*found = 0;
	if (count < (size_t)CHANGE_POINTS_SEGMENT_MIN * 2)
		return true;
	const struct search search = {
		.figures = figures,
		.count = count,
		.previous = calloc(count + 1, sizeof(*search.previous)),
		.open = calloc(count + 1, sizeof(*search.open)),
	};
	bool good = search.previous && search.open;
	if (good) {
		divide(&search, penalty);
		read_points(&search, points, capacity, found);
	}
	free(search.previous);
	free(search.open);
	return good;
}

/* Three parameters a change (two levels, a place), by Schwarz's criterion with one more for multiple looks. */
static double usual_penalty(size_t count) {
	return 4 * log((double)count);
}

bool change_points_find(const double *values, size_t count, size_t *points, size_t capacity, size_t *found) {
	*found = 0;
	if (count < (size_t)CHANGE_POINTS_SEGMENT_MIN * 2)
		return true;
	double *figures = malloc(count * sizeof(*figures));
	if (!figures)
		return false;
	double deviation = noise(values, count, figures);
	bool good = true;
	if (deviation > 0) {
		normalise(values, count, deviation, figures);
		good = change_points_divide(figures, count, usual_penalty(count), points, capacity, found);
	}
	free(figures);
	return good;
}
