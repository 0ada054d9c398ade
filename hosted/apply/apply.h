/* SPDX-License-Identifier: Apache-2.0
 *
 * What `anechoic apply` tells the libraries that it preloads (preload/setting.h). Pure.
 */
#pragma once

#include "bench/text.h"
#include "simd/profile.h"

/* Items for the kernels behind memcpy and its like. */
void apply_add_kernels(const struct simd_profile *profile, struct text *setting);

/* The same for people: a line each, "  copy  sse2 below 4096, avx512". */
void apply_show_kernels(const struct simd_profile *profile, struct text *text);

/* A word as a POSIX shell reads it back. */
void apply_add_quoted(const char *word, struct text *text);
