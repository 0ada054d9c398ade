/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/tune/tune.h"

#include "bench/student.h"

#include <math.h>
#include <stdlib.h>

enum { HIGH_SHARE = 4, TRIMMED_SHARE = 4 };

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

/* Where a kernel works in steps, ratios lie in heaps, one a number of steps: a median jumps from one heap to the other,
 * this goes over by degrees. Trimmed by a quarter on each side; its error by the winsorized variance (J. Tukey, D.
 * McLaughlin, Sankhya A 25 (1963)). */
static void take_logarithms(struct tune_ratio *ratio, const double *sorted, size_t count) {
	size_t trimmed = count / TRIMMED_SHARE, kept = count - 2 * trimmed;
	double sum = 0, squares = 0, low = log(sorted[trimmed]), high = log(sorted[count - 1 - trimmed]);
	for (size_t i = trimmed; i < count - trimmed; i++)
		sum += log(sorted[i]);
	double winsorized = (sum + (double)trimmed * (low + high)) / (double)count;
	for (size_t i = trimmed; i < count - trimmed; i++)
		squares += (log(sorted[i]) - winsorized) * (log(sorted[i]) - winsorized);
	squares += (double)trimmed * (low - winsorized) * (low - winsorized);
	squares += (double)trimmed * (high - winsorized) * (high - winsorized);
	ratio->typical = sum / (double)kept;
	if (count > 1)
		ratio->error = sqrt(squares / (double)(count - 1) * (double)count) / (double)kept;
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
	take_logarithms(&ratio, ratios, count);
	ratio.high = log(ratios[count - 1 - count / HIGH_SHARE]);
	return ratio;
}

void tune_mean_add(struct tune_mean *mean, const struct tune_ratio *ratio, double weight) {
	double freedom = (double)ratio->rounds - 2.0 * (ratio->rounds / TRIMMED_SHARE) - 1;
	double square = weight * weight * ratio->error * ratio->error;
	if (ratio->rounds == 0)
		return;
	mean->sum += weight * ratio->typical;
	mean->weights += weight;
	mean->variance += square;
	mean->shares += freedom > 0 ? square * square / freedom : 0;
	mean->rounds += ratio->rounds;
}

struct tune_ratio tune_mean_of(const struct tune_mean *mean) {
	struct tune_ratio ratio = {.rounds = mean->rounds};
	if (mean->rounds == 0)
		return ratio;
	double half = 0;
	ratio.typical = mean->sum / mean->weights;
	ratio.error = sqrt(mean->variance) / mean->weights;
	if (mean->shares > 0)
		half = ratio.error * student_95(mean->variance * mean->variance / mean->shares);
	ratio.point = exp(ratio.typical);
	ratio.lower = exp(ratio.typical - half);
	ratio.upper = exp(ratio.typical + half);
	return ratio;
}
