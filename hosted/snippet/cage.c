/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/snippet/cage.h"

#include "bench/ticks.h"
#include "hosted/platform/machine.h"
#include "hosted/snippet/message.h"
#include "lib/units.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ALTERNATE_BYTES = 64 * 1024, GRACE_SECONDS = 2, PIPE_FILE = 3 };

/* ---- inside ------------------------------------------------------------------------------------------------------ */

static struct message told;

static void tell(void) {
	const char *bytes = (const char *)&told;
	for (size_t done = 0; done < sizeof(told);) {
		/* Not write(): what of the C library looks at its thread's own memory no longer can, where a snippet
		 * wrote to the register that points to it. Nor can what looks for a function at its first call: live()
		 * has called this one before. */
		ssize_t wrote = syscall(SYS_write, PIPE_FILE, bytes + done, sizeof(told) - done);
		if (wrote <= 0)
			break;
		done += (size_t)wrote;
	}
}

static void handle(int number, siginfo_t *info, void *context) {
	machine_signal_settle();
	bool late = number == SIGALRM || number == SIGXCPU;
	told.end = late ? CAGE_TIMED_OUT : CAGE_FAULTED;
	told.fault = (struct platform_fault){
		.outcome = late ? PLATFORM_TIMED_OUT : PLATFORM_FAULTED,
		.vector = (uint32_t)number,
		.code = (uint64_t)(unsigned)info->si_code,
		.address = number == SIGSEGV || number == SIGBUS ? (uint64_t)(uintptr_t)info->si_addr : 0,
	};
	machine_signal_registers(context, &told.fault.instruction, &told.fault.stack);
	tell();
	_exit(0);
}

static bool listen(void) {
	static const int signals[] = {SIGILL, SIGSEGV, SIGBUS, SIGFPE, SIGTRAP, SIGSYS, SIGALRM, SIGXCPU};
	static char alternate[ALTERNATE_BYTES] __attribute__((aligned(16)));
	stack_t stack = {.ss_sp = alternate, .ss_size = sizeof(alternate)};
	struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_ONSTACK};
	sigset_t none;
	sigfillset(&action.sa_mask);
	sigemptyset(&none);
	bool good = sigaltstack(&stack, NULL) == 0;
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		good &= sigaction(signals[i], &action, NULL) == 0;
	for (int number = SIGINT; number <= SIGTERM; number += SIGTERM - SIGINT)
		good &= signal(number, SIG_DFL) != SIG_ERR;
	return good && sigprocmask(SIG_SETMASK, &none, NULL) == 0;
}

static bool limit(uint64_t seconds) {
	const struct {
		__rlimit_resource_t resource;
		rlim_t most;
	} limits[] = {{RLIMIT_CORE, 1}, /* less than any dump; a pipe of core_pattern gets one at 0, and none at 1 */
		      {RLIMIT_FSIZE, 0},
		      {RLIMIT_AS, 0}, /* what is mapped stays: nothing is added */
		      {RLIMIT_CPU, seconds}};
	const struct itimerval time = {.it_value = {.tv_sec = (time_t)seconds}};
	bool good = setitimer(ITIMER_REAL, &time, NULL) == 0;
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		struct rlimit both = {.rlim_cur = limits[i].most, .rlim_max = limits[i].most};
		/* The hard one a second later: it ends the process without a word. */
		both.rlim_max += limits[i].resource == RLIMIT_CPU;
		good &= setrlimit(limits[i].resource, &both) == 0;
	}
	return good;
}

/* Linux, Documentation/userspace-api/seccomp_filter.rst. Of this architecture's calls alone; a write into the pipe
 * alone; the handler of a signal may return. Ten instructions: a library for them would be one more that the whole
 * programme hangs on. */
static bool confine(void) {
#define LOAD(member)       BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
#define IS(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(value), yes, no)
#define ANSWER(action)     BPF_STMT(BPF_RET | BPF_K, action)
	struct sock_filter filter[] = {
		LOAD(arch),
		IS(machine_audit_arch, 0, 8),
		LOAD(nr),
		IS(SYS_exit, 5, 0),
		IS(SYS_exit_group, 4, 0),
		IS(SYS_rt_sigreturn, 3, 0),
		IS(SYS_write, 0, 3),
		LOAD(args[0]), /* the lower half: files have small numbers */
		IS(PIPE_FILE, 0, 1),
		ANSWER(SECCOMP_RET_ALLOW),
		ANSWER(SECCOMP_RET_TRAP),
	};
	const struct sock_fprog program = {.len = sizeof(filter) / sizeof(filter[0]), .filter = filter};
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}

static _Noreturn void live(const struct cage_run *run, int pipe_end, pid_t parent) {
	struct snippet_job *job = run->job;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (syscall(SYS_getppid) != parent || dup2(pipe_end, PIPE_FILE) != PIPE_FILE ||
	    fcntl(PIPE_FILE, F_SETFD, 0) != 0)
		_exit(1);
	closefrom(PIPE_FILE + 1);
	for (int file = 0; file < PIPE_FILE; file++)
		close(file);
	if (run->watched)
		room_watch_begin(job->watch, SNIPPET_ROUNDS, (double)(SNIPPET_ROUNDS * snippet_planned_ns()), job->hz);
	if (!listen() || !limit(run->timeout_s))
		_exit(1);
	if (!confine() && !run->unconfined) {
		told.end = CAGE_UNLOCKED;
		tell();
		_exit(1);
	}
	snippet_take(job);
	if (run->watched) {
		room_watch_close(job->watch, job->hz);
		told.seen = job->watch->seen;
		told.before = job->watch->before.thread;
	}
	told.end = CAGE_DONE;
	told.times = job->times;
	memcpy(told.sums, job->sums, sizeof(told.sums));
	if (run->watched)
		memcpy(told.gaps, job->watch->gaps, sizeof(told.gaps));
	tell();
	/* Alive until it was looked at how often it was switched away. */
	for (;;)
		(void)ticks_look();
}

/* ---- outside ----------------------------------------------------------------------------------------------------- */

static int64_t now_ms(void) {
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* A file that can be read from once SIGINT or SIGTERM is pending; -1: there is none. */
static int open_end_signals(void) {
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

/* false: not all of it came in its time, or somebody wants an end, who is left pending. Asleep meanwhile: the snippet
 * may be on this core. */
static bool hear(int pipe_end, int end_signals, uint64_t timeout_s, struct message *message) {
	int64_t end_ms = now_ms() + ((int64_t)timeout_s + GRACE_SECONDS) * 1000;
	for (size_t got = 0; got < sizeof(*message);) {
		struct pollfd waits[] = {{.fd = pipe_end, .events = POLLIN}, {.fd = end_signals, .events = POLLIN}};
		int64_t left_ms = end_ms - now_ms();
		int ready = poll(waits, sizeof(waits) / sizeof(waits[0]), left_ms > 0 ? (int)left_ms : 0);
		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0 || waits[1].revents != 0)
			return false;
		ssize_t more = read(pipe_end, (char *)message + got, sizeof(*message) - got);
		if (more <= 0)
			return false;
		got += (size_t)more;
	}
	return true;
}

static uint64_t status_number(const char *status, const char *name, bool *known) {
	const char *at = strstr(status, name);
	uint64_t number = 0;
	*known &= at != NULL && sscanf(at + strlen(name), " %" SCNu64, &number) == 1;
	return number;
}

static void read_proc(pid_t child, const char *name, char *text, size_t capacity) {
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/%s", (int)child, name);
	FILE *file = fopen(path, "re");
	size_t length = file != NULL ? fread(text, 1, capacity - 1, file) : 0;
	text[length] = '\0';
	if (file != NULL)
		fclose(file);
}

/* As platform_thread_read has it, of a process that computes and never waits: where this one runs on the same core, it
 * was switched away once for that. */
static void read_thread(pid_t child, struct platform_thread *thread) {
	char text[8192];
	cpu_set_t cpus;
	*thread = (struct platform_thread){.switches_known = true, .ran_known = true};
	CPU_ZERO(&cpus);
	thread->cpu_known = sched_getaffinity(child, sizeof(cpus), &cpus) == 0 && CPU_COUNT(&cpus) == 1 &&
			    CPU_ISSET(sched_getcpu(), &cpus);
	thread->cpu = thread->cpu_known ? (uint64_t)sched_getcpu() : 0;
	read_proc(child, "schedstat", text, sizeof(text));
	thread->ran_ns = status_number(text, "", &thread->ran_known);
	read_proc(child, "status", text, sizeof(text));
	thread->waits = status_number(text, "\nvoluntary_ctxt_switches:", &thread->switches_known);
	thread->switches = status_number(text, "\nnonvoluntary_ctxt_switches:", &thread->switches_known);
	thread->switches -= thread->cpu_known && thread->switches > 0;
}

static pid_t start(const struct cage_run *run, int ends[2]) {
	pid_t parent = getpid(), child = fork();
	if (child == 0)
		live(run, ends[1], parent);
	close(ends[1]);
	return child;
}

enum cage_end cage_run(struct cage_run *run) {
	static struct message message;
	struct room_counted before = {.whole = false}, after = {.whole = false};
	int ends[2], status;
	if (pipe2(ends, O_CLOEXEC) != 0)
		return CAGE_FAILED;
	if (run->watched)
		room_count_now(&before, true);
	pid_t child = start(run, ends);
	int end_signals = open_end_signals();
	bool whole = child > 0 && hear(ends[0], end_signals, run->timeout_s, &message);
	if (whole)
		read_thread(child, &after.thread);
	if (run->watched) {
		struct platform_thread thread = after.thread;
		room_count_now(&after, true);
		after.thread = thread;
	}
	if (child > 0)
		kill(child, SIGKILL);
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	close(ends[0]);
	if (end_signals >= 0)
		close(end_signals);
	if (!whole)
		return child > 0 ? CAGE_GONE : CAGE_FAILED;
	return message_take(&message, &before, &after, run);
}
