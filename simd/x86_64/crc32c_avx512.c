/* SPDX-License-Identifier: Apache-2.0
 *
 * CRC-32C with VPCLMULQDQ on 512-bit vectors; assumes AVX-512 F, DQ and VL, VPCLMULQDQ, PCLMULQDQ, SSE4.2 and BMI2, and
 * the second function GFNI. CPUs that have them hold their clock with light 512-bit code.
 *
 * Strategy, simd_crc32c_vpclmulqdq. Four vectors are folded over the data, 256 bytes a step: each 128 bits x are
 * replaced by what they are 2048 bits later, low half times x^(2048 + 32), high half times x^(2048 - 32) modulo the
 * polynomial (reflected, and shifted by one for the product of reflected polynomials). Four vectors become one, four
 * 128-bit lanes become one, and of that the CRC is taken by instruction. (V. Gopal et al.: "Fast CRC Computation for
 * Generic Polynomials Using PCLMULQDQ Instruction", Intel 2009.) Below 512 bytes: simd/vector_crc32c_fused.h.
 *
 * Strategy, simd_crc32c_gfni. Carry-less multiplication keeps one unit of the core busy; a block is cut into three
 * stretches that three units work on at once, 272 bytes a step:
 *   - the first by the CRC32 instruction, in five chains of 16 bytes a step;
 *   - the second by VGF2P8AFFINEQB, 64 bytes a step. Byte i of four neighbouring vectors, 32 bits, spans all
 *     residues modulo the polynomial. So what byte i of a vector becomes four vectors later is a sum of four bytes,
 *     one in each of the next four vectors, and each of them a matrix of 8 x 8 bits times the byte: the same four
 *     matrices for all i, since i is a factor x^(-8 i) on both sides;
 *   - the third by folding two vectors, 128 bytes a step.
 * At the end each stretch is moved behind the others by constants of the block's size, of which there are two, onto
 * one more vector.
 */
#include "simd/x86_64/isa.h"

#if !defined(__AVX512F__) || !defined(__AVX512DQ__) || !defined(__AVX512VL__) || !defined(__BMI2__) || \
	!defined(__SSE4_2__) || !defined(__PCLMUL__)
#error "compile this file with -mavx512f -mavx512dq -mavx512vl -mbmi2 -msse4.2 -mpclmul"
#endif

#include "simd/x86_64/crc32c_sse4_2.h"

#include "simd/vector_crc32c_fused.h"

typedef uint64_t fold_vector __attribute__((vector_size(64), aligned(1), may_alias));

enum { FOLD_LEAST = 512, FOLD_STEP = 256 };

/* Low and high half's constant for a distance in bits. */
#define FOLD_2048     UINT64_C(0x0dcb17aa4), UINT64_C(0x0b9e02b86)
#define FOLD_1024     UINT64_C(0x06992cea2), UINT64_C(0x00d3b6092)
#define FOLD_512      UINT64_C(0x0740eef02), UINT64_C(0x09e4addf8)
#define FOLD_384      UINT64_C(0x01c291d04), UINT64_C(0x1d82c63da)
#define FOLD_256      UINT64_C(0x1384aa63a), UINT64_C(0x0ba4fc28e)
#define FOLD_128      UINT64_C(0x0f20c0dfe), UINT64_C(0x14cd00bd6)
#define FOLD_60_STEPS UINT64_C(0x1663afa6c), UINT64_C(0x17b9ae156) /* 128 bytes each, and 64 */
#define FOLD_28_STEPS UINT64_C(0x0a90bc090), UINT64_C(0x14904c914) /* 128 bytes each, and 64 */

static inline fold_vector fold_products(fold_vector x, fold_vector constants) {
	fold_vector low, high;
	__asm__("vpclmulqdq $0x00, %2, %1, %0" : "=v"(low) : "v"(x), "v"(constants));
	__asm__("vpclmulqdq $0x11, %2, %1, %0" : "=v"(high) : "v"(x), "v"(constants));
	return low ^ high;
}

/* Of the data so far, whose last 512 bits stand for it all. The last lane stays where it is. */
static inline uint64_t fold_end(fold_vector x) {
	fold_vector lanes = fold_products(x, (fold_vector){FOLD_384, FOLD_256, FOLD_128, 0, 0});
	uint64_t low = lanes[0] ^ lanes[2] ^ lanes[4] ^ x[6], high = lanes[1] ^ lanes[3] ^ lanes[5] ^ x[7];
	return crc32c_word(crc32c_word(0, low), high);
}

uint32_t simd_crc32c_vpclmulqdq(uint32_t crc, const void *memory, size_t bytes) {
	if (bytes < FOLD_LEAST)
		return crc32c_fused(crc, memory, bytes);
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
	return ~(uint32_t)crc32c_chain(fold_end(x3), at, bytes);
}

/* ---- blocks ------------------------------------------------------------------------------------------------------ */

enum { BLOCK_CHAINS = 5, BLOCK_CHAIN_BYTES = 16, BLOCK_STEP = 272, BLOCK_CLOSE = 64 };

/* `steps`, a multiple of 4, and one vector more. */
struct block {
	size_t steps;
	uint32_t move[BLOCK_CHAINS]; /* of each chain, over what is behind it */
	uint64_t fold[2];            /* of the second stretch, onto the last vector */
};

static const struct block block_large = {
	60, {0x81088409, 0x0498af83, 0xa4db79ad, 0xc16cbe2e, 0xd8dd080f}, {FOLD_60_STEPS}};
static const struct block block_small = {
	28, {0xadaab557, 0x080a2325, 0x1136e0c6, 0x66c774dd, 0xfa0f2bd0}, {FOLD_28_STEPS}};

/* What a byte becomes in the first, second, third and fourth vector behind its own: row 7 first, as
 * VGF2P8AFFINEQB has them. */
#define MATRIX_1 UINT64_C(0x98fedc5634d13a90)
#define MATRIX_2 UINT64_C(0x93c99371e2b34615)
#define MATRIX_3 UINT64_C(0x571c33f5e1e88d3b)
#define MATRIX_4 UINT64_C(0xe4e8db2f5ec1ff4c)

/* crc32c_block.S; on Windows, too, with its arguments where it looks for them. */
__attribute__((sysv_abi)) void simd_crc32c_block(uint32_t crc, const void *block, size_t chain_bytes,
						 const uint64_t constants[6], fold_vector *vectors, uint64_t chains[5]);

static inline fold_vector matrix_product(fold_vector x, fold_vector matrix) {
	__asm__("vgf2p8affineqb $0, %2, %1, %0" : "=v"(x) : "v"(x), "v"(matrix));
	return x;
}

/* crc without its inversions. */
static uint64_t crc32c_block(uint64_t crc, const uint8_t *at, const struct block *block) {
	static const uint64_t constants[] = {FOLD_1024, MATRIX_1, MATRIX_2, MATRIX_3, MATRIX_4};
	const fold_vector near = {FOLD_512, FOLD_512, FOLD_512, FOLD_512},
			  two = {FOLD_1024, FOLD_1024, FOLD_1024, FOLD_1024}, zero = {0};
	const fold_vector by_1 = zero + MATRIX_1, by_2 = zero + MATRIX_2, by_3 = zero + MATRIX_3;
	fold_vector s[6];
	uint64_t chain[BLOCK_CHAINS];
	crc32c_lanes chains = {0, 0};
	simd_crc32c_block((uint32_t)crc, at, block->steps * BLOCK_CHAIN_BYTES, constants, s, chain);
	for (size_t i = 0; i < BLOCK_CHAINS; i++)
		chains ^= crc32c_product(chain[i], block->move[i]);
	/* The second stretch's last four stand for all of it where none holds what another becomes there:
	 * that goes out again. */
	fold_vector x1 = s[1] ^ matrix_product(s[0], by_1);
	fold_vector x2 = s[2] ^ matrix_product(s[1], by_1) ^ matrix_product(s[0], by_2);
	fold_vector x3 = s[3] ^ matrix_product(s[2], by_1) ^ matrix_product(s[1], by_2) ^ matrix_product(s[0], by_3);
	fold_vector x = fold_products(fold_products(s[0], near) ^ x1, two) ^ fold_products(x2, near) ^ x3;
	const uint64_t low = block->fold[0], high = block->fold[1];
	x = fold_products(x, (fold_vector){low, high, low, high, low, high, low, high}) ^
	    *(const fold_vector *)(at + block->steps * BLOCK_STEP);
	return fold_end(x ^ fold_products(s[5], near) ^ fold_products(s[4], two)) ^ crc32c_word(0, chains[0]);
}

static inline size_t block_bytes(const struct block *block) {
	return block->steps * BLOCK_STEP + BLOCK_CLOSE;
}

uint32_t simd_crc32c_gfni(uint32_t inverted, const void *memory, size_t bytes) {
	const uint8_t *at = memory;
	uint64_t crc = (uint32_t)~inverted;
	for (; bytes >= block_bytes(&block_large); at += block_bytes(&block_large), bytes -= block_bytes(&block_large))
		crc = crc32c_block(crc, at, &block_large);
	if (bytes >= block_bytes(&block_small)) {
		crc = crc32c_block(crc, at, &block_small);
		at += block_bytes(&block_small);
		bytes -= block_bytes(&block_small);
	}
	return simd_crc32c_vpclmulqdq(~(uint32_t)crc, at, bytes);
}
