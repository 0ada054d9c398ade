/* SPDX-License-Identifier: Apache-2.0
 *
 * A stream of rounds: each is a record as it is made, a head comes before the first (record.h), and nothing is kept.
 * Whoever reads the stream watches.
 */
#pragma once

#include "bench/rounds/rounds.h"

struct rounds_stream {
	uint64_t duration_ns; /* 0: without end */
	uint64_t rounds;      /* likewise */
};

/* The exit status; what is wrong is in `complaint`. Pauses are spent reading the clock: for the image, which has
 * nothing else to do. */
int rounds_publish(const struct rounds_request *request, const struct rounds_stream *stream, struct text *complaint);
