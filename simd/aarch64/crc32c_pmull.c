/* SPDX-License-Identifier: Apache-2.0
 *
 * CRC-32C by CRC32CX and PMULL at the same time; assumes FEAT_CRC32 and FEAT_PMULL. Arm ARM C6.2, CRC32CX; C7.2,
 * PMULL. Strategy: simd/vector_crc32c_fused.h.
 */
#include "simd/aarch64/isa.h"

typedef uint64_t crc32c_lanes __attribute__((vector_size(16), aligned(1), may_alias));

static inline uint64_t crc32c_word(uint64_t crc, uint64_t word) {
	__asm__(".arch_extension crc\n\tcrc32cx %w0, %w0, %x1" : "+r"(crc) : "r"(word));
	return crc;
}

static inline uint64_t crc32c_byte(uint64_t crc, uint8_t byte) {
	__asm__(".arch_extension crc\n\tcrc32cb %w0, %w0, %w1" : "+r"(crc) : "r"(byte));
	return crc;
}

static inline crc32c_lanes crc32c_low(crc32c_lanes x, crc32c_lanes y) {
	crc32c_lanes product;
	__asm__(".arch_extension aes\n\tpmull %0.1q, %1.1d, %2.1d" : "=w"(product) : "w"(x), "w"(y));
	return product;
}

static inline crc32c_lanes crc32c_high(crc32c_lanes x, crc32c_lanes y) {
	crc32c_lanes product;
	__asm__(".arch_extension aes\n\tpmull2 %0.1q, %1.2d, %2.2d" : "=w"(product) : "w"(x), "w"(y));
	return product;
}

#include "simd/vector_crc32c_fused.h"

uint32_t simd_crc32c_pmull(uint32_t crc, const void *memory, size_t bytes) {
	return crc32c_fused(crc, memory, bytes);
}
