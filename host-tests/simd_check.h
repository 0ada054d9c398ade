/* SPDX-License-Identifier: Apache-2.0
 *
 * Every kernel of a set against its oracle, the scalar one, and the oracle against C. Without Criterion, so that it
 * also runs where there is none: under qemu-aarch64 (simd_check_main.c). Lengths, alignments, overlap, guard pages on
 * both sides, length 0 with NULL.
 */
#pragma once

#include "simd/simd.h"

struct simd_check {
	const char *name;
	/* NULL: all well; else what is wrong, in a static buffer. */
	const char *(*run)(const struct simd_kernels *kernels);
};

/* Ends with a NULL name. */
extern const struct simd_check simd_checks[];

/* The next set of kernels that this CPU runs: each variant alone, then what simd_select chooses, with the extensions;
 * *at is 0 at first. false: that was all. */
bool simd_check_next_set(size_t *at, struct simd_kernels *kernels, const char **name);
