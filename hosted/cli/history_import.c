/* SPDX-License-Identifier: Apache-2.0
 *
 * `anechoic history import`: thousands of result files. A file that is none is named and passed over; what was added is
 * on the disk a second later, so that a machine that stops loses no more than that, and the next import adds it.
 */
#include "bench/plain.h"
#include "hosted/cli/history_request.h"
#include "hosted/cli/output.h"
#include "hosted/results/walk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define RESULTS_ENDING ".json"

struct import {
	struct history *history;
	const struct history_request *request;
	struct text *complaint; /* of what ends it */
	size_t seen, of;        /* files of the word that is being done */
	size_t added, known, left_out;
	time_t committed;
	bool failed;
};

static void leave_out(struct import *import, struct text *why) {
	import->left_out++;
	output_complain(why);
}

/* ---- the machine's name ------------------------------------------------------------------------------------------ */

static void add_folder(struct text *name, const char *whole) {
	const char *slash = strrchr(whole, '/'), *before = slash;
	while (before > whole && before[-1] != '/')
		before--;
	plain_add(name, before, (size_t)(slash - before));
}

static void add_file(struct text *name, const char *whole) {
	const char *file = strrchr(whole, '/') + 1;
	size_t length = strlen(file), ending = strlen(RESULTS_ENDING);
	plain_add(name, file, length > ending ? length - ending : length);
}

/* Of a file's real path. false: it is longer than a name may be, or nothing, or memory ended. */
static bool make_name(const char *pattern, const char *whole, char name[HISTORY_NAME_BYTES]) {
	static const char folder[] = "{folder}", file[] = "{file}";
	struct text made = {0};
	while (*pattern) {
		if (strncmp(pattern, folder, strlen(folder)) == 0) {
			add_folder(&made, whole);
			pattern += strlen(folder);
		} else if (strncmp(pattern, file, strlen(file)) == 0) {
			add_file(&made, whole);
			pattern += strlen(file);
		} else {
			size_t length = 1 + strcspn(pattern + 1, "{");
			plain_add(&made, pattern, length);
			pattern += length;
		}
	}
	bool fits = !made.failed && made.length > 0 && made.length < HISTORY_NAME_BYTES;
	snprintf(name, HISTORY_NAME_BYTES, "%.*s", fits ? (int)made.length : 0, fits ? made.bytes : "");
	text_free(&made);
	return fits;
}

static bool name_machine(struct import *import, const char *path, char name[HISTORY_NAME_BYTES]) {
	const char *pattern = import->request->machine ? import->request->machine : "{folder}";
	char *whole = realpath(path, NULL);
	struct text why = {0};
	bool good = whole && make_name(pattern, whole, name);
	if (!whole)
		plain_format(&why, "%s: %s\n", path, strerror(errno));
	else if (!good)
		plain_format(&why,
			     "%s: its machine's name by '%s' is empty or longer than %d bytes: --machine NAME says "
			     "another\n",
			     path, pattern, HISTORY_NAME_BYTES - 1);
	free(whole);
	if (!good)
		leave_out(import, &why);
	return good;
}

/* ---- files ------------------------------------------------------------------------------------------------------- */

static void commit(struct import *import) {
	if (history_commit(import->history, import->complaint) < 0)
		import->failed = true;
	import->committed = time(NULL);
	if (isatty(STDERR_FILENO) && !import->failed)
		fprintf(stderr, "\r%zu of %zu\r", import->seen, import->of);
}

static void import_file(struct import *import, const char *path) {
	struct results results;
	struct text why = {0};
	char name[HISTORY_NAME_BYTES];
	import->seen++;
	if (!name_machine(import, path, name))
		return;
	if (results_read(path, &results, &why) < 0) {
		leave_out(import, &why);
		return;
	}
	const struct history_adding how = {
		.name = name, .names_anew = import->request->machine != NULL, .samples = import->request->raw};
	int status = history_add(import->history, &results, &how, import->complaint);
	results_free(&results);
	import->added += status == 0;
	import->known += status == 1;
	import->failed |= status < 0;
	if (!import->failed && time(NULL) != import->committed)
		commit(import);
}

static void import_folder(struct import *import, const char *folder) {
	struct walk files;
	struct text why = {0};
	int walked = walk_folder(folder, RESULTS_ENDING, &files, &why);
	if (walked == 0 && files.count == 0)
		plain_format(&why, "%s: no *" RESULTS_ENDING " in it\n", folder);
	if (why.length > 0)
		leave_out(import, &why);
	import->of = files.count;
	for (size_t i = 0; i < files.count && !import->failed; i++)
		import_file(import, files.names[i]);
	walk_free(&files);
}

int history_import(struct history *history, const struct history_request *request, struct text *complaint) {
	struct import import = {
		.history = history, .request = request, .complaint = complaint, .committed = time(NULL)};
	struct stat info;
	for (int i = 0; i < request->count && !import.failed; i++) {
		import.seen = 0;
		import.of = 1;
		if (stat(request->words[i], &info) == 0 && S_ISDIR(info.st_mode))
			import_folder(&import, request->words[i]);
		else
			import_file(&import, request->words[i]);
	}
	if (!import.failed)
		commit(&import);
	if (import.failed) {
		text_add_string(complaint, "what was read last is not in the history: import it once more\n");
		return 2;
	}
	printf("%zu added, %zu there already, %zu left out\n", import.added, import.known, import.left_out);
	return import.left_out ? 2 : 0;
}
