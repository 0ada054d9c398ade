/* SPDX-License-Identifier: Apache-2.0
 *
 * Copy in 256-bit vectors, YMM registers; assumes AVX2. Strategy: simd/vector_copy.h.
 */
#include "simd/x86_64/isa.h"

#if !defined(__AVX2__)
#error "compile this file with -mavx2"
#endif

#define VECTOR_BYTES 32
#include "simd/vector_copy.h"

void simd_copy_avx2(void *destination, const void *source, size_t bytes) {
	copy_vectors(destination, source, bytes);
}
