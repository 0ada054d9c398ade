/* SPDX-License-Identifier: Apache-2.0
 *
 * What the launches behind a verdict say of their room (bench/room/room.h), and whether that is enough for who asked
 * for a least one. Pure.
 */
#pragma once

#include "bench/room/room.h"
#include "hosted/results/results_read.h"

#include <stdbool.h>
#include <stddef.h>

struct row_room {
	enum room_word least; /* that was asked for; ROOM_UNKNOWN: nobody asked */
	struct room_tally tally;
	size_t untold;       /* launches whose files say nothing of it */
	bool apart;          /* a launch lies apart from the others of its side */
	enum room_word word; /* of all of them, once settled */
};

/* One launch more; `benchmark` may be NULL, or without samples, and then nothing changes. */
void row_room_add(struct row_room *room, const struct results_benchmark *benchmark);

/* After the last one. */
void row_room_settle(struct row_room *room);

/* Why there is no verdict, one line; NULL: it may be one. */
const char *row_room_refusal(const struct row_room *room);
