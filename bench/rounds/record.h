/* SPDX-License-Identifier: Apache-2.0
 *
 * A round as a record (record.h), which a stream of them is made of: docs/formats.md, "Rounds". Pure but for the heap
 * behind struct text.
 */
#pragma once

#include "bench/json.h"
#include "bench/room/room.h"
#include "bench/status.h"
#include "bench/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ROUND_NAME_BYTES = 96, ROUND_VALUES_MOST = 1024, ROUNDS_BENCHMARKS_MOST = 64 };

#define ROUNDS_SCHEMA "anechoic-rounds/1"

/* Before the first round: what measures, and what it measures. */
struct rounds_head {
	char commit[48], cpu[64], architecture[16], way[16];
	char emulated[96]; /* why figures are functional only; "" */
	double duty;
	uint64_t seed;
	size_t count; /* benchmarks */
	char names[ROUNDS_BENCHMARKS_MOST][ROUND_NAME_BYTES];
};

#define ROUNDS_HEAD_TAG "WATCH"

void rounds_head_write(struct text *text, const struct rounds_head *head);

/* Of a record's object. false: it is none, or names more benchmarks. */
bool rounds_head_read(struct json_span record, struct rounds_head *head);

/* One benchmark, measured once. */
struct round {
	const char *benchmark;
	const char *reason; /* why not ok; "" */
	int64_t time;       /* seconds since 1970, of its end */
	enum bench_status status;
	const struct room_seen *room; /* NULL: nobody looked */
	const double *values;         /* nanoseconds an iteration, of each sample; none unless ok */
	size_t count;
	uint64_t cost_ns; /* all of it */
};

#define ROUND_TAG "ROUND"

void round_write(struct text *text, const struct round *round);

/* What a record's members point to. */
struct round_read {
	struct round round;
	char benchmark[ROUND_NAME_BYTES], reason[96];
	struct room_seen room;
	double values[ROUND_VALUES_MOST];
};

/* Of a record's object. false: it is none of a round, or has more values. */
bool round_read(struct json_span record, struct round_read *read);
