/* SPDX-License-Identifier: Apache-2.0
 *
 * `anechoic record [-o FILE] -- PROGRAM ARGS`: runs a program with the recording library in it. What the program does
 * and how it ends is its own: signals that are sent to us go on to it, and we end as it has ended.
 */
#include "hosted/record/record.h"
#include "hosted/cli/commands/commands.h"
#include "hosted/cli/help.h"
#include "hosted/cli/output.h"
#include "hosted/cli/words.h"
#include "hosted/preload/program.h"
#include "hosted/record/glance.h"
#include "hosted/record/machine_kept.h"
#include "hosted/record/session.h"
#include "hosted/results/clock.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define GATHER_EVERY_NS UINT64_C(200000000)

struct recording {
	const char *out; /* NULL: a table on standard error */
	char path[PROGRAM_PATH_BYTES];
	char **words; /* of the program */
	struct session session;
	struct record record;
};

/* ---- the record -------------------------------------------------------------------------------------------------- */

static void name_program(struct recording *recording) {
	const char *name = strrchr(recording->path, '/');
	name = name ? name + 1 : recording->path;
	char *to = recording->record.program;
	for (size_t i = 0; name[i] && i < RECORD_PROGRAM_BYTES - 1; i++)
		*to++ = name[i] > ' ' && name[i] <= '~' ? name[i] : '?';
	*to = '\0';
}

/* As it goes out. */
static void write_out(const struct recording *recording, struct text *text) {
	if (recording->out) {
		record_write(&recording->record, text);
	} else {
		record_show(&recording->record, text);
		text_add(text, "", 1);
	}
}

/* ---- the program ------------------------------------------------------------------------------------------------- */

static uint64_t now_ns(void) {
	return clock_ns(CLOCK_MONOTONIC);
}

static void watched_signals(sigset_t *set) {
	static const int numbers[] = {SIGCHLD, SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2};
	sigemptyset(set);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaddset(set, numbers[i]);
}

/* In a process that has our memory until it becomes the program: copying that would take as long as a short program. */
_Noreturn static void become(const struct recording *recording, const sigset_t *before) {
	sigprocmask(SIG_SETMASK, before, NULL);
	_exit(program_become(recording->path, recording->words));
}

/* What a terminal sends goes to the program anyhow; what a process sends to us would not. */
static void pass_on(const siginfo_t *info, pid_t child) {
	if (info->si_signo != SIGCHLD && info->si_code <= 0)
		kill(child, info->si_signo);
}

/* Linux counts what a process reads, and adds what those read that it has waited for (proc_pid_io(5)); where it does
 * not, or not for us, that is 0. */
static uint64_t read_bytes_of(pid_t process) {
	char path[64], text[512];
	snprintf(path, sizeof(path), "/proc/%ld/io", (long)process);
	int file = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = file < 0 ? -1 : read(file, text, sizeof(text) - 1);
	if (file >= 0)
		close(file);
	text[length < 0 ? 0 : length] = '\0';
	const char *at = strstr(text, "rchar: ");
	return at ? strtoull(at + strlen("rchar: "), NULL, 10) : 0;
}

/* Whether it has ended; it can still be looked at. */
static bool has_ended(pid_t child) {
	siginfo_t info = {.si_pid = 0};
	return waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid != 0;
}

/* Looks at it meanwhile. Returns how it ended, as wait has it. */
static int wait_for(struct recording *recording, pid_t child, const sigset_t *watched) {
	struct rusage usage = {0};
	struct glance glance;
	int status = 0;
	uint64_t gathered = now_ns();
	prctl(PR_SET_TIMERSLACK, 1UL); /* the child has its own by now */
	glance_start(&glance);
	while (!has_ended(child)) {
		siginfo_t info;
		const struct timespec pause = glance_pause(&glance);
		if (sigtimedwait(watched, &info, &pause) > 0) {
			pass_on(&info, child);
			continue;
		}
		glance_look(&glance, &recording->session, &recording->record);
		if (now_ns() - gathered < GATHER_EVERY_NS)
			continue;
		session_gather(&recording->session, false, &recording->record);
		gathered = now_ns();
	}
	glance_end(&glance);
	struct record *record = &recording->record;
	record->read_bytes = read_bytes_of(child);
	wait4(child, &status, 0, &usage);
	record->user_ns = timeval_ns(usage.ru_utime);
	record->system_ns = timeval_ns(usage.ru_stime);
	record->minor_faults = (uint64_t)usage.ru_minflt;
	record->major_faults = (uint64_t)usage.ru_majflt;
	record->peak_bytes = (uint64_t)usage.ru_maxrss * 1024;
	return status;
}

/* What is left to do at the program's end is waited for, and goes faster where it was done before, for nothing: its
 * code and its memory are there then. */
static void rehearse(struct recording *recording) {
	struct text nothing = {0};
	memset(&recording->session.room, 0, sizeof(recording->session.room));
	session_gather(&recording->session, false, &recording->record);
	write_out(recording, &nothing);
	text_free(&nothing);
}

/* While the program starts, which takes it longer. false: no memory; the machine is not known. */
static bool begin_record(struct recording *recording) {
	struct tune_signature *machine = &recording->record.machine;
	memset(&recording->record, 0, sizeof(recording->record));
	name_program(recording);
	bool is_known = machine_kept_read(machine);
	rehearse(recording);
	/* Where it has to be read, it takes some ms. */
	return is_known || machine_kept_make(machine) == 0;
}

/* Returns how it ended, as wait has it, or -1. */
static int launch_program(struct recording *recording) {
	sigset_t watched, before;
	watched_signals(&watched);
	sigprocmask(SIG_BLOCK, &watched, &before);
	uint64_t start = now_ns();
	pid_t child = session_set_environment(&recording->session) ? vfork() : -1;
	if (child == 0)
		become(recording, &before);
	bool has_signature = begin_record(recording);
	int status = child < 0 ? -1 : wait_for(recording, child, &watched);
	recording->record.wall_ns = now_ns() - start;
	if (child < 0)
		output_say(stderr, "%s: cannot be started: no process, or no memory\n", recording->path);
	else if (!has_signature)
		fprintf(stderr, "out of memory: the record does not say of which machine it is\n");
	session_gather(&recording->session, true, &recording->record);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return status;
}

/* ---- its end ----------------------------------------------------------------------------------------------------- */

/* 0, or 2: it could not be written, and that was said. */
static int save(struct recording *recording) {
	struct text text = {0};
	const struct record *record = &recording->record;
	if (record->processes == 0)
		output_say(stderr, "%s: nothing was recorded: %s\n", recording->path,
			   record->damaged ? RECORD_ROOM : "no process loaded the library");
	write_out(recording, &text);
	if (recording->out)
		return output_save(recording->out, &text);
	fputs(text.failed ? "out of memory\n" : text.bytes, stderr);
	text_free(&text);
	return 0;
}

/* As the program: its status, or its signal, without a second core file. */
static int end_as(int status) {
	if (WIFSIGNALED(status)) {
		const struct rlimit none = {0, 0};
		sigset_t one;
		setrlimit(RLIMIT_CORE, &none);
		signal(WTERMSIG(status), SIG_DFL);
		sigemptyset(&one);
		sigaddset(&one, WTERMSIG(status));
		sigprocmask(SIG_UNBLOCK, &one, NULL);
		fflush(NULL);
		raise(WTERMSIG(status));
		return 128 + WTERMSIG(status);
	}
	return WEXITSTATUS(status);
}

static int record_program(struct recording *recording) {
	struct text complaint = {0};
	int wrong = program_find(recording->words[0], recording->path, &complaint);
	if (!wrong && (!program_may_be_preloaded(recording->path, &complaint) ||
		       session_open(&recording->session, &complaint) != 0))
		wrong = 2;
	output_complain(&complaint);
	if (wrong)
		return wrong;
	int status = launch_program(recording);
	session_close(&recording->session);
	if (status == -1)
		return 2;
	recording->record.status = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
	int saved = save(recording);
	int own = end_as(status);
	return own ? own : saved;
}

int command_record(int argc, char **argv) {
	struct recording recording;
	int i = 1;
	recording.out = NULL;
	for (; i < argc && argv[i][0] == '-' && strcmp(argv[i], "--") != 0; i++) {
		recording.out = words_out(argc, argv, &i);
		if (!recording.out)
			return help_refuse("record", argv[i]);
	}
	if (i < argc && strcmp(argv[i], "--") == 0)
		i++;
	if (i >= argc)
		return help_usage("record");
	recording.words = argv + i;
	return output_may_write(recording.out) ? record_program(&recording) : 2;
}
