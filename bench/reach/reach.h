/* SPDX-License-Identifier: Apache-2.0
 *
 * How many entries the data TLBs have, found in the time of a load over the count of pages that are read, and not read
 * from the machine. Pure and deterministic, no memory but the caller's.
 *
 * The curve is of rows machine/pages/reach/PAGE/1/COUNT, a random chase with one line a page, each point its least
 * time; beside it, where there are any, rows machine/pages/held/1/COUNT: the same lines in pages that a TLB needs far
 * less entries for. What the first takes above the second is the TLBs'. docs/methodology.md has the rule and its
 * reasons, rows.h which rows make a curve.
 *
 * What it is not: sets and ways (bench/tlb_geometry), and no TLB of instructions.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { REACH_POINTS_MOST = 96, REACH_POINTS_LEAST = 8, REACH_LEVELS_MOST = 2 };

struct reach_point {
	uint32_t count; /* of pages; ascending, none twice */
	double ns;      /* above 0 */
	double held_ns; /* 0: there is no such row */
};

struct reach_curve {
	const struct reach_point *points; /* up to REACH_POINTS_MOST */
	size_t count;
	uint64_t first_lines, second_lines; /* of the first two data caches; 0: not known */
};

enum reach_outcome {
	REACH_FOUND,
	REACH_TOO_FEW,   /* points: less than REACH_POINTS_LEAST, or more than REACH_POINTS_MOST */
	REACH_BAD_POINT, /* not what struct reach_point allows */
	REACH_NO_START,  /* it rises, or is noise, where it begins: a TLB may end before */
};

enum reach_kind {
	REACH_STEP,   /* it ends between `lower` and `upper` pages */
	REACH_BEYOND, /* it has `lower` entries or more */
};

/* Why a level is uncertain. */
enum reach_doubt {
	REACH_CACHE = 1, /* a cache may end there, and there are no large pages beside it, or the caches are unknown */
	REACH_CUT = 2,   /* a cache may end there, and the large pages beside it are small ones of the host's */
	REACH_FAR = 4,   /* lines that are beyond half of the second cache vary by more than a walk */
	REACH_WIDE = 8,  /* from where it is still flat to where it has risen is more than an octave */
	REACH_RAMP = 16, /* behind the level before nothing is flat */
	REACH_OPEN = 32, /* the curve ends before it does */
	REACH_SHARED = 64, /* more pages than entries are told: neighbours may share an entry */
	REACH_ALONE = 128, /* one point says that it ends before what is told */
	REACH_NOISE = 256, /* it hides where it begins to rise */
	REACH_DOUBTS_END = 512,
};

struct reach_level {
	enum reach_kind kind;
	unsigned doubts;           /* of reach_doubt; 0: certain */
	uint32_t lower, upper;     /* pages; REACH_BEYOND: `upper` is 0 */
	uint32_t sure;             /* the point behind `upper`: that one alone may be another's work */
	double ns;                 /* a load whose page is in this level: the plateau's median */
	double ns_lower, ns_upper; /* its points; all 0: it has no plateau */
};

struct reach {
	enum reach_outcome outcome;
	size_t count; /* of `level` */
	struct reach_level level[REACH_LEVELS_MOST];
};

/* Whether anything was found; `reach->outcome` says what in any case. */
bool reach_find(const struct reach_curve *curve, struct reach *reach);

/* Whether a TLB of so many entries ends there, up to `upper`, which is the level's or its `sure`. What
 * random replacement makes of up to 1/16 more pages than entries counts as flat: so far below `lower` they may be. */
bool reach_holds(const struct reach_level *level, uint32_t upper, uint64_t entries);

enum reach_verdict { REACH_NOT_MEASURED, REACH_UNCERTAIN, REACH_NOT_TOLD, REACH_AGREES, REACH_DIFFERS };

/* `told` entries, 0: nothing is; `before` those of the level before: a level that has only what left the one before
 * ends at their sum. `level` NULL: not measured. May add a doubt to it. */
enum reach_verdict reach_judge(struct reach_level *level, uint64_t told, uint64_t before);

const char *reach_outcome_name(enum reach_outcome outcome);
const char *reach_doubt_name(enum reach_doubt doubt);
