/* SPDX-License-Identifier: Apache-2.0 */
#include "peers/count.h"

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

enum { INSTRUCTIONS_MOST = 1 << 20 };

/* The copy: stops, runs, stops. */
static void run_traced(const struct peer *peer, uint64_t iterations) {
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
		_exit(1);
	raise(SIGSTOP);
	peer->run(peer->state, iterations);
	raise(SIGSTOP);
	_exit(0);
}

/* The signal that stopped it; 0: it is stopped no more. */
static int stopped_by(pid_t child) {
	int status;
	return waitpid(child, &status, 0) == child && WIFSTOPPED(status) ? WSTOPSIG(status) : 0;
}

/* From the first stop to the second; 0: it was not to be had. */
static uint64_t count(const struct peer *peer, uint64_t iterations) {
	uint64_t steps = 0;
	pid_t child = fork();
	if (child == 0)
		run_traced(peer, iterations);
	if (child < 0)
		return 0;
	int stop = stopped_by(child) == SIGSTOP ? SIGTRAP : 0;
	while (stop == SIGTRAP && steps < INSTRUCTIONS_MOST && ptrace(PTRACE_SINGLESTEP, child, NULL, NULL) == 0) {
		stop = stopped_by(child);
		steps += stop == SIGTRAP;
	}
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	return stop == SIGSTOP ? steps : 0;
}

double peer_count_instructions(const struct peer *peer, uint64_t iterations) {
	uint64_t few = count(peer, iterations), many = few > 0 ? count(peer, 3 * iterations) : 0;
	return many > few ? (double)(many - few) / (double)(2 * iterations) : 0;
}
