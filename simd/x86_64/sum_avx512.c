/* SPDX-License-Identifier: Apache-2.0
 *
 * Sums in 512-bit vectors, ZMM registers; assumes AVX-512 F, DQ and VL. Strategy: simd/vector_sum.h.
 */
#include "simd/x86_64/isa.h"

#if !defined(__AVX512F__) || !defined(__AVX512DQ__) || !defined(__AVX512VL__)
#error "compile this file with -mavx512f -mavx512dq -mavx512vl"
#endif

#define VECTOR_BYTES 64
#include "simd/vector_sum.h"

SUMS_TABLE(avx512, simd_popcount_avx512);
