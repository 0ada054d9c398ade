/* SPDX-License-Identifier: Apache-2.0
 *
 * The instructions behind simd/vector_crc32c.h: internal. Intel SDM volume 2A, CRC32 (SSE4.2); volume 2B, PCLMULQDQ.
 */
#pragma once

#include "simd/kernels.h"

#if !defined(__SSE4_2__) || !defined(__PCLMUL__)
#error "compile this file with -msse4.2 -mpclmul"
#endif

typedef uint64_t crc32c_lanes __attribute__((vector_size(16), aligned(1), may_alias));
typedef long long crc32c_operand __attribute__((vector_size(16)));

static inline uint64_t crc32c_word(uint64_t crc, uint64_t word) {
	return __builtin_ia32_crc32di(crc, word);
}

static inline uint64_t crc32c_byte(uint64_t crc, uint8_t byte) {
	return __builtin_ia32_crc32qi((uint32_t)crc, byte);
}

static inline crc32c_lanes crc32c_low(crc32c_lanes x, crc32c_lanes y) {
	return (crc32c_lanes)__builtin_ia32_pclmulqdq128((crc32c_operand)x, (crc32c_operand)y, 0x00);
}

static inline crc32c_lanes crc32c_high(crc32c_lanes x, crc32c_lanes y) {
	return (crc32c_lanes)__builtin_ia32_pclmulqdq128((crc32c_operand)x, (crc32c_operand)y, 0x11);
}

#include "simd/vector_crc32c.h"
