/* SPDX-License-Identifier: Apache-2.0
 *
 * What the history's own files share: the open data base, and its schema.
 */
#pragma once

#include "hosted/history/history.h"
#include "hosted/results/database.h"

/* Prepared once, as thousands of files may be added. */
enum history_statement {
	HISTORY_DIGEST,
	HISTORY_RUN,
	HISTORY_NAME,
	HISTORY_FIGURES,
	HISTORY_SAMPLES,
	HISTORY_STATEMENTS,
};

struct history {
	struct database database;
	sqlite3_stmt *statements[HISTORY_STATEMENTS]; /* NULL: not yet */
};

/* Of files of earlier versions, what stands for a column that they lack: the first one's figure was the slope, or the
 * mean where sampling was flat; before the third nobody said which machine of its model a run was of. */
#define HISTORY_FIRST_FIGURE "'slope'"
#define HISTORY_NO_NAME      "''"

/* Before what versions up to the third kept as `digest`. */
#define HISTORY_EARLIER_DIGEST "crc32c:"

/* A line in `complaint`; PLATFORM_EIO. */
int history_complain(const char *file, const char *what, struct text *complaint);
