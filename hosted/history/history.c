/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/history/history.h"

#include "hosted/results/files.h"
#include "hosted/verdict/change_points.h"
#include "lib/crc32.h"
#include "platform.h"

#include <errno.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { VERSION = 2, BUSY_MS = 10000 };

static const char another_version[] = "made by another version of this program";

struct history {
	sqlite3 *database;
	int version; /* of the file */
	char file[PATH_MAX];
};

static const char schema[] =
	"CREATE TABLE run(id INTEGER PRIMARY KEY, added TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP, digest TEXT NOT NULL "
	"UNIQUE,"
	" version TEXT NOT NULL, commit_id TEXT NOT NULL, machine TEXT NOT NULL, figure TEXT NOT NULL);"
	"CREATE TABLE benchmark(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"
	"CREATE TABLE result(benchmark INTEGER NOT NULL REFERENCES benchmark, run INTEGER NOT NULL REFERENCES run,"
	" time REAL NOT NULL, lower REAL NOT NULL, upper REAL NOT NULL, PRIMARY KEY(benchmark, run)) WITHOUT ROWID;"
	"PRAGMA user_version = 2;";

/* The first version kept the slope, and the mean where sampling was flat. */
#define FIRST_FIGURE "'slope'"
static const char from_first[] = "ALTER TABLE run ADD COLUMN figure TEXT NOT NULL DEFAULT " FIRST_FIGURE ";"
				 "PRAGMA user_version = 2;";

static int complain(const char *file, const char *what, struct text *complaint) {
	text_add_string(complaint, file);
	text_add_string(complaint, ": ");
	text_add_string(complaint, what);
	text_add_string(complaint, "\n");
	return PLATFORM_EIO;
}

static int complain_sql(struct history *history, struct text *complaint) {
	return complain(history->file, sqlite3_errmsg(history->database), complaint);
}

static bool execute(struct history *history, const char *sql) {
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

/* Within a transaction, so that of two that come first only one makes the tables. */
static int prepare(struct history *history, struct text *complaint) {
	sqlite3_busy_timeout(history->database, BUSY_MS);
	if (!execute(history, "PRAGMA foreign_keys = ON") || !execute(history, "BEGIN IMMEDIATE") ||
	    read_version(history) < 0)
		return complain_sql(history, complaint);
	if (history->version < 0 || history->version > VERSION)
		return complain(history->file, another_version, complaint);
	if ((history->version == 0 && !execute(history, schema)) ||
	    (history->version == 1 && !execute(history, from_first)) || !execute(history, "COMMIT"))
		return complain_sql(history, complaint);
	return 0;
}

/* An empty file is what a writer leaves that was stopped before its first transaction. */
static int open_to_read(struct history *history, struct text *complaint) {
	FILE *file;
	if (access(history->file, F_OK) != 0)
		return complain(history->file, "no history there", complaint);
	if ((file = files_open(history->file, complaint)) == NULL)
		return PLATFORM_EIO;
	fclose(file);
	if (sqlite3_open_v2(history->file, &history->database, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
		return complain_sql(history, complaint);
	sqlite3_busy_timeout(history->database, BUSY_MS);
	if (read_version(history) < 0)
		return complain_sql(history, complaint);
	if (history->version < 1 || history->version > VERSION)
		return complain(history->file, history->version ? another_version : "no history there", complaint);
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
		return complain(history->file, strerror(errno), complaint);
	if (sqlite3_open(history->file, &history->database) != SQLITE_OK)
		return complain_sql(history, complaint);
	int status = prepare(history, complaint);
	if (status)
		remove_empty(history->file);
	return status;
}

int history_open(const char *file, enum history_use use, struct history **result, struct text *complaint) {
	struct history *history = calloc(1, sizeof(*history));
	int status = 0;
	if (!history)
		return complain("history", "out of memory", complaint);
	if (file ? snprintf(history->file, sizeof(history->file), "%s", file) >= (int)sizeof(history->file)
		 : !files_data_path("history.db", false, history->file, sizeof(history->file)))
		status = complain("history", "no file for it: --db, ANECHOIC_HOME, XDG_DATA_HOME or HOME say where",
				  complaint);
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
	if (history)
		sqlite3_close(history->database);
	free(history);
}

/* ---- adding ------------------------------------------------------------------------------------------------------ */

void history_machine(const struct results *results, char *machine, size_t capacity) {
	snprintf(machine, capacity, "%s, %s, %s, %s, %s", results_context(results, "platform/architecture"),
		 results_context(results, "platform/way"), results_context(results, "platform/cpu"),
		 results_context(results, "platform/hypervisor"), results_context(results, "figures"));
}

/* What tells two runs apart: two of the same length, checksum and duration to the nanosecond are the same file. */
static bool make_digest(const struct results *results, char *digest, size_t capacity) {
	char *bytes = json_dumps(results->root, JSON_COMPACT | JSON_SORT_KEYS);
	json_int_t elapsed = json_integer_value(json_object_get(results->context, "elapsed_ns"));
	if (!bytes)
		return false;
	snprintf(digest, capacity, "%08x-%zu-%lld", (unsigned)crc32c(0, bytes, strlen(bytes)), strlen(bytes),
		 (long long)elapsed);
	free(bytes);
	return true;
}

enum { DIGEST_BYTES = 64 };

/* A run that is there with the figure of an earlier version counts as a change, too: it gets today's. */
static bool insert_run(struct history *history, const struct results *results, const char *digest) {
	char machine[HISTORY_MACHINE_BYTES];
	sqlite3_stmt *statement = NULL;
	history_machine(results, machine, sizeof(machine));
	bool good = sqlite3_prepare_v2(history->database,
				       "INSERT INTO run(digest, version, commit_id, machine, figure)"
				       " VALUES(?1, ?2, ?3, ?4, '" STATS_FIGURE "') ON CONFLICT(digest) DO UPDATE"
				       " SET figure = excluded.figure WHERE figure <> excluded.figure",
				       -1, &statement, NULL) == SQLITE_OK &&
		    sqlite3_bind_text(statement, 1, digest, -1, SQLITE_TRANSIENT) == SQLITE_OK &&
		    sqlite3_bind_text(statement, 2, results_context(results, "version"), -1, SQLITE_TRANSIENT) ==
			    SQLITE_OK &&
		    sqlite3_bind_text(statement, 3, results_context(results, "commit"), -1, SQLITE_TRANSIENT) ==
			    SQLITE_OK &&
		    sqlite3_bind_text(statement, 4, machine, -1, SQLITE_TRANSIENT) == SQLITE_OK &&
		    sqlite3_step(statement) == SQLITE_DONE;
	sqlite3_finalize(statement);
	return good;
}

static bool insert_name(sqlite3_stmt *statement, const char *name) {
	bool good = sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC) == SQLITE_OK &&
		    sqlite3_step(statement) == SQLITE_DONE;
	return sqlite3_reset(statement) == SQLITE_OK && good;
}

static bool insert_figures(sqlite3_stmt *statement, const char *digest, const struct results_benchmark *benchmark) {
	const struct results_estimate *time = results_headline(benchmark);
	bool good = sqlite3_bind_text(statement, 1, benchmark->name, -1, SQLITE_STATIC) == SQLITE_OK &&
		    sqlite3_bind_text(statement, 2, digest, -1, SQLITE_STATIC) == SQLITE_OK &&
		    sqlite3_bind_double(statement, 3, time->point) == SQLITE_OK &&
		    sqlite3_bind_double(statement, 4, time->lower) == SQLITE_OK &&
		    sqlite3_bind_double(statement, 5, time->upper) == SQLITE_OK &&
		    sqlite3_step(statement) == SQLITE_DONE;
	return sqlite3_reset(statement) == SQLITE_OK && good;
}

static bool insert_results(struct history *history, const struct results *results, const char *digest) {
	sqlite3_stmt *name = NULL, *figures = NULL;
	bool good = sqlite3_prepare_v2(history->database, "INSERT OR IGNORE INTO benchmark(name) VALUES(?1)", -1, &name,
				       NULL) == SQLITE_OK &&
		    sqlite3_prepare_v2(history->database,
				       "INSERT OR REPLACE INTO result(benchmark, run, time, lower, upper)"
				       " SELECT benchmark.id, run.id, ?3, ?4, ?5 FROM benchmark, run"
				       " WHERE name = ?1 AND digest = ?2",
				       -1, &figures, NULL) == SQLITE_OK;
	for (size_t i = 0; good && i < results->count; i++)
		if (results->benchmarks[i].status == BENCH_STATUS_OK)
			good = insert_name(name, results->benchmarks[i].name) &&
			       insert_figures(figures, digest, &results->benchmarks[i]);
	sqlite3_finalize(name);
	sqlite3_finalize(figures);
	return good;
}

int history_add(struct history *history, const struct results *results, struct text *complaint) {
	char digest[DIGEST_BYTES];
	if (!make_digest(results, digest, sizeof(digest)))
		return complain(history->file, "out of memory", complaint);
	if (!execute(history, "BEGIN IMMEDIATE"))
		return complain_sql(history, complaint);
	bool good = insert_run(history, results, digest), is_new = good && sqlite3_changes(history->database) > 0;
	if (is_new)
		good = insert_results(history, results, digest);
	if (good && execute(history, "COMMIT"))
		return is_new ? 0 : 1;
	complain_sql(history, complaint);
	execute(history, "ROLLBACK");
	return PLATFORM_EIO;
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static void copy_column(sqlite3_stmt *statement, int column, char *string, size_t capacity) {
	const unsigned char *bytes = sqlite3_column_text(statement, column);
	snprintf(string, capacity, "%s", bytes ? (const char *)bytes : "");
}

static struct history_entry entry_of(sqlite3_stmt *statement) {
	struct history_entry entry = {
		.run = sqlite3_column_int64(statement, 0),
		.time = sqlite3_column_double(statement, 4),
		.lower = sqlite3_column_double(statement, 5),
		.upper = sqlite3_column_double(statement, 6),
	};
	copy_column(statement, 1, entry.added, sizeof(entry.added));
	copy_column(statement, 2, entry.commit, 13);
	copy_column(statement, 3, entry.machine, sizeof(entry.machine));
	return entry;
}

/* Of one series. */
static bool mark_changes(struct history_entry *entries, size_t count) {
	double *times = calloc(count, sizeof(*times));
	size_t *points = calloc(count, sizeof(*points)), found = 0;
	for (size_t i = 0; times && i < count; i++)
		times[i] = entries[i].time;
	bool good = times && points && change_points_find(times, count, points, count, &found);
	for (size_t i = 0; i < found; i++)
		entries[points[i]].changed = true;
	free(times);
	free(points);
	return good;
}

static bool mark_all_changes(struct history_entry *entries, size_t count) {
	bool good = true;
	for (size_t begin = 0, end; good && begin < count; begin = end) {
		for (end = begin + 1; end < count && strcmp(entries[end].machine, entries[begin].machine) == 0; end++)
			;
		good = mark_changes(entries + begin, end - begin);
	}
	return good;
}

static bool room_for_one(struct history_entry **entries, size_t count) {
	enum { STEP = 256 };
	if (count % STEP != 0)
		return true;
	struct history_entry *more = realloc(*entries, (count + STEP) * sizeof(*more));
	*entries = more ? more : *entries;
	return more != NULL;
}

/* Runs of another figure are a series of their own, which has the figure in its name. */
#define QUERY(figure)                                                                                            \
	"SELECT * FROM (SELECT id, added, commit_id, series, time, lower, upper,"                                \
	" ROW_NUMBER() OVER (PARTITION BY series ORDER BY id DESC) AS age"                                       \
	" FROM result JOIN (SELECT id, added, commit_id,"                                                        \
	" CASE " figure " WHEN '" STATS_FIGURE "' THEN machine ELSE machine || ', ' || " figure " END AS series" \
	" FROM run) ON id = result.run"                                                                          \
	" WHERE result.benchmark = (SELECT id FROM benchmark WHERE name = ?1)) WHERE age <= ?2"                  \
	" ORDER BY series, id"

int history_read(struct history *history, const char *benchmark, size_t most, struct history_entry **entries,
		 size_t *count, struct text *complaint) {
	const char *query = history->version == 1 ? QUERY(FIRST_FIGURE) : QUERY("figure");
	sqlite3_stmt *statement = NULL;
	int step = SQLITE_ERROR;
	bool room = true;
	*count = 0;
	*entries = NULL;
	if (sqlite3_prepare_v2(history->database, query, -1, &statement, NULL) == SQLITE_OK &&
	    sqlite3_bind_text(statement, 1, benchmark, -1, SQLITE_STATIC) == SQLITE_OK &&
	    sqlite3_bind_int64(statement, 2, (sqlite3_int64)most) == SQLITE_OK)
		while ((step = sqlite3_step(statement)) == SQLITE_ROW && (room = room_for_one(entries, *count)))
			(*entries)[(*count)++] = entry_of(statement);
	int status = 0;
	if (!room || (step == SQLITE_DONE && !mark_all_changes(*entries, *count)))
		status = complain(history->file, "out of memory", complaint);
	else if (step != SQLITE_DONE)
		status = complain_sql(history, complaint);
	sqlite3_finalize(statement);
	if (status) {
		free(*entries);
		*entries = NULL;
		*count = 0;
	}
	return status;
}
