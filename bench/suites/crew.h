/* SPDX-License-Identifier: Apache-2.0
 *
 * Several cores that do the same, at the same time: the first and those that are started for it. Between runs the
 * others wait, looking at one line of memory.
 */
#pragma once

#include "bench/suites/apart.h"
#include "bench/suites/team.h"
#include "bench/ticks.h"
#include "platform.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Member 0 is the first core. Lines that one core writes and others read are apart, in pairs, as cores fetch them. */
struct crew_member {
	void (*work)(void *argument, uint64_t passes);
	void *argument;
	struct crew *crew;
	unsigned core; /* that it runs on */
	bool started;
	_Alignas(APART_BYTES) _Atomic(uint64_t) done; /* runs */
};

struct crew {
	struct crew_member *members; /* the caller's, zeroed but for work and argument, and core where that is chosen */
	unsigned count;
	_Alignas(APART_BYTES) _Atomic(uint64_t)
		run;     /* number of the run that is to be done; UINT64_MAX: none any more */
	uint64_t passes; /* of that run */
};

static inline void crew_member_main(void *argument) {
	struct crew_member *member = argument;
	struct crew *crew = member->crew;
	for (uint64_t seen = 0;;) {
		uint64_t run = atomic_load_explicit(&crew->run, memory_order_acquire);
		if (run == UINT64_MAX)
			return;
		if (run == seen) {
			(void)ticks_end(); /* a core that shares its units with this one has them meanwhile */
			continue;
		}
		seen = run;
		member->work(member->argument, crew->passes);
		atomic_store_explicit(&member->done, run, memory_order_release);
	}
}

/* All do `passes`, each begins as soon as it sees that it shall; returns when the last has. */
static inline void crew_run(struct crew *crew, uint64_t passes) {
	uint64_t run = atomic_load_explicit(&crew->run, memory_order_relaxed) + 1;
	crew->passes = passes;
	atomic_store_explicit(&crew->run, run, memory_order_release);
	crew->members[0].work(crew->members[0].argument, passes);
	for (unsigned i = 1; i < crew->count; i++)
		while (atomic_load_explicit(&crew->members[i].done, memory_order_acquire) != run)
			(void)ticks_end();
}

/* What a member may still look at has to stay mapped where the answer is false. */
static inline bool crew_end(struct crew *crew) {
	bool all = true;
	atomic_store_explicit(&crew->run, UINT64_MAX, memory_order_release);
	for (unsigned i = 1; i < crew->count; i++) {
		all &= !crew->members[i].started || team_end(crew->members[i].core);
		crew->members[i].started = false;
	}
	return all;
}

/* Cores 1 to count - 1, or those that members name, anew behind crew_end. 0; else what platform_core_start said of the
 * first that does not start, *missing, and crew_end ends those before. */
static inline int crew_start(struct crew *crew, unsigned *missing) {
	atomic_store_explicit(&crew->run, 0, memory_order_relaxed);
	for (unsigned i = 0; i < crew->count; i++) {
		struct crew_member *member = &crew->members[i];
		atomic_store_explicit(&member->done, 0, memory_order_relaxed);
		member->started = false;
	}
	for (unsigned i = 0; i < crew->count; i++) {
		crew->members[i].crew = crew;
		if (crew->members[i].core == 0)
			crew->members[i].core = i;
		*missing = crew->members[i].core;
		int error = i != 0 ? platform_core_start(*missing, crew_member_main, &crew->members[i]) : 0;
		if (error != 0)
			return error;
		crew->members[i].started = i != 0;
	}
	return 0;
}
