/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/import/tools.h"

#include "hosted/results/files.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* GROUP/FUNCTION/VALUE, and one to spare. */
enum { DEPTH_MOST = 4 };

/* NULL: complained of. */
static json_t *read_json(struct import *import, const char *path) {
	struct text bytes = {0};
	json_error_t error;
	json_t *root = NULL;
	import->file = path;
	if (files_read(path, FILES_SAMPLES_BYTES_MOST, &bytes, import->complaint) == 0) {
		root = json_loadb(bytes.bytes ? bytes.bytes : "", bytes.length, 0, &error);
		if (!root)
			import_complain(import, "is no JSON", "line %d, byte %d:", error.line, error.position);
	}
	text_free(&bytes);
	return root;
}

/* Of benchmark.json, the row; NULL: complained of. */
static json_t *read_row(struct import *import, const char *path) {
	json_t *root = read_json(import, path), *row = NULL;
	const char *name = json_string_value(json_object_get(root, "full_id"));
	if (root && !name)
		import_complain(import, "is not a string", "full_id");
	else if (root && json_object_get(import->rows, name))
		import_complain(import, "is that of another benchmark, too", "full_id");
	else if (root)
		row = import_row(import, name);
	json_decref(root);
	return row;
}

/* Counts of iterations are doubles there. */
static bool read_sample(struct import *import, const char *path, json_t *row) {
	json_t *root = read_json(import, path);
	const json_t *iters = json_object_get(root, "iters"), *times = json_object_get(root, "times");
	size_t count = json_array_size(iters);
	bool good = root && count > 0 && json_array_size(times) == count;
	if (root && !good)
		import_complain(import, "are not two arrays of one length, with something in them", "iters and times");
	for (size_t i = 0; good && i < count; i++) {
		double iterations = json_number_value(json_array_get(iters, i));
		good = iterations >= 1 && iterations < 1e15 && json_is_number(json_array_get(times, i)) &&
		       import_add_sample(row, (json_int_t)iterations, json_number_value(json_array_get(times, i)));
		if (!good)
			import_complain(import, "is no measurement that can be", "iters[%zu], times[%zu]", i, i);
	}
	json_decref(root);
	return good;
}

/* Whether there is this file, or folder, in `folder`; *path is its name then. */
static bool is_there(const char *folder, const char *name, mode_t kind, char path[PATH_MAX]) {
	struct stat status;
	int length = snprintf(path, PATH_MAX, "%s/%s", folder, name);
	return length < PATH_MAX && lstat(path, &status) == 0 && (status.st_mode & S_IFMT) == kind;
}

static int is_named(const struct dirent *entry) {
	return entry->d_name[0] != '.' && strcmp(entry->d_name, "report") != 0;
}

static bool read_folder(struct import *import, const char *folder, int depth);

static bool read_folders(struct import *import, const char *folder, int depth) {
	struct dirent **entries;
	char path[PATH_MAX];
	bool good = true;
	int found = scandir(folder, &entries, is_named, alphasort);
	import->file = folder;
	if (found < 0)
		return import_complain(import, strerror(errno), "%s", "");
	for (int i = 0; i < found; i++) {
		if (good && is_there(folder, entries[i]->d_name, S_IFDIR, path))
			good = read_folder(import, path, depth + 1);
		free(entries[i]);
	}
	free(entries);
	return good;
}

/* A folder with new/ is a benchmark's; base/ and change/ beside it are of the run before. */
static bool read_folder(struct import *import, const char *folder, int depth) {
	char path[PATH_MAX], sample[PATH_MAX];
	if (!is_there(folder, "new/benchmark.json", S_IFREG, path))
		return depth == DEPTH_MOST || read_folders(import, folder, depth);
	json_t *row = read_row(import, path);
	if (!row)
		return false;
	import->file = path;
	if (!is_there(folder, "new/sample.json", S_IFREG, sample))
		return import_complain(import, "has no sample.json beside it", "%s", "");
	return read_sample(import, sample, row);
}

bool import_criterion(struct import *import, const char *folder) {
	bool good = read_folders(import, folder, 0);
	import->file = folder;
	return good;
}
