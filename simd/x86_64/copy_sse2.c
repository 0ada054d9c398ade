/* SPDX-License-Identifier: Apache-2.0
 *
 * Copy in 128-bit vectors, XMM registers: every x86_64 CPU has SSE2. Strategy: simd/vector_copy.h.
 */
#include "simd/x86_64/isa.h"

#define VECTOR_BYTES 16
#include "simd/vector_copy.h"

void simd_copy_sse2(void *destination, const void *source, size_t bytes) {
	copy_vectors(destination, source, bytes);
}
