/* SPDX-License-Identifier: Apache-2.0
 *
 * A folder for one recording: the library that is preloaded, and a file from each process that it is preloaded into
 * (preload/counts.h). It is the user's alone (0700), in the first of these that takes it and lets programs be mapped
 * from it: $XDG_RUNTIME_DIR, the folder for data (hosted/results/files.h), $TMPDIR, /tmp.
 */
#pragma once

#include "bench/text.h"
#include "hosted/record/record.h"

#include <stdbool.h>

enum { SESSION_PATH_BYTES = 1024 };

struct session {
	char folder[SESSION_PATH_BYTES];
};

/* 0, or PLATFORM_EIO with a line in `complaint`. */
int session_open(struct session *session, struct text *complaint);

/* What the program's environment has to say: LD_PRELOAD, ours before what was there, and the folder. false: no memory.
 */
bool session_set_environment(const struct session *session);

/* Adds the files of processes that are gone to the record, and removes them; `all`: of those that still run, too. */
void session_gather(const struct session *session, bool all, struct record *record);

/* Removes the folder. Processes that still run go on counting for nobody. */
void session_close(const struct session *session);
