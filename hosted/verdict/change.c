/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/verdict/change.h"

#include "bench/stats.h"
#include "hosted/verdict/student.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double z_found = 1.2815515655446004; /* 0.9 of a normal distribution */
static const double z_bounds = 1.959963984540054; /* 0.975 */

const char *change_verdict_name(enum change_verdict verdict) {
	static const char *const names[] = {[CHANGE_NONE] = "no change",
					    [CHANGE_IMPROVED] = "improved",
					    [CHANGE_REGRESSED] = "regressed",
					    [CHANGE_INCONCLUSIVE] = "inconclusive"};
	return names[verdict];
}

static int by_value(const void *a, const void *b) {
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

double change_figure(const double *times, const uint64_t *iters, size_t count, double *scratch) {
	for (size_t i = 0; i < count; i++)
		scratch[i] = times[i] / (double)iters[i];
	qsort(scratch, count, sizeof(*scratch), by_value);
	return stats_low_decile(scratch, count);
}

/* ---- pairs ------------------------------------------------------------------------------------------------------- */

/* P(at most `heads` of `coins`), fair ones. */
static double heads_at_most(size_t heads, size_t coins) {
	double sum = 0, half = log(0.5) * (double)coins, all = lgamma((double)coins + 1);
	for (size_t k = 0; k <= heads; k++)
		sum += exp(all - lgamma((double)k + 1) - lgamma((double)(coins - k) + 1) + half);
	return sum < 1 ? sum : 1;
}

/* Two-sided and exact; differences of 0 say nothing and are left out. */
static double sign_p(const double *differences, size_t count) {
	size_t positive = 0, negative = 0;
	for (size_t i = 0; i < count; i++) {
		positive += differences[i] > 0;
		negative += differences[i] < 0;
	}
	double tail = heads_at_most(positive < negative ? positive : negative, positive + negative);
	return tail < 0.5 ? tail * 2 : 1;
}

/* How many sorted differences lie outside the median's interval on either side; 0: there is no such interval. */
static size_t outside_interval(size_t count, double significance) {
	size_t outside = 0;
	while (outside < count / 2 && heads_at_most(outside, count) <= significance / 2)
		outside++;
	return outside;
}

size_t change_pairs_least(double significance) {
	size_t pairs = 1;
	while (pairs < CHANGE_PAIRS_MAX && outside_interval(pairs, significance) == 0)
		pairs++;
	return pairs;
}

static double middle_of(const double *sorted, size_t count) {
	return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
}

static double relative_of(double logarithm) {
	return expm1(logarithm);
}

static void fill(struct change *change, double shift, double lower, double upper, const struct change_rules *rules) {
	double half = (upper - lower) / 2;
	change->relative = relative_of(shift);
	change->lower = relative_of(lower);
	change->upper = relative_of(upper);
	change->bounded = true;
	change->smallest = relative_of(log1p(rules->noise_threshold) + half * (1 + z_found / z_bounds));
}

static void leave_open(struct change *change, double shift) {
	change->relative = change->lower = change->upper = relative_of(shift);
	change->p = change->corrected = 1;
	change->smallest = 0;
	change->bounded = false;
}

bool change_of_pairs(const double *a, const double *b, size_t pairs, const struct change_rules *rules,
		     struct change *change) {
	*change = (struct change){.p = 1, .corrected = 1};
	if (pairs == 0 || pairs > CHANGE_PAIRS_MAX)
		return false;
	double differences[CHANGE_PAIRS_MAX];
	for (size_t i = 0; i < pairs; i++)
		differences[i] = log(b[i] / a[i]);
	qsort(differences, pairs, sizeof(*differences), by_value);
	double shift = middle_of(differences, pairs);
	size_t outside = outside_interval(pairs, rules->significance);
	if (outside > 0)
		fill(change, shift, differences[outside - 1], differences[pairs - outside], rules);
	else
		leave_open(change, shift);
	change->p = change->corrected = sign_p(differences, pairs);
	return true;
}

/* ---- single launches --------------------------------------------------------------------------------------------- */

void change_of_launches(double a, double b, double deviation, size_t launches, const struct change_rules *rules,
			struct change *change) {
	double shift = log(b / a), error = deviation * sqrt(2);
	*change = (struct change){.p = 1, .corrected = 1};
	if (launches < 2 || !(deviation > 0)) {
		leave_open(change, shift);
		return;
	}
	double freedom = (double)(launches - 1), half = error * student_quantile(rules->significance, freedom);
	fill(change, shift, shift - half, shift + half, rules);
	change->p = change->corrected = student_two_sided(shift / error, freedom);
}

/* ---- verdicts ---------------------------------------------------------------------------------------------------- */

static int by_p(const void *a, const void *b) {
	double x = (*(struct change *const *)a)->p, y = (*(struct change *const *)b)->p;
	return (x > y) - (x < y);
}

void change_correct(struct change *const *changes, size_t count) {
	struct change **sorted = malloc((count ? count : 1) * sizeof(*sorted));
	double least = 0;
	for (size_t i = 0; i < count; i++)
		changes[i]->corrected = changes[i]->p * (double)count < 1 ? changes[i]->p * (double)count : 1;
	if (!sorted)
		return; /* Bonferroni's stand, which are never less */
	memcpy(sorted, changes, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), by_p);
	for (size_t i = 0; i < count; i++) {
		double mine = sorted[i]->p * (double)(count - i);
		least = mine > least ? mine : least;
		sorted[i]->corrected = least < 1 ? least : 1;
	}
	free(sorted);
}

void change_judge(const struct change_rules *rules, struct change *change) {
	bool significant = change->bounded && change->corrected < rules->significance;
	if (significant && change->lower > rules->noise_threshold)
		change->verdict = CHANGE_REGRESSED;
	else if (significant && change->upper < -rules->noise_threshold)
		change->verdict = CHANGE_IMPROVED;
	else if (change->bounded && change->smallest <= rules->effect && change->lower >= -rules->effect &&
		 change->upper <= rules->effect && change->lower <= rules->noise_threshold &&
		 change->upper >= -rules->noise_threshold)
		change->verdict = CHANGE_NONE;
	else
		change->verdict = CHANGE_INCONCLUSIVE;
}

double change_share_bound(uint64_t found, uint64_t trials) {
	if (trials == 0 || found >= trials)
		return 1;
	double low = 0, high = 1;
	for (int i = 0; i < 100; i++) {
		double middle = (low + high) / 2;
		/* P(at most `found`) where the share is `middle` */
		if (student_beta(1 - middle, (double)(trials - found), (double)found + 1) > 0.05)
			low = middle;
		else
			high = middle;
	}
	return high;
}
