/* SPDX-License-Identifier: Apache-2.0
 *
 * Sums in 256-bit vectors, YMM registers; assumes AVX2. Strategy: simd/vector_sum.h.
 */
#include "simd/x86_64/isa.h"

#if !defined(__AVX2__)
#error "compile this file with -mavx2"
#endif

#define VECTOR_BYTES 32
#include "simd/vector_sum.h"

SUMS_TABLE(avx2, simd_popcount_popcnt);
