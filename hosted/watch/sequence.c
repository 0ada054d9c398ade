/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/watch/sequence.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Bucket b holds what is above candidate b - 1, and up to candidate b. */
enum { LAST_BUCKET = SEQUENCE_CANDIDATES };

double sequence_boundary(double v, double rho, double alpha) {
	return sqrt(2 * (v + rho) * log(sqrt((v + rho) / rho) / alpha + 1));
}

static bool rules_fit(const struct sequence_rules *rules) {
	return rules->run_length >= rules->stride && isfinite(rules->run_length) && rules->dependence >= 1 &&
	       isfinite(rules->dependence) && rules->tolerance >= 0 && rules->tolerance <= 0.1 && rules->narrowest &&
	       rules->stride && rules->stride <= SEQUENCE_STRIDE_MAX && rules->learn &&
	       rules->learn <= SEQUENCE_LEARN_MAX;
}

bool sequence_begin(struct sequence *sequence, const struct sequence_rules *rules) {
	if (!rules_fit(rules))
		return false;
	memset(sequence, 0, sizeof(*sequence));
	sequence->rules = *rules;
	sequence->alpha = rules->stride / (rules->run_length + rules->stride);
	double log_odds = -2 * log(sequence->alpha); /* rho: Howard et al., proposition 3 */
	sequence->rho = rules->dependence * rules->narrowest / 4 / (log_odds + log(1 + log_odds));
	sequence->band = (uint16_t)ceil(log(1 + rules->tolerance) / SEQUENCE_STEP);
	return true;
}

static int by_size(const void *a, const void *b) {
	double left = *(const double *)a, right = *(const double *)b;
	return (left > right) - (left < right);
}

static void lay_candidates(struct sequence *sequence) {
	uint32_t count = sequence->rules.learn;
	qsort(sequence->values, count, sizeof(sequence->values[0]), by_size);
	sequence->lowest = log(sequence->values[count / 2]) - SEQUENCE_STEP * (SEQUENCE_CANDIDATES - 1) / 2;
	sequence->lower = 0;
	sequence->upper = LAST_BUCKET;
	sequence->live = 0;
	sequence->begun = 0;
}

static int bucket_of(const struct sequence *sequence, double value) {
	double place = ceil((log(value) - sequence->lowest) / SEQUENCE_STEP);
	return place <= 0 ? 0 : place >= LAST_BUCKET ? LAST_BUCKET : (int)place;
}

static uint32_t life_of(uint64_t number, uint32_t stride) {
	int level = 0;
	while (level < SEQUENCE_LEVELS - 1 && number % 2 == 0) {
		number /= 2;
		level++;
	}
	return (uint32_t)SEQUENCE_LIFE * stride << level;
}

static void begin_one(struct sequence *sequence) {
	uint32_t kept = 0;
	for (uint32_t i = 0; i < sequence->live; i++)
		if (sequence->ones[i].age < sequence->ones[i].life) {
			if (i != kept)
				sequence->ones[kept] = sequence->ones[i];
			kept++;
		}
	struct sequence_one *one = &sequence->ones[kept];
	memset(one, 0, sizeof(*one));
	one->life = life_of(sequence->begun++, sequence->rules.stride);
	one->upper = LAST_BUCKET;
	sequence->live = kept + 1;
}

/* A bucket is excluded where even its end next to the values has the deficit. */
static void count_value(struct sequence_one *one, int bucket, double boundary) {
	one->age++;
	one->counts[bucket]++;
	one->at_or_below += bucket <= one->lower;
	one->at_or_above += bucket >= one->upper;
	double least = one->age / 2.0 - boundary;
	while (one->at_or_below <= least)
		one->at_or_below += one->counts[++one->lower];
	while (one->at_or_above <= least)
		one->at_or_above += one->counts[--one->upper];
}

static enum sequence_answer judge(struct sequence *sequence, int bucket) {
	bool rose = false;
	for (uint32_t i = 0; i < sequence->live; i++) {
		struct sequence_one *one = &sequence->ones[i];
		double v = sequence->rules.dependence * (one->age + 1) / 4;
		count_value(one, bucket, sequence_boundary(v, sequence->rho, sequence->alpha));
		if (one->lower > sequence->lower) {
			sequence->lower = one->lower;
			rose = true;
		}
		if (one->upper < sequence->upper)
			sequence->upper = one->upper;
	}
	if (sequence->lower <= sequence->upper + sequence->band)
		return SEQUENCE_SAME;
	sequence->seen = 0;
	return rose ? SEQUENCE_SLOWER : SEQUENCE_FASTER;
}

enum sequence_answer sequence_add(struct sequence *sequence, double value) {
	if (!isfinite(value) || value <= 0)
		return SEQUENCE_SAME;
	uint32_t learn = sequence->rules.learn;
	if (sequence->seen < learn) {
		sequence->values[sequence->seen++] = value;
		if (sequence->seen == learn)
			lay_candidates(sequence);
		return SEQUENCE_LEARNS;
	}
	if ((sequence->seen++ - learn) % sequence->rules.stride == 0)
		begin_one(sequence);
	return judge(sequence, bucket_of(sequence, value));
}

bool sequence_interval(const struct sequence *sequence, double *lower, double *upper) {
	if (sequence->seen < sequence->rules.learn)
		return false;
	*lower = sequence->lower ? exp(sequence->lowest + SEQUENCE_STEP * (sequence->lower - 1)) : 0;
	*upper = sequence->upper < LAST_BUCKET ? exp(sequence->lowest + SEQUENCE_STEP * sequence->upper) : INFINITY;
	return true;
}
