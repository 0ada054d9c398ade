/* SPDX-License-Identifier: Apache-2.0
 *
 * The page hash with VPMULUDQ, whatever the vectors' width: internal, included once by hash_avx2.c, hash_avx512.c and
 * hash_evex_avx512.c, which first define VECTOR_BYTES. Strategy: simd/vector_page_hash.h.
 */
#pragma once

#include "simd/vector_page_hash.h"

static inline hash_vector hash_multiply(hash_vector x, hash_vector y) {
	__asm__("vpmuludq %1, %0, %0" : "+v"(x) : "v"(y));
	return x;
}
