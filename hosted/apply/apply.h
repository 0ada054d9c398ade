/* SPDX-License-Identifier: Apache-2.0
 *
 * What `anechoic apply` tells the libraries that it preloads (preload/setting.h). Pure.
 */
#pragma once

#include "bench/text.h"
#include "simd/profile.h"

#include <stdbool.h>

struct crossings;

/* Operations behind memcpy, memmove, memset, memcmp and memchr. */
enum { APPLY_SERVED = 5 };
extern const enum simd_operation apply_served[APPLY_SERVED];

/* Items for the kernels behind memcpy and its like. */
void apply_add_kernels(const struct simd_profile *profile, struct text *setting);

/* Items for the sizes that are served. */
void apply_add_sizes(const struct crossings *crossings, struct text *setting);

/* Whether there is a size at which the kernels serve a call, by the items of such a setting. */
bool apply_serves(const char *setting);

/* The same for people: a line each, "  copy  from 1024 bytes on: sse2 below 4096, avx512". */
void apply_show_kernels(const struct simd_profile *profile, const struct crossings *crossings, struct text *text);

/* Sizes of pools, as "16-64,256": each from the first on to the last, in bytes, as an item. Of a range, what is larger
 * than APPLY_POOL_BYTES_MOST is nobody's. false: they are no sizes, or one has none that a pool serves. */
enum { APPLY_POOL_BYTES_MOST = 4096 };
bool apply_add_pools(const char *sizes, struct text *setting);

/* A word as a POSIX shell reads it back. */
void apply_add_quoted(const char *word, struct text *text);
