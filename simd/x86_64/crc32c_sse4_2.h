/* SPDX-License-Identifier: Apache-2.0
 *
 * The instructions behind simd/vector_crc32c.h: internal. Intel SDM volume 2A, CRC32 (SSE4.2); volume 2B, PCLMULQDQ.
 */
#pragma once

#include "simd/kernels.h"

#if !defined(__SSE4_2__) || !defined(__PCLMUL__)
#error "compile this file with -msse4.2 -mpclmul"
#endif

typedef long long crc32c_pair __attribute__((vector_size(16)));

static inline uint32_t crc32c_word(uint32_t crc, uint64_t word) {
	return (uint32_t)__builtin_ia32_crc32di(crc, word);
}

static inline uint32_t crc32c_byte(uint32_t crc, uint8_t byte) {
	return __builtin_ia32_crc32qi(crc, byte);
}

static inline uint64_t crc32c_multiply(uint32_t a, uint32_t b) {
	return (uint64_t)__builtin_ia32_pclmulqdq128((crc32c_pair){a, 0}, (crc32c_pair){b, 0}, 0)[0];
}

#include "simd/vector_crc32c.h"
