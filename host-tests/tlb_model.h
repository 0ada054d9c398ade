/* SPDX-License-Identifier: Apache-2.0
 *
 * A made-up MMU: two first levels of TLB and a second one over entries in memory, as `struct tlb_machine` asks of one.
 * It caches what it walked until something evicts it, whatever became of the entry.
 */
#pragma once

#include "bench/tlb_geometry/geometry.h"

enum tlb_model_policy { MODEL_TLB_LRU, MODEL_TLB_TREE, MODEL_TLB_RANDOM, MODEL_TLB_NRU };
enum { MODEL_TLB_WAYS_MOST = 128, MODEL_TLB_OTHERS = 1 << 24 };

struct tlb_model_level {
	unsigned ways, set_bits;
	unsigned fold;   /* 0: linear; n: each bit of the index is XORed with n of those that many places above it */
	unsigned modulo; /* not 0: the index is the page's number modulo this, which is no XOR */
	enum tlb_model_policy policy;
};

enum tlb_model_inclusion { MODEL_TLB_NON_INCLUSIVE, MODEL_TLB_INCLUSIVE, MODEL_TLB_EXCLUSIVE };

struct tlb_model_config {
	struct tlb_model_level data, code, second; /* 0 ways: there is none */
	bool split;                                /* code and data have a second level each */
	enum tlb_model_inclusion inclusion;
	/* In a million touches: how often somebody else's page is loaded, and how often a walk brings the next page's
	 * translation along. */
	unsigned others, neighbours;
	unsigned own;      /* pages of the search's own that each list touches */
	bool tagged;       /* others' translations are of another PCID: a flush leaves them */
	bool fresh;        /* changed entries are seen at once: shadowed page tables */
	bool neither;      /* somebody else writes to the frames */
	unsigned fails_at; /* this touch of a list fails; 0: none */
};

struct tlb_model;
struct tlb_model *tlb_model_new(const struct tlb_model_config *config, uint64_t seed);
void tlb_model_free(struct tlb_model *model);

/* Its functions and page counts; `page_bits` of pages. */
struct tlb_machine tlb_model_machine(struct tlb_model *model, unsigned page_bits);

/* Entries that are not as at the beginning. */
unsigned tlb_model_changed(const struct tlb_model *model);

/* The set of a page, as the level has it. */
uint32_t tlb_model_set(const struct tlb_model_level *level, uint32_t page);
