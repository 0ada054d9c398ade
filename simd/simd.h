/* SPDX-License-Identifier: Apache-2.0
 *
 * SIMD kernels: copy and lane arithmetic in scalar, 128, 256 and 512 bit variants, chosen at run time from features
 * that the caller passes. Freestanding C11, no globals but constant tables, no dependency: copy the folder into your
 * tree, leave out the other architectures' directories, and compile each file with the flags that its last name part
 * asks for (copy_avx2.c: -mavx2; a file compiled without them refuses, with an #error).
 *
 *     struct simd_kernels kernels;
 *     simd_select(simd_features_detect(), &kernels);
 *     kernels.copy(destination, source, bytes);
 *
 * Every variant of a kernel has the same signature and gives the same bytes; the scalar one, which works lane by lane,
 * is the oracle for the others. Kernels keep no state, call nothing, and leave the vector state so that SSE code after
 * them runs at full speed (VZEROUPPER). They touch exactly the bytes that they are told to: none behind the end, not
 * even to read.
 *
 * Concurrency: everything here is pure but for the memory that the caller hands in. Errors: none; a kernel that is
 * called on a CPU that cannot run it is an illegal instruction, which simd_select and simd_variant_runs exist to
 * prevent.
 */
#pragma once

#include "simd/features.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Copies `bytes` (0 is allowed) from source to destination, any alignment. The two must not overlap. */
typedef void simd_copy_function(void *destination, const void *source, size_t bytes);

/* sum[i] = a[i] + b[i] modulo 2^32 for i < count (0 is allowed). The arrays are aligned as uint32_t are, and need no
 * more. sum may be a or b itself, but must not overlap them otherwise. */
typedef void simd_add32_function(uint32_t *sum, const uint32_t *a, const uint32_t *b, size_t count);

enum simd_width {
	SIMD_WIDTH_SCALAR, /* one lane a step; copy: one byte a step */
	SIMD_WIDTH_128,
	SIMD_WIDTH_256,
	SIMD_WIDTH_512,
	SIMD_WIDTH_COUNT
};

/* All kernels in one instruction set. */
struct simd_variant {
	const char *name; /* "avx2"; the last part of its files' names */
	enum simd_width width;
	bool unmeasured;     /* simd_select may choose it on no other ground than that it runs */
	uint32_t sve_bits;   /* the SVE vector length that makes it this width; 0: does not depend on it */
	uint64_t needs;      /* SIMD_FEATURE_BITs, all of them */
	const char *missing; /* where it does not run: what this machine lacks, for people */
	simd_copy_function *copy;
	simd_add32_function *add32;
};

/* Every variant of this architecture, ascending in width, the preferred one of a width first. The scalar one is the
 * first, and runs everywhere. */
extern const struct simd_variant simd_variants[];
extern const size_t simd_variant_count;

bool simd_variant_runs(const struct simd_variant *variant, simd_features features);

/* What to call on one machine. Owned by the caller; plain pointers, to be copied as one likes. */
struct simd_kernels {
	/* Never NULL. Chosen without a measurement, for code that has none: the widest variant that runs, but not
	 * AVX-512, which lowers the clock of some CPUs and is split in two by others, and is left to a caller who has
	 * measured. */
	simd_copy_function *copy;
	simd_add32_function *add32;
	const struct simd_variant *selected; /* where those two come from */
	/* The preferred variant of each width that runs; NULL where none does. [SIMD_WIDTH_SCALAR] is never NULL. */
	const struct simd_variant *width[SIMD_WIDTH_COUNT];
};

void simd_select(simd_features features, struct simd_kernels *kernels);

/* Why kernels->width[width] is NULL with these features, for people; NULL where it is not. Static text. */
const char *simd_width_missing(simd_features features, enum simd_width width);

#ifdef __cplusplus
}
#endif
