/* SPDX-License-Identifier: Apache-2.0
 *
 * The geometry of a processor's TLBs, found without a clock: a page is loaded, its entry in memory is changed to
 * another frame without telling the TLB, other pages are touched, and what the page reads as says whether its
 * translation was evicted. After Tatar et al., "TLB;DR: Enhancing TLB-based Attacks with TLB Desynchronized Reverse
 * Engineering", USENIX Security 2022. What is assumed, and with which error probability it answers, is in
 * docs/methodology.md.
 *
 * Pure, freestanding: it knows a machine by five functions. Sets, ways and the index are found of the second level and,
 * where another way of access empties that without touching them, of the two first levels. What does not fit what is
 * assumed is TLB_UNCERTAIN, with a doubt.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum tlb_side { TLB_DATA, TLB_CODE };

enum tlb_frame {
	TLB_FRAME_FIRST,  /* the one that it was loaded with: the translation is cached still */
	TLB_FRAME_SECOND, /* the one that its entry was changed to: it was evicted */
	TLB_FRAME_NEITHER,
};

enum { TLB_PAGE_BITS_MOST = 20, TLB_SET_BITS_MOST = 12 };

/* Pages 0 to 2^page_bits - 1 of one size, neighbours, the first one aligned to all of them. Each can be read and
 * called. A negative return ends the search; `argument` is handed to each. */
struct tlb_machine {
	void *argument;
	unsigned page_bits;
	unsigned page_shift; /* log2 of a page's bytes: for the index's bits, which are the address's */
	/* Pages that `touch` and `answer` need beside those that they are given: each may hold an entry of one set. */
	unsigned own_pages;
	/* Touches that the whole search may cost. */
	uint64_t touches_most;
	/* Every entry is as at the beginning again, and no translation is cached. */
	int (*flush)(void *argument);
	/* In this order, each waiting for the one before. */
	int (*touch)(void *argument, enum tlb_side side, const uint32_t *pages, size_t count);
	/* The page's entry is another frame's from here on, and no TLB is told. */
	int (*desync)(void *argument, uint32_t page);
	int (*answer)(void *argument, enum tlb_side side, uint32_t page, enum tlb_frame *frame);
	/* No TLB has these any more; others keep what they have. */
	int (*forget)(void *argument, const uint32_t *pages, size_t count);
};

enum tlb_outcome {
	TLB_UNKNOWN,   /* never asked */
	TLB_FOUND,     /* ways, sets and index are these */
	TLB_UNCERTAIN, /* `doubt` says why */
};

enum tlb_doubt {
	TLB_DOUBT_NONE,
	TLB_DOUBT_FRESH,     /* a changed entry is seen at once */
	TLB_DOUBT_NEITHER,   /* a page answered with neither frame */
	TLB_DOUBT_FAR,       /* all pages do not evict one */
	TLB_DOUBT_NO_SET,    /* no small set of pages evicts */
	TLB_DOUBT_NOISE,     /* answers differ from time to time */
	TLB_DOUBT_INDEX,     /* the index is no XOR of address bits */
	TLB_DOUBT_WAYS,      /* ways differ from set to set */
	TLB_DOUBT_HIDDEN,    /* it cannot be seen apart from another level */
	TLB_DOUBT_INCLUSIVE, /* what leaves the level beyond leaves it, too */
	TLB_DOUBT_BEYOND,    /* the level beyond is not known */
	TLB_DOUBT_BUDGET,    /* touches_most */
	TLB_DOUBT_MACHINE,   /* a function of the machine's failed */
};

struct tlb_structure {
	enum tlb_outcome outcome;
	enum tlb_doubt doubt;
	unsigned ways_least, ways_most; /* alike but where the search's own pages lie in every set */
	unsigned set_bits;              /* 2^set_bits sets */
	/* Of each bit of the set's number: which bits of the page's number are its XOR. In reduced form: the lowest bit
	 * of each is in no other. Bits from page_bits on are not known. */
	uint32_t rows[TLB_SET_BITS_MOST];
};

enum tlb_level { TLB_FIRST_DATA, TLB_FIRST_CODE, TLB_SECOND, TLB_LEVELS };

enum tlb_relation {
	TLB_RELATION_UNKNOWN,
	TLB_INCLUSIVE,     /* what leaves the second level leaves the first */
	TLB_NON_INCLUSIVE, /* a load fills both, and each evicts for itself */
	TLB_EXCLUSIVE,     /* the second has what left the first */
};

enum tlb_sharing { TLB_SHARING_UNKNOWN, TLB_SHARED, TLB_SPLIT };

struct tlb_geometry {
	unsigned page_bits, page_shift;
	struct tlb_structure level[TLB_LEVELS];
	enum tlb_relation relation;
	enum tlb_sharing sharing; /* whether code finds in the second level what data left there */
	uint64_t trials, touches, decisions;
	/* Upper bound of the probability that any decision was wrong, under the assumptions. */
	double error;
};

/* Bytes of workspace for so many page bits. */
size_t tlb_geometry_workspace_bytes(unsigned page_bits);

/* The same seed leads to the same search. Whatever it comes to is in *geometry; the machine is flushed. */
void tlb_geometry_find(const struct tlb_machine *machine, void *workspace, uint64_t seed,
		       struct tlb_geometry *geometry);

/* The set of a page by the index that was found. */
uint32_t tlb_geometry_set(const struct tlb_structure *structure, uint32_t page);

/* Each bit of the set's number is one bit of the page's, the lowest ones. */
bool tlb_geometry_is_linear(const struct tlb_structure *structure);

/* "non-inclusive", "the index is no XOR of address bits"; static. */
const char *tlb_geometry_level_name(enum tlb_level level);
const char *tlb_geometry_outcome_name(enum tlb_outcome outcome);
const char *tlb_geometry_doubt_name(enum tlb_doubt doubt);
const char *tlb_geometry_relation_name(enum tlb_relation relation);
const char *tlb_geometry_sharing_name(enum tlb_sharing sharing);
