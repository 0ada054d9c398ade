/* SPDX-License-Identifier: Apache-2.0
 *
 * Made-up fleets for hosted/verdict/fleet.h: machines that are alike but for one, judged over and over. The same seed
 * gives the same answers.
 */
#pragma once

#include "hosted/verdict/fleet.h"

#include <stddef.h>
#include <stdint.h>

enum fleet_noise {
	FLEET_NORMAL,
	FLEET_SHARED, /* normal, half of its variance the machine's own, the same in all benchmarks */
	FLEET_SKEWED, /* exponential: noise only adds */
	FLEET_HEAVY,  /* Student's t with 3 degrees of freedom */
};

struct fleet_model {
	size_t machines, benchmarks, runs; /* a figure is the median of so many runs */
	double deviation;                  /* of a run's logarithm */
	double slow;                       /* of machine 0: 1.07; 1: it is like the others */
	enum fleet_noise noise;
	struct fleet_rules rules;
};

struct fleet_answers {
	double found;  /* share of the fleets in which machine 0 is named */
	double wrong;  /* the mean share of other machines among those that are named: the false discovery rate */
	double others; /* other machines that are named, in a fleet */
};

/* Of so many fleets. */
struct fleet_answers fleet_model_judge(const struct fleet_model *model, size_t fleets, uint64_t seed);
