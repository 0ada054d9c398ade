/* SPDX-License-Identifier: Apache-2.0
 *
 * From what size on stores that go past the caches are worth it. A reader follows each call, and in every round all
 * sizes come twice: alone, and while all other cores copy, which is where a threshold moves to. The threshold is the
 * one of the least sum of logarithms over sizes and both, where an interval that holds no difference counts nothing;
 * each by itself has its own, for who knows what the other cores do. REP MOVSB comes beside, as its band is chosen
 * alone.
 */
#include "bench/rng.h"
#include "bench/tune/tune.h"

#include <math.h>
#include <stdlib.h>

struct samples {
	uint32_t count;
	double ratio[STREAM_WAYS][STREAM_OPERATIONS][STREAM_LOADS][STREAM_SIZES][TUNE_ROUNDS_MAX];
};

size_t streams_size(unsigned index) {
	return (size_t)STREAM_BYTES_LEAST << index;
}

static bool add_cell(const struct streams_subject *subject, unsigned cell, unsigned load, struct rng *rng,
		     struct samples *samples) {
	enum stream_operation operation = (enum stream_operation)(cell / STREAM_SIZES);
	unsigned size = cell % STREAM_SIZES, ways = subject->has_rep[operation] ? STREAM_WAYS : STREAM_REP;
	unsigned first = rng_below(rng, ways);
	double ns[STREAM_WAYS];
	for (unsigned i = 0; i < ways; i++) {
		enum stream_way way = (enum stream_way)((first + i) % ways);
		ns[way] = subject->call_ns(subject->self, operation, streams_size(size), way);
		if (!(ns[way] > 0) || (subject->checkpoint != NULL && !subject->checkpoint(subject->self)))
			return false;
	}
	for (unsigned way = STREAM_PAST; way < ways; way++)
		samples->ratio[way][operation][load][size][samples->count] = ns[way] / ns[STREAM_THROUGH];
	return true;
}

static bool add_load(const struct streams_subject *subject, unsigned load, struct rng *rng, struct samples *samples) {
	unsigned char cells[STREAM_OPERATIONS * STREAM_SIZES];
	for (unsigned i = 0; i < sizeof(cells); i++) {
		unsigned other = rng_below(rng, i + 1);
		cells[i] = cells[other];
		cells[other] = (unsigned char)i;
	}
	for (unsigned i = 0; i < sizeof(cells); i++)
		if (!add_cell(subject, cells[i], load, rng, samples))
			return false;
	return true;
}

static bool add_round(const struct streams_subject *subject, struct rng *rng, struct samples *samples,
		      unsigned *others) {
	if (!add_load(subject, STREAM_ALONE, rng, samples))
		return false;
	*others = subject->others_begin(subject->self);
	bool good = *others == 0 || add_load(subject, STREAM_BUSY, rng, samples);
	subject->others_end(subject->self);
	samples->count += good;
	return good;
}

/* Of loads first to end - 1. */
static size_t least_of(const struct streams *streams, enum stream_operation operation, unsigned first, unsigned end) {
	double cost = 0, least = 0;
	size_t bytes = SIZE_MAX;
	for (unsigned size = STREAM_SIZES; size-- > 0;) {
		for (unsigned load = first; load < end; load++) {
			const struct tune_ratio *ratio = &streams->ratio[STREAM_PAST][operation][load][size];
			if (ratio->rounds != 0 && (ratio->upper < 1 || ratio->lower > 1))
				cost += log(ratio->point);
		}
		if (cost < least) {
			least = cost;
			bytes = streams_size(size);
		}
	}
	return bytes;
}

static void choose(struct streams *streams, enum stream_operation operation) {
	streams->bytes[operation] = least_of(streams, operation, 0, STREAM_LOADS);
	for (unsigned load = 0; load < STREAM_LOADS; load++)
		streams->bytes_at[operation][load] = least_of(streams, operation, load, load + 1);
}

static void fold_way(struct streams *streams, const struct streams_subject *subject, unsigned way,
		     struct samples *samples) {
	for (unsigned operation = 0; operation < STREAM_OPERATIONS; operation++)
		for (unsigned load = 0; load < STREAM_LOADS; load++)
			for (unsigned size = 0; size < STREAM_SIZES; size++) {
				bool none = (load == STREAM_BUSY && streams->others == 0) ||
					    (way == STREAM_REP && !subject->has_rep[operation]);
				streams->ratio[way][operation][load][size] = tune_ratio_of(
					samples->ratio[way][operation][load][size], none ? 0 : samples->count);
			}
}

static void fold(struct streams *streams, const struct streams_subject *subject, struct samples *samples) {
	fold_way(streams, subject, STREAM_PAST, samples);
	fold_way(streams, subject, STREAM_REP, samples);
	for (unsigned operation = 0; operation < STREAM_OPERATIONS; operation++)
		choose(streams, (enum stream_operation)operation);
}

int tune_streams(struct streams *streams, const struct streams_subject *subject, uint64_t budget_ns, uint64_t seed) {
	struct rng rng = rng_seeded(rng_seed_of(seed, "streams"));
	struct samples *samples = calloc(1, sizeof(*samples));
	uint64_t begin = subject->now_ns(subject->self), spent = 0;
	*streams = (struct streams){.measured = false};
	if (samples == NULL)
		return -1;
	while (samples->count < TUNE_ROUNDS_MAX &&
	       (samples->count < TUNE_ROUNDS_LEAST || spent + spent / samples->count <= budget_ns)) {
		if (!add_round(subject, &rng, samples, &streams->others))
			break;
		spent = subject->now_ns(subject->self) - begin;
	}
	streams->measured = samples->count >= TUNE_ROUNDS_LEAST;
	if (streams->measured)
		fold(streams, subject, samples);
	free(samples);
	return 0;
}
