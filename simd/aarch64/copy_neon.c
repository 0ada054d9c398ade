/* SPDX-License-Identifier: Apache-2.0
 *
 * Copy in 128-bit vectors, Q registers; assumes Advanced SIMD. Strategy: simd/vector_copy.h.
 */
#include "simd/aarch64/isa.h"

#define VECTOR_BYTES 16
#include "simd/vector_copy.h"

void simd_copy_neon(void *destination, const void *source, size_t bytes) {
	copy_vectors(destination, source, bytes);
}
