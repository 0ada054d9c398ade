/* SPDX-License-Identifier: Apache-2.0
 *
 * CRC-32C by CRC32CX, joined by PMULL; assumes FEAT_CRC32 and FEAT_PMULL. Arm ARM C6.2, CRC32CX; C7.2, PMULL.
 * Strategy: simd/vector_crc32c.h.
 */
#include "simd/aarch64/isa.h"

static inline uint32_t crc32c_word(uint32_t crc, uint64_t word) {
	__asm__(".arch_extension crc\n\tcrc32cx %w0, %w0, %x1" : "+r"(crc) : "r"(word));
	return crc;
}

static inline uint32_t crc32c_byte(uint32_t crc, uint8_t byte) {
	__asm__(".arch_extension crc\n\tcrc32cb %w0, %w0, %w1" : "+r"(crc) : "r"(byte));
	return crc;
}

static inline uint64_t crc32c_multiply(uint32_t a, uint32_t b) {
	typedef uint64_t pair __attribute__((vector_size(16)));
	pair x = {a, 0}, y = {b, 0};
	__asm__(".arch_extension aes\n\tpmull %0.1q, %0.1d, %1.1d" : "+w"(x) : "w"(y));
	return x[0];
}

#include "simd/vector_crc32c.h"

uint32_t simd_crc32c_pmull(uint32_t crc, const void *memory, size_t bytes) {
	return crc32c_by_words(crc, memory, bytes);
}
