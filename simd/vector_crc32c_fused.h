/* SPDX-License-Identifier: Apache-2.0
 *
 * CRC-32C by the CPU's own instruction and by carry-less multiplication at the same time: internal, included by the
 * files whose instruction set has both, which first define what simd/vector_crc32c.h wants.
 *
 * Strategy. The two keep different units of a core busy. A block is cut into five stretches: four chains of the
 * instruction, one more than hides its latency, and behind them one of which four vectors are folded over the rest:
 * each 128 bits x become what they are 512 bits later, low half times x^(512 + 32), high half times x^(512 - 32) modulo
 * the polynomial (reflected, and shifted by one for the product of reflected polynomials). A step is 16 words of the
 * chains and 4 vectors: 16 cycles of the instruction at one a cycle, and no more of the multiplication at one in two
 * cycles, which is what the slower cores do. At the end each chain, and the CRC from before the block, is moved over
 * what is behind it, so that nothing in a block waits for what is before it. What is less than a step goes first, in
 * one chain beside the first block. (V. Gopal et al., as in simd/vector_crc32c.h, and "Fast CRC Computation for Generic
 * Polynomials Using PCLMULQDQ Instruction", Intel 2009.)
 */
#pragma once

#include "simd/vector_crc32c.h"

enum {
	FUSED_CHAINS = 4,
	FUSED_CHAIN_STEP = 32, /* bytes of each chain */
	FUSED_STEP = 192,      /* bytes of all stretches */
	FUSED_CLOSE = 64,      /* bytes of a block beside its steps: the vectors that are folded first */
	FUSED_LEAST = 128,
	FUSED_STEPS = 21,
	FUSED_STEPS_LONG = 85,
};

/* How to move the CRC from before a block over it, and each chain's over what is behind that: as in
 * simd/vector_crc32c.h, x^(8 n - 33). */
struct fused_moves {
	uint64_t whole, chain[FUSED_CHAINS];
};

/* By steps. */
static const struct fused_moves fused_moves[FUSED_STEPS + 1] = {
	{0x9e4addf8, {0x9e4addf8, 0x9e4addf8, 0x9e4addf8, 0x9e4addf8}},
	{0xb9e02b86, {0x83348832, 0xab7aff2a, 0x878a92a7, 0x0d3b6092}},
	{0x1b03397f, {0xd270f1a2, 0xbac2fd7b, 0xb9e02b86, 0xab7aff2a}},
	{0x6b749fb2, {0x10746f3c, 0x1b03397f, 0xce7f39f4, 0xb9e02b86}},
	{0x26f6a60a, {0xe6fc4e6a, 0x271d9844, 0x1b03397f, 0xbac2fd7b}},
	{0x170076fa, {0x98d8d9cb, 0xe6fc4e6a, 0x10746f3c, 0xd270f1a2}},
	{0xb3af077a, {0x170076fa, 0x26f6a60a, 0x6b749fb2, 0x1b03397f}},
	{0xd813b325, {0x5bb8f1bc, 0x3771e98f, 0xb0cd4768, 0xdd7e3b0c}},
	{0x2664fd8b, {0xc9c8b782, 0xff0dba97, 0x26f6a60a, 0x271d9844}},
	{0xaa7c7ad5, {0xd2c3ed1a, 0xb3af077a, 0x6956fc3b, 0x6b749fb2}},
	{0x9a5ede41, {0x363bd6b3, 0xc9c8b782, 0x170076fa, 0xe6fc4e6a}},
	{0xcbbe4ee1, {0xded288f8, 0x6d9a4957, 0xf872e54c, 0xd7a4825c}},
	{0xb1630f04, {0x9a5ede41, 0x2664fd8b, 0xb3af077a, 0x26f6a60a}},
	{0x22c3799f, {0x75451b04, 0x00bcf5f6, 0xe9e28eb4, 0x68bce87a}},
	{0x33bc58b3, {0xbedc6ba1, 0x6d390dec, 0xd813b325, 0x3771e98f}},
	{0xc00df280, {0x94eb256e, 0x9a5ede41, 0xd2c3ed1a, 0x170076fa}},
	{0x86d42d06, {0x50bfaade, 0x021ac5ef, 0x2664fd8b, 0xff0dba97}},
	{0x5f0e0438, {0xbd0bb25f, 0xdefba41c, 0x5fabe670, 0x86d8e4d2}},
	{0x4ac726eb, {0xc00df280, 0xb1630f04, 0xaa7c7ad5, 0xb3af077a}},
	{0xb58ac6fe, {0x1baaa809, 0x4be7fd90, 0x6353c1cc, 0xdd66cbbb}},
	{0xf370b37f, {0x95ffd7dc, 0x50bfaade, 0x9a5ede41, 0xc9c8b782}},
	{0x82f89c77, {0x1a6889b8, 0x33bc58b3, 0x80f2886b, 0xd813b325}},
};
static const struct fused_moves fused_moves_long = {0x1dc403cc, {0x9fb57f98, 0x344c1875, 0x958abbbe, 0xb0a3f16d}};

#define FUSED_FOLD(low, high) ((crc32c_lanes){UINT64_C(low), UINT64_C(high)})
#define FUSED_FOLD_512        FUSED_FOLD(0x0740eef02, 0x09e4addf8)
#define FUSED_FOLD_384        FUSED_FOLD(0x01c291d04, 0x1d82c63da)
#define FUSED_FOLD_256        FUSED_FOLD(0x1384aa63a, 0x0ba4fc28e)
#define FUSED_FOLD_128        FUSED_FOLD(0x0f20c0dfe, 0x14cd00bd6)

static inline crc32c_lanes fused_fold(crc32c_lanes x, crc32c_lanes by, crc32c_lanes onto) {
	return (crc32c_low(x, by) ^ onto) ^ crc32c_high(x, by);
}

static inline size_t fused_bytes(size_t steps) {
	return steps * FUSED_STEP + FUSED_CLOSE;
}

#define FUSED_WORDS(n)                                           \
	c0 = crc32c_word(c0, crc32c_load(at + 8 * (n)));         \
	c1 = crc32c_word(c1, crc32c_load(at + chain + 8 * (n))); \
	x##n = fused_fold(x##n, by_512, fold[n]);                \
	c2 = crc32c_word(c2, crc32c_load(third + 8 * (n)));      \
	c3 = crc32c_word(c3, crc32c_load(third + chain + 8 * (n)));

static __attribute__((noinline)) uint64_t fused_block(uint64_t crc, const uint8_t *at, size_t steps,
						      const struct fused_moves *moves) {
	const size_t chain = steps * FUSED_CHAIN_STEP;
	const uint8_t *third = at + 2 * chain;
	const crc32c_lanes *fold = (const crc32c_lanes *)(at + FUSED_CHAINS * chain);
	const crc32c_lanes by_512 = FUSED_FOLD_512;
	crc32c_lanes x0 = fold[0], x1 = fold[1], x2 = fold[2], x3 = fold[3];
	uint64_t c0 = 0, c1 = 0, c2 = 0, c3 = 0;
	for (; steps > 0; steps--, at += FUSED_CHAIN_STEP, third += FUSED_CHAIN_STEP) {
		fold += 4;
		FUSED_WORDS(0)
		FUSED_WORDS(1)
		FUSED_WORDS(2)
		FUSED_WORDS(3)
	}
	crc32c_lanes chains = crc32c_product(c0, moves->chain[0]) ^ crc32c_product(c1, moves->chain[1]) ^
			      crc32c_product(c2, moves->chain[2]) ^ crc32c_product(c3, moves->chain[3]) ^
			      crc32c_product(crc, moves->whole);
	x3 = fused_fold(x0, FUSED_FOLD_384, fused_fold(x1, FUSED_FOLD_256, fused_fold(x2, FUSED_FOLD_128, x3)));
	return crc32c_word(crc32c_word(0, x3[0]), x3[1] ^ chains[0]);
}

static __attribute__((noinline)) uint64_t fused_blocks(uint64_t crc, const uint8_t *at, size_t bytes) {
	size_t rest = bytes % fused_bytes(FUSED_STEPS), steps = 0, first = rest;
	if (rest >= FUSED_LEAST) {
		steps = (rest - FUSED_CLOSE) / FUSED_STEP;
		first = rest - fused_bytes(steps);
	}
	crc = crc32c_chain(crc, at, first);
	at += first;
	if (rest >= FUSED_LEAST)
		crc = fused_block(crc, at, steps, &fused_moves[steps]);
	at += rest - first;
	for (bytes -= rest; bytes % fused_bytes(FUSED_STEPS_LONG) != 0; bytes -= fused_bytes(FUSED_STEPS)) {
		crc = fused_block(crc, at, FUSED_STEPS, &fused_moves[FUSED_STEPS]);
		at += fused_bytes(FUSED_STEPS);
	}
	for (; bytes > 0; bytes -= fused_bytes(FUSED_STEPS_LONG)) {
		crc = fused_block(crc, at, FUSED_STEPS_LONG, &fused_moves_long);
		at += fused_bytes(FUSED_STEPS_LONG);
	}
	return crc;
}

static inline uint32_t crc32c_fused(uint32_t inverted, const void *memory, size_t bytes) {
	uint64_t crc = (uint32_t)~inverted;
	if (bytes < FUSED_LEAST)
		return ~(uint32_t)crc32c_chain(crc, memory, bytes);
	return ~(uint32_t)fused_blocks(crc, memory, bytes);
}
