/* SPDX-License-Identifier: Apache-2.0
 *
 * Page hash in 128-bit vectors, XMM registers: every x86_64 CPU has SSE2; CRC-32C by table: the instruction came with
 * SSE4.2. Strategy: simd/vector_page_hash.h.
 */
#include "simd/x86_64/isa.h"

#include "simd/crc32c.h"

#define VECTOR_BYTES 16
#include "simd/vector_page_hash.h"

static inline hash_vector hash_multiply(hash_vector x, hash_vector y) {
	__asm__("pmuludq %1, %0" : "+x"(x) : "x"(y));
	return x;
}

const struct simd_hashes simd_hashes_sse2 = {.crc32c = crc32c_by_table, .page_hash = hash_page};
