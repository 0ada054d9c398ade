/* SPDX-License-Identifier: Apache-2.0
 *
 * Where a watch tells its alerts and how it stands, beside the terminal: --on-alert, --textfile and --listen as one.
 * What cannot be told is a line in `complaint`, and never the end of the watch. Not for two threads at once.
 */
#pragma once

#include "hosted/watcher/listen.h"
#include "hosted/watcher/on_alert.h"

#include <signal.h>

/* Each may be NULL; the words are the caller's for as long as the outlets are open. */
struct outlets_options {
	const char *on_alert, *textfile, *listen;
};

struct outlets {
	struct on_alert on_alert;
	struct listen listen;
	const char *textfile;
	bool textfile_failed; /* which was said */
};

/* 0, or PLATFORM_EINVAL (usage) or PLATFORM_EIO with a line in `complaint`, and nothing is open. */
int outlets_open(struct outlets *outlets, const struct outlets_options *options, struct text *complaint);

void outlets_alert(struct outlets *outlets, const struct watch_alert *alert, struct text *complaint);
void outlets_status(struct outlets *outlets, const struct watch_status *status, struct text *complaint);

/* Serves them until monotonic_ms() is `until_ms`, or a signal came whose handler ran: false. `mask`: of signals blocked
 * meanwhile, as ppoll has it; NULL: those that are. */
bool outlets_wait(struct outlets *outlets, uint64_t until_ms, const sigset_t *mask, struct text *complaint);

/* Waits for commands to end, as on_alert_end does. */
void outlets_close(struct outlets *outlets, struct text *complaint);
