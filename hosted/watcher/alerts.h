/* SPDX-License-Identifier: Apache-2.0
 *
 * One event of the machine, one alert: changes of several benchmarks that overlap are one. Pure but for the state that
 * it is read from and put into. One alert is open at most.
 */
#pragma once

#include "hosted/watch/status.h"
#include "hosted/watcher/state.h"

#include <stdbool.h>

/* All zero: there were none. The members are to be looked at, none to be written. Not to be moved. */
struct alerts {
	struct watch_alert alert; /* the last; id 0: there was none */
	char names[WATCH_ALERT_BENCHMARKS][STATE_NAME_BYTES];
	char detectors[WATCH_ALERT_BENCHMARKS][32];
	int64_t quiet_since; /* the minute of the last change's end; 0: one is open */
	unsigned told;       /* state_put_alert */
	bool is_news;        /* it is not all in the state */
	uint64_t opened, closed;
};

/* false: the state cannot be read. */
bool alerts_load(struct alerts *alerts, struct state *state);

/* What a detector said of a benchmark's window of this minute, in minutes since 1970. */
void alerts_take(struct alerts *alerts, const char *benchmark, const struct detector_event *event, int64_t minute);

/* The minute is over: an alert may end. */
void alerts_settle(struct alerts *alerts, int64_t minute);

/* What was not told yet. */
void alerts_tell(struct alerts *alerts, void (*tell)(void *argument, const struct watch_alert *alert), void *argument);

/* Whether the state lacks something; puts it there; it is there for good. */
bool alerts_has_news(const struct alerts *alerts);
bool alerts_put(const struct alerts *alerts, struct state *state);
void alerts_are_put(struct alerts *alerts);

/* Whether an alert is open that the benchmark is part of; *is_slower: which way. */
bool alerts_is_part(const struct alerts *alerts, const char *benchmark, bool *is_slower);

/* Changes that are open, of benchmarks that `goes_on` says false of, end: nobody follows them any more. The alert's end
 * does not say of them that the speed came back. */
void alerts_drop(struct alerts *alerts, bool (*goes_on)(const void *argument, const char *benchmark),
		 const void *argument, int64_t minute);

/* Whether there is something that was not told yet. */
bool alerts_has_to_tell(const struct alerts *alerts);
