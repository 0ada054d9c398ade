/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/history/database.h"
#include "hosted/verdict/change_points.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct history_entry entry_of(sqlite3_stmt *statement) {
	struct history_entry entry = {
		.run = sqlite.column_int64(statement, 0),
		.time = sqlite.column_double(statement, 5),
		.lower = sqlite.column_double(statement, 6),
		.upper = sqlite.column_double(statement, 7),
	};
	database_text(statement, 1, entry.added, sizeof(entry.added));
	database_text(statement, 2, entry.commit, 13);
	database_text(statement, 3, entry.machine, sizeof(entry.machine));
	database_text(statement, 4, entry.name, sizeof(entry.name));
	return entry;
}

bool history_same_series(const struct history_entry *a, const struct history_entry *b) {
	return strcmp(a->machine, b->machine) == 0 && strcmp(a->name, b->name) == 0;
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

static size_t series_end(const struct history_entry *entries, size_t count, size_t begin) {
	size_t end = begin + 1;
	while (end < count && history_same_series(&entries[end], &entries[begin]))
		end++;
	return end;
}

static bool mark_all_changes(struct history_entry *entries, size_t count) {
	bool good = true;
	for (size_t begin = 0, end; good && begin < count; begin = end) {
		end = series_end(entries, count, begin);
		good = mark_changes(entries + begin, end - begin);
	}
	return good;
}

/* `most` of each series; how many are left. */
static size_t keep_last(struct history_entry *entries, size_t count, size_t most) {
	size_t kept = 0;
	for (size_t begin = 0, end; begin < count; begin = end) {
		end = series_end(entries, count, begin);
		size_t first = end - begin > most ? end - most : begin;
		memmove(&entries[kept], &entries[first], (end - first) * sizeof(*entries));
		kept += end - first;
	}
	return kept;
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
#define QUERY(figure, name)                                                                                   \
	"SELECT id, added, commit_id,"                                                                        \
	" CASE " figure " WHEN '" STATS_FIGURE "' THEN machine ELSE machine || ', ' || " figure               \
	" END AS series, " name " AS series_name, time, lower, upper FROM result JOIN run ON id = result.run" \
	" WHERE result.benchmark = (SELECT id FROM benchmark WHERE benchmark.name = ?1)"                      \
	" ORDER BY series, series_name, id"

/* Of a file of each version, up to today's. */
static const char *const queries[] = {
	NULL,
	QUERY(HISTORY_FIRST_FIGURE, HISTORY_NO_NAME),
	QUERY("figure", HISTORY_NO_NAME),
	QUERY("figure", "run.name"),
};
enum { QUERIES = sizeof(queries) / sizeof(queries[0]) };

static const char *query_of(const struct history *history) {
	return queries[history->database.version < QUERIES ? history->database.version : QUERIES - 1];
}

int history_read(struct history *history, const char *benchmark, size_t most, struct history_entry **entries,
		 size_t *count, struct text *complaint) {
	sqlite3_stmt *statement = NULL;
	int step = SQLITE_ERROR;
	bool room = true;
	*count = 0;
	*entries = NULL;
	if (sqlite.prepare_v2(history->database.sqlite, query_of(history), -1, &statement, NULL) == SQLITE_OK &&
	    sqlite.bind_text(statement, 1, benchmark, -1, SQLITE_STATIC) == SQLITE_OK)
		while ((step = sqlite.step(statement)) == SQLITE_ROW && (room = room_for_one(entries, *count)))
			(*entries)[(*count)++] = entry_of(statement);
	int status = 0;
	*count = keep_last(*entries, *count, most);
	if (!room || (step == SQLITE_DONE && !mark_all_changes(*entries, *count)))
		status = history_complain(history->database.file, "out of memory", complaint);
	else if (step != SQLITE_DONE)
		status = database_complain(&history->database, complaint);
	sqlite.finalize(statement);
	if (status) {
		free(*entries);
		*entries = NULL;
		*count = 0;
	}
	return status;
}

json_t *history_samples(struct history *history, const char *benchmark, int64_t run, json_t **times) {
	sqlite3_stmt *statement = NULL;
	json_t *iters = NULL;
	*times = NULL;
	if (history->database.version >= 3 &&
	    sqlite.prepare_v2(history->database.sqlite,
			      "SELECT iters, times FROM sample WHERE run = ?2"
			      " AND benchmark = (SELECT id FROM benchmark WHERE name = ?1)",
			      -1, &statement, NULL) == SQLITE_OK &&
	    sqlite.bind_text(statement, 1, benchmark, -1, SQLITE_STATIC) == SQLITE_OK &&
	    sqlite.bind_int64(statement, 2, run) == SQLITE_OK && sqlite.step(statement) == SQLITE_ROW) {
		iters = json_loads((const char *)sqlite.column_text(statement, 0), 0, NULL);
		*times = json_loads((const char *)sqlite.column_text(statement, 1), 0, NULL);
	}
	sqlite.finalize(statement);
	if (iters && *times)
		return iters;
	json_decref(iters);
	json_decref(*times);
	return *times = NULL;
}
