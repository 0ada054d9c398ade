/* SPDX-License-Identifier: Apache-2.0
 *
 * The levels of the memory, found in a latency curve and not read from the machine: how many caches there are, how
 * large each is, how long a load from each takes. Pure and deterministic; memory is the caller's.
 *
 * The curve is of a random pointer chase, one cycle through all lines of a working set, over sizes of the set: say
 * 1 KiB to 1 GiB in steps of 2^(1/4), and more points where levels_wanted asks for them. Latencies are in any unit. On
 * small pages a point is the mean over layouts, five or more, of each layout's least time: the least over layouts is
 * that of the luckiest pages, and moves the end of a level. Large pages say far more (docs/methodology.md has figures).
 *
 *   curve.c    what is wrong with a curve, its noise, points that lie above what follows
 *   segment.c  plateaus: optimal segmentation of log latency over log size, exact (dynamic programming), monotone
 *   shape.c    which share of its loads misses a cache, by the ratio of working set to cache
 *   fit.c      which sizes of a cache explain what lies between two plateaus
 *   name.c     the size that a cache of that interval has
 *   combine.c  what curves of several sizes of page say of one another
 *   wanted.c   where another point would say more
 *
 * Methods of this kind: K. Yotov, K. Pingali, P. Stodghill, "X-Ray: A Tool for Automatic Measurement of Hardware
 * Parameters", QEST 2005; J. Gonzalez-Dominguez et al., "Servet", IPDPS 2010. What they take for steps at a size is
 * here the curve that a cache of sets makes of pages wherever they lie.
 *
 * What it is not: a judgement on what the machine says of itself, and no measurement.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LEVELS_POINTS_MOST = 192, LEVELS_POINTS_LEAST = 8, LEVELS_MOST = 6 };

#define LEVELS_BYTES_MOST (UINT64_C(1) << 60)

struct levels_point {
	uint64_t bytes; /* of the working set; ascending, none twice, at most 2^60 */
	double latency; /* from 1e-12 to 1e12 */
	double lower;   /* of its interval at 0.95; both 0: unknown, as of a minimum */
	double upper;
};

struct levels_curve {
	const struct levels_point *points;
	size_t count;
	uint64_t page_bytes; /* what is surely contiguous in physical memory, as the page's size; 0: unknown */
};

enum levels_outcome {
	LEVELS_FOUND,
	LEVELS_FLAT,      /* one level, whose end is not in the curve */
	LEVELS_TOO_FEW,   /* points to tell a plateau from chance */
	LEVELS_TOO_MANY,  /* points: more than LEVELS_POINTS_MOST */
	LEVELS_BAD_POINT, /* `at`: what struct levels_point does not allow, as a NaN, or bounds in no order */
	LEVELS_UNSORTED,  /* `at`: a size that is not above the one before */
	LEVELS_LOUD,      /* noise hides the plateaus */
	LEVELS_NO_LEVEL,  /* latency rises all the way */
};

enum levels_kind {
	LEVEL_STEP,    /* a cache that ends within half an octave */
	LEVEL_BETWEEN, /* one that ends in a ramp: shared, sliced, hashed, a victim's, or of pages at random places */
	LEVEL_LAST,    /* the last plateau: memory, as far as the curve reaches beyond the caches */
};

/* Why a level is uncertain. */
enum levels_doubt {
	LEVEL_WEAK = 1,         /* so small a step may be the TLB's, or a level that is not counted is beside it */
	LEVEL_HIDDEN = 2,       /* so far a way up may hide a level without a plateau */
	LEVEL_SHAPE = 4,        /* no cache's curve goes through the points where it ends */
	LEVEL_SHORT = 8,        /* its plateau, or the next one, is short */
	LEVEL_OPEN = 16,        /* the curve ends before the next plateau, or too soon behind */
	LEVEL_COUNT_DOUBT = 32, /* of a level below: this one's number may be another */
	LEVEL_SCATTERED =
		64,        /* large pages, and it ends as if lines lay at random places: a guest's, or others' lines */
	LEVEL_APART = 128, /* the curve of other pages says another size, and neither is uncertain by itself */
	LEVEL_DOUBTS_END = 256,
};

struct levels_level {
	enum levels_kind kind;
	unsigned doubts;      /* of levels_doubt; 0: certain */
	uint64_t bytes_lower; /* interval of the size; LEVEL_LAST: 0 and 0 */
	uint64_t bytes_upper;
	uint64_t bytes_best;
	uint64_t rise_from_bytes; /* the last point of the plateau and the first of the next */
	uint64_t rise_to_bytes;
	uint64_t named_bytes; /* 0: no name, or several, lie in the interval */
	double latency;       /* median of the plateau's points */
	double latency_lower; /* interval at 0.95, of order statistics */
	double latency_upper;
};

struct levels {
	enum levels_outcome outcome;
	size_t at;       /* of the point that is wrong */
	size_t count;    /* of `level`, ascending */
	double noise;    /* relative deviation of a point */
	size_t outliers; /* points above what follows; they are left out */
	struct levels_level level[LEVELS_MOST];
};

/* Of the workspace that levels_find needs for so many points; 0: too many. It is aligned for doubles. */
size_t levels_workspace_bytes(size_t count);

/* Whether levels were found, `levels->count` > 0; `levels->outcome` says what in any case. Takes a millisecond. */
bool levels_find(const struct levels_curve *curve, void *workspace, struct levels *levels);

/* What two curves of one machine say together, of its first two levels, which a core has for itself: large pages say
 * where a level ends, and small ones, where they agree, take that interval and its name, and are no longer uncertain of
 * it; where both are certain, both take what their intervals have in common. Nothing where either found none. */
void levels_combine(struct levels *large, struct levels *small);

/* Sizes at which another point would narrow an interval of `levels`, what it was found in `curve`: the wider the gap
 * of points, the sooner. Up to `capacity`, ascending, none of them in the curve; returns how many. 0: enough. */
size_t levels_wanted(const struct levels_curve *curve, const struct levels *levels, uint64_t *bytes, size_t capacity);

/* A cache is ways times sets times line, sets and line powers of two, and ways at most 32. The one such size from lower
 * to upper; 0: none or several. `own`, of a cache that a core has for itself: of such sizes only those that are built,
 * a power of two, three times one up to 192 KiB and from 1.5 MiB, or five times one from 1.25 MiB. */
uint64_t levels_name(uint64_t lower, uint64_t upper, bool own);

const char *levels_outcome_name(enum levels_outcome outcome);
const char *levels_kind_name(enum levels_kind kind);
const char *levels_doubt_name(enum levels_doubt doubt);
