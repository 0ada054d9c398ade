/* SPDX-License-Identifier: Apache-2.0
 *
 * Page hash in 256-bit vectors, YMM registers; assumes AVX2. Strategy: simd/vector_page_hash.h.
 */
#include "simd/x86_64/isa.h"

#if !defined(__AVX2__)
#error "compile this file with -mavx2"
#endif

#define VECTOR_BYTES 32
#include "simd/x86_64/vector_hash_vpmuludq.h"

const struct simd_hashes simd_hashes_avx2 = {.crc32c = simd_crc32c_pclmul, .page_hash = hash_page};
