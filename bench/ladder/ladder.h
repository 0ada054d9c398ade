/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of this folder have in common. */
#pragma once

#include "bench/ladder/levels.h"

/* A point as the finder sees it; outliers are not among them. */
struct ladder_point {
	double octave; /* log2 of the size */
	double bytes;
	double latency;
	double height; /* ln of the latency */
	double noise;  /* deviation of `height` */
};

/* false: `levels` says why not. `points` has room for the curve's count; what is kept is `count`. */
bool ladder_curve(const struct levels_curve *curve, struct ladder_point *points, size_t *count, struct levels *levels);

struct ladder_plateau {
	size_t first;
	size_t last;
};

enum { LADDER_PLATEAUS_MOST = 32 };

/* Bytes for ladder_plateaus, aligned for doubles. */
size_t ladder_segment_bytes(size_t count);

/* Plateaus, ascending: up to LADDER_PLATEAUS_MOST. */
size_t ladder_plateaus(const struct ladder_point *points, size_t count, void *workspace,
		       struct ladder_plateau *plateaus);

/* ---- shapes ------------------------------------------------------------------------------------------------------ */

enum {
	SHAPES = 18,
	SHAPE_STEPS = 24,
	SHAPE_OCTAVES_BELOW = 3,
	SHAPE_OCTAVES_ABOVE = 5,
	SHAPE_ENTRIES = (SHAPE_OCTAVES_BELOW + SHAPE_OCTAVES_ABOVE) * SHAPE_STEPS + 1
};

/* Share of loads that miss, by log2(working set / cache), from -3 to 5 in steps of 1/24. */
struct ladder_shapes {
	float miss[SHAPES][SHAPE_ENTRIES];
};

void ladder_shapes_make(struct ladder_shapes *shapes);

/* Whether the shape is of lines at random places, as of small pages or behind a hash. */
bool ladder_shape_random(unsigned shape);
double ladder_shape_miss(const struct ladder_shapes *shapes, unsigned shape, double octaves);

/* ---- the fit ----------------------------------------------------------------------------------------------------- */

struct ladder_window {
	const struct ladder_point *points;
	size_t count;
	size_t low_last;   /* the last point of the plateau below */
	size_t high_first; /* the first of the one above */
	bool tlb;          /* may show */
};

struct ladder_fit {
	double octave; /* of the size that fits best */
	double lower;  /* of those that fit as well */
	double upper;
	double residual; /* relative deviation of the points about it */
	double ramp;     /* octaves from a tenth to nine tenths of the misses */
	bool random;     /* lines may lie at random places */
	bool in_order;   /* they may lie in order; one of both at the least */
	bool scattered;  /* they lie at random places: that explains the points far better */
};

enum { LADDER_WINDOW_LEAST = 6, LADDER_REACHES = 8 };

/* What a fit works in. */
struct ladder_fit_space {
	double one[LEVELS_POINTS_MOST];
	double miss[LEVELS_POINTS_MOST];
	double tlb[LADDER_REACHES][LEVELS_POINTS_MOST];
	double one_tlb[LADDER_REACHES];
	double tlb_tlb[LADDER_REACHES];
	double tlb_sum[LADDER_REACHES];
};

/* false: nothing fits, as where the points are fewer than what is fitted. */
bool ladder_fit(const struct ladder_window *window, const struct ladder_shapes *shapes, struct ladder_fit_space *space,
		struct ladder_fit *fit);
