/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/preload/library.h"

#include "bench/plain.h"
#include "hosted/results/files.h"
#include "platform.h"
#include "simd/simd.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { NAME_BYTES_MOST = 64, HASH_DIGITS = 8 };
/* Of a library's files in the folder for data: newest ones that stay, and those that are looked at. */
enum { BUILDS_KEPT = 4, BUILDS_MOST = 256 };

extern const char library_record[], library_record_end[], library_kernels[], library_kernels_end[], library_pools[],
	library_pools_end[];

static const struct {
	const char *file, *bytes, *end;
} libraries[LIBRARIES] = {
	[LIBRARY_RECORD] = {"anechoic-record.so", library_record, library_record_end},
	[LIBRARY_KERNELS] = {"anechoic-kernels.so", library_kernels, library_kernels_end},
	[LIBRARY_POOLS] = {"anechoic-pools.so", library_pools, library_pools_end},
};

static size_t bytes_of(enum library_name library) {
	return (size_t)(libraries[library].end - libraries[library].bytes);
}

const char *library_file(enum library_name library) {
	return libraries[library].file;
}

bool library_may_lie_in(const char *folder) {
	struct statvfs system;
	return folder[0] == '/' && strlen(folder) < LIBRARY_PATH_BYTES - NAME_BYTES_MOST &&
	       !strpbrk(folder, " :\t\n") && statvfs(folder, &system) == 0 && !(system.f_flag & ST_NOEXEC);
}

static bool write_all(enum library_name library, const char *path) {
	int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0400);
	size_t done = 0, bytes = bytes_of(library);
	while (file >= 0 && done < bytes) {
		ssize_t written = write(file, libraries[library].bytes + done, bytes - done);
		if (written <= 0)
			break;
		done += (size_t)written;
	}
	int error = errno;
	bool good = file >= 0 && close(file) == 0 && done == bytes;
	errno = error;
	return good;
}

bool library_write(enum library_name library, const char *folder) {
	char path[LIBRARY_PATH_BYTES + NAME_BYTES_MOST];
	snprintf(path, sizeof(path), "%s/%s", folder, libraries[library].file);
	return write_all(library, path);
}

void library_remove(enum library_name library, const char *folder) {
	char path[LIBRARY_PATH_BYTES + NAME_BYTES_MOST];
	snprintf(path, sizeof(path), "%s/%s", folder, libraries[library].file);
	(void)unlink(path);
}

/* ---- kept -------------------------------------------------------------------------------------------------------- */

/* Whole, and nobody else's to change. */
static bool is_there(enum library_name library, const char *path) {
	struct stat status;
	return lstat(path, &status) == 0 && S_ISREG(status.st_mode) && status.st_uid == geteuid() &&
	       !(status.st_mode & (S_IWGRP | S_IWOTH)) && (size_t)status.st_size == bytes_of(library);
}

/* Made beside its name and renamed: a program that starts meanwhile finds one or the other, and both are whole. */
static bool write_beside(enum library_name library, const char *path) {
	char beside[LIBRARY_PATH_BYTES + NAME_BYTES_MOST];
	snprintf(beside, sizeof(beside), "%s.%ld", path, (long)getpid());
	if (write_all(library, beside) && rename(beside, path) == 0)
		return true;
	int error = errno;
	unlink(beside);
	errno = error;
	return false;
}

struct build {
	char name[NAME_BYTES_MOST];
	struct timespec written;
};

static int newest_first(const void *left, const void *right) {
	const struct timespec *a = &((const struct build *)left)->written, *b = &((const struct build *)right)->written;
	if (a->tv_sec != b->tv_sec)
		return a->tv_sec < b->tv_sec ? 1 : -1;
	return (a->tv_nsec < b->tv_nsec) - (a->tv_nsec > b->tv_nsec);
}

static bool is_build(enum library_name library, const char *name) {
	return strlen(name) < NAME_BYTES_MOST && strspn(name, "0123456789abcdef") == HASH_DIGITS &&
	       name[HASH_DIGITS] == '-' && strcmp(name + HASH_DIGITS + 1, libraries[library].file) == 0;
}

/* Of builds before the last few. */
static void remove_old(enum library_name library, const char *path) {
	static struct build builds[BUILDS_MOST];
	size_t count = 0;
	const struct dirent *entry;
	DIR *folder = opendir(path);
	while (folder && count < BUILDS_MOST && (entry = readdir(folder)) != NULL) {
		struct stat status;
		if (!is_build(library, entry->d_name) ||
		    fstatat(dirfd(folder), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		strcpy(builds[count].name, entry->d_name);
		builds[count++].written = status.st_mtim;
	}
	qsort(builds, count, sizeof(builds[0]), newest_first);
	for (size_t i = BUILDS_KEPT; i < count; i++)
		if (files_is_unused(dirfd(folder), builds[i].name))
			unlinkat(dirfd(folder), builds[i].name, 0);
	if (folder)
		closedir(folder);
}

uint32_t library_hash(enum library_name library) {
	struct simd_kernels kernels;
	simd_select(simd_features_detect(), NULL, &kernels);
	return simd_crc32c(&kernels, 0, libraries[library].bytes, bytes_of(library));
}

int library_keep(enum library_name library, bool make, char path[LIBRARY_PATH_BYTES], struct text *complaint) {
	char folder[LIBRARY_PATH_BYTES - NAME_BYTES_MOST];
	uint32_t hash = library_hash(library);
	bool found = files_data_path("preload", true, folder, sizeof(folder));
	if (!found) {
		files_complain_of_data_path("the library to preload", complaint);
		return PLATFORM_EIO;
	}
	mkdir(folder, 0700);
	if (!library_may_lie_in(folder)) {
		plain_format(complaint,
			     "%s: no folder for a library to preload: it has to be there, let programs be mapped from "
			     "it, and have no blank or colon in its name; say another as $ANECHOIC_HOME\n",
			     folder);
		return PLATFORM_EIO;
	}
	snprintf(path, LIBRARY_PATH_BYTES, "%s/%08x-%s", folder, (unsigned)hash, libraries[library].file);
	if (!make || is_there(library, path))
		return 0;
	if (write_beside(library, path)) {
		remove_old(library, folder);
		return 0;
	}
	plain_format(complaint, "%s: cannot be written: %s\n", path, strerror(errno));
	return PLATFORM_EIO;
}

static bool ends_as(const char *word, size_t length, const char *end) {
	size_t bytes = strlen(end);
	return length >= bytes && memcmp(word + length - bytes, end, bytes) == 0;
}

bool library_preload(enum library_name library, const char *path) {
	const char *word = getenv("LD_PRELOAD");
	struct text preload = {0};
	text_add_string(&preload, path);
	for (size_t length; word && *word; word += length + strspn(word + length, " :")) {
		length = strcspn(word, " :");
		if (length != 0 && !ends_as(word, length, libraries[library].file))
			text_format(&preload, ":%.*s", (int)length, word);
	}
	text_add(&preload, "", 1);
	bool good = !preload.failed && setenv("LD_PRELOAD", preload.bytes, 1) == 0;
	text_free(&preload);
	return good;
}
