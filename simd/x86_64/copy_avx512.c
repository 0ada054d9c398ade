/* SPDX-License-Identifier: Apache-2.0
 *
 * Copies in 512-bit vectors, ZMM registers; assumes AVX-512 F, BW and VL. Strategy: simd/vector_copy.h; copy and move
 * are copy_evex.S's.
 */
#include "simd/x86_64/isa.h"

#if !defined(__AVX512F__) || !defined(__AVX512BW__) || !defined(__AVX512VL__)
#error "compile this file with -mavx512f -mavx512bw -mavx512vl"
#endif

#define VECTOR_BYTES 64
#include "simd/x86_64/stream.h"

#include "simd/vector_copy.h"

/* copy_evex.S takes its arguments where Windows does not put them. */
#if !defined(_WIN32)
COPIES_TABLE(avx512, simd_copy_evex512);
#endif
#if defined(_WIN32)
COPIES_TABLE(avx512, copy_move);
#endif
