/* SPDX-License-Identifier: Apache-2.0
 *
 * A watch: rounds in, windows and alerts out, all of it kept in its state. It measures nothing, and knows no clock but
 * the times that rounds have: what is fed from a log gives the same windows and alerts as it gave when it was measured.
 *
 * A round is one benchmark, measured once. Its values are those of a minute's window, which are merged into the hour's
 * and the day's. When a minute is over, its windows go to the detectors; what these say is made into alerts, of which
 * one is open at most: what changes while it is open joins it, and it ends ALERT_HOLD_MINUTES after the last change
 * did, unless another has come by then. Then all goes to the state in one transaction. Where that fails the watch goes
 * on in memory, and tries again with the next minute.
 */
#pragma once

#include "bench/status.h"
#include "bench/text.h"
#include "hosted/watch/status.h"
#include "hosted/watcher/state.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	WATCHER_BENCHMARKS_MOST = WATCH_ALERT_BENCHMARKS,
	WATCHER_HOLD_MINUTES = 30,
	WATCHER_PENDING_BYTES_MOST = 4 << 20, /* windows that wait for a state that cannot be written */
};

/* Static, or the caller's while it watches. */
struct watcher_rules {
	double run_length;         /* seconds to a false alarm in the mean, of the whole watch */
	enum room_word room;       /* the least that a round's room has to be */
	bool takes_unknown_rooms;  /* those that nothing is known of, too */
	unsigned minutes_a_commit; /* 1: each; more where it is fed from a log, that can be fed again */
	bool is_live;              /* rounds come as they are measured: a clock that goes back is said */
	/* An alert opens or ends, or what changed is told once more after a restart that it may not have outlived. */
	void (*tell)(void *argument, const struct watch_alert *alert);
	/* Something a person should know, one line. */
	void (*say)(void *argument, const char *line);
	void *argument;
};

struct watcher_round {
	const char *benchmark;
	int64_t time; /* seconds since 1970, of its end */
	enum bench_status status;
	const struct room_seen *room;
	const double *values; /* nanoseconds an iteration, of each sample */
	size_t count;
};

enum watcher_answer {
	WATCHER_TAKEN,
	WATCHER_LOUD,    /* its room was below the least */
	WATCHER_FAILED,  /* it was not `ok` */
	WATCHER_HELD,    /* its minute is over: the clock went back, or it has been taken before */
	WATCHER_UNKNOWN, /* this benchmark is not watched */
};

struct watcher;

/* Watches `count` benchmarks, at most WATCHER_BENCHMARKS_MOST, with what the state knows of them. NULL, with a line in
 * `complaint`. The state is the caller's, and outlives it. */
struct watcher *watcher_begin(struct state *state, const struct watcher_rules *rules, const char *const *benchmarks,
			      size_t count, struct text *complaint);

/* Whether a state, which says of itself `kept`, is of this machine, or of none yet. false, with a line
 * in `complaint`. */
bool watcher_may_take(struct state *state, const struct state_watch *kept, const char *machine, struct text *complaint);

/* What measures: figures of different machines are of different states. Another commit than before lets all detectors
 * learn anew. false, with a line in `complaint`: the state is of another machine. */
bool watcher_machine(struct watcher *watcher, const char *machine, const char *commit, struct text *complaint);

enum watcher_answer watcher_take(struct watcher *watcher, const struct watcher_round *round);

/* It is `now`: ends the minutes that are over. */
void watcher_advance(struct watcher *watcher, int64_t now);

/* Ends the open minute, though it is not over, where something is in it; returns how many windows were given to
 * detectors since it began. */
uint64_t watcher_end_minute(struct watcher *watcher);

/* The same, brings all to the state, and frees it. false: it is not all in the state. */
bool watcher_end(struct watcher *watcher);

/* The same, for rounds that will be fed again with what follows them: the open minute stays open. Its windows are in
 * the state to be shown; its rounds are not counted, and are taken the next time. */
bool watcher_leave(struct watcher *watcher);

/* Members are as of the last minute that is over; pointers are good until the next call. `duty` is the caller's to
 * say. */
const struct watch_status *watcher_status(struct watcher *watcher);
void watcher_set_duty(struct watcher *watcher, double duty);

/* Rounds that were held, over all restarts. */
int64_t watcher_held(const struct watcher *watcher);
