/* SPDX-License-Identifier: Apache-2.0
 *
 * Advice on the software TLB for an address stream: shapes with what they count and take, the chosen one as C, what it
 * saves against the default, and what other flushes and pages would make of it. Pure but for the teller.
 */
#pragma once

#include "bench/text.h"
#include "hosted/stream/choose.h"

enum {
	STREAM_OTHER_FLUSHES = 4,
	STREAM_OTHER_PAGES = 4,
	STREAM_OTHERS = 2 * STREAM_OTHER_FLUSHES + STREAM_OTHER_PAGES
};

struct stream_advice {
	const char *name; /* of the stream's file */
	struct stream_note note;
	uint64_t pages;  /* touched, of 2^page_shift bytes */
	bool more_pages; /* than could be counted */
	bool walk_told;  /* somebody said what a walk takes */
	struct stream_given given;
	struct stream_interval default_ns; /* by access, of the first row */
	struct stream_rows rows;
	size_t chosen; /* of the rows */
	/* The chosen shape and the default under other flushes, pairs; the chosen one with other pages. Ratios are to
	 * the first of the rows, too. */
	size_t other_count;
	struct stream_row others[STREAM_OTHERS];
};

/* Fills all but what stands before the rows; the teller may fill default_ns. 0, or what the teller says. */
int stream_advise(struct stream_advice *advice, stream_teller *teller, void *owner);

/* `#define`s aside, what a program writes: without a line end. */
void stream_write_config(const struct stream_shape *shape, struct text *text);

void stream_advice_show(const struct stream_advice *advice, struct text *text);
void stream_advice_write(const struct stream_advice *advice, struct text *json);
