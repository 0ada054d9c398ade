/* SPDX-License-Identifier: Apache-2.0
 *
 * Decoding of feature registers: pure, and both architectures' on every architecture. Reading them is detect.c's, a
 * directory down.
 */
#include "simd/features.h"

#include <stddef.h>

/* One bit of a register is one feature, usable when the system saves the registers of `state`. */
struct x86_bit {
	uint8_t word; /* index into the words that the decoder gathers */
	uint8_t bit;
	uint8_t feature; /* enum simd_feature */
	uint8_t state;   /* enum x86_state */
};

enum { LEAF1_ECX, LEAF1_EDX, LEAF7_EBX, LEAF7_ECX, LEAF7_EDX, LEAF80000008_EBX, X86_WORDS };
enum x86_state { STATE_ALWAYS, STATE_AVX, STATE_AVX512 };

#define LEAF1_ECX_OSXSAVE (UINT32_C(1) << 27)

/* XCR0, Intel SDM volume 1, 13.3. */
#define XCR0_SSE       (UINT64_C(1) << 1)
#define XCR0_AVX       (UINT64_C(1) << 2)
#define XCR0_OPMASK    (UINT64_C(1) << 5)
#define XCR0_ZMM_HI256 (UINT64_C(1) << 6)
#define XCR0_HI16_ZMM  (UINT64_C(1) << 7)

static const struct x86_bit x86_bits[] = {
	{LEAF1_EDX, 26, SIMD_X86_SSE2, STATE_ALWAYS},
	{LEAF1_ECX, 0, SIMD_X86_SSE3, STATE_ALWAYS},
	{LEAF1_ECX, 9, SIMD_X86_SSSE3, STATE_ALWAYS},
	{LEAF1_ECX, 19, SIMD_X86_SSE4_1, STATE_ALWAYS},
	{LEAF1_ECX, 20, SIMD_X86_SSE4_2, STATE_ALWAYS},
	{LEAF1_ECX, 23, SIMD_X86_POPCNT, STATE_ALWAYS},
	{LEAF1_ECX, 25, SIMD_X86_AES, STATE_ALWAYS},
	{LEAF1_ECX, 1, SIMD_X86_PCLMULQDQ, STATE_ALWAYS},
	{LEAF7_EBX, 29, SIMD_X86_SHA, STATE_ALWAYS},
	{LEAF7_EBX, 3, SIMD_X86_BMI1, STATE_ALWAYS},
	{LEAF7_EBX, 8, SIMD_X86_BMI2, STATE_ALWAYS},
	{LEAF7_EBX, 9, SIMD_X86_ERMS, STATE_ALWAYS},
	{LEAF7_EDX, 4, SIMD_X86_FSRM, STATE_ALWAYS},
	{LEAF1_ECX, 28, SIMD_X86_AVX, STATE_AVX},
	{LEAF1_ECX, 29, SIMD_X86_F16C, STATE_AVX},
	{LEAF1_ECX, 12, SIMD_X86_FMA, STATE_AVX},
	{LEAF7_EBX, 5, SIMD_X86_AVX2, STATE_AVX},
	{LEAF7_EBX, 16, SIMD_X86_AVX512F, STATE_AVX512},
	{LEAF7_EBX, 30, SIMD_X86_AVX512BW, STATE_AVX512},
	{LEAF7_EBX, 17, SIMD_X86_AVX512DQ, STATE_AVX512},
	{LEAF7_EBX, 31, SIMD_X86_AVX512VL, STATE_AVX512},
	{LEAF7_ECX, 1, SIMD_X86_AVX512_VBMI, STATE_AVX512},
	{LEAF7_ECX, 11, SIMD_X86_AVX512_VNNI, STATE_AVX512},
	{LEAF7_ECX, 14, SIMD_X86_AVX512_VPOPCNTDQ, STATE_AVX512},
	{LEAF7_ECX, 8, SIMD_X86_GFNI, STATE_ALWAYS},
	{LEAF7_ECX, 10, SIMD_X86_VPCLMULQDQ, STATE_AVX},
	{LEAF80000008_EBX, 0, SIMD_X86_CLZERO, STATE_ALWAYS},
};

/* A field of 4 bits is a feature from some value on. */
struct aarch64_field {
	uint8_t word;
	uint8_t shift;
	uint8_t least;
	uint8_t feature;
};

enum { ID_AA64PFR0, ID_AA64ISAR0, ID_AA64ZFR0, AARCH64_WORDS };

/* AdvSIMD is not here: 0xf is its "none". */
static const struct aarch64_field aarch64_fields[] = {
	{ID_AA64PFR0, 32, 1, SIMD_ARM_SVE},      {ID_AA64ZFR0, 0, 1, SIMD_ARM_SVE2},
	{ID_AA64ISAR0, 4, 1, SIMD_ARM_AES},      {ID_AA64ISAR0, 4, 2, SIMD_ARM_PMULL},
	{ID_AA64ISAR0, 8, 1, SIMD_ARM_SHA1},     {ID_AA64ISAR0, 12, 1, SIMD_ARM_SHA2},
	{ID_AA64ISAR0, 16, 1, SIMD_ARM_CRC32},   {ID_AA64ISAR0, 20, 2, SIMD_ARM_LSE},
	{ID_AA64ISAR0, 44, 1, SIMD_ARM_DOTPROD},
};

#define ADVSIMD_SHIFT 20
#define ADVSIMD_NONE  15u
#define ADVSIMD_FP16  1u

static const char *const names[SIMD_FEATURE_COUNT] = {
	[SIMD_X86_SSE2] = "sse2",
	[SIMD_X86_SSE3] = "sse3",
	[SIMD_X86_SSSE3] = "ssse3",
	[SIMD_X86_SSE4_1] = "sse4_1",
	[SIMD_X86_SSE4_2] = "sse4_2",
	[SIMD_X86_POPCNT] = "popcnt",
	[SIMD_X86_AES] = "aes",
	[SIMD_X86_PCLMULQDQ] = "pclmulqdq",
	[SIMD_X86_SHA] = "sha",
	[SIMD_X86_BMI1] = "bmi1",
	[SIMD_X86_BMI2] = "bmi2",
	[SIMD_X86_ERMS] = "erms",
	[SIMD_X86_FSRM] = "fsrm",
	[SIMD_X86_AVX] = "avx",
	[SIMD_X86_F16C] = "f16c",
	[SIMD_X86_FMA] = "fma",
	[SIMD_X86_AVX2] = "avx2",
	[SIMD_X86_AVX512F] = "avx512f",
	[SIMD_X86_AVX512BW] = "avx512bw",
	[SIMD_X86_AVX512DQ] = "avx512dq",
	[SIMD_X86_AVX512VL] = "avx512vl",
	[SIMD_X86_AVX512_VBMI] = "avx512_vbmi",
	[SIMD_X86_AVX512_VNNI] = "avx512_vnni",
	[SIMD_X86_AVX512_VPOPCNTDQ] = "avx512_vpopcntdq",
	[SIMD_ARM_ASIMD] = "asimd",
	[SIMD_ARM_FP16] = "fp16",
	[SIMD_ARM_AES] = "aes",
	[SIMD_ARM_PMULL] = "pmull",
	[SIMD_ARM_SHA1] = "sha1",
	[SIMD_ARM_SHA2] = "sha2",
	[SIMD_ARM_CRC32] = "crc32",
	[SIMD_ARM_LSE] = "lse",
	[SIMD_ARM_DOTPROD] = "dotprod",
	[SIMD_ARM_SVE] = "sve",
	[SIMD_ARM_SVE2] = "sve2",
	[SIMD_X86_VPCLMULQDQ] = "vpclmulqdq",
	[SIMD_X86_CLZERO] = "clzero",
	[SIMD_X86_GFNI] = "gfni",
};

_Static_assert(SIMD_FEATURE_COUNT <= 64, "features are bits of one 64-bit word");

const char *simd_feature_name(enum simd_feature feature) {
	return (unsigned)feature < SIMD_FEATURE_COUNT ? names[feature] : "?";
}

const char *simd_feature_registers(enum simd_feature feature) {
	static const char *const registers[] = {[STATE_AVX] = "YMM", [STATE_AVX512] = "ZMM"};
	for (unsigned i = 0; i < sizeof x86_bits / sizeof x86_bits[0]; i++)
		if (x86_bits[i].feature == feature)
			return registers[x86_bits[i].state];
	return NULL;
}

simd_features simd_features_decode_x86_64(const struct simd_registers_x86_64 *registers) {
	const uint32_t words[X86_WORDS] = {
		[LEAF1_ECX] = registers->leaf1_ecx, [LEAF1_EDX] = registers->leaf1_edx,
		[LEAF7_EBX] = registers->leaf7_ebx, [LEAF7_ECX] = registers->leaf7_ecx,
		[LEAF7_EDX] = registers->leaf7_edx, [LEAF80000008_EBX] = registers->leaf80000008_ebx,
	};
	const uint64_t avx = XCR0_SSE | XCR0_AVX;
	const uint64_t avx512 = avx | XCR0_OPMASK | XCR0_ZMM_HI256 | XCR0_HI16_ZMM;
	/* XCR0 tells what the system saves, CPUID what the CPU does; some emulated CPUs let AVX-512 state be switched
	 * on without having the instructions. */
	uint64_t xcr0 = (registers->leaf1_ecx & LEAF1_ECX_OSXSAVE) != 0 ? registers->xcr0 : 0;
	const bool saved[] = {
		[STATE_ALWAYS] = true,
		[STATE_AVX] = (xcr0 & avx) == avx,
		[STATE_AVX512] = (xcr0 & avx512) == avx512,
	};
	simd_features features = {0, 0};
	for (unsigned i = 0; i < sizeof x86_bits / sizeof x86_bits[0]; i++) {
		const struct x86_bit *row = &x86_bits[i];
		if (((words[row->word] >> row->bit) & 1) != 0 && saved[row->state])
			features.present |= SIMD_FEATURE_BIT(row->feature);
	}
	return features;
}

simd_features simd_features_decode_aarch64(const struct simd_registers_aarch64 *registers) {
	const uint64_t words[AARCH64_WORDS] = {
		[ID_AA64PFR0] = registers->id_aa64pfr0,
		[ID_AA64ISAR0] = registers->id_aa64isar0,
		[ID_AA64ZFR0] = registers->id_aa64zfr0,
	};
	simd_features features = {0, 0};
	for (unsigned i = 0; i < sizeof aarch64_fields / sizeof aarch64_fields[0]; i++) {
		const struct aarch64_field *row = &aarch64_fields[i];
		if (((words[row->word] >> row->shift) & 15) >= row->least)
			features.present |= SIMD_FEATURE_BIT(row->feature);
	}
	unsigned advsimd = (words[ID_AA64PFR0] >> ADVSIMD_SHIFT) & 15;
	if (advsimd != ADVSIMD_NONE)
		features.present |= SIMD_FEATURE_BIT(SIMD_ARM_ASIMD);
	if (advsimd != ADVSIMD_NONE && advsimd >= ADVSIMD_FP16)
		features.present |= SIMD_FEATURE_BIT(SIMD_ARM_FP16);
	if (simd_has(features, SIMD_ARM_SVE))
		features.sve_bits = registers->sve_bits;
	else
		features.present &= ~SIMD_FEATURE_BIT(SIMD_ARM_SVE2);
	return features;
}
