/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/density.h"

#include "bench/stats.h"

#include <math.h>

static const double kernel_ratio = 2.2138;

/* Newton's method from above, where it falls without turning: as many steps as the largest count needs. */
static double fifth_root(double value) {
	double root = value > 1 ? value : 1;
	for (int i = 0; i < 250; i++) {
		double square = root * root;
		root -= (root - value / (square * square)) / 5;
	}
	return root;
}

double density_bandwidth(const double *sorted, size_t count) {
	if (count < 2)
		return 0;
	double sum = 0, squares = 0;
	for (size_t i = 0; i < count; i++)
		sum += sorted[i];
	double mean = sum / (double)count;
	for (size_t i = 0; i < count; i++)
		squares += (sorted[i] - mean) * (sorted[i] - mean);
	double deviation = sqrt(squares / (double)(count - 1));
	double robust = (stats_quantile(sorted, count, 0.75) - stats_quantile(sorted, count, 0.25)) / 1.34;
	double spread = robust > 0 && robust < deviation ? robust : deviation;
	return 0.9 * kernel_ratio * spread / fifth_root((double)count);
}

void density_estimate(const double *sorted, size_t count, double bandwidth, double low, double high, double *density,
		      size_t points) {
	size_t first = 0;
	for (size_t i = 0; i < points; i++) {
		double at = low + (double)i * ((high - low) / (double)(points - 1)), sum = 0;
		while (first < count && sorted[first] <= at - bandwidth)
			first++;
		for (size_t k = first; k < count && sorted[k] < at + bandwidth; k++) {
			double distance = (sorted[k] - at) / bandwidth;
			sum += 0.75 * (1 - distance * distance);
		}
		density[i] = sum / ((double)count * bandwidth);
	}
}
