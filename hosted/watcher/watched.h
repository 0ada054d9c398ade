/* SPDX-License-Identifier: Apache-2.0
 *
 * One benchmark of a watch: the values of the minute that is open, the hour and the day that it is part of, what
 * detectors know of it, and its last windows. Pure but for the state that it is read from and put into.
 */
#pragma once

#include "bench/rng.h"
#include "hosted/watch/status.h"
#include "hosted/watcher/state.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of a minute's values so many are kept one by one. Of more, which only a log has, as many by chance: percentiles are
 * then estimates of theirs, and still move in steps of the values, not of the histogram. */
enum { WATCHED_VALUES_MOST = 4096 };

struct watched_span {
	enum room_word room; /* the worst */
	struct histogram values;
};

/* Members are to be looked at, none to be written. Not to be moved. */
struct watched {
	int64_t number; /* in the state */
	struct watch_row row;
	char name[STATE_NAME_BYTES];
	struct watched_span spans[WATCH_SPANS];
	uint64_t seen; /* values of the open minute; of them WATCHED_VALUES_MOST at the most are in `values` */
	double *values;
	struct rng rng;
	struct detector_rules rules;
	struct detector *detector;
	uint64_t given; /* number of the last window that the detector was given; 0: none */
};

/* false: no memory. watched_free in any case. The state has its number. */
bool watched_begin(struct watched *watched, const char *name, int64_t number, const struct detector_rules *rules);
void watched_free(struct watched *watched);

/* What the state knows, where minutes before `open` are over: windows that are open, the last ones, and the detector as
 * it was after the last window that is there. *learns_anew: nothing could be made of what the detector was. false: the
 * state cannot be read. */
bool watched_load(struct watched *watched, struct state *state, int64_t open, bool *learns_anew);

/* Values of a round in a room; those that are no time are left out. */
void watched_add(struct watched *watched, const double *values, size_t count, enum room_word room);

/* What the open minute would be if it ended now. false: nothing is in it. The window's bytes are in `bytes`, of
 * HISTOGRAM_BYTES_MAX. */
bool watched_look(struct watched *watched, int64_t minute, struct state_window *window, uint8_t *bytes);

/* The same, and it is over. */
bool watched_end_minute(struct watched *watched, int64_t minute, struct state_window *window, uint8_t *bytes,
			struct detector_event *event);

/* The same of the hour or the day that began at `start`, seconds since 1970. */
bool watched_end_span(struct watched *watched, enum watch_span span, int64_t start, struct state_window *window,
		      uint8_t *bytes);

/* The detector begins anew, behind this minute. */
void watched_forget(struct watched *watched, int64_t minute);

/* Within a transaction. `bytes` has room for detector_bytes_most(). */
bool watched_put_detector(const struct watched *watched, struct state *state, uint8_t *bytes);
