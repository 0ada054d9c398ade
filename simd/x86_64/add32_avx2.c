/* SPDX-License-Identifier: Apache-2.0
 *
 * Addition of 32-bit lanes in 256-bit vectors, YMM registers; assumes AVX2. Strategy: simd/vector_add32.h.
 */
#include "simd/x86_64/isa.h"

#if !defined(__AVX2__)
#error "compile this file with -mavx2"
#endif

#define VECTOR_BYTES 32
#include "simd/vector_add32.h"

void simd_add32_avx2(uint32_t *sum, const uint32_t *a, const uint32_t *b, size_t count) {
	add32_vectors(sum, a, b, count);
}
