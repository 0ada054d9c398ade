/* SPDX-License-Identifier: Apache-2.0
 *
 * A snippet in a process of its own, which can do next to nothing: write what it found into a pipe, and end. All else
 * that it asks of the system ends it (seccomp), as do a fault and the end of its time; it gets no further memory, has
 * no file but the pipe, and goes where this process goes.
 */
#pragma once

#include "bench/snippet/snippet.h"

enum { CAGE_SECONDS = 10, CAGE_SECONDS_MOST = 600 };

enum cage_end {
	CAGE_DONE,
	CAGE_FAULTED,
	CAGE_TIMED_OUT,
	CAGE_GONE,     /* it ended without a word */
	CAGE_UNLOCKED, /* the system does not confine processes: nothing ran */
	CAGE_FAILED,   /* there is no process, or no pipe */
};

struct cage_run {
	struct snippet_job *job; /* its times are what came back, sane, where it is done */
	bool watched;            /* as `run --unwatched` is not: job->watch is not NULL then */
	uint64_t timeout_s;      /* 1 to CAGE_SECONDS_MOST */
	bool unconfined;         /* without seccomp, where the system has none */
	struct platform_fault fault;
	struct room_seen seen;
};

/* Never much longer than its time. */
enum cage_end cage_run(struct cage_run *run);
