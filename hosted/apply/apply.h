/* SPDX-License-Identifier: Apache-2.0
 *
 * What `anechoic apply` tells the libraries that it preloads (preload/setting.h). Pure.
 */
#pragma once

#include "bench/text.h"
#include "simd/profile.h"

#include <stdbool.h>

/* Items for the kernels behind memcpy and its like. */
void apply_add_kernels(const struct simd_profile *profile, struct text *setting);

/* The same for people: a line each, "  copy  sse2 below 4096, avx512". */
void apply_show_kernels(const struct simd_profile *profile, struct text *text);

/* Sizes of pools, as "16-64,256": each from the first on to the last, in bytes, as an item. What is larger than
 * APPLY_POOL_BYTES_MOST is nobody's. false: they are no sizes. */
enum { APPLY_POOL_BYTES_MOST = 4096 };
bool apply_add_pools(const char *sizes, struct text *setting);

/* A word as a POSIX shell reads it back. */
void apply_add_quoted(const char *word, struct text *text);
