/* SPDX-License-Identifier: Apache-2.0
 *
 * x86_64's variants. What each needs is all that its files are compiled for: the compiler may use any of it.
 */
#include "simd/x86_64/isa.h"

#define BIT(feature) SIMD_FEATURE_BIT(SIMD_X86_##feature)
#define NEEDS_AVX2   (BIT(AVX2) | BIT(FMA) | BIT(BMI1) | BIT(BMI2) | BIT(SSE4_2) | BIT(POPCNT) | BIT(PCLMULQDQ))
#define NEEDS_AVX512 (NEEDS_AVX2 | BIT(AVX512F) | BIT(AVX512BW) | BIT(AVX512DQ) | BIT(AVX512VL))

const struct simd_variant simd_variants[] = {
	{"scalar", SIMD_WIDTH_SCALAR, true, 0, 0, "", SIMD_TABLES(scalar)},
	{"fma3", SIMD_WIDTH_SCALAR, true, 0, BIT(FMA), "no FMA, or the system does not save YMM registers",
	 &simd_copies_scalar, &simd_fills_scalar, &simd_scans_scalar, &simd_sums_scalar, &simd_hashes_scalar,
	 &simd_lanes_fma3},
	{"sse2", SIMD_WIDTH_128, true, 0, BIT(SSE2), "no SSE2", SIMD_TABLES(sse2)},
	{"avx2", SIMD_WIDTH_256, true, 0, NEEDS_AVX2,
	 "no AVX2, FMA, BMI1, BMI2, POPCNT and PCLMULQDQ, or the system does not save YMM registers",
	 SIMD_TABLES(avx2)},
	{"avx512", SIMD_WIDTH_512, false, 0, NEEDS_AVX512,
	 "no AVX-512 F, BW, DQ and VL, or the system does not save ZMM registers", SIMD_TABLES(avx512)},
};

const size_t simd_variant_count = sizeof simd_variants / sizeof simd_variants[0];

const struct simd_profile simd_profile_default = {
	.copy_stream_bytes = 16 << 20,
	.zero_stream_bytes = 16 << 20,
};

static bool has_all(simd_features features, uint64_t needs) {
	return (features.present & needs) == needs;
}

/* Copy, hash, lanes and count keep to 256 bits. CPUs that have AVX-512 and VPCLMULQDQ are of the generations that hold
 * their clock with light 512-bit code. */
void simd_select_extensions(simd_features features, struct simd_kernels *kernels) {
	if (has_all(features, NEEDS_AVX512)) {
		kernels->copies.copy = kernels->copies.move = simd_copy_evex;
		kernels->hashes.page_hash = simd_page_hash_evex;
	}
	if (has_all(features, NEEDS_AVX512 | BIT(AVX512_VBMI)))
		simd_lanes_extend_evex(&kernels->lanes);
	if (has_all(features, NEEDS_AVX512 | BIT(AVX512_VPOPCNTDQ)))
		kernels->sums.popcount = simd_popcount_vpopcntdq;
	if (has_all(features, NEEDS_AVX512 | BIT(VPCLMULQDQ)))
		kernels->hashes.crc32c = has_all(features, BIT(GFNI)) ? simd_crc32c_gfni : simd_crc32c_vpclmulqdq;
	if (has_all(features, BIT(CLZERO)))
		kernels->fills.zero_stream = simd_zero_clzero;
}
