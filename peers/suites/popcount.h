/* SPDX-License-Identifier: Apache-2.0
 *
 * Bits counted by the CPU's instruction for one word, a word a step, their sum in one register: what a user writes.
 */
#pragma once

#include "simd/features.h"

#include <stddef.h>
#include <stdint.h>

uint64_t popcount_plain(const void *memory, size_t words);

/* NULL: it runs here. */
const char *popcount_plain_absent(simd_features features);
