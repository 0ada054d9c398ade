/* SPDX-License-Identifier: Apache-2.0
 *
 * The parts of the search: trial.c asks the machine and decides, evict.c finds what evicts a page, index.c the set's
 * number, ways.c how many pages it has room for, find.c all of a machine. Pages are named by their difference (XOR)
 * from the one that is tried: for an index that is an XOR of address bits, whether two share a set is said by it alone.
 */
#pragma once

#include "bench/tlb_geometry/geometry.h"

enum { SET_MOST = 160, PURGE_MOST = 128, WASH_PAGES = 256, SURE_TRIALS = 5 };

struct search {
	const struct tlb_machine *machine;
	struct tlb_geometry *geometry;
	uint64_t random;
	enum tlb_doubt ended; /* not TLB_DOUBT_NONE: nothing more is asked of the machine */
	uint32_t *order;      /* of what is touched next */
	uint32_t *pages;      /* candidates; both have room for 2^page_bits + SET_MOST */
	uint32_t *tried;      /* pages, less a part of them */
};

/* What is kept of an index: per bit of a page's number the bits of the set's that it flips, and which bit of the page's
 * stands for each bit of the set's alone. */
struct index {
	unsigned page_bits, set_bits;
	uint32_t column[TLB_PAGE_BITS_MOST];
	uint8_t pivot[TLB_SET_BITS_MOST];
};

/* How one level is looked at: its translation is loaded from `load`, others from `load` compete with it, and `ask` says
 * whether it is there. */
struct view {
	enum tlb_side load, ask;
	/* Touched after the page was loaded, from the side `purge_side`: another level forgets it. */
	enum tlb_side purge_side;
	uint32_t purge[PURGE_MOST];
	unsigned purge_count, purge_passes;
	/* Touched with each pass, from `load`: the level before forgets it. */
	uint32_t wash[WASH_PAGES];
	unsigned wash_count;
};

/* Pages that evict, and how often they have to be touched for that. */
struct eviction_set {
	uint32_t pages[SET_MOST];
	unsigned count, passes;
};

enum verdict { KEPT, EVICTED, UNDECIDED };

uint32_t search_random(struct search *search, uint32_t below);

/* Whether touching them, `passes` times in random orders, evicts `target` from what the view shows. */
enum verdict search_decide(struct search *search, const struct view *view, uint32_t target, const uint32_t *pages,
			   size_t count, unsigned passes);
/* The same of a removal, of which nothing depends on a wrong KEPT: quicker. */
enum verdict search_suspect(struct search *search, const struct view *view, const uint32_t *pages, size_t count,
			    unsigned passes);

/* A smallest set that evicts page 0. */
enum tlb_doubt search_set(struct search *search, const struct view *view, struct eviction_set *set);

enum tlb_doubt search_index(struct search *search, const struct view *view, const struct eviction_set *set,
			    struct index *index);
uint32_t index_of(const struct index *index, uint32_t page);
/* As many pages of the set of page 0, all different, none of them 0; fewer where there are no more. */
unsigned index_companions(struct search *search, const struct index *index, uint32_t *pages, unsigned count);
/* A page of another set than page 0's. */
uint32_t index_stranger(struct search *search, const struct index *index);

/* What other sets have room for, too; `structure` is FOUND then. The wash is of other sets than the tried page's. */
enum tlb_doubt search_ways(struct search *search, struct view *view, const struct eviction_set *set,
			   const struct index *index, struct tlb_structure *structure);
