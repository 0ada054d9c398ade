/* SPDX-License-Identifier: Apache-2.0
 *
 * A SQLite file of ours: which it is, what version of it, and the statements that its owner asks of it. A file may be a
 * stranger's: no trigger or view of its schema is run, and what is no file of ours is left as it is.
 */
#pragma once

#include "bench/text.h"

#include "hosted/results/sqlite.h"
#include <limits.h>
#include <stdbool.h>

/* Kinds of files: all static. */
struct database_kind {
	const char *what;                /* in complaints: "state of a watch" */
	const char *file, *where;        /* in the folder for data; the options that name another, for complaints */
	int application;                 /* SQLite's application_id */
	int version;                     /* from 1: SQLite's user_version */
	bool reads_earlier;              /* earlier versions are read as they are */
	const char *schema;              /* makes an empty file one of `version` */
	const char *const *from_earlier; /* [v - 1] makes one of version v one of v + 1, up to `version` */
};

struct database {
	sqlite3 *sqlite;
	const struct database_kind *kind;
	int version; /* of the file */
	char file[PATH_MAX];
};

enum database_use {
	/* Nothing is written, but that what a writer had begun that was killed is undone; none there is an error, and
	 * an earlier version's that is not read. */
	DATABASE_READ,
	DATABASE_WRITE, /* made where there is none, its folder included, and brought up to date */
};

/* `file` NULL: the kind's in the folder for data. 0, or PLATFORM_EIO with a line in `complaint`, and nothing to close.
 * Not for two threads at once. */
int database_open(struct database *database, const struct database_kind *kind, const char *file, enum database_use use,
		  struct text *complaint);
void database_close(struct database *database);

/* Adds a line, "FILE: " and what SQLite says; PLATFORM_EIO. */
int database_complain(const struct database *database, struct text *complaint);

/* `types` has a letter for each of the statement's ?1, ?2, ..., which follow: i int64_t, d double, t const char *
 * (NULL: NULL), b const void * and size_t. Texts and blobs stay as they are until it is stepped. NULL: it cannot be. */
sqlite3_stmt *database_prepare(const struct database *database, const char *sql, const char *types, ...);

/* Statements without values and rows, run at once. */
bool database_execute(const struct database *database, const char *sql);

/* The same as database_prepare, of a statement without rows that is run at once. */
bool database_do(const struct database *database, const char *sql, const char *types, ...);

/* Of a row: cut off at the capacity, terminated, and plain (plain.h), as the file may be a stranger's. */
void database_text(sqlite3_stmt *statement, int column, char *text, size_t capacity);
