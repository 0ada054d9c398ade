/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether a reference took as long as what it does can take on the machine that the run is on. What it does is said
 * step by step, from its source; what a step takes was measured in the same run (peers/steps.h, and a row's own
 * probes), so nothing here is one microarchitecture's. The least time is that of the longest chain of steps that wait
 * for one another, or of the steps that the core has the fewest units for, whichever is longer, loop by loop. A
 * reference that is faster than that does not do all of it; one that takes twice as long does something else besides,
 * and to be better than that one says nothing. Pure.
 */
#pragma once

#include <stdbool.h>

/* In chains each step waits for the one before; in floods none does. */
enum peer_step {
	PEER_ADD,      /* chain of additions, or other operations of one cycle */
	PEER_MULTIPLY, /* chain of multiplications of 64 bits */
	PEER_LOAD,     /* chain of loads from the first-level cache, each the next one's address */
	PEER_FORWARD,  /* chain of stores, each loaded by the next: a variable in memory */
	PEER_LOADS,    /* flood of loads from the first-level cache */
	PEER_STORES,   /* flood of stores to it */
	PEER_NOPS,     /* flood of instructions */
	PEER_TURNS,    /* turns of an empty loop */
	PEER_STEPS_COMMON,
	PEER_PROBE_0 = PEER_STEPS_COMMON, /* a row's own: steps in its memory and order */
	PEER_PROBE_1,
	PEER_PROBE_2,
	PEER_STEPS,
	PEER_PROBES = PEER_STEPS - PEER_STEPS_COMMON,
};

/* Cycles of the core a step; PEER_ADD is 1 by definition. 0: not measured, and costs nothing. */
struct peer_costs {
	double cycles[PEER_STEPS];
};

/* One loop's work for one operation. */
struct peer_work {
	double chain[PEER_STEPS]; /* steps on the longest way from one operation to the next */
	double all[PEER_STEPS];   /* all of it, as floods; PEER_NOPS: all instructions */
	/* Besides, where caches have not kept what the loop before left: count at the slowest only. */
	double perhaps[PEER_STEPS];
};

enum { PEER_LOOPS = 2 };

/* What a reference does. Loops run one after the other. */
struct peer_claim {
	struct peer_work loops[PEER_LOOPS];
	double instructions; /* an operation, as counted in this run; 0: they could not be */
	/* As many as its source has steps, and half as many again for an address or a move here and there. */
	double instructions_most;
	/* Operations do not wait for one another: as fast as `all` allows, at the slowest as the chains would be. */
	bool overlaps;
};

/* Cycles an operation. */
struct peer_range {
	double least, most;
};

struct peer_range peer_range_of(const struct peer_claim *claim, const struct peer_costs *costs);

enum peer_validity { PEER_VALID, PEER_TOO_FAST, PEER_TOO_SLOW, PEER_TOO_MANY_INSTRUCTIONS };

enum peer_validity peer_judge(const struct peer_claim *claim, const struct peer_costs *costs, double cycles);

/* Static text: "valid", "**void**, too fast". */
const char *peer_validity_name(enum peer_validity validity);
