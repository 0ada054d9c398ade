/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/verdict/fleet.h"

#include "bench/stats.h"
#include "hosted/verdict/student.h"

#include <math.h>
#include <stdlib.h>

/* Of the median absolute deviation against the standard deviation, normal noise. */
static const double efficiency = 0.37;

static int by_value(const void *a, const void *b) {
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double median(double *values, size_t count) {
	qsort(values, count, sizeof(*values), by_value);
	return stats_quantile(values, count, 0.5);
}

/* Centre and scale of the known values, which are sorted; false: there are too few, or they have no scale. */
static bool measure(double *known, size_t count, double *centre, double *scale) {
	if (count < FLEET_MACHINES_LEAST)
		return false;
	*centre = median(known, count);
	for (size_t i = 0; i < count; i++)
		known[i] = fabs(known[i] - *centre);
	double n = (double)count;
	*scale = median(known, count) * STATS_MEDIAN_ABS_DEV_SCALE * n / (n - 0.8);
	return *scale > 0;
}

/* Cells of one row, of logarithms; NAN: none. `known` has room for them. false: none is judged. */
static bool judge_row(const double *logs, size_t machines, double threshold, double *known, struct fleet_cell *cells) {
	size_t count = 0;
	double centre, scale;
	for (size_t i = 0; i < machines; i++)
		if (!isnan(logs[i]))
			known[count++] = logs[i];
	bool judged = measure(known, count, &centre, &scale);
	for (size_t i = 0; i < machines; i++) {
		struct fleet_cell *cell = &cells[i];
		*cell = (struct fleet_cell){.p = 1, .corrected = 1};
		if (!judged || isnan(logs[i]))
			continue;
		double away = logs[i] - centre, beyond = fabs(away) - log1p(threshold);
		/* The machine's own figure varies, and the median of all: by pi / 2n of that. */
		double error = scale * sqrt(1 + acos(-1) / 2 / (double)count);
		cell->judged = true;
		cell->deviation = expm1(away);
		cell->z = away / scale;
		cell->p = beyond > 0 ? student_two_sided(beyond / error, efficiency * (double)count) : 1;
		cell->corrected = cell->p;
	}
	return judged;
}

static size_t judge_benchmarks(const struct fleet *fleet, double threshold, double *known, double *logs,
			       struct fleet_cell *cells) {
	size_t judged = 0;
	for (size_t row = 0; row < fleet->benchmarks; row++) {
		const double *figures = fleet->figures + row * fleet->stride;
		for (size_t i = 0; i < fleet->machines; i++)
			logs[i] = figures[i] > 0 ? log(figures[i]) : NAN;
		judged += judge_row(logs, fleet->machines, threshold, known, cells + row * fleet->machines);
	}
	return judged;
}

/* Each machine's median of its deviations, as a logarithm; NAN: it has less than half of the rows that are judged. */
static void join_rows(const struct fleet *fleet, size_t judged, const struct fleet_cell *cells, double *known,
		      double *logs) {
	for (size_t machine = 0; machine < fleet->machines; machine++) {
		size_t count = 0;
		for (size_t row = 0; row < fleet->benchmarks; row++)
			if (cells[row * fleet->machines + machine].judged)
				known[count++] = log1p(cells[row * fleet->machines + machine].deviation);
		logs[machine] = count > 0 && count * 2 >= judged ? median(known, count) : NAN;
	}
}

static int by_p(const void *a, const void *b) {
	const struct fleet_cell *one = *(struct fleet_cell *const *)a, *other = *(struct fleet_cell *const *)b;
	return by_value(&one->p, &other->p);
}

/* Benjamini and Hochberg's procedure over the `count` cells that lie `step` apart, of those that are judged: marks what
 * it rejects. Returns their share. */
static double reject(struct fleet_cell *cells, size_t step, size_t count, double rate, struct fleet_cell **order) {
	size_t judged = 0, found = 0;
	for (size_t i = 0; i < count; i++)
		if (cells[i * step].judged)
			order[judged++] = &cells[i * step];
	qsort(order, judged, sizeof(struct fleet_cell *), by_p);
	double least = 1;
	for (size_t i = judged; i > 0; i--) {
		least = fmin(least, order[i - 1]->p * (double)judged / (double)i);
		order[i - 1]->corrected = least;
		order[i - 1]->stands_out = least <= rate;
		found += order[i - 1]->stands_out;
	}
	return judged ? (double)found / (double)judged : 0;
}

int fleet_judge(const struct fleet *fleet, const struct fleet_rules *rules, struct fleet_cell *cells) {
	size_t most = fleet->machines > fleet->benchmarks ? fleet->machines : fleet->benchmarks;
	double *known = calloc(most + 1, sizeof(*known)), *logs = calloc(fleet->machines + 1, sizeof(*logs));
	struct fleet_cell **order = calloc(most + 1, sizeof(*order)),
			  *own = cells + fleet->benchmarks * fleet->machines;
	int result = -1;
	if (known && logs && order) {
		size_t judged = judge_benchmarks(fleet, rules->threshold, known, logs, cells);
		join_rows(fleet, judged, cells, known, logs);
		judge_row(logs, fleet->machines, rules->threshold, known, own);
		double share = reject(own, 1, fleet->machines, rules->rate, order);
		for (size_t i = 0; i < fleet->machines; i++)
			if (own[i].stands_out)
				reject(&cells[i], fleet->machines, fleet->benchmarks, rules->rate * share, order);
		result = (int)judged;
	}
	free(known);
	free(logs);
	free(order);
	return result;
}
