/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/results/files.h"

#include "bench/plain.h"
#include "platform.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int complain(struct text *complaint, const char *name) {
	plain_add_string(complaint, *name ? name : "''");
	plain_format(complaint, ": %s\n", strerror(errno));
	return PLATFORM_EIO;
}

static bool is_pipe(const char *name) {
	struct stat status;
	return stat(name, &status) == 0 && S_ISFIFO(status.st_mode);
}

static int complain_of_writing(struct text *complaint, const char *name) {
	if (errno != ENXIO || !is_pipe(name))
		return complain(complaint, name);
	plain_format(complaint, "%s: it is a pipe, and nobody reads it\n", name);
	return PLATFORM_EIO;
}

/* What it did not take is let go of, and is not complained of at the programme's end again. */
static int complain_of_stdout(struct text *complaint) {
	int status = complain(complaint, "standard output");
	__fpurge(stdout);
	clearerr(stdout);
	return status;
}

static bool write_stream(FILE *file, const struct text *content) {
	bool written = content->length == 0 || fwrite(content->bytes, 1, content->length, file) == content->length;
	return written && fflush(file) == 0;
}

/* Whether a file beside it can take its name and nobody can tell: it is a plain file by this one name
 * (/dev/stdout is a link), and may be written. */
static bool is_replaceable(const char *name, bool *is_new, struct stat *status) {
	*is_new = lstat(name, status) != 0;
	return *is_new || (S_ISREG(status->st_mode) && status->st_nlink == 1 && access(name, W_OK) == 0);
}

/* mkstemp's files are their owner's alone: a new one gets the rights of any that is made, another those it had. */
static FILE *open_beside(char *name, bool is_new, const struct stat *like) {
	int file = mkstemp(name);
	if (file < 0)
		return NULL;
	mode_t mask = umask(0);
	umask(mask);
	FILE *stream = NULL;
	if (is_new ? fchmod(file, 0666 & ~mask) == 0
		   : fchown(file, like->st_uid, like->st_gid) == 0 && fchmod(file, like->st_mode & 0777) == 0)
		stream = fdopen(file, "wb");
	if (!stream) {
		int error = errno;
		close(file);
		unlink(name);
		errno = error;
	}
	return stream;
}

/* Who waited for a reader could not be ended: the handlers of signals restart system calls. What is written later may
 * wait for one that is slow. */
int files_open_to_write(const char *name, int how) {
	int file = open(name, O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | how, 0666);
	if (file >= 0 && fcntl(file, F_SETFL, how & O_APPEND) != 0) {
		int error = errno;
		close(file);
		errno = error;
		return -1;
	}
	return file;
}

static FILE *open_stream(const char *name, int how) {
	int file = files_open_to_write(name, how);
	FILE *stream = file >= 0 ? fdopen(file, "wb") : NULL;
	if (file >= 0 && !stream)
		close(file);
	return stream;
}

/* NAME.XXXXXX; NULL: no memory. The caller's. */
static char *name_beside(const char *name) {
	size_t room = strlen(name) + sizeof(".XXXXXX");
	char *beside = malloc(room);
	if (beside)
		snprintf(beside, room, "%s.XXXXXX", name);
	return beside;
}

static void free_name(struct files_new *fresh) {
	int error = errno;
	free(fresh->beside);
	fresh->beside = NULL;
	errno = error;
}

bool files_begin(const char *name, int how, struct files_new *fresh) {
	struct stat status;
	bool is_new;
	*fresh = (struct files_new){.beside = name_beside(name)};
	if (!fresh->beside)
		return false;
	bool plain = is_replaceable(name, &is_new, &status);
	fresh->file = plain ? open_beside(fresh->beside, is_new, &status) : NULL;
	/* Its folder takes no other file, or not by this name: the file itself may well be written. */
	if (plain && !fresh->file && (errno == EACCES || errno == EPERM || errno == ENAMETOOLONG))
		plain = false;
	if (!plain) {
		free_name(fresh);
		fresh->file = open_stream(name, how);
	}
	if (!fresh->file)
		free_name(fresh);
	return fresh->file != NULL;
}

bool files_end(const char *name, bool whole, struct files_new *fresh) {
	bool good = whole && fflush(fresh->file) == 0 && (!fresh->beside || fsync(fileno(fresh->file)) == 0);
	int error = errno;
	if (fclose(fresh->file) != 0 && good) {
		good = false;
		error = errno;
	}
	if (good && fresh->beside && rename(fresh->beside, name) != 0) {
		good = false;
		error = errno;
	}
	if (!good && fresh->beside)
		unlink(fresh->beside);
	free(fresh->beside);
	errno = error;
	return good;
}

int files_save(const char *name, const struct text *content, struct text *complaint) {
	struct files_new fresh;
	if (strcmp(name, "-") == 0)
		return write_stream(stdout, content) ? 0 : complain_of_stdout(complaint);
	bool good = files_begin(name, O_TRUNC, &fresh) && files_end(name, write_stream(fresh.file, content), &fresh);
	return good ? 0 : complain_of_writing(complaint, name);
}

int files_put(const char *name, const struct text *content, struct text *complaint) {
	struct files_new fresh = {.beside = name_beside(name)};
	fresh.file = fresh.beside ? open_beside(fresh.beside, true, NULL) : NULL;
	if (!fresh.file)
		free_name(&fresh);
	bool good = fresh.file && files_end(name, write_stream(fresh.file, content), &fresh);
	return good ? 0 : complain_of_writing(complaint, name);
}

bool files_replaces(const char *name) {
	struct stat status;
	return strcmp(name, "-") != 0 && (stat(name, &status) != 0 || S_ISREG(status.st_mode));
}

int files_may_write(const char *name, struct text *complaint) {
	const char *slash = strrchr(name, '/');
	struct stat status;
	if (strcmp(name, "-") == 0)
		return 0;
	bool there = stat(name, &status) == 0, is_folder = there && S_ISDIR(status.st_mode);
	if (is_folder)
		errno = EISDIR;
	/* Closed again, a reader would take it for the end. */
	if (there && S_ISFIFO(status.st_mode))
		return files_open_to_write(name, 0) >= 0 ? 0 : complain_of_writing(complaint, name);
	if (there)
		return !is_folder && access(name, W_OK) == 0 ? 0 : complain(complaint, name);
	if (*name == '\0')
		return complain(complaint, name);
	char *folder = slash ? strndup(name, slash == name ? 1 : (size_t)(slash - name)) : strdup(".");
	int result = folder && access(folder, W_OK | X_OK) == 0 ? 0 : complain(complaint, name);
	free(folder);
	return result;
}

static const char *kind_of(mode_t mode) {
	return S_ISFIFO(mode) ? "a pipe" : S_ISSOCK(mode) ? "a socket" : "a device";
}

FILE *files_open(const char *name, struct text *complaint) {
	struct stat status;
	/* Neither waits for whoever writes into a pipe, nor becomes a terminal's process. */
	int opened = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (opened >= 0 && fstat(opened, &status) == 0 && !S_ISREG(status.st_mode)) {
		errno = EISDIR;
		if (S_ISDIR(status.st_mode))
			complain(complaint, name);
		else
			plain_format(complaint, "%s: it is %s, and only plain files are read\n", name,
				     kind_of(status.st_mode));
		close(opened);
		return NULL;
	}
	FILE *file = opened < 0 ? NULL : fdopen(opened, "rb");
	if (!file)
		complain(complaint, name);
	return file;
}

/* What grew meanwhile, or does not say how long it is, is read no further either. */
int files_read(const char *name, size_t most, struct text *bytes, struct text *complaint) {
	char part[65536];
	size_t length, before = bytes->length;
	struct stat status;
	FILE *file = files_open(name, complaint);
	if (!file)
		return PLATFORM_EIO;
	bool large = fstat(fileno(file), &status) == 0 && status.st_size > (off_t)most;
	while (!large && !bytes->failed && (length = fread(part, 1, sizeof(part), file)) > 0) {
		text_add(bytes, part, length);
		large = bytes->length - before > most;
	}
	const char *why = bytes->failed  ? "does not fit into memory"
			  : large        ? "is too large"
			  : ferror(file) ? "cannot be read"
					 : NULL;
	fclose(file);
	if (why)
		plain_format(complaint, "%s: %s\n", name, why);
	return why ? PLATFORM_EIO : 0;
}

static bool is_standard_input(const char *name) {
	return strcmp(name, "-") == 0;
}

const char *files_named(const char *name) {
	return is_standard_input(name) ? "standard input" : name;
}

/* What a pipe gives, too. */
static int read_input(size_t most, struct text *bytes, struct text *complaint) {
	char part[65536];
	size_t length;
	while (!bytes->failed && bytes->length <= most && (length = fread(part, 1, sizeof(part), stdin)) > 0)
		text_add(bytes, part, length);
	const char *why = ferror(stdin) ? strerror(errno) : bytes->failed ? "does not fit into memory" : NULL;
	if (bytes->length > most)
		why = "is too large";
	if (why)
		plain_format(complaint, "standard input: %s\n", why);
	return why ? PLATFORM_EIO : 0;
}

int files_read_named(const char *name, size_t most, struct text *bytes, struct text *complaint) {
	return is_standard_input(name) ? read_input(most, bytes, complaint) : files_read(name, most, bytes, complaint);
}

bool files_are_same(const char *a, const char *b) {
	struct stat one, other;
	return stat(a, &one) == 0 && stat(b, &other) == 0 && one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

bool files_holds_something(const char *name) {
	struct stat status;
	return stat(name, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0;
}

/* Only then the system grants a lease to write (fcntl(2), F_SETLEASE). */
bool files_is_unused(int folder, const char *name) {
	int file = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	bool unused = file >= 0 && fcntl(file, F_SETLEASE, F_WRLCK) == 0;
	if (file >= 0)
		close(file);
	return unused;
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *place) {
	(void)info, (void)kind, (void)place;
	return remove(path);
}

bool files_remove_tree(const char *name) {
	enum { FILES_OPEN_MOST = 16 };
	return nftw(name, remove_one, FILES_OPEN_MOST, FTW_DEPTH | FTW_PHYS) == 0;
}

bool files_make_folders(char *path) {
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		bool made = mkdir(path, 0777) == 0 || errno == EEXIST;
		*slash = '/';
		if (!made)
			return false;
	}
	return true;
}

bool files_data_path(const char *file, bool make, char *path, size_t capacity) {
	const char *own = getenv("ANECHOIC_HOME"), *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
	int length = -1;
	errno = 0;
	if (own && *own)
		length = snprintf(path, capacity, "%s/%s", own, file);
	else if (data && *data == '/') /* XDG Base Directory Specification 0.8: a relative path is to be ignored */
		length = snprintf(path, capacity, "%s/anechoic/%s", data, file);
	else if (home && *home == '/')
		length = snprintf(path, capacity, "%s/.local/share/anechoic/%s", home, file);
	if (length < 0 || (size_t)length >= capacity)
		return false;
	return !make || files_make_folders(path);
}

void files_complain_of_data_path(const char *what, struct text *complaint) {
	plain_format(complaint, "%s: there is no folder for data%s%s; ANECHOIC_HOME, XDG_DATA_HOME or HOME say where\n",
		     what, errno ? ": " : "", errno ? strerror(errno) : "");
}
