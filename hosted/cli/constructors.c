/* SPDX-License-Identifier: Apache-2.0
 *
 * Begins as a constructor of the first priority that there is, ahead of those of suites, which are linked behind us.
 * Where no suite is linked nothing is done. Which of several suites it was nobody knows: all are named, and the
 * function that it was in, where the programme has its symbols.
 */
#include "hosted/cli/constructors.h"

#include "bench/outside/link.h"
#include "hosted/platform/guard.h"
#include "hosted/platform/machine.h"
#include "hosted/platform/streams.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* CPU time, which a busy machine takes none of. A constructor has no more to do than set what is to be measured. */
enum { LIMIT_S = 10, FAILED = 4, FIRST = 101, ALTERNATE_BYTES = 64 * 1024 };

static const int signals[] = {SIGILL, SIGSEGV, SIGBUS, SIGFPE, SIGTRAP, SIGABRT, SIGALRM};
enum { SIGNALS = sizeof(signals) / sizeof(signals[0]), TIMER_SIGNAL = SIGALRM };

static struct {
	bool begun;
	timer_t timer;
	struct sigaction before[SIGNALS];
	stack_t stack_before;
} constructors;

static void say(const char *what) {
	(void)streams_write_all(STDERR_FILENO, what, strlen(what));
}

static void say_suites(void) {
	say(outside_linked[1].name ? "one of the suites" : "suite");
	for (size_t i = 0; outside_linked[i].name; i++) {
		say(i ? ", " : " ");
		say(outside_linked[i].name);
	}
}

static void handle(int number, siginfo_t *info, void *context) {
	char symbol[64] = "", line[192];
	uint64_t instruction, stack;
	(void)info;
	machine_signal_settle();
	machine_signal_registers(context, &instruction, &stack);
	guard_find_symbol(instruction, symbol, sizeof(symbol));
	say_suites();
	if (number == TIMER_SIGNAL)
		snprintf(line, sizeof(line), ": a constructor did not end in %d s of CPU time", LIMIT_S);
	else
		snprintf(line, sizeof(line), ": a constructor got SIG%s", sigabbrev_np(number));
	say(line);
	snprintf(line, sizeof(line), "%s%s, before the programme began\n", symbol[0] ? " in " : "", symbol);
	say(line);
	_exit(FAILED);
}

__attribute__((constructor(FIRST))) static void begin(void) {
	static char alternate[ALTERNATE_BYTES] __attribute__((aligned(16)));
	const stack_t stack = {.ss_sp = alternate, .ss_size = sizeof(alternate)};
	struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_ONSTACK};
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = TIMER_SIGNAL};
	const struct itimerspec limit = {.it_value.tv_sec = LIMIT_S};
	if (!outside_linked[0].name || sigaltstack(&stack, &constructors.stack_before) != 0 ||
	    timer_create(CLOCK_PROCESS_CPUTIME_ID, &event, &constructors.timer) != 0)
		return;
	sigfillset(&action.sa_mask);
	for (size_t i = 0; i < SIGNALS; i++)
		sigaction(signals[i], &action, &constructors.before[i]);
	timer_settime(constructors.timer, 0, &limit, NULL);
	constructors.begun = true;
}

void constructors_end(void) {
	if (!constructors.begun)
		return;
	timer_delete(constructors.timer);
	for (size_t i = 0; i < SIGNALS; i++)
		sigaction(signals[i], &constructors.before[i], NULL);
	sigaltstack(&constructors.stack_before, NULL);
}
