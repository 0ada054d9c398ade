/* SPDX-License-Identifier: Apache-2.0
 *
 * `--on-alert COMMAND`: a shell's command for each alert that opens or ends, with it as JSON on its standard input
 * (alert_json.h). It gets time and no more: it runs beside the watch, one at a time, in a process group of its own that
 * is killed with it when it ends or when its time is over. The alert is a file in memory: a command that does not read
 * it, or stops halfway, holds up nobody. It inherits no descriptor but standard error, which is its output, too, and
 * runs with the signals and on the CPUs that the process had at on_alert_begin.
 *
 * Nothing here waits but on_alert_end. The caller's loop calls on_alert_step; while on_alert_is_busy, at least ten
 * times a second. Not for two threads at once.
 */
#pragma once

#include "bench/text.h"
#include "hosted/watch/status.h"

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { ON_ALERT_LIMIT_MS = 30000, ON_ALERT_WAITING = 16 };

struct on_alert_told {
	uint64_t id;
	enum watch_alert_state state;
	int file; /* the alert; ours */
};

/* All zero: there is no command, and all below does nothing. */
struct on_alert {
	const char *command; /* the caller's, for as long as this is in use */
	uint64_t limit_ms;
	cpu_set_t cpus;
	pid_t running; /* 0: none is */
	bool is_late;  /* it was killed for that, and its end is still to come */
	uint64_t since_ms;
	size_t count;
	struct on_alert_told told[ON_ALERT_WAITING]; /* in order; the first one's command runs */
};

/* SIGCHLD has its default from now on, else nobody could ask how a command ended. */
void on_alert_begin(struct on_alert *on_alert, const char *command, uint64_t limit_ms);

/* An alert is to be told, behind those that are. It adds a line to `complaint` where that cannot be: too many wait, or
 * memory ended. */
void on_alert_tell(struct on_alert *on_alert, const struct watch_alert *alert, struct text *complaint);

/* Starts what waits, and ends what is over. A line in `complaint` for a command that cannot be started, ended with
 * another status than 0, or was killed. */
void on_alert_step(struct on_alert *on_alert, struct text *complaint);

/* Whether a command runs, or waits to. */
bool on_alert_is_busy(const struct on_alert *on_alert);

/* The watch ends: waits until all is told, limit_ms at the most, then kills what runs and says what was not told. */
void on_alert_end(struct on_alert *on_alert, struct text *complaint);
