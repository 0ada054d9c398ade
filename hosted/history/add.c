/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/history/database.h"
#include "hosted/verdict/comparable.h"
#include "lib/crc32.h"
#include "platform.h"

#include <sha256.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is in results, wherever their file lies. Versions before the fourth went by a checksum, the length, and how long
 * the run took, which other tools' files do not say. */
#define DIGEST_KIND "sha256:"
struct digest {
	char all[sizeof(DIGEST_KIND) - 1 + SHA256_DIGEST_STRING_LENGTH];
	char earlier[64];
};

#define IS_NAMED "excluded.name NOT IN ('', name) AND (name = '' OR ?6)"

/* A run that is there counts as a change where it gets today's figure for that of an earlier version, or a machine's
 * name: it had none, or was asked to be named anew. */
static const char *const queries[HISTORY_STATEMENTS] = {
	[HISTORY_DIGEST] = "UPDATE OR IGNORE run SET digest = ?1 WHERE digest = ?2",
	[HISTORY_RUN] = "INSERT INTO run(digest, version, commit_id, machine, name, figure)"
			" VALUES(?1, ?2, ?3, ?4, ?5, '" STATS_FIGURE "') ON CONFLICT(digest) DO UPDATE"
			" SET figure = excluded.figure, name = CASE WHEN " IS_NAMED " THEN excluded.name ELSE name END"
			" WHERE figure <> excluded.figure OR (" IS_NAMED ")",
	[HISTORY_NAME] = "INSERT OR IGNORE INTO benchmark(name) VALUES(?1)",
	[HISTORY_FIGURES] = "INSERT OR REPLACE INTO result(benchmark, run, time, lower, upper)"
			    " SELECT benchmark.id, run.id, ?3, ?4, ?5 FROM benchmark, run"
			    " WHERE benchmark.name = ?1 AND digest = ?2",
	[HISTORY_SAMPLES] = "INSERT OR IGNORE INTO sample(benchmark, run, iters, times)"
			    " SELECT benchmark.id, run.id, ?3, ?4 FROM benchmark, run"
			    " WHERE benchmark.name = ?1 AND digest = ?2",
};

void history_machine(const struct results *results, char *machine, size_t capacity) {
	comparable_signature(results, machine, capacity);
}

static bool make_digest(const struct results *results, struct digest *digest) {
	char *bytes = json_dumps(results->root, JSON_COMPACT | JSON_SORT_KEYS);
	json_int_t elapsed = json_integer_value(json_object_get(results->context, "elapsed_ns"));
	if (!bytes)
		return false;
	size_t length = strlen(bytes);
	memcpy(digest->all, DIGEST_KIND, sizeof(DIGEST_KIND));
	SHA256Data((const uint8_t *)bytes, length, digest->all + sizeof(DIGEST_KIND) - 1);
	snprintf(digest->earlier, sizeof(digest->earlier), HISTORY_EARLIER_DIGEST "%08x-%zu-%lld",
		 (unsigned)crc32c(0, bytes, length), length, (long long)elapsed);
	free(bytes);
	return true;
}

/* NULL: the data base says why. */
static sqlite3_stmt *statement_of(struct history *history, enum history_statement which) {
	sqlite3_stmt **statement = &history->statements[which];
	if (!*statement)
		sqlite.prepare_v2(history->database.sqlite, queries[which], -1, statement, NULL);
	return *statement;
}

static bool bind(sqlite3_stmt *statement, int index, const char *string) {
	return sqlite.bind_text(statement, index, string, -1, SQLITE_TRANSIENT) == SQLITE_OK;
}

static bool run(sqlite3_stmt *statement, bool is_bound) {
	bool good = is_bound && sqlite.step(statement) == SQLITE_DONE;
	return sqlite.reset(statement) == SQLITE_OK && good;
}

/* A run that an earlier version added is known by its earlier digest once, and from then on by today's. */
static bool renew_digest(struct history *history, const struct digest *digest) {
	sqlite3_stmt *statement = statement_of(history, HISTORY_DIGEST);
	return statement && run(statement, bind(statement, 1, digest->all) && bind(statement, 2, digest->earlier));
}

static bool insert_run(struct history *history, const struct results *results, const struct history_adding *how,
		       const char *digest) {
	char machine[HISTORY_MACHINE_BYTES];
	sqlite3_stmt *statement = statement_of(history, HISTORY_RUN);
	history_machine(results, machine, sizeof(machine));
	return statement &&
	       run(statement, bind(statement, 1, digest) && bind(statement, 2, results_context(results, "version")) &&
				      bind(statement, 3, results_context(results, "commit")) &&
				      bind(statement, 4, machine) && bind(statement, 5, how->name ? how->name : "") &&
				      sqlite.bind_int(statement, 6, how->names_anew) == SQLITE_OK);
}

static bool insert_name(struct history *history, const char *name) {
	sqlite3_stmt *statement = statement_of(history, HISTORY_NAME);
	return statement && run(statement, bind(statement, 1, name));
}

static bool insert_figures(struct history *history, const char *digest, const struct results_benchmark *benchmark) {
	const struct results_estimate *time = results_headline(benchmark);
	sqlite3_stmt *statement = statement_of(history, HISTORY_FIGURES);
	return statement && run(statement, bind(statement, 1, benchmark->name) && bind(statement, 2, digest) &&
						   sqlite.bind_double(statement, 3, time->point) == SQLITE_OK &&
						   sqlite.bind_double(statement, 4, time->lower) == SQLITE_OK &&
						   sqlite.bind_double(statement, 5, time->upper) == SQLITE_OK);
}

static bool insert_samples(struct history *history, const char *digest, const struct results_benchmark *benchmark) {
	sqlite3_stmt *statement = statement_of(history, HISTORY_SAMPLES);
	char *iters = json_dumps(json_object_get(benchmark->json, "iters"), JSON_COMPACT);
	char *times = json_dumps(json_object_get(benchmark->json, "times"), JSON_COMPACT);
	bool good = statement && iters && times &&
		    run(statement, bind(statement, 1, benchmark->name) && bind(statement, 2, digest) &&
					   bind(statement, 3, iters) && bind(statement, 4, times));
	free(iters);
	free(times);
	return good;
}

/* Figures of a run that is new, samples of one that has none yet, too. */
static bool insert_results(struct history *history, const struct results *results, const char *digest, bool figures,
			   bool samples) {
	bool good = true;
	for (size_t i = 0; good && i < results->count; i++) {
		const struct results_benchmark *benchmark = &results->benchmarks[i];
		if (benchmark->status != BENCH_STATUS_OK)
			continue;
		if (figures)
			good = insert_name(history, benchmark->name) && insert_figures(history, digest, benchmark);
		if (good && samples)
			good = insert_samples(history, digest, benchmark);
	}
	return good;
}

int history_add(struct history *history, const struct results *results, const struct history_adding *how,
		struct text *complaint) {
	struct digest digest;
	if (!make_digest(results, &digest))
		return history_complain(history->database.file, "out of memory", complaint);
	if ((sqlite.get_autocommit(history->database.sqlite) &&
	     !database_execute(&history->database, "BEGIN IMMEDIATE")) ||
	    !database_execute(&history->database, "SAVEPOINT one"))
		return database_complain(&history->database, complaint);
	bool good = renew_digest(history, &digest) && insert_run(history, results, how, digest.all);
	bool is_new = good && sqlite.changes(history->database.sqlite) > 0;
	if (good && (is_new || how->samples))
		good = insert_results(history, results, digest.all, is_new, how->samples);
	if (good && database_execute(&history->database, "RELEASE one"))
		return is_new ? 0 : 1;
	database_complain(&history->database, complaint);
	database_execute(&history->database, "ROLLBACK TO one; RELEASE one");
	return PLATFORM_EIO;
}

int history_commit(struct history *history, struct text *complaint) {
	if (sqlite.get_autocommit(history->database.sqlite) || database_execute(&history->database, "COMMIT"))
		return 0;
	database_complain(&history->database, complaint);
	database_execute(&history->database, "ROLLBACK");
	return PLATFORM_EIO;
}
