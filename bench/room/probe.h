/* SPDX-License-Identifier: Apache-2.0
 *
 * Watches one benchmark while it is measured: probes between its samples, what the platform counts beside them. Nothing
 * of it is in a timed region.
 */
#pragma once

#include "bench/room/room.h"
#include "platform.h"

enum { ROOM_PROBES_MOST = 64, ROOM_PROBES_ENDS = 4 };

/* What was counted up to a moment. */
struct room_counted {
	struct platform_thread thread;
	bool whole; /* `core` was read */
	struct platform_witness core;
};

/* `whole`: also what files or the kernel have to be asked for. */
void room_count_now(struct room_counted *counted, bool whole);

/* The caller's; in the room of one benchmark at a time. */
struct room_watch {
	double ratio_alone; /* room_ratio_alone of this core */
	bool whole;         /* what files or the kernel have to be asked for is as well */
	uint64_t *gaps;     /* room for a plan's samples */
	double *sorted;     /* the same */

	struct room_seen seen;

	struct room_counted before;
	uint64_t begin_ticks;
	uint64_t probed; /* ticks, in the gap that is open */
	size_t every;    /* samples between two probes; 0: none between */
	double one[ROOM_PROBES_MOST + 2 * ROOM_PROBES_ENDS],
		chains[ROOM_PROBES_MOST + 2 * ROOM_PROBES_ENDS]; /* ticks */
};

/* Before the first sample: probes, and plans the others so that they take a two hundredth of `sampling_ns` at the most.
 * Not within a guarded function. */
void room_watch_begin(struct room_watch *watch, size_t samples, double sampling_ns, uint64_t hz);

/* After sample `index`, within a guarded function or not. */
void room_watch_sample(struct room_watch *watch, size_t index);

/* After the last one, whose samples `times` are, gaps included: fills watch->seen. Not within a guarded function. */
void room_watch_end(struct room_watch *watch, const struct room_times *times);

/* The same where nobody can be asked any more, not for memory either: what is counted, and detours, are the work of
 * room_counts_between and room_find_detours afterwards. */
void room_watch_close(struct room_watch *watch, uint64_t hz);

/* What was counted from one moment to a later one. */
void room_counts_between(const struct room_counted *before, const struct room_counted *after, struct room_seen *seen);

/* What was counted since `before`, over so long a time, and nothing else. */
void room_whole(const struct room_counted *before, uint64_t elapsed_ns, struct room_seen *seen);
