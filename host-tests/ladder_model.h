/* SPDX-License-Identifier: Apache-2.0
 *
 * Made-up machines whose latency curve follows from their caches: sets with a replacement policy that is simulated,
 * pages at random places, hashed lines, TLBs, noise. What the finder of bench/ladder/ is tried on; it knows nothing of
 * these.
 */
#pragma once

#include "bench/ladder/levels.h"
#include "bench/rng.h"

enum { MODEL_CACHES_MOST = 3 };

enum model_policy { MODEL_LRU, MODEL_TREE, MODEL_BITS, MODEL_RANDOM, MODEL_POLICIES };

enum model_placement {
	MODEL_IN_ORDER, /* sets follow the address: virtual, or memory is contiguous */
	MODEL_COLOURS,  /* sets follow the physical address, pages lie wherever */
	MODEL_HASHED,   /* a hash says which set a line falls to */
};

struct model_cache {
	uint64_t bytes;
	unsigned ways;
	enum model_policy policy;
	enum model_placement placement;
	double latency; /* cycles */
};

struct model {
	struct rng rng;
	size_t caches;
	struct model_cache cache[MODEL_CACHES_MOST];
	double memory; /* cycles */
	uint64_t page_bytes;
	uint64_t tlb_reach[2]; /* bytes */
	double tlb_cost[2];    /* cycles */
	double noise;          /* relative deviation */
	double outliers;       /* share of points */
	unsigned layouts;      /* of the pages, whose mean counts */
	bool intervals;        /* are said */
	uint64_t strangers;    /* bytes of others in the caches */
};

struct model model_make(uint64_t seed);

/* The same machine in pages of another size. */
struct model model_in_pages(const struct model *model, uint64_t page_bytes);

/* One point, measured. */
struct levels_point model_point(struct model *model, uint64_t bytes);

/* The share of loads that miss a set of `ways` when a chase goes round `lines` lines in it. */
double model_set_miss(enum model_policy policy, unsigned ways, unsigned lines);

/* A curve over a grid of 2^(1/per_octave) up to `most_bytes`, and points wanted in up to `rounds` rounds. */
struct model_run {
	struct levels_point points[LEVELS_POINTS_MOST];
	size_t count;
	struct levels levels;
	size_t rounds; /* in which points were asked for */
};

void model_measure(struct model *model, unsigned per_octave, uint64_t most_bytes, size_t rounds, void *workspace,
		   struct model_run *run);

/* ---- verdicts ---------------------------------------------------------------------------------------------------- */

/* What is right of what was found of caches of these sizes, ascending. */
struct model_verdict {
	bool held[MODEL_CACHES_MOST];  /* the interval holds the size */
	bool named[MODEL_CACHES_MOST]; /* and its name is the size */
	bool certain[MODEL_CACHES_MOST];
	bool misnamed;  /* some level has a name that is wrong */
	bool last_near; /* the last cache's best size is within 25 % */
	bool silent;    /* something is wrong and not said to be uncertain */
};

struct model_verdict model_judge(const struct levels *levels, const uint64_t *bytes, size_t caches);
