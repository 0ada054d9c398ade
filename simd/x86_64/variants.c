/* SPDX-License-Identifier: Apache-2.0
 *
 * x86_64's variants. What each family needs is all that its files are compiled for, since the compiler may use any of
 * it, and no more than they execute.
 */
#include "simd/x86_64/isa.h"

#define BIT(feature) SIMD_FEATURE_BIT(SIMD_X86_##feature)
#define AVX512F      (BIT(AVX2) | BIT(AVX512F))

#define NEEDS_ALL(all) \
	{ all, all, all, all, all, all, all, all, all }

const struct simd_variant simd_variants[] = {
	{"scalar", SIMD_WIDTH_SCALAR, true, 0, NEEDS_ALL(0), SIMD_TABLES(scalar)},
	{"fma3",
	 SIMD_WIDTH_SCALAR,
	 true,
	 0,
	 {[SIMD_FAMILY_LANES] = BIT(AVX) | BIT(FMA), [SIMD_FAMILY_FMA] = BIT(AVX) | BIT(FMA)},
	 &simd_copies_scalar,
	 &simd_fills_scalar,
	 &simd_scans_scalar,
	 &simd_sums_scalar,
	 &simd_hashes_scalar,
	 &simd_lanes_fma3},
	{"sse2", SIMD_WIDTH_128, true, 0, NEEDS_ALL(BIT(SSE2)), SIMD_TABLES(sse2)},
	{"avx2",
	 SIMD_WIDTH_256,
	 true,
	 0,
	 {
		 [SIMD_FAMILY_COPIES] = BIT(AVX),
		 [SIMD_FAMILY_FILLS] = BIT(AVX2),
		 [SIMD_FAMILY_SCANS] = BIT(AVX2) | BIT(BMI1) | BIT(BMI2),
		 [SIMD_FAMILY_SUMS] = BIT(AVX2),
		 [SIMD_FAMILY_POPCOUNT] = BIT(POPCNT),
		 [SIMD_FAMILY_CRC32C] = BIT(SSE4_2) | BIT(PCLMULQDQ),
		 [SIMD_FAMILY_PAGE_HASH] = BIT(AVX2),
		 [SIMD_FAMILY_LANES] = BIT(AVX2) | BIT(BMI2),
		 [SIMD_FAMILY_FMA] = BIT(AVX2) | BIT(BMI2) | BIT(FMA),
	 },
	 &simd_copies_avx,
	 &simd_fills_avx2,
	 &simd_scans_avx2,
	 &simd_sums_avx2,
	 &simd_hashes_avx2,
	 &simd_lanes_avx2},
	{"avx512",
	 SIMD_WIDTH_512,
	 false,
	 0,
	 {
		 [SIMD_FAMILY_COPIES] = AVX512F | BIT(AVX512BW) | BIT(AVX512VL),
		 [SIMD_FAMILY_FILLS] = AVX512F | BIT(AVX512BW) | BIT(AVX512VL),
		 [SIMD_FAMILY_SCANS] = AVX512F | BIT(AVX512BW) | BIT(BMI1) | BIT(BMI2),
		 [SIMD_FAMILY_SUMS] = AVX512F | BIT(AVX512DQ) | BIT(AVX512VL),
		 [SIMD_FAMILY_POPCOUNT] = AVX512F | BIT(AVX512BW) | BIT(POPCNT),
		 [SIMD_FAMILY_CRC32C] = BIT(SSE4_2) | BIT(PCLMULQDQ),
		 [SIMD_FAMILY_PAGE_HASH] = AVX512F | BIT(AVX512DQ) | BIT(AVX512VL),
		 [SIMD_FAMILY_LANES] = AVX512F | BIT(AVX512BW) | BIT(AVX512DQ) | BIT(BMI2),
		 [SIMD_FAMILY_FMA] = AVX512F | BIT(AVX512BW) | BIT(AVX512DQ) | BIT(BMI2) | BIT(FMA),
	 },
	 SIMD_TABLES(avx512)},
};

const size_t simd_variant_count = sizeof simd_variants / sizeof simd_variants[0];

const struct simd_profile simd_profile_default = {
	.copy_stream_bytes = 16 << 20,
	.zero_stream_bytes = 16 << 20,
};

/* copy_evex.S takes its arguments where Windows does not put them; the copy in C stands in there. */
#if !defined(_WIN32)
static void copy_evex(struct simd_kernels *kernels) {
	kernels->copies.copy = kernels->copies.move = simd_copy_evex;
}
#endif

static void copy_erms(struct simd_kernels *kernels) {
	kernels->copies.copy = kernels->copies.move = simd_copy_erms;
}

static void page_hash_evex(struct simd_kernels *kernels) {
	kernels->hashes.page_hash = simd_page_hash_evex;
}

static void lanes_evex(struct simd_kernels *kernels) {
	simd_lanes_extend_evex(&kernels->lanes);
}

static void lanes_vbmi(struct simd_kernels *kernels) {
	simd_lanes_extend_vbmi(&kernels->lanes);
}

static void popcount_csa(struct simd_kernels *kernels) {
	kernels->sums.popcount = simd_popcount_csa;
}

static void popcount_evex(struct simd_kernels *kernels) {
	kernels->sums.popcount = simd_popcount_evex;
}

static void popcount_vpopcntdq(struct simd_kernels *kernels) {
	kernels->sums.popcount = simd_popcount_vpopcntdq;
}

static void crc32c_avx(struct simd_kernels *kernels) {
	kernels->hashes.crc32c = simd_crc32c_avx;
}

static void crc32c_evex(struct simd_kernels *kernels) {
	kernels->hashes.crc32c = simd_crc32c_evex;
}

static void crc32c_vpclmulqdq(struct simd_kernels *kernels) {
	kernels->hashes.crc32c = simd_crc32c_vpclmulqdq;
}

static void crc32c_gfni(struct simd_kernels *kernels) {
	kernels->hashes.crc32c = simd_crc32c_gfni;
}

static void zero_clzero(struct simd_kernels *kernels) {
	kernels->fills.zero_stream = simd_zero_clzero;
}

#define CRC32C_FOLDS \
	(AVX512F | BIT(AVX512DQ) | BIT(AVX512VL) | BIT(BMI2) | BIT(SSE4_2) | BIT(PCLMULQDQ) | BIT(VPCLMULQDQ))

/* Copy, hash, lanes and count keep to 256 bits. CPUs that have AVX-512 and VPCLMULQDQ are of the generations that hold
 * their clock with light 512-bit code. Those with BMI2 are of the generations whose PCLMULQDQ takes one cycle or two:
 * on the ones before it takes eight, and gains nothing beside CRC32. Those with AVX-512 and CLZERO are AMD's, and there
 * it takes two, where the CRC32C in EVEX registers wants one. */
const struct simd_extension simd_extensions[] = {
#if !defined(_WIN32)
	{"copy, 256 bits of AVX-512", "evex", SIMD_WIDTH_256, true, AVX512F | BIT(AVX512VL), 0, copy_evex},
#endif
	{"page hash, 256 bits of AVX-512", "evex", SIMD_WIDTH_256, true, AVX512F | BIT(AVX512DQ) | BIT(AVX512VL), 0,
	 page_hash_evex},
	{"lanes, 256 bits of AVX-512", "evex", SIMD_WIDTH_256, true,
	 AVX512F | BIT(AVX512BW) | BIT(AVX512DQ) | BIT(AVX512VL) | BIT(BMI2), 0, lanes_evex},
	{"lanes, VBMI and GFNI", "vbmi", SIMD_WIDTH_256, true,
	 AVX512F | BIT(AVX512BW) | BIT(AVX512VL) | BIT(AVX512_VBMI) | BIT(GFNI) | BIT(BMI2), 0, lanes_vbmi},
	{"popcount, AVX2", "csa", SIMD_WIDTH_256, true, BIT(AVX2) | BIT(POPCNT), 0, popcount_csa},
	{"popcount, 256 bits of AVX-512", "evex", SIMD_WIDTH_256, true,
	 AVX512F | BIT(AVX512DQ) | BIT(AVX512VL) | BIT(POPCNT), 0, popcount_evex},
	{"popcount, VPOPCNTDQ", "vpopcntdq", SIMD_WIDTH_256, true,
	 AVX512F | BIT(AVX512BW) | BIT(AVX512DQ) | BIT(AVX512VL) | BIT(AVX512_VPOPCNTDQ) | BIT(BMI2), 0,
	 popcount_vpopcntdq},
	{"crc32c, AVX", "avx", SIMD_WIDTH_128, true, BIT(AVX) | BIT(BMI2) | BIT(SSE4_2) | BIT(PCLMULQDQ), 0,
	 crc32c_avx},
	{"crc32c, 128 bits of AVX-512", "evex", SIMD_WIDTH_128, true,
	 AVX512F | BIT(AVX512VL) | BIT(BMI2) | BIT(SSE4_2) | BIT(PCLMULQDQ), BIT(CLZERO), crc32c_evex},
	{"crc32c, VPCLMULQDQ", "vpclmulqdq", SIMD_WIDTH_512, true, CRC32C_FOLDS, 0, crc32c_vpclmulqdq},
	{"crc32c, GFNI", "gfni", SIMD_WIDTH_512, true, CRC32C_FOLDS | BIT(GFNI), 0, crc32c_gfni},
	{"copy, REP MOVSB", "erms", SIMD_WIDTH_SCALAR, false, BIT(AVX) | BIT(ERMS), 0, copy_erms},
	{"zero_stream, CLZERO", "clzero", SIMD_WIDTH_SCALAR, true, BIT(SSE2) | BIT(CLZERO), 0, zero_clzero},
};

const size_t simd_extension_count = sizeof simd_extensions / sizeof simd_extensions[0];
