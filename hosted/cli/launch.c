/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/cli/launch.h"

#include "lib/units.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

void launch_start(void) {
	sigset_t child;
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
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
	text_add_string(&insert, placed ? "'" : "--out '");
	text_add_string(&insert, out);
	text_add(&insert, "'", 2);
	bool good = !insert.failed && launch_insert(command, "{out}", insert.bytes, true, text);
	text_free(&insert);
	return good;
}

int launch(const char *command, uint64_t limit_s) {
	extern char **environ;
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t child, none;
	pid_t pid;
	int status = 0;
	char *const words[] = {(char[]){"sh"}, (char[]){"-c"}, strdup(command), NULL};
	sigemptyset(&none);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setsigmask(&attributes, &none);
	int error = words[2] ? posix_spawn(&pid, "/bin/sh", &files, &attributes, words, environ) : ENOMEM;
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attributes);
	free(words[2]);
	if (error)
		return 2;
	const struct timespec limit = {.tv_sec = (time_t)limit_s};
	bool late = false;
	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (sigtimedwait(&child, NULL, &limit) >= 0 || errno == EINTR)
			continue;
		late = true;
		kill(-pid, SIGKILL);
		waitpid(pid, &status, 0);
		break;
	}
	return late ? 124 : WIFEXITED(status) ? WEXITSTATUS(status) : 4;
}

bool launch_parse_count(const char *word, uint64_t least, uint64_t most, uint64_t *number) {
	char *end;
	if (!word || *word < '0' || *word > '9')
		return false;
	*number = strtoull(word, &end, 0);
	return *end == '\0' && *number >= least && *number <= most;
}

uint64_t launch_seed(void) {
	struct timespec time;
	clock_gettime(CLOCK_REALTIME, &time);
	return (uint64_t)time.tv_sec * NS_PER_SECOND + (uint64_t)time.tv_nsec;
}
