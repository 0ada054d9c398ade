/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/cli/launch.h"

#include "bench/decimal.h"
#include "hosted/apply/apply.h"
#include "hosted/cli/words.h"
#include "hosted/platform/allowed.h"
#include "hosted/results/clock.h"

#include "lib/units.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* What a wait looks for: the end of what was launched, and who wants all to end. */
static sigset_t awaited(void) {
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	return set;
}

void launch_start(void) {
	sigset_t set = awaited();
	sigprocmask(SIG_BLOCK, &set, NULL);
}

bool launch_insert(const char *command, const char *mark, const char *insert, bool appended, struct text *text) {
	const char *place = strstr(command, mark);
	text->length = 0;
	text_add(text, command, place ? (size_t)(place - command) : strlen(command));
	if (!place && appended)
		text_add_string(text, " ");
	if (place || appended)
		text_add_string(text, insert);
	if (place)
		text_add_string(text, place + strlen(mark));
	text_add(text, "", 1);
	return !text->failed;
}

bool launch_command(const char *command, const char *out, struct text *text) {
	bool placed = strstr(command, "{out}") != NULL;
	struct text insert = {0};
	text_add_string(&insert, placed ? "" : "--out ");
	apply_add_quoted(out, &insert);
	text_add(&insert, "", 1);
	bool good = !insert.failed && launch_insert(command, "{out}", insert.bytes, true, text);
	text_free(&insert);
	return good;
}

static int spawn(char *const words[], pid_t *pid) {
	extern char **environ;
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t none;
	sigemptyset(&none);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setsigmask(&attributes, &none);
	int error = posix_spawnp(pid, words[0], &files, &attributes, words, environ);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attributes);
	return error;
}

/* Whoever measures has been pinned to a core, which is no business of the command's: its threads may want several. */
static int spawn_anywhere(char *const words[], pid_t *pid) {
	cpu_set_t own, allowed;
	cores_allowed(&allowed);
	bool moved = CPU_COUNT(&allowed) > 0 && sched_getaffinity(0, sizeof(own), &own) == 0 &&
		     sched_setaffinity(0, sizeof(allowed), &allowed) == 0;
	int error = spawn(words, pid);
	if (moved)
		sched_setaffinity(0, sizeof(own), &own);
	return error;
}

enum { GRACE_S = 10 };

static struct timespec end_of(uint64_t seconds) {
	struct timespec end;
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += (time_t)seconds;
	return end;
}

/* A signal that is awaited, or below 0: errno is EAGAIN from `end` on. */
static int await(const struct timespec *end) {
	const sigset_t set = awaited();
	struct timespec now, left = {0};
	clock_gettime(CLOCK_MONOTONIC, &now);
	int64_t ns = (end->tv_sec - now.tv_sec) * (int64_t)NS_PER_SECOND + (end->tv_nsec - now.tv_nsec);
	if (ns > 0)
		left = (struct timespec){ns / (int64_t)NS_PER_SECOND, ns % (int64_t)NS_PER_SECOND};
	return sigtimedwait(&set, NULL, &left);
}

/* Of the group `group`, whose first process has ended: a shell does so at once, and what it started may still be about
 * to write what it has. */
static void wait_for_rest(pid_t group) {
	const struct timespec end = end_of(GRACE_S);
	pid_t ended;
	while ((ended = waitpid(-group, NULL, WNOHANG)) >= 0)
		if (ended == 0 && await(&end) < 0 && errno != EINTR) {
			kill(-group, SIGKILL);
			while (waitpid(-group, NULL, 0) > 0)
				continue;
		}
}

int launch_words(char *const words[], uint64_t limit_s) {
	struct timespec end = end_of(limit_s);
	int status = 0, asked = 0;
	bool late = false;
	pid_t pid;
	if (spawn_anywhere(words, &pid) != 0)
		return 2;
	while (waitpid(pid, &status, WNOHANG) == 0) {
		int got = await(&end);
		if (got == SIGINT || got == SIGTERM) {
			/* It has a word of its own to say, and results to keep. What its end leaves alone becomes ours,
			 * so that we can wait for it, too. */
			prctl(PR_SET_CHILD_SUBREAPER, 1);
			kill(-pid, got);
			asked = got;
			end = end_of(GRACE_S);
		} else if (got < 0 && errno != EINTR) {
			late = !asked;
			kill(-pid, SIGKILL);
			waitpid(pid, &status, 0);
			break;
		}
	}
	if (asked) {
		wait_for_rest(pid);
		return 128 + asked;
	}
	return late ? 124 : WIFEXITED(status) ? WEXITSTATUS(status) : 4;
}

int launch(const char *command, uint64_t limit_s) {
	char *copy = strdup(command);
	char *const words[] = {(char[]){"/bin/sh"}, (char[]){"-c"}, copy, NULL};
	int status = copy ? launch_words(words, limit_s) : 2;
	free(copy);
	return status;
}

int launch_end_asked(void) {
	sigset_t set;
	if (sigpending(&set) != 0)
		return 0;
	return sigismember(&set, SIGINT) == 1 ? 128 + SIGINT : sigismember(&set, SIGTERM) == 1 ? 128 + SIGTERM : 0;
}

bool launch_was_interrupted(int status) {
	return status == 128 + SIGINT || status == 128 + SIGTERM;
}

bool launch_parse_count(const char *name, const char *word, uint64_t least, uint64_t most, uint64_t *number) {
	char allowed[64];
	if (decimal_whole(word, least, most, number))
		return true;
	snprintf(allowed, sizeof(allowed), "%" PRIu64 " to %" PRIu64, least, most);
	words_complain_of_value(name, word, allowed);
	return false;
}

uint64_t launch_seed(void) {
	return clock_ns(CLOCK_REALTIME);
}
