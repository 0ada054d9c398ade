/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/record/folder.h"

#include "hosted/preload/library.h"
#include "hosted/results/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME      "anechoic-record-"
#define NAME_REST "XXXXXX"

bool folder_has_counts(const char *name) {
	return *name >= '1' && *name <= '9' && strspn(name, "0123456789-") == strlen(name);
}

/* ---- left -------------------------------------------------------------------------------------------------------- */

static bool may_be_in_it(const char *name) {
	return folder_has_counts(name) || strcmp(name, library_file(LIBRARY_RECORD)) == 0;
}

static bool is_itself_or_above(const char *name) {
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Nobody holds it, and no process has a file of it any more: one that the program still runs in would not find the
 * library for those that it starts. An empty one may not be held yet. */
static bool is_left(DIR *folder) {
	struct stat status;
	int held = dirfd(folder);
	size_t files = 0;
	bool left = fstat(held, &status) == 0 && status.st_uid == geteuid() && (status.st_mode & 0777) == 0700 &&
		    flock(held, LOCK_EX | LOCK_NB) == 0;
	const struct dirent *entry;
	while (left && (entry = readdir(folder)) != NULL) {
		if (is_itself_or_above(entry->d_name))
			continue;
		left = may_be_in_it(entry->d_name) && files_is_unused(held, entry->d_name);
		files++;
	}
	return left && files > 0;
}

static void remove_if_left(int base, const char *name) {
	int opened = openat(base, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *folder = opened >= 0 ? fdopendir(opened) : NULL;
	if (folder && is_left(folder)) {
		const struct dirent *entry;
		rewinddir(folder);
		while ((entry = readdir(folder)) != NULL)
			if (may_be_in_it(entry->d_name))
				unlinkat(opened, entry->d_name, 0);
		unlinkat(base, name, AT_REMOVEDIR);
	}
	if (folder)
		closedir(folder);
	else if (opened >= 0)
		close(opened);
}

void folder_remove_left(const char *base) {
	DIR *folder = opendir(base);
	const struct dirent *entry;
	while (folder && (entry = readdir(folder)) != NULL)
		if (strncmp(entry->d_name, NAME, strlen(NAME)) == 0 && strlen(entry->d_name) == strlen(NAME NAME_REST))
			remove_if_left(dirfd(folder), entry->d_name);
	if (folder)
		closedir(folder);
}

/* ---- made -------------------------------------------------------------------------------------------------------- */

/* Who looks whether it is left has the lock for a moment. Where there are no locks nobody removes it. */
static int hold(const char *path) {
	int folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (folder >= 0)
		(void)flock(folder, LOCK_EX);
	return folder;
}

int folder_make(const char *base, char *path, size_t capacity) {
	snprintf(path, capacity, "%s/" NAME NAME_REST, base);
	if (!mkdtemp(path))
		return -1;
	int folder = hold(path), error = errno;
	if (folder < 0)
		rmdir(path);
	errno = error;
	return folder;
}
