/* SPDX-License-Identifier: Apache-2.0
 *
 * Page hash in 128-bit vectors, Q registers; assumes Advanced SIMD; CRC-32C by table: its instruction is an extension
 * of its own. Strategy: simd/vector_page_hash.h.
 */
#include "simd/aarch64/isa.h"
#include "simd/crc32c.h"

#define VECTOR_BYTES 16
#include "simd/vector_page_hash.h"

/* XTN takes the low halves, UMULL multiplies them. */
static inline hash_vector hash_multiply(hash_vector x, hash_vector y) {
	hash_vector product;
	__asm__("xtn %1.2s, %1.2d\n\txtn %2.2s, %2.2d\n\tumull %0.2d, %1.2s, %2.2s" : "=w"(product), "+w"(x), "+w"(y));
	return product;
}

const struct simd_hashes simd_hashes_neon = {.crc32c = crc32c_by_table, .page_hash = hash_page};
