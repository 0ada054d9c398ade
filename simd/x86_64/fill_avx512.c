/* SPDX-License-Identifier: Apache-2.0
 *
 * Fills in 512-bit vectors, ZMM registers; assumes AVX-512 F, BW and VL. Strategy: simd/vector_fill.h.
 */
#include "simd/x86_64/isa.h"

#if !defined(__AVX512F__) || !defined(__AVX512BW__) || !defined(__AVX512VL__)
#error "compile this file with -mavx512f -mavx512bw -mavx512vl"
#endif

#define VECTOR_BYTES 64
#include "simd/x86_64/stream.h"

#include "simd/vector_fill.h"

FILLS_TABLE(avx512);
