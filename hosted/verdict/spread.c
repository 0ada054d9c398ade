/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/verdict/spread.h"

#include <math.h>

static const double FLOOR = 0.05, FLOOR_OF_FEW = 0.2, TIMES_OTHERS = 5;
enum { FEW = 4 };

/* Ascending; `left_out` is an index of launches, or `count`. How many there are. */
static size_t sort_figures(const struct spread_launch *launches, size_t count, size_t left_out, double *sorted) {
	size_t used = 0;
	for (size_t i = 0; i < count; i++) {
		size_t at = used;
		if (i == left_out || !(launches[i].figure > 0))
			continue;
		for (; at > 0 && sorted[at - 1] > launches[i].figure; at--)
			sorted[at] = sorted[at - 1];
		sorted[at] = launches[i].figure;
		used++;
	}
	return used;
}

static double median(const double *sorted, size_t count) {
	return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
}

static bool lies_apart(const struct spread_launch *launches, size_t count, size_t index) {
	double others[SPREAD_LAUNCHES_MAX];
	const struct spread_launch *launch = &launches[index];
	size_t used = sort_figures(launches, count, index, others);
	if (used < 2)
		return false;
	double middle = median(others, used), away = fabs(launch->figure - middle);
	double furthest = fmax(middle - others[0], others[used - 1] - middle);
	return away > (used < FEW ? FLOOR_OF_FEW : FLOOR) * middle && away > TIMES_OTHERS * furthest &&
	       away > launch->within * launch->figure;
}

static double median_within(const struct spread_launch *launches, size_t count) {
	struct spread_launch within[SPREAD_LAUNCHES_MAX] = {{0}};
	double sorted[SPREAD_LAUNCHES_MAX];
	size_t used = 0;
	for (size_t i = 0; i < count; i++)
		if (launches[i].figure > 0 && launches[i].within > 0)
			within[used++] = (struct spread_launch){.figure = launches[i].within};
	sort_figures(within, used, used, sorted);
	return used ? median(sorted, used) : 0;
}

void spread_of(const struct spread_launch *launches, size_t count, struct spread *spread) {
	double sorted[SPREAD_LAUNCHES_MAX];
	*spread = (struct spread){0};
	spread->launches = sort_figures(launches, count, count, sorted);
	if (spread->launches == 0)
		return;
	spread->figure = median(sorted, spread->launches);
	spread->within = median_within(launches, count);
	spread->between = (sorted[spread->launches - 1] - sorted[0]) / spread->figure;
	for (size_t i = 0; i < count; i++) {
		double figure = launches[i].figure;
		if (!(figure > 0))
			continue;
		if (lies_apart(launches, count, i)) {
			spread->apart[spread->apart_count++] = i;
			continue;
		}
		if (spread->least == 0 || figure < spread->least)
			spread->least = figure;
		if (figure > spread->most)
			spread->most = figure;
	}
}
