/* SPDX-License-Identifier: Apache-2.0
 *
 * What was seen of the room, in records, results and for people.
 */
#pragma once

#include "bench/json.h"
#include "bench/room/room.h"
#include "bench/text.h"

/* Member `room`; nothing where nothing was seen. `word` NULL: without one, as records have it. */
void room_write(struct text *text, const struct room_seen *seen, const char *word);

/* ROOM_COUNTS of them, each a member; null where nobody counts. */
void room_write_counts(struct text *text, const bool *counted, const uint64_t *counts);

/* Of an object with that member; false: it has none. What it lacks is 0, or not known. */
bool room_read(struct json_span object, struct room_seen *seen);
