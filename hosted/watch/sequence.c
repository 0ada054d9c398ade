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
	/* Never of its own: what was read from bytes may claim longer lives. */
	if (kept == SEQUENCE_LIVE)
		kept--;
	struct sequence_one *one = &sequence->ones[kept];
	memset(one, 0, sizeof(*one));
	one->life = life_of(sequence->begun++, sequence->rules.stride);
	one->upper = LAST_BUCKET;
	sequence->live = kept + 1;
}

/* A bucket is excluded where even its end next to the values has the deficit. The boundary grows with age: where that
 * of an earlier one excludes nothing, a later one does not either, and need not be computed. */
static void count_value(const struct sequence *sequence, struct sequence_one *one, int bucket) {
	one->age++;
	one->counts[bucket]++;
	one->at_or_below += bucket <= one->lower;
	one->at_or_above += bucket >= one->upper;
	double half = one->age / 2.0, nearest = fmin(one->at_or_below, one->at_or_above);
	if (nearest > half - one->boundary)
		return;
	double v = sequence->rules.dependence * one->age / 4;
	one->boundary = sequence_boundary(v, sequence->rho, sequence->alpha);
	double least = half - one->boundary;
	while (one->at_or_below <= least)
		one->at_or_below += one->counts[++one->lower];
	while (one->at_or_above <= least)
		one->at_or_above += one->counts[--one->upper];
}

static enum sequence_answer judge(struct sequence *sequence, int bucket) {
	bool rose = false;
	for (uint32_t i = 0; i < sequence->live; i++) {
		struct sequence_one *one = &sequence->ones[i];
		count_value(sequence, one, bucket);
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

uint64_t sequence_since(const struct sequence *sequence) {
	uint64_t least = UINT64_MAX;
	for (uint32_t i = 0; i < sequence->live; i++) {
		const struct sequence_one *one = &sequence->ones[i];
		bool decided = one->lower == sequence->lower || one->upper == sequence->upper;
		if (decided && one->age < least)
			least = one->age;
	}
	return least == UINT64_MAX ? 0 : least;
}

/* ---- as bytes ---------------------------------------------------------------------------------------------------- */

static void put_one(struct bytes_writer *writer, const struct sequence_one *one) {
	bytes_put_number(writer, one->life);
	bytes_put_number(writer, one->lower);
	bytes_put_number(writer, one->upper);
	for (int i = 0; i <= LAST_BUCKET; i++)
		bytes_put_number(writer, one->counts[i]);
}

void sequence_write(const struct sequence *sequence, struct bytes_writer *writer) {
	uint32_t learned = sequence->rules.learn;
	bytes_put_number(writer, sequence->seen);
	if (sequence->seen < learned)
		learned = (uint32_t)sequence->seen;
	for (uint32_t i = 0; i < learned; i++)
		bytes_put_double(writer, sequence->values[i]);
	bytes_put_number(writer, sequence->begun);
	bytes_put_double(writer, sequence->lowest);
	bytes_put_number(writer, sequence->lower);
	bytes_put_number(writer, sequence->upper);
	bytes_put_number(writer, sequence->live);
	for (uint32_t i = 0; i < sequence->live; i++)
		put_one(writer, &sequence->ones[i]);
}

/* The counts are of so many values as it is old, or none of the searches for the median would end in its buckets. */
static void get_one(struct bytes_reader *reader, struct sequence_one *one) {
	memset(one, 0, sizeof(*one));
	one->life = (uint32_t)bytes_get_at_most(reader, UINT32_MAX);
	one->lower = (uint16_t)bytes_get_at_most(reader, LAST_BUCKET);
	one->upper = (uint16_t)bytes_get_at_most(reader, LAST_BUCKET);
	for (int i = 0; i <= LAST_BUCKET; i++) {
		one->counts[i] = (uint32_t)bytes_get_at_most(reader, INT32_MAX - one->age);
		one->age += one->counts[i];
		one->at_or_below += i <= one->lower ? one->counts[i] : 0;
		one->at_or_above += i >= one->upper ? one->counts[i] : 0;
	}
}

bool sequence_read(struct sequence *sequence, struct bytes_reader *reader) {
	uint32_t learned = sequence->rules.learn;
	sequence->seen = bytes_get_number(reader);
	if (sequence->seen < learned)
		learned = (uint32_t)sequence->seen;
	for (uint32_t i = 0; i < learned; i++)
		if (!((sequence->values[i] = bytes_get_finite(reader)) > 0))
			reader->good = false;
	sequence->begun = bytes_get_number(reader);
	sequence->lowest = bytes_get_finite(reader);
	sequence->lower = (uint16_t)bytes_get_at_most(reader, LAST_BUCKET);
	sequence->upper = (uint16_t)bytes_get_at_most(reader, LAST_BUCKET);
	sequence->live = (uint32_t)bytes_get_at_most(reader, SEQUENCE_LIVE);
	for (uint32_t i = 0; i < sequence->live; i++)
		get_one(reader, &sequence->ones[i]);
	return reader->good;
}
