/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether a benchmark changed between two versions. Pure; docs/methodology.md says why these methods and with what
 * error.
 *
 * What a launch says of a benchmark is the 10 % quantile of its samples' times an iteration (change_figure). Over
 * interleaved pairs of launches the change is the median of the paired differences of logarithms, with the interval
 * between two order statistics and the exact p of the sign test (W. Dixon, A. Mood, Journal of the American Statistical
 * Association 41 (1946)): how far a slow spell reaches does not matter, only how many pairs it hits. Of two single
 * launches nothing is known but their figures: a launch-to-launch deviation measured before has to come with them.
 * Several benchmarks are corrected for by S. Holm's procedure (Scandinavian Journal of Statistics 6 (1979)).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CHANGE_PAIRS_MAX = 500 };

enum change_verdict { CHANGE_NONE, CHANGE_IMPROVED, CHANGE_REGRESSED, CHANGE_INCONCLUSIVE };

/* "no change", "improved", "regressed", "inconclusive" */
const char *change_verdict_name(enum change_verdict verdict);

struct change_rules {
	double significance;    /* 0.05: p, corrected, must be below */
	double noise_threshold; /* 0.01: the whole interval must lie beyond */
	double effect;          /* 0.05: a change of this size must not be missed, else there is no verdict */
};

struct change {
	double relative; /* of B against A: 0.02 is 2 % more time */
	double lower;
	double upper;
	double p;         /* before correction */
	double corrected; /* after */
	double smallest;  /* the change that would have been found in 9 of 10 cases */
	bool bounded;     /* false: too little is known for an interval; lower and upper are relative, p is 1 */
	enum change_verdict verdict;
};

/* The 10 % quantile of times[i] / iters[i]; `scratch` has room for `count`. */
double change_figure(const double *times, const uint64_t *iters, size_t count, double *scratch);

/* a[i] and b[i] are figures of one pair of launches, more than 0; fewer than 6 pairs give no interval at 0.05. false:
 * none, or too many. The verdict is still to come. */
bool change_of_pairs(const double *a, const double *b, size_t pairs, const struct change_rules *rules,
		     struct change *change);

/* The fewest pairs that give an interval. */
size_t change_pairs_least(double significance);

/* `deviation`: of the logarithm of a figure between launches, from `launches` of them; launches below 2: unknown. */
void change_of_launches(double a, double b, double deviation, size_t launches, const struct change_rules *rules,
			struct change *change);

/* Fills `corrected`, step down over all. */
void change_correct(struct change *const *changes, size_t count);

void change_judge(const struct change_rules *rules, struct change *change);

/* Upper bound at 0.95 on a share of which `found` of `trials` were seen: C. Clopper, E. Pearson, Biometrika 26
 * (1934). */
double change_share_bound(uint64_t found, uint64_t trials);
