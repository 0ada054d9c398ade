/* SPDX-License-Identifier: Apache-2.0
 *
 * Which pages of a block would come in huge pages. A block begins anyhow within a huge page: each of the places where
 * it may is as likely, and what is counted is the sum over all of them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HUGE_SMALL_BYTES = 4096, HUGE_PLACES = 512 /* pages of a huge page */ };

/* Starts as zeros, but for `pages`, HUGE_PLACES at the least. Sums over all places are in pages. */
struct huge_look {
	size_t pages, next;
	uint64_t touched;
	uint64_t within;     /* touched ones in whole huge pages, over all places */
	uint64_t huge_pages; /* that any of these is in, over all places */
	size_t behind_last;  /* the page behind the last that is touched */
};

/* Where huge pages that hold page `at` may begin, for the block to hold all of them. */
static inline uint64_t huge_places(size_t at, size_t pages) {
	size_t last = at < pages - HUGE_PLACES ? at : pages - HUGE_PLACES;
	size_t first = at < HUGE_PLACES ? 0 : at - (HUGE_PLACES - 1);
	return last - first + 1;
}

/* The block's pages, one after the other. */
static inline void huge_look_at(struct huge_look *look, bool is_touched) {
	size_t at = look->next++;
	if (is_touched) {
		look->touched++;
		look->within += huge_places(at, look->pages);
		look->behind_last = at + 1;
	}
	look->huge_pages += look->next >= HUGE_PLACES && look->behind_last > look->next - HUGE_PLACES;
}

/* So many untouched ones at once. */
static inline void huge_look_past(struct huge_look *look, size_t count) {
	size_t first = look->next + 1, last = look->next + count, hold = look->behind_last + HUGE_PLACES - 1;
	first = first < HUGE_PLACES ? HUGE_PLACES : first;
	last = last < hold ? last : hold;
	look->next += count;
	look->huge_pages += first <= last ? last - first + 1 : 0;
}
