/* SPDX-License-Identifier: Apache-2.0
 *
 * CRC-32C by SSE4.2's instruction and PCLMULQDQ at the same time, with AVX-512's logic of three operands; assumes both,
 * AVX-512 F and VL, and BMI2, and no vectors wider than 128 bits. Intel's cores that have those start a PCLMULQDQ in
 * each cycle, AMD's one in two. Strategy: simd/vector_crc32c_fused.h.
 */
#include "simd/x86_64/isa.h"

#if !defined(__AVX512F__) || !defined(__AVX512VL__) || !defined(__BMI2__)
#error "compile this file with -mavx512f -mavx512vl -mbmi2 -msse4.2 -mpclmul"
#endif

#include "simd/x86_64/crc32c_sse4_2.h"

#define FUSED_VECTORS 6

static inline crc32c_lanes crc32c_xor(crc32c_lanes x, crc32c_lanes y, crc32c_lanes z) {
	__asm__("vpternlogq $0x96, %2, %1, %0" : "+v"(x) : "v"(y), "v"(z));
	return x;
}
#define crc32c_xor crc32c_xor

#include "simd/vector_crc32c_fused.h"

uint32_t simd_crc32c_evex(uint32_t crc, const void *memory, size_t bytes) {
	return crc32c_fused(crc, memory, bytes);
}
