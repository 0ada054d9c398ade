/* SPDX-License-Identifier: Apache-2.0
 *
 * The share of loads that miss a cache of C bytes when a chase goes round and round W bytes, x = W / C. A set of w ways
 * that n lines of the chase fall to misses
 *   LRU       all where n > w, as each line's next turn comes after all others
 *   random    m with m = 1 - (1 - 1/w)^(m (n - 1)): a line survives the others' misses with that chance
 *   between   the mean of both: not recently used, and others that forget; tree-PLRU does as LRU when all is a miss
 * and n is over the sets
 *   in order  floor(w x) or the next, where memory is contiguous and the sets' index is plain
 *   random    Poisson's, mean w x, where pages lie wherever, or a hash says where
 * where a line finds itself among k others with Poisson's probability of k.
 */
#include "bench/ladder/ladder.h"

#include <math.h>

enum { WAYS_MOST = 32, FULL = 8, LINES_MOST = WAYS_MOST * FULL }; /* a set of 8 times its lines misses all */

static const struct {
	unsigned ways;
	double forgets; /* 0: LRU, 1: random */
	bool random;
} kinds[SHAPES] = {
	{4, 0, false},   {8, 0, false},   {16, 0, false}, {8, 0.5, false}, {16, 0.5, false}, {8, 1, false},
	{4, 0, true},    {8, 0, true},    {16, 0, true},  {32, 0, true},   {4, 0.5, true},   {8, 0.5, true},
	{16, 0.5, true}, {32, 0.5, true}, {4, 1, true},   {8, 1, true},    {16, 1, true},    {32, 1, true},
};

bool ladder_shape_random(unsigned shape) {
	return kinds[shape].random;
}

/* Of a set of w ways and random replacement that n lines fall to, n from 0 to w FULL. */
static void random_misses(unsigned ways, double *miss) {
	double keep = log(1 - 1.0 / ways), at = 0.05;
	for (unsigned n = 0; n <= ways * FULL; n++) {
		miss[n] = 0;
		for (int i = 0; n > ways && i < 60; i++) {
			double next = 1 - exp(keep * at * (n - 1));
			bool near = fabs(next - at) < 1e-4;
			miss[n] = at = next;
			if (near)
				break;
		}
	}
}

static double miss_of(const double *miss, unsigned ways, unsigned lines) {
	return lines <= ways * FULL ? miss[lines] : 1;
}

static double poisson_miss(double mean, const double *miss, unsigned ways) {
	double probability = exp(-mean), sum = 0, left = 1;
	if (mean > ways * FULL / 2)
		return 1;
	for (unsigned k = 0; k < ways * FULL && left > 1e-6; k++) {
		sum += probability * miss_of(miss, ways, k + 1);
		left -= probability;
		probability *= mean / (k + 1);
	}
	return sum + (left > 0 ? left : 0);
}

static double even_miss(double mean, const double *miss, unsigned ways) {
	unsigned lines = (unsigned)mean;
	double more = mean - lines;
	return ((1 - more) * lines * miss_of(miss, ways, lines) + more * (lines + 1) * miss_of(miss, ways, lines + 1)) /
	       mean;
}

void ladder_shapes_make(struct ladder_shapes *shapes) {
	double random[LINES_MOST + 1], miss[LINES_MOST + 1];
	for (unsigned s = 0; s < SHAPES; s++) {
		unsigned ways = kinds[s].ways;
		double forgets = kinds[s].forgets;
		random_misses(ways, random);
		for (unsigned n = 0; n <= ways * FULL; n++)
			miss[n] = (n > ways ? 1 - forgets : 0) + forgets * random[n];
		for (int i = 0; i < SHAPE_ENTRIES; i++) {
			double mean = ways * exp2((double)i / SHAPE_STEPS - SHAPE_OCTAVES_BELOW);
			shapes->miss[s][i] =
				(float)(kinds[s].random ? poisson_miss(mean, miss, ways) : even_miss(mean, miss, ways));
		}
	}
}

double ladder_shape_miss(const struct ladder_shapes *shapes, unsigned shape, double octaves) {
	double at = (octaves + SHAPE_OCTAVES_BELOW) * SHAPE_STEPS;
	if (at <= 0)
		return 0;
	if (at >= SHAPE_ENTRIES - 1)
		return 1;
	int i = (int)at;
	double part = at - i;
	return shapes->miss[shape][i] * (1 - part) + shapes->miss[shape][i + 1] * part;
}
