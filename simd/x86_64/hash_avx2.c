/* SPDX-License-Identifier: Apache-2.0
 *
 * Page hash in 256-bit vectors, YMM registers; assumes AVX2; CRC-32C by SSE4.2's instruction. Strategy:
 * simd/vector_page_hash.h, simd/vector_crc32c.h.
 */
#include "simd/x86_64/isa.h"

#if !defined(__AVX2__)
#error "compile this file with -mavx2"
#endif

#include "simd/x86_64/crc32c_sse4_2.h"

#define VECTOR_BYTES 32
typedef uint64_t hash_vector __attribute__((vector_size(VECTOR_BYTES), aligned(8), may_alias));

static inline hash_vector hash_multiply(hash_vector x, hash_vector y) {
	__asm__("vpmuludq %1, %0, %0" : "+v"(x) : "v"(y));
	return x;
}

#include "simd/vector_page_hash.h"

static uint32_t crc32c(uint32_t crc, const void *memory, size_t bytes) {
	return crc32c_by_words(crc, memory, bytes);
}

const struct simd_hashes simd_hashes_avx2 = {.crc32c = crc32c, .page_hash = hash_page};
