/* SPDX-License-Identifier: Apache-2.0
 *
 * Page hash in YMM registers with AVX-512's rotation, one instruction where AVX2 takes three; assumes AVX-512 F, DQ and
 * VL. Strategy: simd/vector_page_hash.h.
 */
#include "simd/x86_64/isa.h"

#if !defined(__AVX512F__) || !defined(__AVX512DQ__) || !defined(__AVX512VL__)
#error "compile this file with -mavx512f -mavx512dq -mavx512vl"
#endif

#define VECTOR_BYTES 32
#include "simd/x86_64/vector_hash_vpmuludq.h"

uint64_t simd_page_hash_evex(const void *page) {
	return hash_page(page);
}
