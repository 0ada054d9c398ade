/* SPDX-License-Identifier: Apache-2.0
 *
 * Lane arithmetic in 256-bit vectors, YMM registers; assumes AVX2 and BMI2, the multiply-add FMA3 too. Strategy:
 * simd/vector_lanes.h. AVX2 shifts 32 and 64 bits by another vector, not 8 and 16, and 64 bits not arithmetically.
 *
 * Lanes of 8 and 16 bits are shifted by multiplication: VPSHUFB looks the power of two up. But for 16 bits to the
 * right as halves of 32: by llvm-mca, of LLVM 14, a vector takes 2.4 cycles on Skylake and 1.8 on Zen 3, by
 * multiplication 2.8 and 2.0. It loses on Haswell, whose VPSRLVD is three micro-operations: 5.0, not 3.0.
 */
#include "simd/x86_64/isa.h"

#if !defined(__AVX2__) || !defined(__BMI2__)
#error "compile this file with -mavx2 -mbmi2"
#endif

#define VECTOR_BYTES      32
#define VECTOR_SHIFT_BITS 32
#define VECTOR_SRA64      0
#define VECTOR_MUL64      0
#include "simd/x86_64/fma3.h"
#include "simd/x86_64/vector_lanes_narrow.h"

/* ---- instructions ------------------------------------------------------------------------------------------------ */

/* `y` unsigned where the instruction tells them apart, `x` signed. */
#define INSTRUCTION(name, type)                                          \
	static inline type name(type y, type x) {                        \
		type z;                                                  \
		__asm__(#name " %2, %1, %0" : "=x"(z) : "x"(y), "x"(x)); \
		return z;                                                \
	}
INSTRUCTION(vpmaddubsw, vector_u16)
INSTRUCTION(vpmullw, vector_u16)
INSTRUCTION(vpmuludq, vector_u64)
INSTRUCTION(vpcmpgtw, vector_u16)
INSTRUCTION(vpmulhw, vector_u16)
INSTRUCTION(vpsllvd, vector_u32)
INSTRUCTION(vpsrlvd, vector_u32)

#define EACH_16_BYTES(low, high) ((vector_u64){low, high, low, high})

/* Byte i: byte at[i] modulo 16 of x's 16 bytes, or 0 where at[i] has its bit 7 set. */
static inline vector_u8 vpshufb(vector_u8 x, vector_u8 at) {
	vector_u8 z;
	__asm__("vpshufb %2, %1, %0" : "=x"(z) : "x"(x), "x"(at));
	return z;
}

/* Its even bytes and the other's odd ones. */
static inline vector_u8 interleave(vector_u16 even, vector_u16 odd) {
	vector_u16 is_odd = (vector_u16){0} + 0xff00;
	__asm__("vpblendvb %3, %2, %1, %0" : "=x"(even) : "x"(even), "x"(odd), "x"(is_odd));
	return (vector_u8)even;
}

/* ---- 8 bits ------------------------------------------------------------------------------------------------------ */

#define EVEN (uint16_t)0x00ff
#define ODD  (uint16_t)0xff00

/* By one count: as 32-bit lanes by a vector of it, one micro-operation where by one count for all it is two, but on
 * Haswell and Broadwell; and what came over from the neighbours taken off. */
static inline vector_u8 vector_shl_imm_u8(vector_u8 x, unsigned bits) {
	return (vector_u8)vpsllvd((vector_u32)x, (vector_u32){0} + bits) & (uint8_t)(0xffu << bits);
}

static inline vector_u8 vector_srl_imm_u8(vector_u8 x, unsigned bits) {
	return (vector_u8)vpsrlvd((vector_u32)x, (vector_u32){0} + bits) & (uint8_t)(0xffu >> bits);
}

/* Entry n, twice: 2 to the power of n; of 7 - n; the latter negative. */
#define BYTES_SHL       UINT64_C(0x8040201008040201)
#define BYTES_RIGHT     UINT64_C(0x0102040810204080)
#define BYTES_RIGHT_NEG UINT64_C(0xfffefcf8f0e0c080)

static inline vector_u16 look_up(uint64_t table, vector_u8 y) {
	return (vector_u16)vpshufb((vector_u8)EACH_16_BYTES(table, table), y & 7);
}

static inline vector_u8 vector_shl_u8(vector_u8 x, vector_u8 y) {
	return vector_mul_u8(x, (vector_u8)look_up(BYTES_SHL, y));
}

/* VPMADDUBSW's second factors are signed, and 2 to the 7th is not among them: by the negative powers, and then by
 * -512 and -2. */
static inline vector_u8 vector_srl_u8(vector_u8 x, vector_u8 y) {
	IN_REGISTER(x);
	vector_u16 by = look_up(BYTES_RIGHT_NEG, y);
	vector_u16 even = vpmaddubsw((vector_u16)x, by & EVEN), odd = vpmaddubsw((vector_u16)x, by & ODD);
	return interleave(vpmulhw(even, (vector_u16){0} + (uint16_t)-512),
			  vpmullw(odd, (vector_u16){0} + (uint16_t)-2));
}

static inline vector_u8 vector_sra_u8(vector_u8 x, vector_u8 y) {
	IN_REGISTER(x);
	vector_u16 by = look_up(BYTES_RIGHT, y);
	vector_u16 even = vpmaddubsw(by & EVEN, (vector_u16)x), odd = vpmaddubsw(by & ODD, (vector_u16)x);
	return interleave(even >> 7, odd + odd);
}

/* ---- 16 bits ----------------------------------------------------------------------------------------------------- */

/* Each lane's count in both its bytes. */
static inline vector_u8 counts(vector_u16 y) {
	vector_u8 twice = (vector_u8)EACH_16_BYTES(UINT64_C(0x0606040402020000), UINT64_C(0x0e0e0c0c0a0a0808));
	return vpshufb((vector_u8)y, twice) & 15;
}

/* Lane of 2 to the power of n, of whose bytes `at` has n and n - 8, each modulo 16 or with bit 7 set for 0. */
static inline vector_u16 power(vector_u8 at) {
	return (vector_u16)vpshufb((vector_u8)EACH_16_BYTES(BYTES_SHL, 0), at);
}

static inline vector_u16 vector_shl_u16(vector_u16 x, vector_u16 y) {
	return x * power(counts(y) + (vector_u8)((vector_u16){0} + 0x0800));
}

/* 2 to the power of 16 - n; 0 where n is. */
static inline vector_u16 power_right(vector_u16 y) {
	return power((vector_u8)((vector_u16){0} + 0x7880) - counts(y));
}

/* As halves of 32-bit lanes; the upper one takes the lower along, and the blend leaves that behind. */
static inline vector_u16 vector_srl_u16(vector_u16 x, vector_u16 y) {
	IN_REGISTER(x);
	IN_REGISTER(y);
	vector_u32 low = ((vector_u32)x & 0xffff) >> ((vector_u32)y & 15);
	vector_u32 high = (vector_u32)x >> ((vector_u32)y >> 16 & 15);
	__asm__("vpblendw $0xaa, %1, %0, %0" : "+x"(low) : "x"(high));
	return (vector_u16)low;
}

/* By 1, the power is a negative number, 2 to the 16th less than it should be. */
static inline vector_u16 vector_sra_u16(vector_u16 x, vector_u16 y) {
	IN_REGISTER(x);
	vector_u16 by = power_right(y);
	return vpmulhw(x, by) + (x & vpcmpgtw((vector_u16){0} + 1, by));
}

/* ---- 64 bits ----------------------------------------------------------------------------------------------------- */

/* The upper halves of the one come down in a load, which on Intel's CPUs is no work for the arithmetic's ports. The
 * other's in a second such load would be 2.0 cycles a vector by Skylake's ports, not 2.35, and 2.5 by Zen 3's pipes of
 * memory, not 2.0. */
static inline vector_u64 vector_at_mul_u64(const vector_u64 *x, const vector_u64 *y) {
	vector_u64 high, other, across, a = *x, b = *y;
	IN_REGISTER(a);
	IN_REGISTER(b);
	vector_u8 up = (vector_u8)EACH_16_BYTES(UINT64_C(0x0302010080808080), UINT64_C(0x0b0a090880808080));
	__asm__("vmovshdup %1, %0" : "=x"(high) : "m"(*x));
	__asm__("vpshufd $0xf5, %1, %0" : "=x"(other) : "x"(b));
	across = vpmuludq(high, b) + vpmuludq(other, a);
	return vpmuludq(a, b) + (vector_u64)vpshufb((vector_u8)across, up);
}

#include "simd/vector_lanes.h"

LANES_EACH_FLOAT(LANES_FMA)

LANES_TABLE(avx2);
