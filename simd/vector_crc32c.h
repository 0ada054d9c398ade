/* SPDX-License-Identifier: Apache-2.0
 *
 * CRC-32C by the CPU's own instruction: internal, included by the files whose instruction set has one,
 * which first define
 *   crc32c_word(crc, word), crc32c_byte(crc, byte)   eight bytes, one byte
 *   crc32c_lanes                                     two lanes of 64 bits, at any address
 *   crc32c_low(x, y), crc32c_high(x, y)              carry-less product of the first lanes, of the second ones
 * A crc is without its inversions, and in 64 bits, the upper ones 0: cut to 32 at each step, it is moved between
 * registers in the midst of what everything waits for.
 *
 * Strategy. The instruction takes its latency, but starts each cycle: three neighbouring pieces at once, joined by
 * moving the first two behind the others. To move a CRC over n bytes is to multiply it by x^(8 n); the constants are
 * x^(8 n - 33) modulo the polynomial, reflected: one power for the product of reflected polynomials, 32 as the
 * instruction multiplies by x^32. (V. Gopal et al.: "Fast CRC Computation for iSCSI Polynomial Using CRC32
 * Instruction", Intel 2011.)
 */
#pragma once

#include "simd/kernels.h"

typedef uint64_t crc32c_8 __attribute__((aligned(1), may_alias));

enum { CRC32C_LONG = 1024, CRC32C_SHORT = 256 };
#define CRC32C_MOVE_256  UINT32_C(0xb9e02b86)
#define CRC32C_MOVE_512  UINT32_C(0xdd7e3b0c)
#define CRC32C_MOVE_1024 UINT32_C(0x170076fa)
#define CRC32C_MOVE_2048 UINT32_C(0xa51b6135)

static inline uint64_t crc32c_load(const uint8_t *bytes) {
	return *(const crc32c_8 *)bytes;
}

/* Carry-less product of two 32-bit polynomials, in the first lane. */
static inline crc32c_lanes crc32c_product(uint64_t a, uint64_t b) {
	return crc32c_low((crc32c_lanes){a, 0}, (crc32c_lanes){b, 0});
}

/* Three pieces of `piece` bytes. */
static inline __attribute__((always_inline)) uint64_t crc32c_three(uint64_t crc, const uint8_t *at, size_t piece,
								   uint32_t move_one, uint32_t move_two) {
	uint64_t first = crc, second = 0, third = 0;
	for (const uint8_t *end = at + piece; at < end; at += 8) {
		first = crc32c_word(first, crc32c_load(at));
		second = crc32c_word(second, crc32c_load(at + piece));
		third = crc32c_word(third, crc32c_load(at + 2 * piece));
	}
	return third ^ crc32c_word(0, (crc32c_product(second, move_one) ^ crc32c_product(first, move_two))[0]);
}

/* In one chain. What is no whole word goes first, as the upper bytes of a word behind zeroes, which are nothing to a
 * crc of 0. */
static inline uint64_t crc32c_chain(uint64_t crc, const uint8_t *at, size_t bytes) {
	size_t odd = bytes % 8;
	if (bytes < 8) {
		for (; bytes > 0; at++, bytes--)
			crc = crc32c_byte(crc, *at);
		return crc;
	}
	if (odd != 0)
		crc = crc32c_word(0, (crc ^ crc32c_load(at)) << (64 - 8 * odd)) ^ crc >> 8 * odd;
	for (at += odd, bytes -= odd; bytes > 0; at += 8, bytes -= 8)
		crc = crc32c_word(crc, crc32c_load(at));
	return crc;
}

static inline uint32_t crc32c_by_words(uint32_t inverted, const void *memory, size_t bytes) {
	const uint8_t *at = memory;
	uint64_t crc = (uint32_t)~inverted;
	for (; bytes >= 3 * CRC32C_LONG; at += 3 * CRC32C_LONG, bytes -= 3 * CRC32C_LONG)
		crc = crc32c_three(crc, at, CRC32C_LONG, CRC32C_MOVE_1024, CRC32C_MOVE_2048);
	for (; bytes >= 3 * CRC32C_SHORT; at += 3 * CRC32C_SHORT, bytes -= 3 * CRC32C_SHORT)
		crc = crc32c_three(crc, at, CRC32C_SHORT, CRC32C_MOVE_256, CRC32C_MOVE_512);
	return ~(uint32_t)crc32c_chain(crc, at, bytes);
}
