/* SPDX-License-Identifier: Apache-2.0
 *
 * What a CPU, and the system on it, let a programme use. Features are a value that is passed around, never a global: a
 * caller may take bits out of it, or decode the registers of another machine.
 *
 * A feature is here when the CPU has it AND the system saves its registers; both are asked, since either can be missing
 * alone. Sources: Intel SDM volume 1, chapters 13 to 15 (XCR0 and the detection of AVX, AVX2, AVX-512) and volume 2A,
 * CPUID; AMD APM volume 3, appendix E; Arm ARM (DDI 0487), D19.2 (ID_AA64*_EL1), C6.2 RDVL.
 *
 * Concurrency: pure functions; detect reads the core that it runs on, and all cores of a machine are taken to be alike.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bit numbers. Both architectures share one numbering, so that either can be decoded on either. Append only. */
enum simd_feature {
	SIMD_X86_SSE2,
	SIMD_X86_SSE3,
	SIMD_X86_SSSE3,
	SIMD_X86_SSE4_1,
	SIMD_X86_SSE4_2,
	SIMD_X86_POPCNT,
	SIMD_X86_AES,
	SIMD_X86_PCLMULQDQ,
	SIMD_X86_SHA,
	SIMD_X86_BMI1,
	SIMD_X86_BMI2,
	SIMD_X86_ERMS, /* enhanced REP MOVSB */
	SIMD_X86_FSRM, /* fast short REP MOVSB */
	SIMD_X86_AVX,
	SIMD_X86_F16C,
	SIMD_X86_FMA,
	SIMD_X86_AVX2,
	SIMD_X86_AVX512F,
	SIMD_X86_AVX512BW,
	SIMD_X86_AVX512DQ,
	SIMD_X86_AVX512VL,
	SIMD_X86_AVX512_VBMI,
	SIMD_X86_AVX512_VNNI,
	SIMD_X86_AVX512_VPOPCNTDQ,
	SIMD_ARM_ASIMD, /* "NEON" */
	SIMD_ARM_FP16,
	SIMD_ARM_AES,
	SIMD_ARM_PMULL,
	SIMD_ARM_SHA1,
	SIMD_ARM_SHA2,
	SIMD_ARM_CRC32,
	SIMD_ARM_LSE,
	SIMD_ARM_DOTPROD,
	SIMD_ARM_SVE,
	SIMD_ARM_SVE2,
	SIMD_X86_VPCLMULQDQ, /* with the state of AVX: 256 bits */
	SIMD_X86_CLZERO,
	SIMD_X86_GFNI, /* with the state of SSE */
	SIMD_FEATURE_COUNT
};

typedef struct simd_features {
	uint64_t present;  /* bit n: enum simd_feature n */
	uint32_t sve_bits; /* length of an SVE vector register, in bits; 0 without SVE */
} simd_features;

#define SIMD_FEATURE_BIT(feature) (UINT64_C(1) << (feature))

static inline bool simd_has(simd_features features, enum simd_feature feature) {
	return (features.present & SIMD_FEATURE_BIT(feature)) != 0;
}

/* Of this core. Executes CPUID and, where OSXSAVE says that it may, XGETBV; on aarch64 MRS of ID_AA64*_EL1, which an
 * EL0 programme may do where the system emulates it (Linux since 4.11: HWCAP_CPUID), and RDVL where there is SVE. Needs
 * no privilege. */
simd_features simd_features_detect(void);

/* Lower case, the spelling of the manuals: "avx512bw"; "?" for a value outside the enumeration. Static text. */
const char *simd_feature_name(enum simd_feature feature);

/* The registers that a system must save before the feature may be used, as far as that is asked: "YMM",
 * "ZMM"; NULL: none. */
const char *simd_feature_registers(enum simd_feature feature);

/* The registers as the instructions give them; leaves that the CPU lacks are 0. */
struct simd_registers_x86_64 {
	uint32_t leaf1_ecx;
	uint32_t leaf1_edx;
	uint32_t leaf7_ebx; /* subleaf 0 */
	uint32_t leaf7_ecx;
	uint32_t leaf7_edx;
	uint32_t leaf80000008_ebx;
	uint64_t xcr0; /* 0 where OSXSAVE is clear: XGETBV would fault */
};

struct simd_registers_aarch64 {
	uint64_t id_aa64pfr0;
	uint64_t id_aa64isar0;
	uint64_t id_aa64zfr0;
	uint32_t sve_bits; /* RDVL #8; 0 where ID_AA64PFR0_EL1.SVE is 0: RDVL would fault */
};

simd_features simd_features_decode_x86_64(const struct simd_registers_x86_64 *registers);
simd_features simd_features_decode_aarch64(const struct simd_registers_aarch64 *registers);

#ifdef __cplusplus
}
#endif
