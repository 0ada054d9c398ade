/* SPDX-License-Identifier: Apache-2.0
 *
 * A software TLB of a given shape, with its memory, that streams are replayed through.
 */
#pragma once

#include "hosted/stream/tables.h"
#include "hosted/stream/variants.h"

/* Exact: what a program has that translates the same accesses. */
struct stream_shape {
	unsigned slot_bits, ways;
	uint32_t entries;     /* tlb_config's */
	uint32_t asids;       /* tlb_config's; 1: a switch flushes everything */
	uint32_t page_shift;  /* log2 of tlb_config's page_bytes */
	uint64_t flush_every; /* events after which everything is flushed besides; 0: never */
};

struct simulated {
	const struct stream_variant *variant;
	struct stream_front front;
	uint64_t flush_every, left; /* events to the next flush */
	uint64_t accesses;          /* since the start */
	void *state;                /* and its store behind it, in so many bytes */
	size_t bytes;
};

/* Bytes that a TLB of this shape takes, and its store's memory. 0: there is no such shape. */
size_t stream_shape_bytes(const struct stream_shape *shape);

/* Of memory that simulated_start takes for it: all in large pages, each shape from the begin of one, where the system
 * gives them, as which small ones a TLB got is worth more than many a shape is faster by. 0: there is no such shape. */
size_t simulated_bytes(const struct stream_shape *shape);

/* Its walk goes through `tables`, which hold all pages and stay the caller's; NULL: finds every page. All of its memory
 * has been written. false: memory ended, or there is no such shape; to be freed in either case. */
bool simulated_start(struct simulated *simulated, const struct stream_shape *shape, struct tables *tables);
void simulated_replay(struct simulated *simulated, const uint64_t *packed, size_t count);
void simulated_count(const struct simulated *simulated, struct stream_counts *counts);
void simulated_free(struct simulated *simulated);
