/* SPDX-License-Identifier: Apache-2.0
 *
 * Lanes of 8 bits, for which there are no instructions, and shifts of 16-bit ones, with those of AVX-512BW and, on YMM
 * registers, VL: internal, included by what defines VECTOR_BYTES first.
 *
 * Strategy. Even and odd bytes apart, as 16-bit lanes, joined under a mask or by VPTERNLOGQ; bytes are moved by VPSHUFB
 * where shifts would crowd one port: of ZMM registers Intel's CPUs shift on one alone.
 */
#pragma once

#include "simd/x86_64/vector_ternary.h"

#define BW_INLINE static inline __attribute__((always_inline))

/* Byte i: byte at[i] modulo 16 of x's 16 bytes, or 0 where at[i] has its bit 7 set. */
BW_INLINE vector_u8 shuffle(vector_u8 x, vector_u8 at) {
	vector_u8 z;
	__asm__("vpshufb %2, %1, %0" : "=v"(z) : "v"(x), "v"(at));
	return z;
}

/* The even bytes of the one, and for its odd ones the other's even ones. */
BW_INLINE vector_u8 interleave(vector_u8 even, vector_u8 odd) {
	vector_u8 up = EACH_16_BYTES(UINT64_C(0x0600040002000000), UINT64_C(0x0e000c000a000800));
	uint64_t is_odd = UINT64_C(0xaaaaaaaaaaaaaaaa);
	__asm__("vpshufb %2, %1, %0%{%3%}" : "+v"(even) : "v"(odd), "v"(up), "Yk"(is_odd));
	return even;
}

/* y's bytes are the unsigned factors of VPMADDUBSW, x's the signed ones: to 8 bits, the product is the same. */
BW_INLINE vector_u8 vector_mul_u8(vector_u8 x, vector_u8 y) {
	IN_REGISTER(x);
	IN_REGISTER(y);
	vector_u8 odd = (vector_u8)((vector_u16)y & 0xff00);
	__asm__("vpmaddubsw %1, %0, %0" : "+v"(odd) : "v"(x));
	return interleave((vector_u8)((vector_u16)x * (vector_u16)y), odd);
}

BW_INLINE vector_u8 vector_shl_u8(vector_u8 x, vector_u8 y) {
	uint64_t powers = UINT64_C(0x8040201008040201);
	return vector_mul_u8(x, shuffle(EACH_16_BYTES(powers, powers), y & 7));
}

/* The odd bytes take the even ones along, but those are below them and come off. */
BW_INLINE vector_u8 vector_srl_u8(vector_u8 x, vector_u8 y) {
	IN_REGISTER(x);
	IN_REGISTER(y);
	vector_u16 even = ((vector_u16)x & 0x00ff) >> ((vector_u16)y & 7);
	vector_u16 odd = (vector_u16)x >> (((vector_u16)y & 0x0700) >> 8);
	AND_OR(odd, each_word(0xff00), even);
	return (vector_u8)odd;
}

BW_INLINE vector_u8 vector_sra_u8(vector_u8 x, vector_u8 y) {
	IN_REGISTER(x);
	IN_REGISTER(y);
	vector_u8 down = EACH_16_BYTES(UINT64_C(0x8007800580038001), UINT64_C(0x800f800d800b8009));
	vector_u16 by_even = (vector_u16)y, by_odd = (vector_u16)shuffle(y & 7, down);
	AND_OR(by_even, each_word(7), each_word(8));
	vector_s16 even = (vector_s16)((vector_u16)x << 8) >> (vector_s16)by_even;
	vector_s16 odd = (vector_s16)x >> (vector_s16)by_odd;
	SELECT(odd, even, each_word(0xff00));
	return (vector_u8)odd;
}

/* ---- 16 bits ----------------------------------------------------------------------------------------------------- */

BW_INLINE vector_u16 vector_shl_u16(vector_u16 x, vector_u16 y) {
	IN_REGISTER(x);
	return x << (y & 15);
}

BW_INLINE vector_u16 vector_srl_u16(vector_u16 x, vector_u16 y) {
	IN_REGISTER(x);
	return x >> (y & 15);
}

BW_INLINE vector_u16 vector_sra_u16(vector_u16 x, vector_u16 y) {
	IN_REGISTER(x);
	return (vector_u16)((vector_s16)x >> (vector_s16)(y & 15));
}

/* ---- by one count ------------------------------------------------------------------------------------------------ */

/* By a vector of counts: one micro-operation on Intel's CPUs, where one count for all lanes is two. */
BW_INLINE vector_u16 each_count(unsigned bits) {
	vector_u16 by = each_word((uint16_t)bits);
	__asm__("" : "+v"(by));
	return by;
}

BW_INLINE vector_u8 vector_shl_imm_u8(vector_u8 x, unsigned bits) {
	IN_REGISTER(x);
	return (vector_u8)((vector_u16)x << each_count(bits)) & (uint8_t)(0xffu << bits);
}

BW_INLINE vector_u8 vector_srl_imm_u8(vector_u8 x, unsigned bits) {
	IN_REGISTER(x);
	return (vector_u8)((vector_u16)x >> each_count(bits)) & (uint8_t)(0xffu >> bits);
}

BW_INLINE vector_u8 vector_sra_imm_u8(vector_u8 x, unsigned bits) {
	IN_REGISTER(x);
	vector_u8 shifted = (vector_u8)((vector_u16)x >> each_count(bits));
	vector_u8 sign = (vector_u8){0} + (uint8_t)(0x80u >> bits);
	AND_XOR(shifted, (vector_u8){0} + (uint8_t)(0xffu >> bits), sign);
	return shifted - sign;
}
