/* SPDX-License-Identifier: Apache-2.0
 *
 * At which sizes the methods of simd/ are quicker on this machine than the C library's functions, which is where they
 * are worth a detour. Both are called in turns, on areas that lie anyhow: the same one again, and each time another one
 * of what a second-level cache holds. A size stands for those up to its double, which calls have in any order, as a
 * program has them. It is taken where both kinds of calls, and each pass of two, have it so: no program that is served
 * should be slower, whichever calls it makes.
 */
#pragma once

#include "bench/tune/tune.h"
#include "simd/simd.h"

#include <stdbool.h>
#include <stddef.h>

enum { CROSSING_SIZES = 17, CROSSING_LEAST_BYTES = 64, CROSSING_ROUNDS = 13, CROSSING_PASSES = 2 };
/* 64 bytes to 4 MiB, doubling: octaves */

/* The ratio of times at which a method is taken: the whole interval lies below. */
#define CROSSING_RATIO 0.97

static inline size_t crossing_bytes(size_t index) {
	return (size_t)CROSSING_LEAST_BYTES << index;
}

/* Sizes from `from` on that are less than `below`; SIZE_MAX: no end, 0: none at all. */
struct crossing {
	size_t from, below;
};

struct crossings {
	struct crossing of[SIMD_OPERATION_COUNT]; /* of those that `apply` serves */
};

/* Of the ratios of a method's times to the C library's, size by size: the longest row of sizes at which it is taken.
 * Pure. */
struct crossing crossing_of(const struct tune_ratio ratios[CROSSING_SIZES]);

/* Puts the ratio that is the worse one into `worst`, size by size; rounds 0: there is none yet. Pure. */
void crossing_add(struct tune_ratio worst[CROSSING_SIZES], const struct tune_ratio more[CROSSING_SIZES]);

/* On the CPU that this runs on, in a quarter of a second or some. 0, or -1: no memory. */
int crossing_measure(const struct simd_profile *profile, struct crossings *crossings);
