/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether the median of a figure that is measured over and over has moved, with a bound for how often that is said of
 * one that has not. Pure. Small and slow changes are its own; the first answer to a large one is cusum.h's.
 *
 * A confidence sequence for the median: the intervals of all times together hold it with probability 1 - alpha. Of each
 * candidate m it counts how many values lie at or under it, and how many at or over it. At the median neither count's
 * deficit, t / 2 - count, outgrows
 *     u(v) = sqrt(2 (v + rho) log(sqrt((v + rho) / rho) / alpha + 1)),  v = t / 4,
 * with probability 1 - alpha: the one-sided normal mixture at alpha / 2 each (S. Howard, A. Ramdas, J. McAuliffe, J.
 * Sekhon: "Time-uniform, nonparametric, nonasymptotic confidence sequences", Annals of Statistics 49 (2021), section
 * 3.2), as a value's part of a deficit is sub-Gaussian with variance 1 / 4; S. Howard, A. Ramdas: "Sequential
 * estimation of quantiles with applications to A/B testing and best-arm identification", Bernoulli 28 (2022). Nothing
 * is assumed of the distribution, ties and atoms included.
 *
 * A new sequence begins every `stride` values, and there is an alarm when no candidate is in all of them: S. Shekhar,
 * A. Ramdas: "Reducing sequential change detection to sequential estimation" (arXiv 2309.09111, ICML 2024). Begun on
 * each value, their mean time to a false alarm is at least 1 / alpha. On each `stride`th it is at least stride (1 /
 * alpha - 1), by their proof: an alarm needs one sequence that lost the median, so that the sum of the processes that
 * they are made of has reached 1 / alpha, and in the mean that sum is at most the number of those begun. So
 *     alpha = stride / (run_length + stride).
 * The k-th sequence, from 0, with 2^n the largest power of 2 that divides k, is given up after SEQUENCE_LIFE 2^n
 * strides: those alive are spaced geometrically, and for each change there is one that began soon after it, measured
 * by the time since. What one had excluded stays excluded, so the bound holds, and the level of old is not forgotten.
 *
 * What the bound asks for: a median that stays, and each value on either side of it with equal chance whatever came
 * before. Neither is so of a machine, hence two parameters. `dependence` is the variance of a sum of signs against that
 * of independent ones (1 + 2 times the sum of their autocorrelations; 2.3 for an AR(1) of 0.5): v is that many times
 * larger, and the bound is one for large samples only. `tolerance` lets the median walk about in a band of that ratio,
 * as day and night do: candidates excluded are those outside the band's reach, and the bound is as it was.
 */
#pragma once

#include "hosted/watch/bytes.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	SEQUENCE_LEARN_MAX = 256,
	SEQUENCE_CANDIDATES = 192, /* edges; buckets between and beyond them are one more */
	SEQUENCE_LIFE = 8,
	SEQUENCE_LEVELS = 12,
	SEQUENCE_LIVE = SEQUENCE_LIFE / 2 * (SEQUENCE_LEVELS - 1) + SEQUENCE_LIFE,
	SEQUENCE_STRIDE_MAX = 65536,
};

#define SEQUENCE_STEP 0.0025 /* from candidate to candidate, of a logarithm: the level can be seen to 0.25 % */

struct sequence_rules {
	double run_length;  /* values to a false alarm in the mean, at least: 1e6 of one a minute are two years */
	double dependence;  /* 1 and up */
	double tolerance;   /* 0.01: medians whose ratio is up to 1.01 are one */
	uint32_t narrowest; /* the age, in values, at which a sequence is narrowest: about how long one would wait */
	uint32_t stride;    /* 1 to SEQUENCE_STRIDE_MAX */
	uint32_t learn; /* values that the candidates are laid around, 1 to SEQUENCE_LEARN_MAX; none of them alarms */
};

enum sequence_answer { SEQUENCE_LEARNS, SEQUENCE_SAME, SEQUENCE_FASTER, SEQUENCE_SLOWER };

struct sequence_one {
	uint32_t age, life;    /* values */
	uint16_t lower, upper; /* buckets in which the median can still be, both included */
	uint32_t at_or_below;  /* values in the buckets up to `lower` */
	uint32_t at_or_above;  /* in those from `upper` on */
	double boundary;       /* of an age that it had */
	uint32_t counts[SEQUENCE_CANDIDATES + 1];
};

/* 42 KiB; the first members are to be looked at, none to be written. Not for two threads at once. */
struct sequence {
	struct sequence_rules rules;
	double alpha;
	double rho;
	uint64_t seen;  /* values, since the start or the last alarm */
	uint64_t begun; /* sequences */
	double values[SEQUENCE_LEARN_MAX];
	double lowest;         /* logarithm of the first candidate */
	uint16_t band;         /* tolerance, in candidates */
	uint16_t lower, upper; /* in all sequences that ever were */
	uint32_t live;
	struct sequence_one ones[SEQUENCE_LIVE];
};

/* false: a rule is outside of what it says; a run length below the stride is, too. */
bool sequence_begin(struct sequence *sequence, const struct sequence_rules *rules);

/* A value more than 0 and finite, else it is passed over as SEQUENCE_SAME. After an alarm it learns anew, from the next
 * value on; FASTER is a median that fell. */
enum sequence_answer sequence_add(struct sequence *sequence, double value);

/* Where the median is by all there is, in the values' unit; 0 and infinity where a side is open. Under a tolerance the
 * lower end may be above the upper one, as no median was in all of it. false: it learns. */
bool sequence_interval(const struct sequence *sequence, double *lower, double *upper);

/* After an alarm, before the next value: how many values ago the change was, about: the age of the youngest sequence
 * that the alarm is of. */
uint64_t sequence_since(const struct sequence *sequence);

/* All but its rules; read into one that was begun with the same. false: it is none, and to be begun anew. Whatever the
 * bytes are, to what it takes values can be added. */
void sequence_write(const struct sequence *sequence, struct bytes_writer *writer);
bool sequence_read(struct sequence *sequence, struct bytes_reader *reader);

/* u(v). */
double sequence_boundary(double v, double rho, double alpha);
