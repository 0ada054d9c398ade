/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/results/database.h"

#include "bench/plain.h"
#include "hosted/results/files.h"
#include "platform.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUSY_MS = 10000 };

static int complain(const struct database *database, const char *what, struct text *complaint) {
	plain_format(complaint, "%s: %s\n", database->file, what);
	return PLATFORM_EIO;
}

static bool is_broken(int code) {
	return code == SQLITE_NOTADB || code == SQLITE_CORRUPT;
}

int database_complain(const struct database *database, struct text *complaint) {
	int code = sqlite.errcode(database->sqlite) & 0xff;
	plain_format(complaint, "%s: %s%s\n", database->file, sqlite.errmsg(database->sqlite),
		     is_broken(code)           ? ": if it was one, move it away, and a new one is begun"
		     : code == SQLITE_READONLY ? ": what wrote it was killed, or it may not be written"
					       : "");
	return PLATFORM_EIO;
}

/* ---- statements -------------------------------------------------------------------------------------------------- */

static bool bind(sqlite3_stmt *statement, const char *types, va_list values) {
	int status = SQLITE_OK;
	for (int i = 0; types[i] && status == SQLITE_OK; i++) {
		if (types[i] == 'i') {
			status = sqlite.bind_int64(statement, i + 1, va_arg(values, int64_t));
		} else if (types[i] == 'd') {
			status = sqlite.bind_double(statement, i + 1, va_arg(values, double));
		} else if (types[i] == 't') {
			status = sqlite.bind_text(statement, i + 1, va_arg(values, const char *), -1, SQLITE_STATIC);
		} else {
			const void *bytes = va_arg(values, const void *);
			status = sqlite.bind_blob64(statement, i + 1, bytes, va_arg(values, size_t), SQLITE_STATIC);
		}
	}
	return status == SQLITE_OK;
}

static sqlite3_stmt *prepare(const struct database *database, const char *sql, const char *types, va_list values) {
	sqlite3_stmt *statement = NULL;
	if (sqlite.prepare_v2(database->sqlite, sql, -1, &statement, NULL) == SQLITE_OK &&
	    bind(statement, types, values))
		return statement;
	sqlite.finalize(statement);
	return NULL;
}

sqlite3_stmt *database_prepare(const struct database *database, const char *sql, const char *types, ...) {
	va_list values;
	va_start(values, types);
	sqlite3_stmt *statement = prepare(database, sql, types, values);
	va_end(values);
	return statement;
}

bool database_do(const struct database *database, const char *sql, const char *types, ...) {
	va_list values;
	va_start(values, types);
	sqlite3_stmt *statement = prepare(database, sql, types, values);
	va_end(values);
	bool good = statement != NULL && sqlite.step(statement) == SQLITE_DONE;
	return sqlite.finalize(statement) == SQLITE_OK && good;
}

bool database_execute(const struct database *database, const char *sql) {
	return sqlite.exec(database->sqlite, sql, NULL, NULL, NULL) == SQLITE_OK;
}

void database_text(sqlite3_stmt *statement, int column, char *text, size_t capacity) {
	const unsigned char *bytes = sqlite.column_text(statement, column);
	snprintf(text, capacity, "%s", bytes ? (const char *)bytes : "");
	plain_string(text);
}

/* ---- opening ----------------------------------------------------------------------------------------------------- */

static bool read_number(const struct database *database, const char *sql, int *number) {
	sqlite3_stmt *statement = database_prepare(database, sql, "");
	bool good = statement != NULL && sqlite.step(statement) == SQLITE_ROW;
	*number = good ? sqlite.column_int(statement, 0) : 0;
	return sqlite.finalize(statement) == SQLITE_OK && good;
}

static int complain_of_version(const struct database *database, struct text *complaint) {
	const struct database_kind *kind = database->kind;
	plain_format(complaint, "%s: a %s of version %d, and this programme knows 1 to %d: a newer one reads it\n",
		     database->file, kind->what, database->version, kind->version);
	return PLATFORM_EIO;
}

/* database->version 0: it is empty. */
static int recognise(struct database *database, struct text *complaint) {
	const struct database_kind *kind = database->kind;
	int application, tables;
	if (!read_number(database, "PRAGMA application_id", &application) ||
	    !read_number(database, "PRAGMA user_version", &database->version) ||
	    !read_number(database, "SELECT count(*) FROM sqlite_master", &tables))
		return database_complain(database, complaint);
	if (application == 0 && database->version == 0 && tables == 0)
		return 0;
	if (application != kind->application || database->version == 0) {
		plain_format(complaint, "%s: this is another file than a %s\n", database->file, kind->what);
		return PLATFORM_EIO;
	}
	return database->version >= 1 && database->version <= kind->version ? 0
									    : complain_of_version(database, complaint);
}

static bool make(const struct database *database) {
	char text[96];
	snprintf(text, sizeof(text), "PRAGMA application_id = %d; PRAGMA user_version = %d",
		 database->kind->application, database->kind->version);
	return database_execute(database, database->kind->schema) && database_execute(database, text);
}

static bool bring_up_to_date(struct database *database) {
	char text[48];
	for (; database->version < database->kind->version; database->version++) {
		snprintf(text, sizeof(text), "PRAGMA user_version = %d", database->version + 1);
		if (!database_execute(database, database->kind->from_earlier[database->version - 1]) ||
		    !database_execute(database, text))
			return false;
	}
	return true;
}

/* Within a transaction, so that of two that come first only one makes the tables. */
static int settle(struct database *database, struct text *complaint) {
	if (!database_execute(database, "PRAGMA foreign_keys = ON") || !database_execute(database, "BEGIN IMMEDIATE"))
		return database_complain(database, complaint);
	int status = recognise(database, complaint);
	if (status != 0)
		return status;
	if (!(database->version ? bring_up_to_date(database) : make(database)) || !database_execute(database, "COMMIT"))
		return database_complain(database, complaint);
	database->version = database->kind->version;
	return 0;
}

/* To SQLite "", ":memory:" and "file:..." are no files' names, and what was put there would be gone. */
static int open_file(struct database *database, int flags, struct text *complaint) {
	char path[PATH_MAX + 2];
	snprintf(path, sizeof(path), "%s%s", *database->file == '/' ? "" : "./", database->file);
	if (sqlite.open_v2(path, &database->sqlite, flags, NULL) != SQLITE_OK)
		return database_complain(database, complaint);
	sqlite.busy_timeout(database->sqlite, BUSY_MS);
	if (sqlite.db_config(database->sqlite, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL) == SQLITE_OK &&
	    sqlite.db_config(database->sqlite, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL) == SQLITE_OK &&
	    sqlite.db_config(database->sqlite, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL) == SQLITE_OK &&
	    sqlite.db_config(database->sqlite, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL) == SQLITE_OK)
		return 0;
	return database_complain(database, complaint);
}

/* A writer that was killed left a journal, by which SQLite undoes what it had begun. */
static bool is_half_written(const struct database *database) {
	int version;
	return !read_number(database, "PRAGMA user_version", &version) &&
	       (sqlite.errcode(database->sqlite) & 0xff) == SQLITE_READONLY;
}

static int complain_of_none(const struct database *database, struct text *complaint) {
	plain_format(complaint, "%s: no %s there\n", database->file, database->kind->what);
	return PLATFORM_EIO;
}

/* SQLite says of a pipe or a device that there was an I/O error. */
static int expect_plain(const struct database *database, struct text *complaint) {
	FILE *file = files_open(database->file, complaint);
	if (file == NULL)
		return PLATFORM_EIO;
	fclose(file);
	return 0;
}

/* An empty file is what a writer leaves that was stopped before its first transaction. */
static int open_to_read(struct database *database, struct text *complaint) {
	if (access(database->file, F_OK) != 0)
		return complain_of_none(database, complaint);
	int status = expect_plain(database, complaint);
	if (status == 0)
		status = open_file(database, SQLITE_OPEN_READONLY, complaint);
	if (status == 0 && is_half_written(database)) {
		database_close(database);
		status = open_file(database, SQLITE_OPEN_READWRITE, complaint);
	}
	if (status == 0)
		status = recognise(database, complaint);
	if (status != 0 || database->version == database->kind->version)
		return status;
	if (database->version == 0)
		return complain_of_none(database, complaint);
	return database->kind->reads_earlier
		       ? 0
		       : complain(database, "an earlier version's: it is brought up to date when it is written",
				  complaint);
}

/* What a full disk leaves of a new one. */
static void remove_empty(const char *file) {
	struct stat info;
	if (stat(file, &info) == 0 && S_ISREG(info.st_mode) && info.st_size == 0)
		unlink(file);
}

static int open_to_write(struct database *database, struct text *complaint) {
	if (!files_make_folders(database->file))
		return complain(database, strerror(errno), complaint);
	if (access(database->file, F_OK) == 0 && expect_plain(database, complaint) != 0)
		return PLATFORM_EIO;
	int status = open_file(database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, complaint);
	if (status == 0)
		status = settle(database, complaint);
	if (status != 0)
		remove_empty(database->file);
	return status;
}

int database_open(struct database *database, const struct database_kind *kind, const char *file, enum database_use use,
		  struct text *complaint) {
	*database = (struct database){.kind = kind};
	bool named = file ? snprintf(database->file, sizeof(database->file), "%s", file) < (int)sizeof(database->file)
			  : files_data_path(kind->file, false, database->file, sizeof(database->file));
	if (!named || !*database->file) {
		plain_format(complaint, "no file for a %s: %s, ANECHOIC_HOME, XDG_DATA_HOME or HOME say where\n",
			     kind->what, kind->where);
		return PLATFORM_EIO;
	}
	if (!sqlite_load())
		return complain(database, SQLITE_LIBRARY " is not here: install SQLite (Debian's libsqlite3-0)",
				complaint);
	int status = use == DATABASE_READ ? open_to_read(database, complaint) : open_to_write(database, complaint);
	if (status != 0)
		database_close(database);
	return status;
}

void database_close(struct database *database) {
	if (database->sqlite)
		sqlite.close(database->sqlite);
	database->sqlite = NULL;
}
