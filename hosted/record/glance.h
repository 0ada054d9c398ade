/* SPDX-License-Identifier: Apache-2.0
 *
 * Looks from outside at what the threads of recorded processes are in (preload/counts.h), at times that nothing in them
 * knows: which share of its CPU time a program spends in each kind of call is the share of the looks that find it
 * there. It takes no signal and no right of the program's. A look wakes another core, which a program on the same
 * core's other thread notices: so they are two milliseconds apart, and further the longer the program runs.
 *
 * Looks share the CPU time that the process took meanwhile. A process that ends between two looks, and threads and
 * processes beyond those that are looked at, are not seen.
 */
#pragma once

#include "bench/rng.h"
#include "hosted/record/record.h"
#include "hosted/record/session.h"

#include <time.h>

enum { GLANCE_PROCESSES = 8 };

struct glance {
	struct glance_process {
		int file; /* -1: nobody's place */
		int stat; /* Linux's, of the process; -1: not to be read */
		clockid_t clock;
		uint64_t process, image; /* its number, and how many programs it was before */
		/* Since its CPU time changed: a window's begin, that time, looks, and threads that they found, in all
		 * and by what these were in. */
		uint64_t window_ns, cpu_ns;
		uint32_t looks, found, in[COUNTS_INS];
		uint64_t faults;              /* minor ones until the window's begin; 0: not known */
		uint64_t passed_ns, taken_ns; /* over all windows: how long they were, and CPU time in them */
	} processes[GLANCE_PROCESSES];
	struct rng rng;
	uint64_t start_ns, last_ns; /* by the monotonic clock */
	uint64_t own_starttime;     /* when this process came to be, as Linux has it of processes */
	uint32_t looks;
};

void glance_start(struct glance *glance);

/* How long to wait for the next look, at random. */
struct timespec glance_pause(struct glance *glance);

/* One look, added to the record. */
void glance_look(struct glance *glance, const struct session *session, struct record *record);

void glance_end(struct glance *glance);
