/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/layout.h"

#include "bench/stats.h"

#include <math.h>

static const double z_tail = 1.959963984540054; /* 0.975 of a normal distribution */

/* By gaps: samples come nearly in order, and the heap is not to be needed. */
static void sort(double *values, size_t count) {
	for (size_t gap = count / 2; gap > 0; gap /= 2)
		for (size_t i = gap; i < count; i++) {
			double value = values[i];
			size_t at = i;
			for (; at >= gap && values[at - gap] > value; at -= gap)
				values[at] = values[at - gap];
			values[at] = value;
		}
}

double layout_figure(const uint64_t *ticks, size_t count, uint64_t step, bool linear, double *times) {
	for (size_t i = 0; i < count; i++)
		times[i] = (double)ticks[i] / ((double)step * (linear ? (double)(i + 1) : 1));
	sort(times, count);
	return stats_low_decile(times, count);
}

/* ---- quantiles --------------------------------------------------------------------------------------------------- */

static double chi_square_quantile(double z, double freedom) {
	double a = 2 / (9 * freedom);
	double root = 1 - a + z * sqrt(a);
	return freedom * root * root * root;
}

/* The cube root of F is a ratio of two nearly normal quantities, each with mean 1 - a and variance a. */
static double f_quantile(double z, double above_freedom, double below_freedom) {
	double a = 2 / (9 * above_freedom), b = 2 / (9 * below_freedom);
	double spread = a * (1 - b) * (1 - b) + b * (1 - a) * (1 - a) - a * b * z * z;
	double root = ((1 - a) * (1 - b) + z * sqrt(spread)) / ((1 - b) * (1 - b) - b * z * z);
	return root * root * root;
}

/* ---- the analysis of variance ------------------------------------------------------------------------------------ */

struct squares {
	double mean;
	double between; /* visits sum (mean[i] - mean)^2 */
	double within;
};

static double mean_of(const double *values, size_t count) {
	double sum = 0;
	for (size_t i = 0; i < count; i++)
		sum += values[i];
	return sum / (double)count;
}

static struct squares sum_squares(const double *figures, size_t layouts, size_t visits) {
	struct squares squares = {.mean = mean_of(figures, layouts * visits)};
	for (size_t i = 0; i < layouts; i++) {
		double mean = mean_of(figures + i * visits, visits);
		squares.between += (double)visits * (mean - squares.mean) * (mean - squares.mean);
		for (size_t j = 0; j < visits; j++) {
			double rest = figures[i * visits + j] - mean;
			squares.within += rest * rest;
		}
	}
	return squares;
}

static double worst_to_best(const double *figures, size_t layouts, size_t visits) {
	double best = 0, worst = 0;
	for (size_t i = 0; i < layouts; i++) {
		double least = figures[i * visits];
		for (size_t j = 1; j < visits; j++)
			if (figures[i * visits + j] < least)
				least = figures[i * visits + j];
		best = i == 0 || least < best ? least : best;
		worst = i == 0 || least > worst ? least : worst;
	}
	return worst / best;
}

static double deviation(double variance) {
	return variance > 0 ? sqrt(variance) : 0;
}

bool layout_decompose(const double *figures, size_t layouts, size_t visits, struct layout_luck *luck) {
	*luck = (struct layout_luck){0};
	if (layouts < LAYOUTS_LEAST || layouts > LAYOUTS_MOST || visits < 2 || visits > LAYOUTS_MOST)
		return false;
	for (size_t i = 0; i < layouts * visits; i++)
		if (!(figures[i] > 0 && figures[i] <= 1e100))
			return false;
	struct squares squares = sum_squares(figures, layouts, visits);
	double above = (double)(layouts - 1), below = (double)(layouts * (visits - 1)), each = (double)visits;
	double within = squares.within / below, between = squares.between / above;
	/* SSA (1 - F' / F) as SSA - (layouts - 1) F' MSE: no division by a variance that may be 0. */
	double low = squares.between - above * f_quantile(z_tail, above, below) * within;
	double high = squares.between - above / f_quantile(z_tail, below, above) * within;
	*luck = (struct layout_luck){
		.mean = squares.mean,
		.sampling = deviation(within) / squares.mean,
		.sampling_lower = deviation(squares.within / chi_square_quantile(z_tail, below)) / squares.mean,
		.sampling_upper = deviation(squares.within / chi_square_quantile(-z_tail, below)) / squares.mean,
		.layout = deviation((between - within) / each) / squares.mean,
		.lower = deviation(low / (each * chi_square_quantile(z_tail, above))) / squares.mean,
		.upper = deviation(high / (each * chi_square_quantile(-z_tail, above))) / squares.mean,
		.worst_to_best = worst_to_best(figures, layouts, visits),
	};
	return true;
}
