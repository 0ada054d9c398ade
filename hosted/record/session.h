/* SPDX-License-Identifier: Apache-2.0
 *
 * What one recording has in the file system: the library that is preloaded, and a file from each process that it is
 * preloaded into (preload/counts.h). Both lie in a folder that is the user's alone (0700) and is removed at the end, or
 * in two where none suits both; what a recorder leaves that was killed the next one removes.
 * Files to count in are mapped, and want memory below them: $XDG_RUNTIME_DIR, /dev/shm. The library wants a file system
 * that programs may be mapped from: those again, the folder for data (hosted/results/files.h), $TMPDIR, /tmp.
 */
#pragma once

#include "bench/text.h"
#include "hosted/record/record.h"

#include <dirent.h>
#include <stdbool.h>

enum { SESSION_PATH_BYTES = 1024 };

struct session {
	char counts[SESSION_PATH_BYTES];  /* the folder of the processes' files */
	DIR *files;                       /* the same, open */
	char library[SESSION_PATH_BYTES]; /* the folder of the library, mostly the same; "": none yet */
	int library_held;                 /* where it is another: what holds that (hosted/record/folder.h) */
	struct record_room room;          /* to read into */
};

/* 0, or PLATFORM_EIO with a line in `complaint`. */
int session_open(struct session *session, struct text *complaint);

/* What the program's environment has to say: LD_PRELOAD, ours before what was there, and the folder. false: no memory.
 */
bool session_set_environment(const struct session *session);

/* Adds the files of processes that are gone to the record, and removes them; `all`: of those that still run, too. */
void session_gather(struct session *session, bool all, struct record *record);

/* Removes the folders. Processes that still run go on counting for nobody. */
void session_close(const struct session *session);
