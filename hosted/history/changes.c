/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/history/changes.h"

#include "hosted/history/database.h"
#include "hosted/history/levels.h"
#include "platform.h"

#include <stdlib.h>
#include <string.h>

/* Room for one more. NULL: no memory, and the list is as it was. */
static void *grow(void *list, size_t count, size_t size) {
	enum { STEP = 256 };
	if (count % STEP != 0)
		return list;
	return realloc(list, (count + STEP) * size);
}

int history_benchmarks(struct history *history, char ***names, size_t *count, struct text *complaint) {
	static const char query[] = "SELECT name FROM benchmark ORDER BY name";
	sqlite3_stmt *statement = NULL;
	int step = SQLITE_ERROR;
	bool room = true;
	*names = NULL;
	*count = 0;
	if (sqlite.prepare_v2(history->database.sqlite, query, -1, &statement, NULL) == SQLITE_OK)
		while (room && (step = sqlite.step(statement)) == SQLITE_ROW) {
			const char *name = (const char *)sqlite.column_text(statement, 0);
			char **more = grow(*names, *count, sizeof(*more));
			*names = more ? more : *names;
			room = more && (more[*count] = strdup(name ? name : "")) != NULL;
			*count += room;
		}
	int status = !room                 ? history_complain(history->database.file, "out of memory", complaint)
		     : step != SQLITE_DONE ? database_complain(&history->database, complaint)
					   : 0;
	sqlite.finalize(statement);
	return status;
}

struct found {
	struct history_change *changes;
	size_t count;
};

/* Of level `at`, behind the one that begins at `before`. */
static bool take(struct found *found, const char *benchmark, const struct history_entry *entries, size_t count,
		 size_t before, size_t at) {
	struct history_change *more = grow(found->changes, found->count, sizeof(*more));
	size_t end = level_end(entries, count, at);
	found->changes = more ? more : found->changes;
	char *name = more ? strdup(benchmark) : NULL;
	if (!name)
		return false;
	more[found->count++] = (struct history_change){
		.benchmark = name,
		.first = entries[at],
		.from = level_figure(entries, before, at),
		.to = level_figure(entries, at, end),
		.runs_before = at - before,
		.runs = end - at,
	};
	return true;
}

static bool take_all(struct found *found, const char *benchmark, const struct history_entry *entries, size_t count) {
	bool good = true;
	for (size_t before = 0, at = 0; good && at < count; before = at, at = level_end(entries, count, at))
		if (entries[at].changed)
			good = take(found, benchmark, entries, count, before, at);
	return good;
}

static int newest_first(const void *a, const void *b) {
	const struct history_change *one = a, *other = b;
	if (one->first.run != other->first.run)
		return one->first.run < other->first.run ? 1 : -1;
	return strcmp(one->benchmark, other->benchmark);
}

int history_changes(struct history *history, bool (*is_asked)(const void *context, const char *benchmark),
		    const void *context, size_t most, struct history_change **changes, size_t *count,
		    struct text *complaint) {
	struct found found = {0};
	char **names;
	size_t name_count;
	int status = history_benchmarks(history, &names, &name_count, complaint);
	for (size_t i = 0; status == 0 && i < name_count; i++) {
		struct history_entry *entries;
		size_t entry_count;
		if (!is_asked(context, names[i]))
			continue;
		status = history_read(history, names[i], most, &entries, &entry_count, complaint);
		if (status == 0 && !take_all(&found, names[i], entries, entry_count))
			status = history_complain(history->database.file, "out of memory", complaint);
		free(entries);
	}
	for (size_t i = 0; i < name_count; i++)
		free(names[i]);
	free(names);
	if (found.count)
		qsort(found.changes, found.count, sizeof(*found.changes), newest_first);
	*changes = found.changes;
	*count = found.count;
	return status;
}

void history_changes_free(struct history_change *changes, size_t count) {
	for (size_t i = 0; i < count; i++)
		free(changes[i].benchmark);
	free(changes);
}
