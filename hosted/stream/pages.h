/* SPDX-License-Identifier: Apache-2.0
 *
 * How many different pages a stream touches: a set of (page, address space).
 */
#pragma once

#include "hosted/stream/format.h"

/* Beyond so many they are no longer counted. */
enum { PAGES_MOST = 1 << 23 };

struct pages {
	uint64_t *slots; /* page and space, and 1; 0: free */
	uint64_t capacity;
	uint64_t count;
	unsigned page_shift;
	uint32_t space; /* the current one */
	bool full;      /* there were more, or memory ended: `count` is a least */
};

void pages_start(struct pages *pages, unsigned page_shift);
void pages_take(struct pages *pages, const struct stream_event *event);
void pages_free(struct pages *pages);
