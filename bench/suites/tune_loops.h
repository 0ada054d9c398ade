/* SPDX-License-Identifier: Apache-2.0
 *
 * The timed loops of `tune`: an operation's functions called through the pointers of struct simd_kernels, at places of
 * three areas. Compiled once for both platforms, as the suites are.
 */
#pragma once

#include "simd/simd.h"

#include <stdint.h>

enum { TUNE_LOOP_PLACES = 4 };

/* Calls take the places in an order that no prefetcher follows (a linear congruential one, of full period), and
 * begin anew behind the last. */
struct tune_loop {
	const struct simd_kernels *kernels;
	enum simd_operation operation;
	uint8_t *to, *a, *b;  /* b: only lanes */
	size_t bytes, stride; /* of a place */
	uint32_t place_mask;  /* how many places there are, a power of two, less one */
	uint32_t place;       /* the next one's number */
	unsigned code_place;  /* of the loop itself, modulo TUNE_LOOP_PLACES */
};

/* One call of a lanes operation is one of each of several of its functions. */
void tune_loop_run(struct tune_loop *loop, uint64_t calls);

/* As many rounds of one call and then `adds` dependent additions. */
void tune_loop_run_in_company(struct tune_loop *loop, uint64_t calls, uint64_t adds);

/* Dependent additions, one a cycle on every core of note. */
void tune_loop_add(uint64_t adds);
