/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads an address stream, however long, in as little memory as a block. Nothing of a block is given out before its
 * checksum was found right. Bytes are a stranger's: what is wrong with them is said by name, and ends the reading.
 */
#pragma once

#include "bench/text.h"
#include "hosted/stream/format.h"

#include <stdio.h>

struct stream_reader;

enum stream_reading {
	STREAM_WHOLE,   /* one that is not finished is refused */
	STREAM_SALVAGE, /* of one that is not finished the blocks that are whole; the note's counts are 0 */
};

/* Whether `file`, which stands at its start and stays there, begins as a stream does. */
bool stream_is_one(FILE *file);

/* `file` stands at its start, stays the caller's, and is not used otherwise until stream_close. `name` is kept, not
 * copied. NULL, with a line in `complaint`: it is no stream, of another version, damaged, or memory ended. */
struct stream_reader *stream_open(FILE *file, const char *name, enum stream_reading how, struct text *complaint);

const struct stream_note *stream_note(const struct stream_reader *reader);

/* The next events, `most` of them unless the stream ends before. Returns how many; 0: the end, and the head's counts
 * were right; -1, with a line in `complaint`: it is damaged or cut off here, and whatever was read before is to be
 * thrown away. */
long stream_read(struct stream_reader *reader, struct stream_event *events, size_t most, struct text *complaint);

/* NULL is allowed. */
void stream_close(struct stream_reader *reader);
