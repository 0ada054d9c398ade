/* SPDX-License-Identifier: Apache-2.0
 *
 * CRC-32C by SSE4.2's instruction and PCLMULQDQ at the same time; assumes both, AVX and BMI2, and no vectors wider than
 * 128 bits. Strategy: simd/vector_crc32c_fused.h.
 */
#include "simd/x86_64/isa.h"

#if !defined(__AVX__) || !defined(__BMI2__)
#error "compile this file with -mavx -mbmi2 -msse4.2 -mpclmul"
#endif

#include "simd/x86_64/crc32c_sse4_2.h"

#include "simd/vector_crc32c_fused.h"

uint32_t simd_crc32c_avx(uint32_t crc, const void *memory, size_t bytes) {
	return crc32c_fused(crc, memory, bytes);
}
