/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/still/found.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define FOLDER   "run/anechoic"
#define FILE_NEW "found.new"
#define FILE_IS  "found"
#define LOCK     "lock"
#define POLICIES "sys/devices/system/cpu/cpufreq"
#define GOVERNOR POLICIES "/policy%u/scaling_governor"

static const char head[] = "anechoic-found/1\n";

enum { FILE_BYTES = FOUND_MOST * 96, POLICY_MOST = 65535 };

/* ---- the file's text --------------------------------------------------------------------------------------------- */

void found_write(const struct found *found, struct text *text) {
	text_add_string(text, head);
	for (size_t i = 0; i < found->count; i++)
		text_format(text, "governor %u %s %s\n", found->settings[i].policy, found->settings[i].before,
			    found->settings[i].wanted);
	text_format(text, "end %zu\n", found->count);
}

static bool is_word(const char *word) {
	return word[0] != '\0' && word[strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789_-")] == '\0';
}

bool found_parse(const char *text, size_t length, struct found *found) {
	char line[96];
	size_t at = sizeof(head) - 1, count;
	int used = 0;
	found->count = 0;
	if (length < at || memcmp(text, head, at) != 0)
		return false;
	while (at < length) {
		const char *end = memchr(text + at, '\n', length - at);
		struct found_setting setting;
		if (!end || (size_t)(end - text) - at >= sizeof(line))
			return false;
		snprintf(line, sizeof(line), "%.*s", (int)((size_t)(end - text) - at), text + at);
		at = (size_t)(end - text) + 1;
		if (sscanf(line, "end %zu%n", &count, &used) == 1)
			return line[used] == '\0' && count == found->count && at == length;
		if (found->count == FOUND_MOST ||
		    sscanf(line, "governor %u %31s %31s%n", &setting.policy, setting.before, setting.wanted, &used) !=
			    3 ||
		    line[used] != '\0' || setting.policy > POLICY_MOST || !is_word(setting.before) ||
		    !is_word(setting.wanted))
			return false;
		found->settings[found->count++] = setting;
	}
	return false;
}

/* ---- settings ---------------------------------------------------------------------------------------------------- */

struct looking {
	const struct tree *tree;
	const char *wanted;
	struct found *found;
};

static void look_at(void *argument, const char *name) {
	const struct looking *looking = argument;
	struct found_setting setting;
	int used = 0;
	if (looking->found->count == FOUND_MOST || sscanf(name, "policy%u%n", &setting.policy, &used) != 1 ||
	    name[used] != '\0' || setting.policy > POLICY_MOST ||
	    !tree_word(looking->tree, setting.before, sizeof(setting.before), GOVERNOR, setting.policy) ||
	    strcmp(setting.before, looking->wanted) == 0)
		return;
	snprintf(setting.wanted, sizeof(setting.wanted), "%s", looking->wanted);
	looking->found->settings[looking->found->count++] = setting;
}

static int in_order(const void *a, const void *b) {
	const struct found_setting *first = a, *second = b;
	return first->policy < second->policy ? -1 : first->policy > second->policy;
}

void found_look(const struct tree *tree, const char *wanted, struct found *found) {
	struct looking looking = {tree, wanted, found};
	found->count = 0;
	(void)tree_list(tree, POLICIES, look_at, &looking);
	qsort(found->settings, found->count, sizeof(found->settings[0]), in_order);
}

/* true: it reads so afterwards. */
static bool set_governor(const struct tree *tree, unsigned policy, const char *word) {
	char path[TREE_PATH], now[FOUND_WORD];
	if (!tree_path(tree, path, GOVERNOR, policy))
		return false;
	int file = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (file < 0)
		return false;
	size_t length = strlen(word);
	errno = 0;
	bool good = write(file, word, length) == (ssize_t)length;
	int error = errno;
	close(file);
	errno = error;
	return good && tree_word(tree, now, sizeof(now), GOVERNOR, policy) && strcmp(now, word) == 0;
}

static void complain(struct text *text, unsigned policy, const char *word) {
	text_format(text, "/" GOVERNOR ": %s: is not set to %s\n", policy, errno ? strerror(errno) : "does not keep it",
		    word);
}

size_t found_set(const struct tree *tree, const struct found *found, struct text *complaint) {
	size_t count = 0;
	for (size_t i = 0; i < found->count; i++) {
		if (set_governor(tree, found->settings[i].policy, found->settings[i].wanted))
			count++;
		else
			complain(complaint, found->settings[i].policy, found->settings[i].wanted);
	}
	return count;
}

/* 1: put back; 0: left; -1: cannot. */
static int put_back(const struct tree *tree, const struct found_setting *setting, struct text *said) {
	char now[FOUND_WORD];
	if (!tree_word(tree, now, sizeof(now), GOVERNOR, setting->policy)) {
		text_format(said, "/" GOVERNOR " is not there any more\n", setting->policy);
		return 0;
	}
	if (strcmp(now, setting->before) == 0)
		return 0;
	if (strcmp(now, setting->wanted) != 0) {
		text_format(said, "/" GOVERNOR ": somebody else has set %s since: left so (it was %s)\n",
			    setting->policy, now, setting->before);
		return 0;
	}
	if (set_governor(tree, setting->policy, setting->before))
		return 1;
	complain(said, setting->policy, setting->before);
	return -1;
}

/* ---- the folder -------------------------------------------------------------------------------------------------- */

int found_open_folder(const struct tree *tree, struct text *complaint) {
	char path[TREE_PATH];
	struct stat status;
	if (!tree_path(tree, path, FOLDER))
		return -1;
	(void)mkdir(path, 0700);
	int folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (folder < 0) {
		text_format(complaint, "%s: %s\n", path, strerror(errno));
		return -1;
	}
	if (fstat(folder, &status) == 0 && status.st_uid == geteuid() && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0)
		return folder;
	text_format(complaint, "%s: others may write to it: not used\n", path);
	close(folder);
	return -1;
}

static bool take_place(int folder, unsigned *holder, int *file) {
	char line[32] = "";
	*holder = 0;
	*file = openat(folder, LOCK, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (*file < 0)
		return false;
	if (flock(*file, LOCK_EX | LOCK_NB) == 0) {
		snprintf(line, sizeof(line), "%u\n", (unsigned)getpid());
		if (ftruncate(*file, 0) != 0 || write(*file, line, strlen(line)) < 0)
			*holder = 0; /* it holds the place all the same, without a name */
		return true;
	}
	if (read(*file, line, sizeof(line) - 1) > 0)
		*holder = (unsigned)strtoul(line, NULL, 10);
	close(*file);
	*file = -1;
	return false;
}

int found_take_place(int folder, unsigned *holder) {
	const struct timespec rest = {.tv_nsec = 50000000};
	enum { TRIES = 100 };
	int file = -1;
	/* One that was killed is being put back for. */
	for (int i = 0; i < TRIES && !take_place(folder, holder, &file) && *holder != 0 &&
			kill((pid_t)*holder, 0) != 0 && errno == ESRCH;
	     i++)
		nanosleep(&rest, NULL);
	return file;
}

static bool save(int folder, const struct text *text) {
	int file = openat(folder, FILE_NEW, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (file < 0)
		return false;
	bool good = write(file, text->bytes, text->length) == (ssize_t)text->length && fsync(file) == 0;
	close(file);
	return good && renameat(folder, FILE_NEW, folder, FILE_IS) == 0 && fsync(folder) == 0;
}

bool found_save(int folder, const struct found *found, struct text *complaint) {
	struct text text = {0};
	found_write(found, &text);
	bool good = !text.failed && save(folder, &text);
	if (!good)
		text_format(complaint, "what was found cannot be kept: %s\n", strerror(errno));
	text_free(&text);
	return good;
}

void found_forget(int folder) {
	(void)unlinkat(folder, FILE_IS, 0);
}

bool found_is_left(int folder) {
	return faccessat(folder, FILE_IS, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool load(int folder, struct found *found) {
	struct stat status;
	char *text = malloc(FILE_BYTES);
	int file = openat(folder, FILE_IS, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	bool good = text && file >= 0 && fstat(file, &status) == 0 && S_ISREG(status.st_mode) &&
		    status.st_uid == geteuid() && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
	ssize_t length = good ? read(file, text, FILE_BYTES) : 0;
	good = good && length > 0 && length < FILE_BYTES && found_parse(text, (size_t)length, found);
	if (file >= 0)
		close(file);
	free(text);
	return good;
}

int found_restore(const struct tree *tree, int folder, struct text *said) {
	struct found *found = malloc(sizeof(*found));
	int count = 0;
	bool failed = false;
	if (!found || !load(folder, found)) {
		text_format(said, "/" FOLDER "/" FILE_IS " makes no sense: nothing is put back; remove it by hand\n");
		free(found);
		return -1;
	}
	for (size_t i = 0; i < found->count; i++) {
		int what = put_back(tree, &found->settings[i], said);
		failed |= what < 0;
		count += what > 0;
	}
	free(found);
	if (!failed)
		found_forget(folder);
	return failed ? -1 : count;
}
