/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/record/session.h"

#include "bench/plain.h"
#include "hosted/preload/library.h"
#include "hosted/record/folder.h"
#include "hosted/results/files.h"
#include "platform.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* ---- the folders ------------------------------------------------------------------------------------------------- */

enum { BASE_RUNTIME, BASE_SHARED, BASE_DATA, BASE_TEMPORARY, BASE_LAST, BASES };

/* The folder for data is made when it comes to it, which is seldom. NULL: there is none. */
static const char *base_at(size_t base, char data[SESSION_PATH_BYTES]) {
	switch (base) {
	case BASE_RUNTIME:
		return getenv("XDG_RUNTIME_DIR");
	case BASE_SHARED:
		return "/dev/shm";
	case BASE_DATA:
		if (!files_data_path("record", true, data, SESSION_PATH_BYTES))
			return NULL;
		mkdir(data, 0700);
		return data;
	case BASE_TEMPORARY:
		return getenv("TMPDIR");
	default:
		return "/tmp";
	}
}

/* Twice what the first process has to find, as each takes some of it: a container's /dev/shm has just that, and what
 * small machines keep of memory for $XDG_RUNTIME_DIR is less. */
#define FREE_BYTES (2 * COUNTS_FREE_BYTES_LEAST)
_Static_assert(FREE_BYTES >> 20 == 128, "session_open's words");

static bool has_room(const char *base) {
	struct statvfs system;
	return statvfs(base, &system) == 0 && (uint64_t)system.f_bavail * system.f_frsize >= FREE_BYTES;
}

/* Then no other folder is to be had either. */
static bool is_out_of_files(void) {
	return errno == EMFILE || errno == ENFILE;
}

/* What holds it, or -1. */
static int make_below(char folder[SESSION_PATH_BYTES], const char *base, bool to_map_programs) {
	bool is_one = base && *base == '/' && strlen(base) < SESSION_PATH_BYTES - 32;
	int held = -1;
	if (is_one)
		folder_remove_left(base);
	errno = 0;
	if (is_one && (to_map_programs ? library_may_lie_in(base) : has_room(base)))
		held = folder_make(base, folder, SESSION_PATH_BYTES);
	if (held < 0)
		*folder = '\0';
	return held;
}

static bool make_counts(struct session *session) {
	char data[SESSION_PATH_BYTES];
	int held = -1;
	errno = 0;
	for (size_t i = 0; i < BASES && held < 0 && !is_out_of_files(); i++)
		held = make_below(session->counts, base_at(i, data), false);
	session->files = held >= 0 ? fdopendir(held) : NULL;
	if (held >= 0 && !session->files)
		close(held);
	return session->files;
}

/* Where programs may be mapped from the counts' folder, it is the library's, too. */
static bool put_library(struct session *session) {
	char data[SESSION_PATH_BYTES];
	errno = 0;
	memcpy(session->library, session->counts, sizeof(session->library));
	if (library_may_lie_in(session->library) && library_write(LIBRARY_RECORD, session->library))
		return true;
	for (size_t i = 0; i < BASES && !is_out_of_files(); i++) {
		session->library_held = make_below(session->library, base_at(i, data), true);
		if (session->library_held < 0)
			continue;
		if (library_write(LIBRARY_RECORD, session->library))
			return true;
		int error = errno;
		files_remove_tree(session->library);
		close(session->library_held);
		session->library_held = -1;
		errno = error;
	}
	*session->library = '\0';
	return false;
}

/* Nothing is in it, as a rule. */
static void remove_folder(const char *folder) {
	if (rmdir(folder) != 0)
		files_remove_tree(folder);
}

static void complain_of_folders(struct text *complaint) {
	char data[SESSION_PATH_BYTES];
	const char *named = base_at(BASE_DATA, data);
	plain_format(
		complaint,
		"no folder to record in: of $XDG_RUNTIME_DIR, /dev/shm, %s, $TMPDIR and /tmp none has 128 MiB free, or "
		"none can be written, lets programs be mapped from it and has no blank or colon in its name\n",
		named ? named : "$ANECHOIC_HOME");
}

int session_open(struct session *session, struct text *complaint) {
	*session->counts = *session->library = '\0';
	session->files = NULL;
	session->library_held = -1;
	if (make_counts(session) && put_library(session))
		return 0;
	if (is_out_of_files())
		plain_format(complaint, "no folder to record in: %s%s\n", strerror(errno),
			     errno == EMFILE ? " (ulimit -n)" : "");
	else
		complain_of_folders(complaint);
	session_close(session);
	return PLATFORM_EIO;
}

void session_close(const struct session *session) {
	if (*session->library)
		library_remove(LIBRARY_RECORD, session->library);
	if (*session->counts)
		remove_folder(session->counts);
	if (*session->library && strcmp(session->library, session->counts) != 0)
		remove_folder(session->library);
	if (session->files)
		closedir(session->files);
	if (session->library_held >= 0)
		close(session->library_held);
}

bool session_set_environment(const struct session *session) {
	char path[2 * SESSION_PATH_BYTES];
	snprintf(path, sizeof(path), "%s/%s", session->library, library_file(LIBRARY_RECORD));
	return library_preload(LIBRARY_RECORD, path) && setenv(COUNTS_FOLDER_VARIABLE, session->counts, 1) == 0;
}

/* ---- files of processes ------------------------------------------------------------------------------------------ */

static bool is_gone(const char *name) {
	long process = strtol(name, NULL, 10);
	return process <= 0 || (kill((pid_t)process, 0) != 0 && errno == ESRCH);
}

/* A process may have another number where it lives than here (pid_namespaces(7)). Who has the file mapped has it open
 * to write, and beside that no lease is granted (fcntl(2), F_SETLEASE), which ends with the file's being closed.
 * 1: somebody has; 0: nobody; -1: that cannot be told here. */
static int is_mapped(int file) {
	if (file >= 0 && fcntl(file, F_SETLEASE, F_RDLCK) == 0)
		return 0;
	return file >= 0 && errno == EAGAIN ? 1 : -1;
}

void session_gather(struct session *session, bool all, struct record *record) {
	DIR *folder = session->files;
	const struct dirent *entry;
	rewinddir(folder);
	while ((entry = readdir(folder)) != NULL) {
		if (!folder_has_counts(entry->d_name))
			continue;
		bool gone = is_gone(entry->d_name);
		if (!all && !gone)
			continue;
		int file = openat(dirfd(folder), entry->d_name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		int mapped = is_mapped(file);
		gone = mapped < 0 ? gone : !mapped;
		if (all || gone) {
			record->running += !gone;
			record_take_process(record, &session->room, file);
			unlinkat(dirfd(folder), entry->d_name, 0);
		}
		if (file >= 0)
			close(file);
	}
}
