/* SPDX-License-Identifier: Apache-2.0
 *
 * What a watch keeps: its windows, what its detectors know, its alerts, in one SQLite file (docs/formats.md, "The state
 * of a watch"). One process watches on it, others may look at it meanwhile. A file is a stranger's: whatever is in it,
 * what comes out is whole, or there is none.
 *
 * Calls between state_begin and state_commit are one transaction. Those that return bool: false, SQLite could not;
 * state_complain has its words. Not for two threads at once.
 */
#pragma once

#include "bench/text.h"
#include "hosted/watch/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STATE_NAME_BYTES = 96, STATE_MACHINE_BYTES = 176, STATE_COMMIT_BYTES = 48 };

/* Windows of a minute and of an hour that are kept, in seconds; those of a day are kept for this many. */
enum { STATE_MINUTES_S = 3 * 86400, STATE_HOURS_S = 366 * 86400 };
#define STATE_DAYS_S (20LL * 366 * 86400)

/* The year 9999's end, in seconds since 1970. What the file says beyond, or below 0, is not so. */
#define STATE_TIME_MOST   253402300799LL
#define STATE_NUMBER_MOST (1LL << 52)

/* As `recorded` says of the day that it is; members that are counts go on over restarts. */
struct state_watch {
	char machine[STATE_MACHINE_BYTES]; /* "": none has been watched yet */
	char commit[STATE_COMMIT_BYTES];   /* of the programme that measured */
	int64_t started;                   /* seconds since 1970 */
	int64_t last;                      /* the last minute that is over, in minutes since 1970; 0: none */
	int64_t last_round;                /* seconds since 1970 */
	int64_t rounds, rounds_loud, rounds_failed, rounds_held, windows_lost;
	double run_length; /* seconds */
	double duty;       /* of the last watch */
	int64_t process;   /* that watches, or was the last to */
};

struct state_window {
	int64_t start; /* seconds since 1970 */
	enum room_word room;
	double percentiles[DETECTOR_PERCENTILES];
	uint64_t count;
	const uint8_t *values; /* a histogram's bytes */
	size_t length;
};

struct state;

enum state_use { STATE_LOOK, STATE_WATCH };

/* `file` NULL: watch.db in the folder for data. 0, or PLATFORM_EIO with a line in `complaint`: also where another
 * process watches on it, which is named. */
int state_open(const char *file, enum state_use use, struct state **state, struct text *complaint);
void state_close(struct state *state);

/* Whether a file says at its begin that it is a watch's state. */
bool state_is(const char *file);
const char *state_file(const struct state *state);
int state_complain(const struct state *state, struct text *complaint);

bool state_begin(struct state *state);
bool state_commit(struct state *state);
void state_roll_back(struct state *state);

bool state_get_watch(struct state *state, struct state_watch *watch);
bool state_put_watch(struct state *state, const struct state_watch *watch);

/* The number of a benchmark, made where it has none. */
bool state_benchmark(struct state *state, const char *name, int64_t *number);

/* Replaces the one of the same start. */
bool state_put_window(struct state *state, int64_t benchmark, enum watch_span span, const struct state_window *window);

/* Of the windows of a benchmark that begin at `from` or later, in order; ends, as true, where `take` says false. A
 * window's bytes are gone after the call. */
typedef bool state_take_window(void *argument, const struct state_window *window);
bool state_windows(struct state *state, int64_t benchmark, enum watch_span span, int64_t from, state_take_window *take,
		   void *argument);

/* The last of them, in the same way; none where there is none. */
bool state_last_window(struct state *state, int64_t benchmark, enum watch_span span, state_take_window *take,
		       void *argument);

/* Windows that are older than they are kept for, `now` in seconds since 1970. */
bool state_forget(struct state *state, int64_t now);

/* What a detector is as bytes, and the number of the last window that it was given. *length 0: there is none, or it has
 * more than `capacity`, and one that begins anew behind that window stands for it. */
bool state_put_detector(struct state *state, int64_t benchmark, uint64_t window, const uint8_t *bytes, size_t length);
bool state_get_detector(struct state *state, int64_t benchmark, uint64_t *window, uint8_t *bytes, size_t capacity,
			size_t *length);

/* Detectors of all benchmarks, watched or not, begin anew behind this window. */
bool state_reset_detectors(struct state *state, uint64_t window);

/* `told`: bit 0, its opening was told, bit 1, its end. Members are replaced. */
bool state_put_alert(struct state *state, const struct watch_alert *alert, unsigned told);

/* Alerts in the order of their numbers, at most the last `most`, each with one change at least; with its strings gone
 * after the call. */
typedef void state_take_alert(void *argument, const struct watch_alert *alert, unsigned told);
bool state_alerts(struct state *state, int64_t most, state_take_alert *take, void *argument);

/* Each benchmark that windows are of. */
typedef void state_take_name(void *argument, int64_t benchmark, const char *name);
bool state_benchmarks(struct state *state, state_take_name *take, void *argument);
