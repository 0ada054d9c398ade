/* SPDX-License-Identifier: Apache-2.0
 *
 * Between two plateaus a load takes
 *   a + b miss(W / C) + t max(0, 1 - R / W)
 * in a working set of W: a in the cache of C bytes, b more beyond, t more where a TLB that reaches over R misses at
 * random. For each size C of a grid, each shape of `miss`, and each reach, a, b and t follow by least squares of
 * relative deviations. The sizes whose best sum of squares is no further above the least than chance goes are the
 * interval.
 */
#include "bench/ladder/ladder.h"

#include <math.h>

enum { REACHES = LADDER_REACHES, SIZES = 64, COARSE = 5, SIZES_MOST = 30 * 24 };

static const double model_error = 0.025;                         /* relative: caches are of more kinds than shapes */
static const double grid_least = 1.0 / 96, grid_most = 1.0 / 24; /* octaves a step */
static const double below = 0.4, above = 0.15;                   /* octaves of the grid, beyond the plateaus' ends */
static const double chance = 9; /* of a sum of squares, in variances: three deviations */

/* What the other family may be worse by, and still be the truth: its shapes are of the wrong number of ways, or pages
 * fell as pages rarely do. */
static const double far_better = 2;
static const double other_family = 3, other_chance = 16;

/* Sums over points of products of the terms, each over the latency: one, miss, TLB; `value` is 1 for all. */
struct sums {
	double one_one, one_miss, miss_miss, one_tlb, miss_tlb, tlb_tlb;
	double one, miss, tlb;
	double count;
};

struct terms {
	double one, miss, tlb; /* a, b, t */
	double rest;           /* of the squares */
};

static const struct terms none = {.rest = 1e300};

static struct terms solve_two(const struct sums *s) {
	double determinant = s->one_one * s->miss_miss - s->one_miss * s->one_miss;
	if (determinant <= 1e-9 * s->one_one * s->miss_miss)
		return none;
	double a = (s->one * s->miss_miss - s->miss * s->one_miss) / determinant;
	double b = (s->miss * s->one_one - s->one * s->one_miss) / determinant;
	return a > 0 && b > 0 ? (struct terms){a, b, 0, s->count - a * s->one - b * s->miss} : none;
}

/* By elimination. A TLB's misses cost less than the cache itself, and than going beyond it. */
static struct terms solve_three(const struct sums *s) {
	double mm = s->miss_miss - s->one_miss * s->one_miss / s->one_one;
	double mt = s->miss_tlb - s->one_miss * s->one_tlb / s->one_one;
	double tt = s->tlb_tlb - s->one_tlb * s->one_tlb / s->one_one;
	double m = s->miss - s->one * s->one_miss / s->one_one, t = s->tlb - s->one * s->one_tlb / s->one_one;
	double determinant = mm * tt - mt * mt;
	if (mm <= 0 || tt <= 0 || determinant <= 1e-6 * mm * tt)
		return none;
	double tlb = (t * mm - m * mt) / determinant, miss = (m * tt - t * mt) / determinant;
	double one = (s->one - miss * s->one_miss - tlb * s->one_tlb) / s->one_one;
	if (!(tlb >= 0 && miss > 0 && one > 0 && tlb <= one && tlb <= miss))
		return none;
	return (struct terms){one, miss, tlb, s->count - one * s->one - miss * s->miss - tlb * s->tlb};
}

static void prepare(const struct ladder_window *window, struct ladder_fit_space *space) {
	double first = window->points[0].octave, last = window->points[window->count - 1].octave;
	for (size_t i = 0; i < window->count; i++)
		space->one[i] = 1 / window->points[i].latency;
	for (int r = 0; r < REACHES; r++) {
		double reach = exp2(first - 1 + (last - first + 0.5) * r / (REACHES - 1));
		space->one_tlb[r] = space->tlb_tlb[r] = space->tlb_sum[r] = 0;
		for (size_t i = 0; i < window->count; i++) {
			double bytes = window->points[i].bytes, one = space->one[i];
			double tlb = bytes > reach ? (1 - reach / bytes) * one : 0;
			space->tlb[r][i] = tlb;
			space->one_tlb[r] += one * tlb;
			space->tlb_tlb[r] += tlb * tlb;
			space->tlb_sum[r] += tlb;
		}
	}
}

struct size_fit {
	struct terms terms;
	unsigned shape;
	int reach; /* of the TLB; -1: none */
};

/* The best over reaches, at one size and shape. */
static struct size_fit fit_shape(const struct ladder_window *window, const struct ladder_shapes *shapes, unsigned shape,
				 double octave, struct ladder_fit_space *space) {
	struct sums s = {.count = (double)window->count};
	for (size_t i = 0; i < window->count; i++) {
		double one = space->one[i];
		double miss = ladder_shape_miss(shapes, shape, window->points[i].octave - octave) * one;
		space->miss[i] = miss;
		s.one_one += one * one;
		s.one_miss += one * miss;
		s.miss_miss += miss * miss;
		s.one += one;
		s.miss += miss;
	}
	struct size_fit best = {solve_two(&s), shape, -1};
	for (int r = 0; window->tlb && r < REACHES; r++) {
		s.one_tlb = space->one_tlb[r];
		s.tlb_tlb = space->tlb_tlb[r];
		s.tlb = space->tlb_sum[r];
		s.miss_tlb = 0;
		for (size_t i = 0; i < window->count; i++)
			s.miss_tlb += space->miss[i] * space->tlb[r][i];
		struct terms terms = solve_three(&s);
		if (terms.rest < best.terms.rest)
			best = (struct size_fit){terms, shape, r};
	}
	best.terms.rest = fmax(best.terms.rest, 0);
	return best;
}

/* Variance about the best fit: of all points, of those on the way up, or of noise, whichever is the most. Where pages
 * lie is luck that shows on the way up only. */
static double variance_of(const struct ladder_window *window, const struct ladder_shapes *shapes,
			  const struct size_fit *best, double octave, const struct ladder_fit_space *space) {
	static const double up_from = 0.03, up_to = 0.97;
	double noise = window->points[0].noise, squares = 0;
	size_t count = 0;
	for (size_t i = 0; i < window->count; i++) {
		double miss = ladder_shape_miss(shapes, best->shape, window->points[i].octave - octave);
		double tlb = best->reach >= 0 ? space->tlb[best->reach][i] : 0;
		double rest = 1 - (best->terms.one + best->terms.miss * miss) * space->one[i] - best->terms.tlb * tlb;
		if (miss >= up_from && miss <= up_to) {
			squares += rest * rest;
			count++;
		}
	}
	double all = best->terms.rest / ((double)window->count - 4);
	double up = count > 2 ? squares / (double)(count - 2) : 0;
	return fmax(fmax(noise * noise, model_error * model_error), fmax(all, up));
}

static double octaves_at(const struct ladder_shapes *shapes, unsigned shape, double share) {
	int i = 0;
	while (i < SHAPE_ENTRIES - 1 && shapes->miss[shape][i] < share)
		i++;
	return (double)i / SHAPE_STEPS;
}

struct grid {
	double from; /* octaves */
	double step;
	size_t sizes;
};

/* Of lines in order, or of lines at random. */
struct family {
	struct size_fit best;
	double octave; /* of it */
	float rest[SIZES_MOST];
};

static double octave_of(const struct grid *grid, size_t i) {
	return grid->from + (double)i * grid->step;
}

/* Shapes that come near the best of the family on a coarse grid, as bits. */
static unsigned near_shapes(const struct ladder_window *window, const struct ladder_shapes *shapes,
			    const struct grid *grid, bool random, struct ladder_fit_space *space) {
	double least[SHAPES], best = none.rest;
	unsigned near = 0;
	for (unsigned s = 0; s < SHAPES; s++) {
		least[s] = none.rest;
		for (size_t i = 0; ladder_shape_random(s) == random && i < grid->sizes; i += COARSE)
			least[s] = fmin(least[s], fit_shape(window, shapes, s, octave_of(grid, i), space).terms.rest);
		best = fmin(best, least[s]);
	}
	for (unsigned s = 0; s < SHAPES; s++)
		if (least[s] < none.rest && least[s] <= other_family * best + other_chance * model_error * model_error)
			near |= 1u << s;
	return near;
}

static void fit_family(const struct ladder_window *window, const struct ladder_shapes *shapes, const struct grid *grid,
		       bool random, struct ladder_fit_space *space, struct family *family) {
	unsigned near = near_shapes(window, shapes, grid, random, space);
	family->best.terms = none;
	for (size_t i = 0; i < grid->sizes; i++) {
		double octave = octave_of(grid, i);
		family->rest[i] = 1e30f;
		for (unsigned s = 0; s < SHAPES; s++) {
			if (!(near >> s & 1))
				continue;
			struct size_fit at = fit_shape(window, shapes, s, octave, space);
			family->rest[i] = (float)fmin(at.terms.rest, family->rest[i]);
			if (at.terms.rest < family->best.terms.rest) {
				family->best = at;
				family->octave = octave;
			}
		}
	}
}

/* The interval takes in the sizes whose sum is within chance of the family's least. */
static void widen(const struct family *family, const struct grid *grid, double limit, struct ladder_fit *fit) {
	for (size_t i = 0; i < grid->sizes; i++)
		if (family->rest[i] <= limit) {
			double octave = octave_of(grid, i);
			fit->lower = fmin(fit->lower, octave - grid->step / 2);
			fit->upper = fmax(fit->upper, octave + grid->step / 2);
		}
}

bool ladder_fit(const struct ladder_window *window, const struct ladder_shapes *shapes, struct ladder_fit_space *space,
		struct ladder_fit *fit) {
	struct family families[2];
	struct grid grid = {.from = window->points[window->low_last].octave - below};
	double to = window->points[window->high_first].octave + above;
	grid.step = fmax(grid_least, fmin(grid_most, (to - grid.from) / SIZES));
	grid.sizes = (size_t)((to - grid.from) / grid.step) + 1;
	if (window->count < LADDER_WINDOW_LEAST || grid.sizes > SIZES_MOST)
		return false;
	prepare(window, space);
	for (int f = 0; f < 2; f++)
		fit_family(window, shapes, &grid, f == 1, space, &families[f]);
	const struct family *best = &families[families[1].best.terms.rest < families[0].best.terms.rest];
	double rest = best->best.terms.rest, variance;
	if (rest >= none.rest)
		return false;
	variance = variance_of(window, shapes, &best->best, best->octave, space);
	*fit = (struct ladder_fit){.octave = best->octave, .lower = best->octave, .upper = best->octave};
	fit->residual = sqrt(rest / ((double)window->count - 4));
	fit->ramp = octaves_at(shapes, best->best.shape, 0.9) - octaves_at(shapes, best->best.shape, 0.1);
	double in_order = families[0].best.terms.rest, at_random = families[1].best.terms.rest;
	double noise = window->points[0].noise, chance_rest = noise * noise * (double)window->count;
	fit->scattered = in_order > far_better * fmax(at_random, chance_rest);
	for (int f = 0; f < 2; f++) {
		double least = families[f].best.terms.rest;
		if (least > other_family * rest + other_chance * variance)
			continue;
		widen(&families[f], &grid, least + chance * variance, fit);
		fit->random |= f == 1;
		fit->in_order |= f == 0;
	}
	return true;
}
