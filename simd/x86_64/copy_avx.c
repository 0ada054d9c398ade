/* SPDX-License-Identifier: Apache-2.0
 *
 * Copies in 256-bit vectors, YMM registers; assumes AVX. Strategy: simd/vector_copy.h.
 */
#include "simd/x86_64/isa.h"

#if !defined(__AVX__)
#error "compile this file with -mavx"
#endif

#define VECTOR_BYTES 32
#include "simd/x86_64/stream.h"

#include "simd/vector_copy.h"

COPIES_TABLE(avx, copy_move);
