/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes an address stream, one event after the other, in as little memory as a block. Of what is still being written,
 * or whose writer was killed, the head says so; the blocks before are whole. Also a part of what QEMU loads (plugin/).
 * One thread at a time.
 */
#pragma once

#include "hosted/stream/format.h"
#include "hosted/stream/thin.h"
#include "hosted/watch/bytes.h"

#include <stdio.h>

struct stream_writer {
	FILE *file;
	struct stream_note note; /* counts as they are so far */
	uint64_t before[2];      /* the last address of data, of fetches, in this block */
	uint32_t events;         /* in the block */
	struct bytes_writer next;
	bool begun;  /* the file has a head, and nothing of what was in it */
	bool failed; /* the file took no more; errno of that time is in `error` */
	int error;
	uint8_t block[STREAM_BLOCK_MOST];
};

/* `file` can be written and sought, is at its start, and stays the caller's; of `note` address_bits, page_shift,
 * thinned, has_fetches and source are taken. What is in the file stays there until the first event comes, or the end:
 * then it is emptied, and has the head of a stream that is not finished. */
void stream_writer_start(struct stream_writer *writer, FILE *file, const struct stream_note *note);

/* The event's numbers are such as enum stream_kind allows; bits of an address beyond the note's are dropped. */
void stream_write(struct stream_writer *writer, struct stream_event event);

/* All the windows; the head says of how many more they are. */
void stream_write_thin(struct stream_writer *writer, const struct stream_thin *thin);

/* Writes what is left and the head of a finished stream. false: the file does not hold all of it. */
bool stream_writer_end(struct stream_writer *writer);
