/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/plain.h"
#include "hosted/history/database.h"
#include "platform.h"

#include <stdlib.h>

#define SAMPLES                                                                           \
	"CREATE TABLE sample(benchmark INTEGER NOT NULL REFERENCES benchmark,"            \
	" run INTEGER NOT NULL REFERENCES run, iters TEXT NOT NULL, times TEXT NOT NULL," \
	" PRIMARY KEY(benchmark, run)) WITHOUT ROWID;"

/* What each version lacks, from the first on. */
static const char *const steps[] = {
	"ALTER TABLE run ADD COLUMN figure TEXT NOT NULL DEFAULT " HISTORY_FIRST_FIGURE,
	"ALTER TABLE run ADD COLUMN name TEXT NOT NULL DEFAULT " HISTORY_NO_NAME ";" SAMPLES,
	"UPDATE run SET digest = '" HISTORY_EARLIER_DIGEST "' || digest",
};

static const struct database_kind kind = {
	.what = "history",
	.file = "history.db",
	.where = "--db",
	.version = sizeof(steps) / sizeof(steps[0]) + 1,
	.reads_earlier = true,
	.schema = "CREATE TABLE run(id INTEGER PRIMARY KEY, added TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP, digest TEXT "
		  "NOT NULL "
		  "UNIQUE,"
		  " version TEXT NOT NULL, commit_id TEXT NOT NULL, machine TEXT NOT NULL, figure TEXT NOT NULL,"
		  " name TEXT NOT NULL DEFAULT '');"
		  "CREATE TABLE benchmark(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"
		  "CREATE TABLE result(benchmark INTEGER NOT NULL REFERENCES benchmark, run INTEGER NOT NULL "
		  "REFERENCES run,"
		  " time REAL NOT NULL, lower REAL NOT NULL, upper REAL NOT NULL, PRIMARY KEY(benchmark, run)) WITHOUT "
		  "ROWID;" SAMPLES,
	.from_earlier = steps,
};

int history_complain(const char *file, const char *what, struct text *complaint) {
	plain_add_string(complaint, file);
	plain_format(complaint, ": %s\n", what);
	return PLATFORM_EIO;
}

int history_open(const char *file, enum history_use use, struct history **result, struct text *complaint) {
	struct history *history = calloc(1, sizeof(*history));
	*result = history;
	if (!history)
		return history_complain("history", "out of memory", complaint);
	int status = database_open(&history->database, &kind, file,
				   use == HISTORY_READ ? DATABASE_READ : DATABASE_WRITE, complaint);
	if (status) {
		free(history);
		*result = NULL;
	}
	return status;
}

void history_close(struct history *history) {
	for (int i = 0; history && i < HISTORY_STATEMENTS; i++)
		sqlite.finalize(history->statements[i]);
	if (history)
		database_close(&history->database);
	free(history);
}
