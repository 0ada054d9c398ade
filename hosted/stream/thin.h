/* SPDX-License-Identifier: Apache-2.0
 *
 * Of events of which nobody knows how many will come, windows from all over them: every one at first, and each time
 * that there is no room, every other of those that are kept goes, and of those that come half as many are taken. What
 * was flushed between two windows, and the address space that the second begins in, stand in front of it.
 */
#pragma once

#include "hosted/stream/format.h"

/* Of what is recorded: four million events at the most. */
enum { STREAM_THIN_WINDOW = 1 << 14, STREAM_THIN_WINDOWS = 1 << 8 };

/* What happened since the window before. */
struct stream_gap {
	enum { STREAM_GAP_NOTHING, STREAM_GAP_SPACE, STREAM_GAP_ALL } flushed;
	uint32_t space; /* that was flushed; pages by themselves are not told */
};

struct stream_window {
	struct stream_gap before;
	uint32_t space; /* that it begins in */
	uint32_t count;
	struct stream_event *events;
};

struct stream_thin {
	size_t length, most;   /* events in a window; windows: a power of two */
	size_t used;           /* windows */
	unsigned shift;        /* of 2^shift windows one is kept */
	uint64_t number;       /* of windows that came */
	size_t at;             /* in this one */
	bool keeps;            /* this one */
	struct stream_gap gap; /* since the last that is kept */
	uint32_t space;
	struct stream_window *windows;
	struct stream_event *events;
};

/* Memory for most * length events, touched as it fills; to be freed in either case. false: out of memory. */
bool stream_thin_start(struct stream_thin *thin, size_t length, size_t most);
void stream_thin_take(struct stream_thin *thin, const struct stream_event *event);

/* What is kept, in order. Between most / 2 and most windows, once so many came. */
typedef void stream_taker(void *owner, const struct stream_event *event);
void stream_thin_give(const struct stream_thin *thin, stream_taker *taker, void *owner);

void stream_thin_free(struct stream_thin *thin);
