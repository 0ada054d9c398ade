/* SPDX-License-Identifier: Apache-2.0
 *
 * CRC-32C by the CPU's own instruction and by carry-less multiplication at the same time: internal, included by the
 * files whose instruction set has both, which first define what simd/vector_crc32c.h wants.
 *
 * They may also define
 *   FUSED_VECTORS        4, or 6 where a multiplication starts in each cycle
 *   crc32c_xor(x, y, z)  of three vectors, where one instruction does it
 *
 * Strategy. The two keep different units of a core busy. A block is cut into five stretches: four chains of the
 * instruction, one more than hides its latency, and behind them one of which so many vectors are folded over the rest:
 * each 128 bits x become what they are d bits later, low half times x^(d + 32), high half times x^(d - 32) modulo the
 * polynomial (reflected, and shifted by one for the product of reflected polynomials). A step is 16 words of the chains
 * and the vectors: 16 cycles of the instruction at one a cycle, and no more of the multiplication, of which four
 * vectors take eight, at one in two cycles. At the end each chain, and the CRC from before the block, is moved over
 * what is behind it, so that nothing in a block waits for what is before it. What is less than a step goes first, in
 * one chain beside the first block. (V. Gopal et al., as in simd/vector_crc32c.h, and "Fast CRC Computation for Generic
 * Polynomials Using PCLMULQDQ Instruction", Intel 2009.)
 */
#pragma once

#include "simd/vector_crc32c.h"

#if !defined(FUSED_VECTORS)
#define FUSED_VECTORS 4
#endif

enum {
	FUSED_CHAINS = 4,
	FUSED_CHAIN_STEP = 32,            /* bytes of each chain */
	FUSED_CLOSE = 16 * FUSED_VECTORS, /* bytes of a block beside its steps: the vectors that are folded first */
	FUSED_STEP = FUSED_CHAINS * FUSED_CHAIN_STEP + FUSED_CLOSE,
	FUSED_LEAST = FUSED_VECTORS == 4 ? 128 : 160,
	FUSED_STEPS = FUSED_VECTORS == 4 ? 21 : 18,      /* 4 KiB, more or less */
	FUSED_STEPS_LONG = FUSED_VECTORS == 4 ? 85 : 72, /* 16 KiB */
};

/* How to move the CRC from before a block over it, and each chain's over what is behind that: as in
 * simd/vector_crc32c.h, x^(8 n - 33). */
struct fused_moves {
	uint64_t whole, chain[FUSED_CHAINS];
};

/* By steps. */
#if FUSED_VECTORS == 4
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
#else
static const struct fused_moves fused_moves[FUSED_STEPS + 1] = {
	{0x0715ce53, {0x0715ce53, 0x0715ce53, 0x0715ce53, 0x0715ce53}},
	{0xbac2fd7b, {0xb6dd949b, 0xb9e02b86, 0x83348832, 0xab7aff2a}},
	{0x10746f3c, {0xb3e32c28, 0x2b3cac5d, 0xce7f39f4, 0xb6dd949b}},
	{0xd7a4825c, {0xcec3662e, 0x271d9844, 0xb3e32c28, 0xd270f1a2}},
	{0x2178513a, {0x98d8d9cb, 0xb0cd4768, 0x93a5f730, 0xb3e32c28}},
	{0xb3af077a, {0x6f345e45, 0x68bce87a, 0xb0cd4768, 0x271d9844}},
	{0x2342001e, {0xca6ef3ac, 0x6f345e45, 0x98d8d9cb, 0xcec3662e}},
	{0x363bd6b3, {0x2342001e, 0xb3af077a, 0x2178513a, 0xd7a4825c}},
	{0x6353c1cc, {0x02ee03b2, 0x93e106a4, 0xf872e54c, 0x98d8d9cb}},
	{0x021ac5ef, {0xded288f8, 0x9ef68d35, 0xca6ef3ac, 0x3771e98f}},
	{0x3ae30875, {0x45cddf4e, 0x5fabe670, 0x93e106a4, 0x6f345e45}},
	{0x22c3799f, {0xe0cdcf86, 0x6d390dec, 0xd2c3ed1a, 0x86d8e4d2}},
	{0xbd0bb25f, {0xd6c3a807, 0x45cddf4e, 0x02ee03b2, 0xca6ef3ac}},
	{0xd6748e82, {0xb3a6da94, 0xcbbe4ee1, 0x17f27698, 0xc9c8b782}},
	{0xe81cf154, {0xbd0bb25f, 0x3ae30875, 0x6353c1cc, 0x2342001e}},
	{0x7f47463d, {0xa52f58ec, 0x4be7fd90, 0x45cddf4e, 0x9ef68d35}},
	{0xd1a9427c, {0x1c2cce0a, 0x7d14748f, 0x75451b04, 0x02ee03b2}},
	{0xf370b37f, {0xaeb3e622, 0x8515c07f, 0xddaf5114, 0x00bcf5f6}},
	{0xd07737ea, {0x5e9f28eb, 0xa52f58ec, 0xd6c3a807, 0xded288f8}},
};
static const struct fused_moves fused_moves_long = {0x12e4a153, {0x2121c278, 0x3369bc9f, 0x13f94dc0, 0xdbfe68a2}};
#endif

/* What folds over so many vectors. */
static const crc32c_lanes fused_over[] = {
	{0, 0},
	{UINT64_C(0x0f20c0dfe), UINT64_C(0x14cd00bd6)},
	{UINT64_C(0x1384aa63a), UINT64_C(0x0ba4fc28e)},
	{UINT64_C(0x01c291d04), UINT64_C(0x1d82c63da)},
	{UINT64_C(0x0740eef02), UINT64_C(0x09e4addf8)},
	{UINT64_C(0x0083a6eec), UINT64_C(0x039d3b296)},
	{UINT64_C(0x1c1733996), UINT64_C(0x102f9b8a2)},
};

#if !defined(crc32c_xor)
#define crc32c_xor(x, y, z) ((x) ^ (y) ^ (z))
#endif

static inline crc32c_lanes fused_fold(crc32c_lanes x, crc32c_lanes by, crc32c_lanes onto) {
	return crc32c_xor(crc32c_low(x, by), onto, crc32c_high(x, by));
}

static inline size_t fused_bytes(size_t steps) {
	return steps * FUSED_STEP + FUSED_CLOSE;
}

#define FUSED_DECLARE(n) crc32c_lanes x##n = fold[n];
#define FUSED_NEXT(n)    x##n = fused_fold(x##n, far, fold[n]);
#define FUSED_ONTO(n)    last = fused_fold(x##n, fused_over[FUSED_VECTORS - 1 - (n)], last);
#define FUSED_WORDS(n)   crc = crc32c_word(crc32c_word(crc, x##n[0]), x##n[1]);
#define FUSED_TURN(n)                                            \
	c0 = crc32c_word(c0, crc32c_load(at + 8 * (n)));         \
	c1 = crc32c_word(c1, crc32c_load(at + chain + 8 * (n))); \
	FUSED_NEXT(n)                                            \
	c2 = crc32c_word(c2, crc32c_load(third + 8 * (n)));      \
	c3 = crc32c_word(c3, crc32c_load(third + chain + 8 * (n)));

/* The vectors before the last are joined with it by whichever of the two has less to do: beside four the
 * multiplications take every cycle there is. */
#if FUSED_VECTORS == 4
#define FUSED_LAST x3
#define FUSED_FROM_FOUR(make)
#define FUSED_JOIN FUSED_WORDS(0) FUSED_WORDS(1) FUSED_WORDS(2)
#else
#define FUSED_LAST            x5
#define FUSED_FROM_FOUR(make) make(4) make(5)
#define FUSED_JOIN            FUSED_ONTO(0) FUSED_ONTO(1) FUSED_ONTO(2) FUSED_ONTO(3) FUSED_ONTO(4)
#endif

static __attribute__((noinline)) uint64_t fused_block(uint64_t crc, const uint8_t *at, size_t steps,
						      const struct fused_moves *moves) {
	const size_t chain = steps * FUSED_CHAIN_STEP;
	const uint8_t *third = at + 2 * chain;
	const crc32c_lanes *fold = (const crc32c_lanes *)(at + FUSED_CHAINS * chain);
	const crc32c_lanes far = fused_over[FUSED_VECTORS];
	FUSED_DECLARE(0)
	FUSED_DECLARE(1)
	FUSED_DECLARE(2)
	FUSED_DECLARE(3)
	FUSED_FROM_FOUR(FUSED_DECLARE)
	uint64_t c0 = 0, c1 = 0, c2 = 0, c3 = 0;
	for (; steps > 0; steps--, at += FUSED_CHAIN_STEP, third += FUSED_CHAIN_STEP) {
		fold += FUSED_VECTORS;
		FUSED_TURN(0)
		FUSED_TURN(1)
		FUSED_TURN(2)
		FUSED_TURN(3)
		FUSED_FROM_FOUR(FUSED_NEXT)
	}
	crc32c_lanes chains = crc32c_product(c0, moves->chain[0]) ^ crc32c_product(c1, moves->chain[1]) ^
			      crc32c_product(c2, moves->chain[2]) ^ crc32c_product(c3, moves->chain[3]) ^
			      crc32c_product(crc, moves->whole);
	crc32c_lanes last = FUSED_LAST;
	crc = 0;
	FUSED_JOIN
	return crc32c_word(crc32c_word(crc, last[0]), last[1] ^ chains[0]);
}

static __attribute__((noinline)) uint64_t fused_blocks(uint64_t crc, const uint8_t *at, size_t bytes) {
	size_t longs = bytes / fused_bytes(FUSED_STEPS_LONG), whole, rest, steps = 0;
	rest = bytes % fused_bytes(FUSED_STEPS_LONG);
	whole = rest / fused_bytes(FUSED_STEPS);
	rest %= fused_bytes(FUSED_STEPS);
	size_t first = rest;
	if (rest >= FUSED_LEAST) {
		steps = (rest - FUSED_CLOSE) / FUSED_STEP;
		first = rest - fused_bytes(steps);
	}
	crc = crc32c_chain(crc, at, first);
	at += first;
	if (rest >= FUSED_LEAST)
		crc = fused_block(crc, at, steps, &fused_moves[steps]);
	at += rest - first;
	for (; whole > 0; whole--, at += fused_bytes(FUSED_STEPS))
		crc = fused_block(crc, at, FUSED_STEPS, &fused_moves[FUSED_STEPS]);
	for (; longs > 0; longs--, at += fused_bytes(FUSED_STEPS_LONG))
		crc = fused_block(crc, at, FUSED_STEPS_LONG, &fused_moves_long);
	return crc;
}

static inline uint32_t crc32c_fused(uint32_t inverted, const void *memory, size_t bytes) {
	uint64_t crc = (uint32_t)~inverted;
	if (bytes < FUSED_LEAST)
		return ~(uint32_t)crc32c_chain(crc, memory, bytes);
	return ~(uint32_t)fused_blocks(crc, memory, bytes);
}
