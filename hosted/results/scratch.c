/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/results/scratch.h"

#include "hosted/results/files.h"
#include "lib/units.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* What the process that ended had started may write on for a while. */
static void remove_patiently(const char *folder) {
	enum { TRIES = 100, STEP_MS = 100 };
	const struct timespec step = {.tv_nsec = STEP_MS * NS_PER_MS};
	for (int i = 0; i < TRIES && !files_remove_tree(folder) && errno != ENOENT; i++)
		nanosleep(&step, NULL);
}

/* In a session of its own: no signal to the process' group or terminal ends it. It holds none of the streams that
 * others wait for the end of. */
static _Noreturn void keep(const char *folder, int alive) {
	sigset_t all;
	char byte;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	setsid();
	if (alive > 0)
		close_range(0, (unsigned)alive - 1, 0);
	close_range((unsigned)alive + 1, ~0U, 0);
	while (read(alive, &byte, 1) < 0 && errno == EINTR)
		;
	remove_patiently(folder);
	_exit(0);
}

bool scratch_make(struct scratch *scratch, const char *name) {
	const char *base = getenv("TMPDIR");
	int ends[2];
	snprintf(scratch->folder, sizeof(scratch->folder), "%.4000s/%.64s-XXXXXX", base && *base ? base : "/tmp", name);
	if (pipe2(ends, O_CLOEXEC) != 0)
		return false;
	scratch->alive = ends[1];
	scratch->keeper = mkdtemp(scratch->folder) ? fork() : -1;
	if (scratch->keeper == 0)
		keep(scratch->folder, ends[0]);
	int error = errno;
	close(ends[0]);
	if (scratch->keeper > 0)
		return true;
	close(ends[1]);
	rmdir(scratch->folder);
	errno = error;
	return false;
}

void scratch_remove(const struct scratch *scratch) {
	close(scratch->alive);
	while (waitpid(scratch->keeper, NULL, 0) < 0 && errno == EINTR)
		;
}
