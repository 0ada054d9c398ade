/* SPDX-License-Identifier: Apache-2.0
 *
 * Page hash in 512-bit vectors, ZMM registers; assumes AVX-512 F, DQ and VL. Strategy: simd/vector_page_hash.h.
 */
#include "simd/x86_64/isa.h"

#if !defined(__AVX512F__) || !defined(__AVX512DQ__) || !defined(__AVX512VL__)
#error "compile this file with -mavx512f -mavx512dq -mavx512vl"
#endif

#define VECTOR_BYTES 64
#include "simd/x86_64/vector_hash_vpmuludq.h"

const struct simd_hashes simd_hashes_avx512 = {.crc32c = simd_crc32c_pclmul, .page_hash = hash_page};
