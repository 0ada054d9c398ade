/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/history/database.h"
#include "hosted/results/files.h"
#include "platform.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { VERSION = 3, BUSY_MS = 10000 };

static const char another_version[] = "made by another version of this program";

static const char schema[] =
	"CREATE TABLE run(id INTEGER PRIMARY KEY, added TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP, digest TEXT NOT NULL "
	"UNIQUE,"
	" version TEXT NOT NULL, commit_id TEXT NOT NULL, machine TEXT NOT NULL, figure TEXT NOT NULL,"
	" name TEXT NOT NULL DEFAULT '');"
	"CREATE TABLE benchmark(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"
	"CREATE TABLE result(benchmark INTEGER NOT NULL REFERENCES benchmark, run INTEGER NOT NULL REFERENCES run,"
	" time REAL NOT NULL, lower REAL NOT NULL, upper REAL NOT NULL, PRIMARY KEY(benchmark, run)) WITHOUT ROWID;";

/* What each version lacks, from the first on. */
static const char *const steps[] = {
	"ALTER TABLE run ADD COLUMN figure TEXT NOT NULL DEFAULT " HISTORY_FIRST_FIGURE,
	"ALTER TABLE run ADD COLUMN name TEXT NOT NULL DEFAULT " HISTORY_NO_NAME,
};
_Static_assert(sizeof(steps) / sizeof(steps[0]) == VERSION - 1, "a step from each version to the next");

static const char finish[] = "CREATE TABLE IF NOT EXISTS sample(benchmark INTEGER NOT NULL REFERENCES benchmark,"
			     " run INTEGER NOT NULL REFERENCES run, iters TEXT NOT NULL, times TEXT NOT NULL,"
			     " PRIMARY KEY(benchmark, run)) WITHOUT ROWID;"
			     "PRAGMA user_version = 3;";

int history_complain(const char *file, const char *what, struct text *complaint) {
	text_add_string(complaint, file);
	text_add_string(complaint, ": ");
	text_add_string(complaint, what);
	text_add_string(complaint, "\n");
	return PLATFORM_EIO;
}

int history_complain_sql(struct history *history, struct text *complaint) {
	return history_complain(history->file, sqlite3_errmsg(history->database), complaint);
}

bool history_execute(struct history *history, const char *sql) {
	return sqlite3_exec(history->database, sql, NULL, NULL, NULL) == SQLITE_OK;
}

/* ---- the file ---------------------------------------------------------------------------------------------------- */

static int read_version(struct history *history) {
	sqlite3_stmt *statement = NULL;
	bool good = sqlite3_prepare_v2(history->database, "PRAGMA user_version", -1, &statement, NULL) == SQLITE_OK &&
		    sqlite3_step(statement) == SQLITE_ROW;
	if (good)
		history->version = sqlite3_column_int(statement, 0);
	sqlite3_finalize(statement);
	return good ? 0 : PLATFORM_EIO;
}

static bool bring_up_to_date(struct history *history) {
	if (history->version == VERSION)
		return true;
	bool good = history->version > 0 || history_execute(history, schema);
	for (int from = history->version; good && from > 0 && from < VERSION; from++)
		good = history_execute(history, steps[from - 1]);
	return good && history_execute(history, finish);
}

/* Within a transaction, so that of two that come first only one makes the tables. */
static int prepare(struct history *history, struct text *complaint) {
	sqlite3_busy_timeout(history->database, BUSY_MS);
	if (!history_execute(history, "PRAGMA foreign_keys = ON") || !history_execute(history, "BEGIN IMMEDIATE") ||
	    read_version(history) < 0)
		return history_complain_sql(history, complaint);
	if (history->version < 0 || history->version > VERSION)
		return history_complain(history->file, another_version, complaint);
	if (!bring_up_to_date(history) || !history_execute(history, "COMMIT"))
		return history_complain_sql(history, complaint);
	history->version = VERSION;
	return 0;
}

/* An empty file is what a writer leaves that was stopped before its first transaction. */
static int open_to_read(struct history *history, struct text *complaint) {
	FILE *file;
	if (access(history->file, F_OK) != 0)
		return history_complain(history->file, "no history there", complaint);
	if ((file = files_open(history->file, complaint)) == NULL)
		return PLATFORM_EIO;
	fclose(file);
	if (sqlite3_open_v2(history->file, &history->database, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
		return history_complain_sql(history, complaint);
	sqlite3_busy_timeout(history->database, BUSY_MS);
	if (read_version(history) < 0)
		return history_complain_sql(history, complaint);
	if (history->version < 1 || history->version > VERSION)
		return history_complain(history->file, history->version ? another_version : "no history there",
					complaint);
	return 0;
}

/* What a full disk leaves of a new one. */
static void remove_empty(const char *file) {
	struct stat info;
	if (stat(file, &info) == 0 && S_ISREG(info.st_mode) && info.st_size == 0)
		unlink(file);
}

static int open_to_add(struct history *history, struct text *complaint) {
	if (!files_make_folders(history->file))
		return history_complain(history->file, strerror(errno), complaint);
	if (sqlite3_open(history->file, &history->database) != SQLITE_OK)
		return history_complain_sql(history, complaint);
	int status = prepare(history, complaint);
	if (status)
		remove_empty(history->file);
	return status;
}

int history_open(const char *file, enum history_use use, struct history **result, struct text *complaint) {
	struct history *history = calloc(1, sizeof(*history));
	int status = 0;
	if (!history)
		return history_complain("history", "out of memory", complaint);
	if (file ? snprintf(history->file, sizeof(history->file), "%s", file) >= (int)sizeof(history->file)
		 : !files_data_path("history.db", false, history->file, sizeof(history->file)))
		status = history_complain(
			"history", "no file for it: --db, ANECHOIC_HOME, XDG_DATA_HOME or HOME say where", complaint);
	else
		status = use == HISTORY_READ ? open_to_read(history, complaint) : open_to_add(history, complaint);
	*result = history;
	if (status) {
		history_close(history);
		*result = NULL;
	}
	return status;
}

void history_close(struct history *history) {
	for (int i = 0; history && i < HISTORY_STATEMENTS; i++)
		sqlite3_finalize(history->statements[i]);
	if (history)
		sqlite3_close(history->database);
	free(history);
}
