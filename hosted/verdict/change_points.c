/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/verdict/change_points.h"

#include "bench/stats.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct search {
	size_t count;
	double *sum;      /* of the first i figures */
	double *square;   /* and of their squares */
	double *cost;     /* of the best division of the first i */
	size_t *previous; /* where its last segment begins */
	size_t *open;     /* beginnings that can still be the best one */
	size_t *closing;  /* the first end at which this beginning cannot be: SIZE_MAX while that is not known */
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

/* Of figures begin .. end - 1 around their own mean. */
static double segment_cost(const struct search *search, size_t begin, size_t end) {
	double sum = search->sum[end] - search->sum[begin];
	return search->square[end] - search->square[begin] - sum * sum / (double)(end - begin);
}

/* Beginnings that are of no use to this end nor to any later one are dropped. */
static size_t drop_closed(const struct search *search, size_t open, size_t end) {
	size_t kept = 0;
	for (size_t i = 0; i < open; i++)
		if (search->closing[search->open[i]] > end)
			search->open[kept++] = search->open[i];
	return kept;
}

static void find_best(const struct search *search, size_t open, size_t end, double penalty) {
	search->cost[end] = INFINITY;
	for (size_t i = 0; i < open; i++) {
		size_t begin = search->open[i];
		if (end - begin < CHANGE_POINTS_SEGMENT_MIN)
			continue;
		double cost = search->cost[begin] + segment_cost(search, begin, end) + penalty;
		if (cost < search->cost[end]) {
			search->cost[end] = cost;
			search->previous[end] = begin;
		}
	}
}

static void divide(const struct search *search, double penalty) {
	size_t open = 1;
	search->cost[0] = -penalty;
	search->open[0] = 0;
	search->closing[0] = SIZE_MAX;
	for (size_t end = 1; end <= search->count; end++) {
		open = drop_closed(search, open, end);
		find_best(search, open, end, penalty);
		if (!isfinite(search->cost[end]))
			continue;
		/* The pruning: what is worse even without a penalty loses to a segment that begins here, from where
		 * that one may end. */
		for (size_t i = 0; i < open; i++) {
			size_t begin = search->open[i];
			if (search->closing[begin] == SIZE_MAX &&
			    search->cost[begin] + segment_cost(search, begin, end) > search->cost[end])
				search->closing[begin] = end + CHANGE_POINTS_SEGMENT_MIN;
		}
		search->open[open++] = end;
		search->closing[end] = SIZE_MAX;
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

/* In deviations; figures' and indices' memory. */
static void search_levels(const double *figures, size_t count, double penalty, double *numbers, size_t *indices,
			  size_t *points, size_t capacity, size_t *found) {
	size_t entries = count + 1;
	const struct search search = {
		.count = count,
		.sum = numbers,
		.square = numbers + entries,
		.cost = numbers + entries * 2,
		.previous = indices,
		.open = indices + entries,
		.closing = indices + entries * 2,
	};
	for (size_t i = 0; i < count; i++) {
		search.sum[i + 1] = search.sum[i] + figures[i];
		search.square[i + 1] = search.square[i] + figures[i] * figures[i];
	}
	divide(&search, penalty);
	read_points(&search, points, capacity, found);
}

bool change_points_divide(const double *figures, size_t count, double penalty, size_t *points, size_t capacity,
			  size_t *found) {
	*found = 0;
	if (count < (size_t)CHANGE_POINTS_SEGMENT_MIN * 2)
		return true;
	double *numbers = calloc((count + 1) * 3, sizeof(*numbers));
	size_t *indices = calloc((count + 1) * 3, sizeof(*indices));
	bool good = numbers && indices;
	if (good)
		search_levels(figures, count, penalty, numbers, indices, points, capacity, found);
	free(numbers);
	free(indices);
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
