/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/tune/tune.h"

#include <stdlib.h>

static int ascending(const void *left, const void *right) {
	double a = *(const double *)left, b = *(const double *)right;
	return (a > b) - (a < b);
}

/* The greatest k for which order statistics k and n - 1 - k, from 0, hold the median with 95 %: at most 2.5 % of n
 * signs fall on one side of k or fewer (W. Conover: "Practical Nonparametric Statistics", 3.2). */
static size_t rank_of_bound(size_t count) {
	double probability = 1, sum = 0;
	for (size_t i = 0; i < count; i++)
		probability /= 2;
	for (size_t k = 0; k < count / 2; k++) {
		sum += probability;
		if (sum > 0.025)
			return k == 0 ? 0 : k - 1;
		probability *= (double)(count - k) / (double)(k + 1);
	}
	return 0;
}

struct tune_ratio tune_ratio_of(double *ratios, size_t count) {
	struct tune_ratio ratio = {.rounds = (uint32_t)count};
	if (count == 0)
		return ratio;
	qsort(ratios, count, sizeof(*ratios), ascending);
	size_t k = rank_of_bound(count);
	ratio.point = (ratios[(count - 1) / 2] + ratios[count / 2]) / 2;
	ratio.lower = ratios[k];
	ratio.upper = ratios[count - 1 - k];
	return ratio;
}
