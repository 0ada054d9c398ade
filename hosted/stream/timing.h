/* SPDX-License-Identifier: Apache-2.0
 *
 * How long software TLBs of given shapes take over a stream on this machine: a sample of it is replayed through all of
 * them in turn and in random order, round by round, everything flushed before each. A time is the low decile over
 * rounds, part of the sample by part, and is told as its ratio to that of the first shape in the same rounds, so that
 * times of one call and of another can be compared. Intervals by drawing rounds and parts again with replacement, the
 * same for both (bootstrap): what differs from part to part of a stream can differ beyond it, too.
 */
#pragma once

#include "hosted/stream/simulated.h"

enum { STREAM_DRAWS = 200, STREAM_BATCH_MOST = 64, STREAM_PARTS_MOST = 8 };

/* [0] is what was measured, the others are draws. */
struct stream_ratio {
	double draws[1 + STREAM_DRAWS];
};

struct stream_interval {
	double point, lower, upper; /* of 95 % */
};

struct stream_interval stream_interval_of(const struct stream_ratio *ratio);

struct stream_sample {
	const uint64_t *packed;
	size_t count;   /* at least 1 */
	size_t parts;   /* of one length, one after another, that draws are of; 1: all of it is in every draw */
	double walk_ns; /* that a walk takes; below 0: one through tables of four levels, measured */
	/* As many shapes as fit into it are timed together, the first among them: two at the least. */
	size_t bytes_most;
	uint64_t time_ns; /* of the rounds of so many; nine rounds at the least */
};

/* Fills ratios[i] of shapes[i]; ratios[0] is 1. *first_ns: the first shape's time for an event. false: out of memory.
 */
bool stream_time(const struct stream_sample *sample, const struct stream_shape *shapes, size_t count,
		 struct stream_ratio *ratios, struct stream_interval *first_ns);

/* From times[(shape * parts + part) * rounds + round]; pure. The same parts are drawn in each call. false: out of
 * memory. `first` are the first shape's draws, in ns. */
bool stream_time_ratios(const double *times, size_t shapes, size_t parts, size_t rounds, struct stream_ratio *ratios,
			struct stream_ratio *first);
