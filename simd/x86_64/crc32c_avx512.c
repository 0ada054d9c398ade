/* SPDX-License-Identifier: Apache-2.0
 *
 * CRC-32C with VPCLMULQDQ on 512-bit vectors; assumes AVX-512 F, BW, DQ, VL and VPCLMULQDQ. CPUs that have both hold their clock
 * with light 512-bit code.
 *
 * Strategy. Four vectors are folded over the data, 256 bytes a step: each 128 bits x are replaced by what they are 2048 bits later, low half times
 * x^(2048 + 32), high half times x^(2048 - 32) modulo the polynomial (reflected, and shifted by one for the product of reflected
 * polynomials). Four vectors become one, four 128-bit lanes become one, and of that the CRC is taken by instruction. (V. Gopal et al.: "Fast CRC
 * Computation for Generic Polynomials Using PCLMULQDQ Instruction", Intel 2009.) Below 512 bytes: by instruction alone.
 */
#include "simd/x86_64/isa.h"

#if !defined(__AVX512F__) || !defined(__AVX512BW__) || !defined(__AVX512DQ__) || !defined(__AVX512VL__)
#error "compile this file with -mavx512f -mavx512bw -mavx512dq -mavx512vl"
#endif

#include "simd/x86_64/crc32c_sse4_2.h"

typedef uint64_t fold_vector __attribute__((vector_size(64), aligned(1), may_alias));

enum { FOLD_LEAST = 512, FOLD_STEP = 256 };

/* Low and high half's constant for a distance in bits. */
#define FOLD_2048 UINT64_C(0x0dcb17aa4), UINT64_C(0x0b9e02b86)
#define FOLD_512  UINT64_C(0x0740eef02), UINT64_C(0x09e4addf8)
#define FOLD_384  UINT64_C(0x01c291d04), UINT64_C(0x1d82c63da)
#define FOLD_256  UINT64_C(0x1384aa63a), UINT64_C(0x0ba4fc28e)
#define FOLD_128  UINT64_C(0x0f20c0dfe), UINT64_C(0x14cd00bd6)

static inline fold_vector fold_products(fold_vector x, fold_vector constants) {
	fold_vector low, high;
	__asm__("vpclmulqdq $0x00, %2, %1, %0" : "=v"(low) : "v"(x), "v"(constants));
	__asm__("vpclmulqdq $0x11, %2, %1, %0" : "=v"(high) : "v"(x), "v"(constants));
	return low ^ high;
}

uint32_t simd_crc32c_vpclmulqdq(uint32_t crc, const void *memory, size_t bytes) {
	if (bytes < FOLD_LEAST)
		return crc32c_by_words(crc, memory, bytes);
	const fold_vector far = {FOLD_2048, FOLD_2048, FOLD_2048, FOLD_2048};
	const fold_vector near = {FOLD_512, FOLD_512, FOLD_512, FOLD_512};
	const uint8_t *at = memory;
	const fold_vector *next = memory;
	fold_vector x0 = next[0] ^ (fold_vector) { ~crc }, x1 = next[1], x2 = next[2], x3 = next[3];
	for (at += FOLD_STEP, bytes -= FOLD_STEP; bytes >= FOLD_STEP; at += FOLD_STEP, bytes -= FOLD_STEP) {
		next = (const fold_vector *)at;
		x0 = fold_products(x0, far) ^ next[0];
		x1 = fold_products(x1, far) ^ next[1];
		x2 = fold_products(x2, far) ^ next[2];
		x3 = fold_products(x3, far) ^ next[3];
	}
	x1 ^= fold_products(x0, near);
	x2 ^= fold_products(x1, near);
	x3 ^= fold_products(x2, near);
	for (; bytes >= sizeof(x3); at += sizeof(x3), bytes -= sizeof(x3))
		x3 = fold_products(x3, near) ^ *(const fold_vector *)at;
	/* The last lane stays where it is. */
	fold_vector lanes = fold_products(x3, (fold_vector){FOLD_384, FOLD_256, FOLD_128, 0, 0});
	uint64_t low = lanes[0] ^ lanes[2] ^ lanes[4] ^ x3[6], high = lanes[1] ^ lanes[3] ^ lanes[5] ^ x3[7];
	crc = crc32c_word(crc32c_word(0, low), high);
	return crc32c_by_words(~crc, at, bytes);
}
