/* SPDX-License-Identifier: Apache-2.0
 *
 * x86_64's variants. What each needs is all that its files are compiled for: the compiler may use any of it.
 */
#include "simd/x86_64/isa.h"

#define BIT(feature) SIMD_FEATURE_BIT(SIMD_X86_##feature)
#define NEEDS_AVX2   (BIT(AVX2) | BIT(FMA) | BIT(BMI1) | BIT(BMI2))
#define NEEDS_AVX512 (NEEDS_AVX2 | BIT(AVX512F) | BIT(AVX512BW) | BIT(AVX512DQ) | BIT(AVX512VL))

const struct simd_variant simd_variants[] = {
	{"scalar", SIMD_WIDTH_SCALAR, true, 0, 0, "", simd_copy_scalar, simd_add32_scalar},
	{"sse2", SIMD_WIDTH_128, true, 0, BIT(SSE2), "no SSE2", simd_copy_sse2, simd_add32_sse2},
	{"avx2", SIMD_WIDTH_256, true, 0, NEEDS_AVX2,
	 "no AVX2, FMA, BMI1 and BMI2, or the system does not save YMM registers", simd_copy_avx2, simd_add32_avx2},
	{"avx512", SIMD_WIDTH_512, false, 0, NEEDS_AVX512,
	 "no AVX-512 F, BW, DQ and VL, or the system does not save ZMM registers", simd_copy_avx512, simd_add32_avx512},
};

const size_t simd_variant_count = sizeof simd_variants / sizeof simd_variants[0];
