/* SPDX-License-Identifier: Apache-2.0
 *
 * Fills in 256-bit vectors, YMM registers; assumes AVX2. Strategy: simd/vector_fill.h.
 */
#include "simd/x86_64/isa.h"

#if !defined(__AVX2__)
#error "compile this file with -mavx2"
#endif

#define VECTOR_BYTES 32
#include "simd/x86_64/stream.h"

#include "simd/vector_fill.h"

FILLS_TABLE(avx2);
