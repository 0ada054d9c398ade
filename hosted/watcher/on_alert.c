/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/watcher/on_alert.h"

#include "bench/plain.h"
#include "hosted/watcher/alert_json.h"
#include "hosted/watcher/monotonic.h"
#include "lib/units.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

void on_alert_begin(struct on_alert *on_alert, const char *command, uint64_t limit_ms) {
	*on_alert = (struct on_alert){.command = command, .limit_ms = limit_ms};
	if (command)
		signal(SIGCHLD, SIG_DFL);
	if (sched_getaffinity(0, sizeof(on_alert->cpus), &on_alert->cpus) != 0)
		CPU_ZERO(&on_alert->cpus);
}

bool on_alert_is_busy(const struct on_alert *on_alert) {
	return on_alert->count > 0;
}

static void complain(struct text *complaint, uint64_t id, enum watch_alert_state state, const char *what) {
	plain_format(complaint, "--on-alert: alert %" PRIu64 " (%s): %s\n", id, alert_state_name(state), what);
}

/* A file without a name that holds the text, to be read from its start; -1. */
static int file_of(const struct text *text) {
	int file = text->failed ? -1 : memfd_create("alert", MFD_CLOEXEC);
	if (file < 0)
		return -1;
	if (write(file, text->bytes, text->length) == (ssize_t)text->length && lseek(file, 0, SEEK_SET) == 0)
		return file;
	close(file);
	return -1;
}

void on_alert_tell(struct on_alert *on_alert, const struct watch_alert *alert, struct text *complaint) {
	struct text json = {0};
	if (!on_alert->command)
		return;
	if (on_alert->count == ON_ALERT_WAITING) {
		complain(complaint, alert->id, alert->state, "not told, too many wait for their command");
		return;
	}
	alert_json(alert, &json);
	int file = file_of(&json);
	text_free(&json);
	if (file < 0) {
		complain(complaint, alert->id, alert->state, "not told, no memory for it");
		return;
	}
	on_alert->told[on_alert->count++] = (struct on_alert_told){alert->id, alert->state, file};
}

/* ---- one command ------------------------------------------------------------------------------------------------- */

static void forget_first(struct on_alert *on_alert) {
	close(on_alert->told[0].file);
	on_alert->count--;
	memmove(on_alert->told, on_alert->told + 1, on_alert->count * sizeof(on_alert->told[0]));
	on_alert->running = 0;
	on_alert->is_late = false;
}

/* What a watch blocks or ignores is no business of the command's. */
static int spawn(const char *command, int input, pid_t *pid) {
	extern char **environ;
	char shell[] = "/bin/sh", option[] = "-c";
	char *const words[] = {shell, option, (char *)(uintptr_t)command, NULL};
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t none, all;
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&files, STDERR_FILENO, STDOUT_FILENO);
	posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &all);
	int error = posix_spawn(pid, words[0], &files, &attributes, words, environ);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attributes);
	return error;
}

static void start_first(struct on_alert *on_alert, struct text *complaint) {
	const struct on_alert_told *first = &on_alert->told[0];
	cpu_set_t cpus;
	bool moved = CPU_COUNT(&on_alert->cpus) > 0 && sched_getaffinity(0, sizeof(cpus), &cpus) == 0 &&
		     sched_setaffinity(0, sizeof(on_alert->cpus), &on_alert->cpus) == 0;
	int error = spawn(on_alert->command, first->file, &on_alert->running);
	if (moved)
		sched_setaffinity(0, sizeof(cpus), &cpus);
	on_alert->since_ms = monotonic_ms();
	if (error == 0)
		return;
	complain(complaint, first->id, first->state, strerror(error));
	forget_first(on_alert);
}

/* Whoever waits for its end has not been told of it yet, so its group's id is nobody else's. */
static void kill_group(const struct on_alert *on_alert) {
	kill(-on_alert->running, SIGKILL);
}

static void judge(const struct on_alert *on_alert, int status, struct text *complaint) {
	const struct on_alert_told *first = &on_alert->told[0];
	char what[64] = "";
	if (on_alert->is_late)
		snprintf(what, sizeof(what), "the command took more than %g s, and was killed",
			 (double)on_alert->limit_ms / 1000);
	else if (WIFSIGNALED(status))
		snprintf(what, sizeof(what), "the command was killed by signal %d", WTERMSIG(status));
	else if (WEXITSTATUS(status) != 0)
		snprintf(what, sizeof(what), "the command ended with status %d", WEXITSTATUS(status));
	if (*what)
		complain(complaint, first->id, first->state, what);
}

/* Even a process that is killed may take long to end, as one that waits for a disk that is gone: nobody waits for it
 * here. */
static void look_at_running(struct on_alert *on_alert, struct text *complaint) {
	siginfo_t end = {0};
	int status = 0;
	waitid(P_PID, (id_t)on_alert->running, &end, WEXITED | WNOHANG | WNOWAIT);
	if (end.si_pid != 0) {
		kill_group(on_alert);
		waitpid(on_alert->running, &status, 0);
		judge(on_alert, status, complaint);
		forget_first(on_alert);
	} else if (!on_alert->is_late && monotonic_ms() - on_alert->since_ms >= on_alert->limit_ms) {
		kill_group(on_alert);
		on_alert->is_late = true;
	}
}

void on_alert_step(struct on_alert *on_alert, struct text *complaint) {
	if (on_alert->running)
		look_at_running(on_alert, complaint);
	if (!on_alert->running && on_alert->count > 0)
		start_first(on_alert, complaint);
}

void on_alert_end(struct on_alert *on_alert, struct text *complaint) {
	static const struct timespec step = {.tv_nsec = 20 * NS_PER_MS};
	for (uint64_t begin = monotonic_ms(); on_alert_is_busy(on_alert);) {
		on_alert_step(on_alert, complaint);
		if (monotonic_ms() - begin >= on_alert->limit_ms)
			break;
		nanosleep(&step, NULL);
	}
	if (on_alert->running)
		kill_group(on_alert);
	for (; on_alert_is_busy(on_alert); forget_first(on_alert))
		complain(complaint, on_alert->told[0].id, on_alert->told[0].state,
			 on_alert->running ? "the command was killed, as the watch ends"
					   : "not told, as the watch ends");
}
