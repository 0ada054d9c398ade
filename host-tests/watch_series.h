/* SPDX-License-Identifier: Apache-2.0
 *
 * Made-up figures for hosted/watch/: a level, and a noise that depends on what came before. The same seed gives the
 * same series.
 */
#pragma once

#include "bench/rng.h"

#include <stdbool.h>

struct series {
	struct rng rng;
	double level;
	double deviation;   /* of a logarithm, in the long run */
	double correlation; /* of a value with the one before: AR(1) */
	bool heavy;         /* Student's t with 3 degrees of freedom, else normal */
	double swing;       /* of a logarithm, up and down once in `day` values; 0: none */
	double day;
	double state;
	double fresh; /* what is worked out once, and what goes on */
	double sine, cosine, turn_sine, turn_cosine;
};

double series_next(struct series *series);

/* Its logarithm above the level. */
double series_next_log(struct series *series);
