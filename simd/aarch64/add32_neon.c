/* SPDX-License-Identifier: Apache-2.0
 *
 * Addition of 32-bit lanes in 128-bit vectors, Q registers; assumes Advanced SIMD. Strategy: simd/vector_add32.h.
 */
#include "simd/aarch64/isa.h"

#define VECTOR_BYTES 16
#include "simd/vector_add32.h"

void simd_add32_neon(uint32_t *sum, const uint32_t *a, const uint32_t *b, size_t count) {
	add32_vectors(sum, a, b, count);
}
