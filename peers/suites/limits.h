/* SPDX-License-Identifier: Apache-2.0
 *
 * What this machine moves between registers and memory with vectors of one width, and nothing else: the limits of
 * kernels of that width, measured beside them in the same run.
 */
#pragma once

#include "simd/simd.h"

#include <stddef.h>

/* Whole vectors of `bytes`. */
struct limit_loops {
	size_t vector_bytes;
	void (*copy)(void *to, const void *from, size_t bytes);                /* a load and a store */
	void (*fill)(void *to, size_t bytes);                                  /* a store */
	void (*load)(const void *from, size_t bytes);                          /* a load */
	void (*load_two)(const void *a, const void *b, size_t bytes);          /* two loads */
	void (*combine)(void *to, const void *a, const void *b, size_t bytes); /* two loads and a store */
};

/* NULL: there are none of that width. The caller knows that they run. */
const struct limit_loops *limit_loops_of(enum simd_width width);

/* A loop around the best sequence known of instructions for an operation on lanes ("shl_u8"; "shl_imm_u8": by one
 * number), with the instructions of a method of that name. What it stores is nothing; whole vectors only. */
struct lanes_best {
	const char *operation, *method;
	void (*run)(void *to, const void *a, const void *b, size_t bytes);
};

/* Of several for an operation and a method, the fastest is the limit. The last one's operation is NULL. */
extern const struct lanes_best lanes_best_known[];
