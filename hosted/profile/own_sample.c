/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/profile/own_sample.h"

#include "hosted/profile/tunables.h"
#include "hosted/results/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static const char variable[] = TUNABLES_VARIABLE "=";
enum { WORDS_MOST = 16 };

/* The environment with `line` in the place of what it has of tunables (NULL: as it is); `line` stays in use. To be
 * freed. */
static char **environment(const char *line) {
	extern char **environ;
	size_t count = 0, kept = 0;
	while (environ[count])
		count++;
	char **made = calloc(count + 2, sizeof(*made));
	if (made && line && line[0])
		made[kept++] = (char *)(uintptr_t)line;
	for (size_t i = 0; made && i < count; i++)
		if (!line || strncmp(environ[i], variable, strlen(variable)) != 0)
			made[kept++] = environ[i];
	return made;
}

static void set_streams(posix_spawn_file_actions_t *actions, const struct own_sample *sample, int out) {
	if (sample->input >= 0)
		posix_spawn_file_actions_adddup2(actions, sample->input, STDIN_FILENO);
	else
		posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(actions, out, STDOUT_FILENO);
	posix_spawn_file_actions_addopen(actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
}

static bool spawn(char **surroundings, const struct own_sample *sample, int *out, pid_t *child) {
	static char name[] = "anechoic";
	char *words[WORDS_MOST] = {name};
	int ends[2];
	posix_spawn_file_actions_t actions;
	for (size_t i = 0; sample->words[i]; i++) {
		if (i + 2 >= WORDS_MOST)
			return false;
		words[i + 1] = (char *)(uintptr_t)sample->words[i];
	}
	if (pipe2(ends, O_CLOEXEC) != 0)
		return false;
	posix_spawn_file_actions_init(&actions);
	set_streams(&actions, sample, ends[1]);
	bool good = posix_spawn(child, "/proc/self/exe", &actions, NULL, words, surroundings) == 0;
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	if (good)
		*out = ends[0];
	else
		close(ends[0]);
	return good;
}

static bool read_figures(int out, double *figures, size_t count) {
	FILE *file = fdopen(out, "re");
	bool good = file != NULL;
	for (size_t i = 0; good && i < count; i++)
		good = fscanf(file, "%lf", &figures[i]) == 1;
	if (file)
		fclose(file);
	else
		close(out);
	return good;
}

bool own_sample_read_whole(const struct own_sample *sample, double *figures, size_t count, double *cpu_ns) {
	int out, status;
	pid_t child;
	char **surroundings = environment(sample->tunables);
	bool good = surroundings && spawn(surroundings, sample, &out, &child);
	free(surroundings);
	if (!good)
		return false;
	good = read_figures(out, figures, count);
	struct rusage usage;
	pid_t ended;
	do
		ended = wait4(child, &status, 0, &usage);
	while (ended < 0 && errno == EINTR);
	*cpu_ns = ended == child ? (double)(timeval_ns(usage.ru_utime) + timeval_ns(usage.ru_stime)) : 0;
	return good && ended == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool own_sample_read(const struct own_sample *sample, double *figures, size_t count) {
	double cpu_ns;
	return own_sample_read_whole(sample, figures, count, &cpu_ns);
}
