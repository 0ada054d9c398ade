/* SPDX-License-Identifier: Apache-2.0
 *
 * What a watch knows of one benchmark: its windows of a minute in, events out. Pure, and of flat memory. It owns a
 * track (track.h) for each judged percentile: its hour-of-day baseline, the CUSUM about it and the anchor; of the
 * median a confidence sequence on blocks (sequence.h, blocks.h); and the episode that makes one event of what they say.
 * docs/methodology.md, "Watching", has the rules and what they assume.
 */
#pragma once

#include "hosted/watch/histogram.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DETECTOR_SECONDS_LEAST = 60 };

enum detector_percentile { DETECTOR_P50, DETECTOR_P95, DETECTOR_P99, DETECTOR_PERCENTILES };

struct detector_rules {
	/* Windows to a false alarm of this benchmark in the mean, all its detectors together: those of the whole watch
	 * times its benchmarks. */
	double run_length;
	/* 60, and up to 3600 where it divides them. A day to learn is 1440 windows, however long they are. */
	uint32_t window_seconds;
};

/* A window is over. Windows come in order of their number; one that was passed over, because nothing was measured in it
 * or the room was loud, is not given, and counts for nothing. */
struct detector_window {
	uint64_t number;                /* since the epoch, in windows: (seconds since 1970) / window_seconds */
	const struct histogram *values; /* at least one */

	/* Exact: a histogram's answers move in steps of a percent, which would hide a smaller change or make one of
	 * none. 0 where they are not known: by rank within the histogram's buckets, then. */
	double percentiles[DETECTOR_PERCENTILES];
};

enum detector_answer { DETECTOR_NONE, DETECTOR_OPENED, DETECTOR_CLOSED };

struct detector_event {
	enum detector_answer answer;
	enum detector_percentile percentile; /* the one that opened it */
	const char *by;                      /* "cusum", "sequence", "anchor": static */
	bool is_slower;
	uint64_t first;  /* number of the window in which it began, as far as can be told */
	uint64_t last;   /* of CLOSED: the last with evidence */
	bool is_adopted; /* of CLOSED: the figure did not come back; its level is the one to compare with from now on */
	double before,
		after; /* level of that percentile, in the values' unit; after of CLOSED: the level at its peak */
};

struct detector;

size_t detector_size(void); /* bytes, the same for all; the caller's memory, aligned like max_align_t */

/* false: a rule is outside of what the detectors can promise. */
bool detector_begin(struct detector *detector, const struct detector_rules *rules);

/* At most one event a window: one that goes on is not told again. */
void detector_add(struct detector *detector, const struct detector_window *window, struct detector_event *event);

/* The same of a window's percentiles alone. */
void detector_add_levels(struct detector *detector, uint64_t number, const double *figures,
			 struct detector_event *event);

/* Windows that have to come before it can alarm; 0: it can. */
uint64_t detector_learns(const struct detector *detector);

/* Windows to a block of the sequence, and the correlation of a block with the next, as measured on the day that was
 * learned from. false: it learns. */
bool detector_blocks(const struct detector *detector, uint32_t *windows, double *correlation);

/* Whether an event is open. */
bool detector_is_open(const struct detector *detector);

/* ---- as bytes: little endian, with a version and a CRC-32C, the same after a restart ----------------------------- */

size_t detector_write(const struct detector *detector, uint8_t *bytes, size_t capacity); /* 0: no room */
size_t detector_bytes_most(void);

/* false: these are no whole detector of this version and of these rules; `detector` is as after detector_begin. */
bool detector_read(struct detector *detector, const struct detector_rules *rules, const uint8_t *bytes, size_t length);
