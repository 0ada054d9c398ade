/* SPDX-License-Identifier: Apache-2.0
 *
 * What a watch tells to those outside: its alerts, and how it stands. Filled by the watch, read by what writes it out
 * (terminal, JSON, Prometheus, a command's standard input). Strings are the watch's, and stay until the call is over.
 * Times are seconds since 1970, figures nanoseconds an iteration.
 */
#pragma once

#include "bench/room/room.h"
#include "hosted/watch/detector.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WATCH_ALERT_BENCHMARKS = 64 };

/* An alert is one event of the machine: benchmarks that change while it is open join it, and it ends with the last. */
enum watch_alert_state { WATCH_ALERT_OPENED, WATCH_ALERT_CLOSED };

struct watch_alert_member {
	const char *benchmark;
	struct detector_event event; /* OPENED, then CLOSED */
};

struct watch_alert {
	uint64_t id; /* in the state file, from 1 */
	enum watch_alert_state state;
	int64_t began;  /* the start of the first window with evidence */
	int64_t opened; /* when it was told */
	int64_t closed; /* 0: it is open */
	size_t count;   /* benchmarks of it, members beyond the first WATCH_ALERT_BENCHMARKS not listed */
	struct watch_alert_member members[WATCH_ALERT_BENCHMARKS];
};

enum watch_span { WATCH_MINUTE, WATCH_HOUR, WATCH_DAY, WATCH_SPANS };

/* The last window of a span that is over; count 0: there is none. */
struct watch_figures {
	int64_t start;
	uint64_t count; /* values */
	double percentiles[DETECTOR_PERCENTILES];
	enum room_word room; /* the worst that values were taken in */
};

struct watch_row {
	const char *benchmark;
	struct watch_figures last[WATCH_SPANS];
	uint64_t learns; /* minutes until it can alarm */
	bool is_open;
	bool is_slower; /* where it is open */
};

struct watch_status {
	const struct watch_row *rows;
	size_t row_count;
	int64_t started;
	int64_t last_round;     /* 0: none yet */
	uint64_t rounds;        /* measured */
	uint64_t rounds_loud;   /* passed over, because the room was loud */
	uint64_t rounds_failed; /* the benchmark failed or hung */
	double duty;            /* share of one core that rounds took since the start */
	double run_length;      /* seconds: the expected time to a false alarm of the whole watch */
	uint64_t alerts_opened, alerts_closed;
};
