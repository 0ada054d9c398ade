/* SPDX-License-Identifier: Apache-2.0
 *
 * SQLite, which is loaded when the first file of its is opened: most commands need none, and loading it is a good part
 * of a start, which `anechoic record` has for each program that it records. sqlite.step is sqlite3_step, and so on.
 */
#pragma once

#include <sqlite3.h>
#include <stdbool.h>

#define SQLITE_CALLS(X)   \
	X(bind_blob64)    \
	X(bind_double)    \
	X(bind_int)       \
	X(bind_int64)     \
	X(bind_text)      \
	X(busy_timeout)   \
	X(changes)        \
	X(close)          \
	X(column_blob)    \
	X(column_bytes)   \
	X(column_double)  \
	X(column_int)     \
	X(column_int64)   \
	X(column_text)    \
	X(db_config)      \
	X(errcode)        \
	X(errmsg)         \
	X(exec)           \
	X(finalize)       \
	X(get_autocommit) \
	X(open_v2)        \
	X(prepare_v2)     \
	X(reset)          \
	X(step)

struct sqlite {
#define SQLITE_MEMBER(name) __typeof__(sqlite3_##name) *name;
	SQLITE_CALLS(SQLITE_MEMBER)
#undef SQLITE_MEMBER
};

/* All there once sqlite_load has said so, which database_open asks. */
extern struct sqlite sqlite;

#define SQLITE_LIBRARY "libsqlite3.so.0"

/* Any number of times, by one thread at a time. false: there is no SQLITE_LIBRARY here, or it lacks one of these. */
bool sqlite_load(void);
