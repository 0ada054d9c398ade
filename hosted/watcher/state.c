/* SPDX-License-Identifier: Apache-2.0
 *
 * Who watches is held by a lock on the file (flock), which ends with the process however that ends; SQLite's own locks
 * are of another kind, and let others read meanwhile.
 */
#include "hosted/watcher/state.h"

#include "bench/plain.h"
#include "hosted/results/database.h"
#include "hosted/results/files.h"
#include "platform.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

struct state {
	struct database database;
	int lock; /* -1: it is only looked at */
};

enum { APPLICATION = 0x416e5774 /* "AnWt" */ };

static const struct database_kind kind = {
	.what = "state of a watch",
	.file = "watch.db",
	.where = "--state",
	.application = APPLICATION,
	.version = 1,
	.schema =
		"CREATE TABLE watch(id INTEGER PRIMARY KEY CHECK(id = 1), machine TEXT NOT NULL, commit_id TEXT NOT "
		"NULL,"
		" started INTEGER NOT NULL, last INTEGER NOT NULL, last_round INTEGER NOT NULL, rounds INTEGER NOT "
		"NULL,"
		" rounds_loud INTEGER NOT NULL, rounds_failed INTEGER NOT NULL, rounds_held INTEGER NOT NULL,"
		" windows_lost INTEGER NOT NULL, run_length REAL NOT NULL, duty REAL NOT NULL, process INTEGER NOT "
		"NULL);"
		"CREATE TABLE benchmark(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, detector BLOB,"
		" detector_window INTEGER NOT NULL DEFAULT 0);"
		"CREATE TABLE \"window\"(benchmark INTEGER NOT NULL REFERENCES benchmark, span INTEGER NOT NULL,"
		" start INTEGER NOT NULL, room INTEGER NOT NULL, count INTEGER NOT NULL, p50 REAL NOT NULL,"
		" p95 REAL NOT NULL, p99 REAL NOT NULL, \"values\" BLOB NOT NULL, PRIMARY KEY(benchmark, span, start))"
		" WITHOUT ROWID;"
		"CREATE TABLE alert(id INTEGER PRIMARY KEY, began INTEGER NOT NULL, opened INTEGER NOT NULL,"
		" closed INTEGER NOT NULL, told INTEGER NOT NULL);"
		"CREATE TABLE change(alert INTEGER NOT NULL REFERENCES alert, place INTEGER NOT NULL,"
		" benchmark TEXT NOT NULL, closed INTEGER NOT NULL, percentile INTEGER NOT NULL, detector TEXT NOT "
		"NULL,"
		" slower INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, before REAL NOT NULL,"
		" after REAL NOT NULL, adopted INTEGER NOT NULL, PRIMARY KEY(alert, place)) WITHOUT ROWID;",
};

/* ---- the file ---------------------------------------------------------------------------------------------------- */

const char *state_file(const struct state *state) {
	return state->database.file;
}

int state_complain(const struct state *state, struct text *complaint) {
	return database_complain(&state->database, complaint);
}

/* It may be anywhere between having the lock and having said so. */
static void say_who(struct state *state, struct text *complaint) {
	struct state_watch watch = {.process = 0};
	plain_format(complaint, "%s: another watch is on it", state->database.file);
	if (state_get_watch(state, &watch) && watch.process > 0)
		text_format(complaint, ", process %" PRId64, watch.process);
	text_add_string(complaint, ": end that one, or name another file with --state\n");
}

static int take_lock(struct state *state, struct text *complaint) {
	state->lock = open(state->database.file, O_RDONLY | O_CLOEXEC);
	if (state->lock >= 0 && flock(state->lock, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno == EWOULDBLOCK)
		say_who(state, complaint);
	else
		plain_format(complaint, "%s: %s\n", state->database.file, strerror(errno));
	return PLATFORM_EIO;
}

/* Before years of alarms rest on it. */
static int check(struct state *state, struct text *complaint) {
	char said[128] = "";
	sqlite3_stmt *statement = database_prepare(&state->database, "PRAGMA quick_check(1)", "");
	bool good = statement != NULL && sqlite.step(statement) == SQLITE_ROW;
	if (good)
		database_text(statement, 0, said, sizeof(said));
	if (sqlite.finalize(statement) != SQLITE_OK || !good)
		return state_complain(state, complaint);
	if (strcmp(said, "ok") == 0)
		return 0;
	plain_format(complaint, "%s: it is damaged: move it away, and a new one is begun\n", state->database.file);
	return PLATFORM_EIO;
}

int state_open(const char *file, enum state_use use, struct state **result, struct text *complaint) {
	struct state *state = malloc(sizeof(*state));
	*result = NULL;
	if (state == NULL) {
		text_add_string(complaint, "out of memory\n");
		return PLATFORM_EIO;
	}
	state->lock = -1;
	bool watches = use == STATE_WATCH;
	int status = database_open(&state->database, &kind, file, watches ? DATABASE_WRITE : DATABASE_READ, complaint);
	if (status != 0) {
		free(state);
		return status;
	}
	if (watches && ((status = take_lock(state, complaint)) != 0 || (status = check(state, complaint)) != 0)) {
		state_close(state);
		return status;
	}
	*result = state;
	return 0;
}

void state_close(struct state *state) {
	if (state == NULL)
		return;
	/* Closing any descriptor of the file would take SQLite's own locks with it: last. */
	database_close(&state->database);
	if (state->lock >= 0)
		close(state->lock);
	free(state);
}

/* https://www.sqlite.org/fileformat2.html, "The Database Header". */
bool state_is(const char *file) {
	static const char magic[] = "SQLite format 3";
	enum { HEADER = 100, APPLICATION_AT = 68 };
	unsigned char header[HEADER];
	struct text complaint = {0};
	FILE *opened = files_open(file, &complaint);
	text_free(&complaint);
	if (opened == NULL)
		return false;
	bool whole = fread(header, 1, HEADER, opened) == HEADER;
	fclose(opened);
	const unsigned char *at = header + APPLICATION_AT;
	return whole && memcmp(header, magic, sizeof(magic)) == 0 &&
	       ((uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3]) == APPLICATION;
}

bool state_begin(struct state *state) {
	return database_do(&state->database, "BEGIN IMMEDIATE", "");
}

bool state_commit(struct state *state) {
	return database_do(&state->database, "COMMIT", "");
}

void state_roll_back(struct state *state) {
	(void)database_do(&state->database, "ROLLBACK", "");
}

static bool end(sqlite3_stmt *statement, int status) {
	return sqlite.finalize(statement) == SQLITE_OK && status == SQLITE_DONE;
}

/* A count, a time or a window's number as a stranger may have written it. */
static int64_t number_of(int64_t number) {
	return number < 0 ? 0 : number > STATE_NUMBER_MOST ? STATE_NUMBER_MOST : number;
}

/* ---- the watch --------------------------------------------------------------------------------------------------- */

bool state_get_watch(struct state *state, struct state_watch *watch) {
	sqlite3_stmt *row = database_prepare(
		&state->database,
		"SELECT machine, commit_id, started, last, last_round, rounds, rounds_loud, rounds_failed, rounds_held,"
		" windows_lost, run_length, duty, process FROM watch",
		"");
	int status = row ? sqlite.step(row) : SQLITE_ERROR;
	*watch = (struct state_watch){.machine = ""};
	if (status == SQLITE_ROW) {
		int64_t *const numbers[] = {&watch->started,     &watch->last,        &watch->last_round,
					    &watch->rounds,      &watch->rounds_loud, &watch->rounds_failed,
					    &watch->rounds_held, &watch->windows_lost};
		enum { NUMBERS = sizeof(numbers) / sizeof(numbers[0]), FIRST = 2 };
		database_text(row, 0, watch->machine, sizeof(watch->machine));
		database_text(row, 1, watch->commit, sizeof(watch->commit));
		for (int i = 0; i < NUMBERS; i++) {
			int64_t number = sqlite.column_int64(row, FIRST + i);
			*numbers[i] = number_of(number);
		}
		watch->run_length = sqlite.column_double(row, FIRST + NUMBERS);
		watch->duty = sqlite.column_double(row, FIRST + NUMBERS + 1);
		watch->process = sqlite.column_int64(row, FIRST + NUMBERS + 2);
		status = sqlite.step(row);
	}
	return end(row, status);
}

bool state_put_watch(struct state *state, const struct state_watch *watch) {
	return database_do(&state->database,
			   "INSERT OR REPLACE INTO watch VALUES(1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, "
			   "?13)",
			   "ttiiiiiiiiddi", watch->machine, watch->commit, watch->started, watch->last,
			   watch->last_round, watch->rounds, watch->rounds_loud, watch->rounds_failed,
			   watch->rounds_held, watch->windows_lost, watch->run_length, watch->duty, watch->process);
}

/* ---- benchmarks -------------------------------------------------------------------------------------------------- */

bool state_benchmark(struct state *state, const char *name, int64_t *number) {
	if (!database_do(&state->database, "INSERT OR IGNORE INTO benchmark(name) VALUES(?1)", "t", name))
		return false;
	sqlite3_stmt *row = database_prepare(&state->database, "SELECT id FROM benchmark WHERE name = ?1", "t", name);
	bool good = row != NULL && sqlite.step(row) == SQLITE_ROW;
	*number = good ? sqlite.column_int64(row, 0) : 0;
	return sqlite.finalize(row) == SQLITE_OK && good;
}

bool state_benchmarks(struct state *state, state_take_name *take, void *argument) {
	sqlite3_stmt *row = database_prepare(&state->database, "SELECT id, name FROM benchmark ORDER BY name", "");
	char name[STATE_NAME_BYTES];
	int status;
	while ((status = row ? sqlite.step(row) : SQLITE_ERROR) == SQLITE_ROW) {
		database_text(row, 1, name, sizeof(name));
		take(argument, sqlite.column_int64(row, 0), name);
	}
	return end(row, status);
}

bool state_put_detector(struct state *state, int64_t benchmark, uint64_t window, const uint8_t *bytes, size_t length) {
	return database_do(&state->database, "UPDATE benchmark SET detector = ?2, detector_window = ?3 WHERE id = ?1",
			   "ibi", benchmark, (const void *)bytes, length, (int64_t)window);
}

bool state_get_detector(struct state *state, int64_t benchmark, uint64_t *window, uint8_t *bytes, size_t capacity,
			size_t *length) {
	sqlite3_stmt *row = database_prepare(
		&state->database, "SELECT detector, detector_window FROM benchmark WHERE id = ?1", "i", benchmark);
	bool good = row != NULL && sqlite.step(row) == SQLITE_ROW;
	const void *blob = good ? sqlite.column_blob(row, 0) : NULL;
	size_t found = blob ? (size_t)sqlite.column_bytes(row, 0) : 0;
	*length = found <= capacity ? found : 0;
	*window = good ? (uint64_t)number_of(sqlite.column_int64(row, 1)) : 0;
	if (*length)
		memcpy(bytes, blob, *length);
	return sqlite.finalize(row) == SQLITE_OK && good;
}

bool state_reset_detectors(struct state *state, uint64_t window) {
	return database_do(&state->database, "UPDATE benchmark SET detector = NULL, detector_window = ?1", "i",
			   (int64_t)window);
}

/* ---- windows ----------------------------------------------------------------------------------------------------- */

bool state_put_window(struct state *state, int64_t benchmark, enum watch_span span, const struct state_window *window) {
	const double *of = window->percentiles;
	return database_do(
		&state->database, "INSERT OR REPLACE INTO \"window\" VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
		"iiiiidddb", benchmark, (int64_t)span, window->start, (int64_t)window->room, (int64_t)window->count,
		of[DETECTOR_P50], of[DETECTOR_P95], of[DETECTOR_P99], (const void *)window->values, window->length);
}

static struct state_window window_of(sqlite3_stmt *row) {
	int64_t room = sqlite.column_int64(row, 1), count = sqlite.column_int64(row, 2);
	struct state_window window = {
		.start = sqlite.column_int64(row, 0),
		.room = room > ROOM_UNKNOWN && room < ROOM_WORDS ? (enum room_word)room : ROOM_UNKNOWN,
		.count = count > 0 ? (uint64_t)count : 0,
		.values = sqlite.column_blob(row, 6),
		.length = (size_t)sqlite.column_bytes(row, 6),
	};
	for (int i = 0; i < DETECTOR_PERCENTILES; i++)
		window.percentiles[i] = sqlite.column_double(row, 3 + i);
	return window;
}

static bool is_whole(const struct state_window *window) {
	for (int i = 0; i < DETECTOR_PERCENTILES; i++)
		if (!(window->percentiles[i] > 0) || !isfinite(window->percentiles[i]))
			return false;
	return window->count > 0 && window->start >= 0 && window->start <= STATE_TIME_MOST;
}

static bool take_windows(sqlite3_stmt *row, state_take_window *take, void *argument) {
	int status;
	while ((status = row ? sqlite.step(row) : SQLITE_ERROR) == SQLITE_ROW) {
		struct state_window window = window_of(row);
		if (is_whole(&window) && !take(argument, &window)) {
			status = SQLITE_DONE;
			break;
		}
	}
	return end(row, status);
}

#define WINDOWS                                                                \
	"SELECT start, room, count, p50, p95, p99, \"values\" FROM \"window\"" \
	" WHERE benchmark = ?1 AND span = ?2"

bool state_windows(struct state *state, int64_t benchmark, enum watch_span span, int64_t from, state_take_window *take,
		   void *argument) {
	return take_windows(database_prepare(&state->database, WINDOWS " AND start >= ?3 ORDER BY start", "iii",
					     benchmark, (int64_t)span, from),
			    take, argument);
}

bool state_last_window(struct state *state, int64_t benchmark, enum watch_span span, state_take_window *take,
		       void *argument) {
	return take_windows(database_prepare(&state->database, WINDOWS " ORDER BY start DESC LIMIT 1", "ii", benchmark,
					     (int64_t)span),
			    take, argument);
}

bool state_forget(struct state *state, int64_t now) {
	static const int64_t kept[WATCH_SPANS] = {
		[WATCH_MINUTE] = STATE_MINUTES_S, [WATCH_HOUR] = STATE_HOURS_S, [WATCH_DAY] = STATE_DAYS_S};
	/* By benchmark, so that each is a range of the key. */
	static const char sql[] = "DELETE FROM \"window\" WHERE benchmark IN (SELECT id FROM benchmark) AND span = ?1"
				  " AND start < ?2";
	for (int span = 0; span < WATCH_SPANS; span++)
		if (!database_do(&state->database, sql, "ii", (int64_t)span, now - kept[span]))
			return false;
	return true;
}

/* ---- alerts ------------------------------------------------------------------------------------------------------ */

static bool put_change(struct state *state, const struct watch_alert *alert, size_t place) {
	const struct detector_event *event = &alert->members[place].event;
	return database_do(&state->database,
			   "INSERT INTO change VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
			   "iitiitiiiddi", (int64_t)alert->id, (int64_t)place, alert->members[place].benchmark,
			   (int64_t)(event->answer == DETECTOR_CLOSED), (int64_t)event->percentile,
			   event->by ? event->by : "", (int64_t)event->is_slower, (int64_t)event->first,
			   (int64_t)event->last, event->before, event->after, (int64_t)event->is_adopted);
}

bool state_put_alert(struct state *state, const struct watch_alert *alert, unsigned told) {
	bool good =
		database_do(&state->database,
			    "INSERT INTO alert VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT(id) DO UPDATE SET"
			    " began = ?2, opened = ?3, closed = ?4, told = ?5",
			    "iiiii", (int64_t)alert->id, alert->began, alert->opened, alert->closed, (int64_t)told) &&
		database_do(&state->database, "DELETE FROM change WHERE alert = ?1", "i", (int64_t)alert->id);
	for (size_t i = 0; good && i < alert->count && i < WATCH_ALERT_BENCHMARKS; i++)
		good = put_change(state, alert, i);
	return good;
}

struct found_alert {
	struct watch_alert alert;
	char names[WATCH_ALERT_BENCHMARKS][STATE_NAME_BYTES];
	char detectors[WATCH_ALERT_BENCHMARKS][32];
};

static void take_change(sqlite3_stmt *row, struct found_alert *found) {
	size_t place = found->alert.count++;
	struct watch_alert_member *member = &found->alert.members[place];
	int64_t percentile = sqlite.column_int64(row, 2);
	database_text(row, 0, found->names[place], sizeof(found->names[place]));
	database_text(row, 3, found->detectors[place], sizeof(found->detectors[place]));
	bool known = percentile >= 0 && percentile < DETECTOR_PERCENTILES;
	*member = (struct watch_alert_member){
		.benchmark = found->names[place],
		.event = {.answer = sqlite.column_int64(row, 1) ? DETECTOR_CLOSED : DETECTOR_OPENED,
			  .percentile = known ? (enum detector_percentile)percentile : DETECTOR_P50,
			  .by = found->detectors[place],
			  .is_slower = sqlite.column_int64(row, 4) != 0,
			  .first = (uint64_t)number_of(sqlite.column_int64(row, 5)),
			  .last = (uint64_t)number_of(sqlite.column_int64(row, 6)),
			  .before = sqlite.column_double(row, 7),
			  .after = sqlite.column_double(row, 8),
			  .is_adopted = sqlite.column_int64(row, 9) != 0},
	};
}

/* What a ratio and a sentence can be made of. */
#define WHOLE_CHANGE " before > 0 AND before < 9e999 AND after > 0 AND after < 9e999 AND alert "

static bool read_changes(struct state *state, struct found_alert *found) {
	sqlite3_stmt *row =
		database_prepare(&state->database,
				 "SELECT benchmark, closed, percentile, detector, slower, first, last, "
				 "before, after, adopted FROM change WHERE" WHOLE_CHANGE "= ?1 ORDER BY place LIMIT ?2",
				 "ii", (int64_t)found->alert.id, (int64_t)WATCH_ALERT_BENCHMARKS);
	int status;
	while ((status = row ? sqlite.step(row) : SQLITE_ERROR) == SQLITE_ROW)
		take_change(row, found);
	return end(row, status);
}

bool state_alerts(struct state *state, int64_t most, state_take_alert *take, void *argument) {
	struct found_alert *found = malloc(sizeof(*found));
	sqlite3_stmt *row = database_prepare(&state->database,
					     "SELECT * FROM (SELECT id, began, opened, closed, told FROM alert"
					     " WHERE EXISTS(SELECT 1 FROM change WHERE" WHOLE_CHANGE "= alert.id)"
					     " ORDER BY id DESC LIMIT ?1) ORDER BY id",
					     "i", most);
	int status = SQLITE_ERROR;
	bool good = found != NULL;
	while (good && (status = row ? sqlite.step(row) : SQLITE_ERROR) == SQLITE_ROW) {
		*found = (struct found_alert){.alert = {.id = (uint64_t)number_of(sqlite.column_int64(row, 0)),
							.began = number_of(sqlite.column_int64(row, 1)),
							.opened = number_of(sqlite.column_int64(row, 2)),
							.closed = number_of(sqlite.column_int64(row, 3))}};
		found->alert.state = found->alert.closed ? WATCH_ALERT_CLOSED : WATCH_ALERT_OPENED;
		good = read_changes(state, found);
		if (good)
			take(argument, &found->alert, (unsigned)sqlite.column_int64(row, 4));
	}
	free(found);
	return end(row, status) && good;
}
