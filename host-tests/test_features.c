/* SPDX-License-Identifier: Apache-2.0
 *
 * Features from register values, for both architectures, and what simd_select makes of them on this one.
 */
#include "simd/simd.h"

#include <criterion/criterion.h>
#include <string.h>

#define OSXSAVE    (1u << 27)
#define XCR0_YMM   0x7u
#define XCR0_ZMM   0xe7u
#define LEAF1_ECX  (1u << 0 | 1u << 9 | 1u << 19 | 1u << 20 | 1u << 23 | 1u << 28 | 1u << 12)
#define LEAF1_EDX  (1u << 26)
#define LEAF7_AVX2 (1u << 5 | 1u << 3 | 1u << 8)
#define LEAF7_512  (1u << 16 | 1u << 17 | 1u << 30 | 1u << 31)

static simd_features x86(uint32_t leaf1_ecx, uint32_t leaf7_ebx, uint64_t xcr0) {
	const struct simd_registers_x86_64 registers = {
		.leaf1_ecx = leaf1_ecx, .leaf1_edx = LEAF1_EDX, .leaf7_ebx = leaf7_ebx, .xcr0 = xcr0};
	return simd_features_decode_x86_64(&registers);
}

Test(features, avx_needs_osxsave_xcr0_and_cpuid) {
	cr_expect(simd_has(x86(LEAF1_ECX | OSXSAVE, LEAF7_AVX2, XCR0_YMM), SIMD_X86_AVX));
	cr_expect(simd_has(x86(LEAF1_ECX | OSXSAVE, LEAF7_AVX2, XCR0_YMM), SIMD_X86_AVX2));
	cr_expect_not(simd_has(x86(LEAF1_ECX, LEAF7_AVX2, XCR0_YMM), SIMD_X86_AVX2), "OSXSAVE is clear");
	cr_expect_not(simd_has(x86(LEAF1_ECX | OSXSAVE, LEAF7_AVX2, 3), SIMD_X86_AVX2), "YMM registers are not saved");
	cr_expect_not(simd_has(x86(LEAF1_ECX | OSXSAVE, LEAF7_AVX2, 5), SIMD_X86_AVX2), "XMM registers are not saved");
	cr_expect_not(simd_has(x86(LEAF1_ECX | OSXSAVE, 0, XCR0_YMM), SIMD_X86_AVX2), "CPUID has no AVX2");
	cr_expect(simd_has(x86(LEAF1_ECX | OSXSAVE, 0, XCR0_YMM), SIMD_X86_FMA));
}

Test(features, avx512_needs_every_zmm_state) {
	uint32_t leaf7 = LEAF7_AVX2 | LEAF7_512;
	cr_expect(simd_has(x86(LEAF1_ECX | OSXSAVE, leaf7, XCR0_ZMM), SIMD_X86_AVX512F));
	for (unsigned bit = 0; bit < 8; bit++)
		if ((XCR0_ZMM >> bit & 1) != 0 && bit != 0)
			cr_expect_not(
				simd_has(x86(LEAF1_ECX | OSXSAVE, leaf7, XCR0_ZMM & ~(1u << bit)), SIMD_X86_AVX512F),
				"XCR0 bit %u is clear", bit);
	/* Emulators' Skylake: the state can be switched on, the instructions are not there. */
	simd_features features = x86(LEAF1_ECX | OSXSAVE, LEAF7_AVX2, XCR0_ZMM);
	cr_expect_not(simd_has(features, SIMD_X86_AVX512F));
	cr_expect(simd_has(features, SIMD_X86_AVX2));
}

Test(features, x86_without_xsave_keeps_sse) {
	simd_features features = x86(1u << 0, 0, 0);
	cr_expect_eq(features.present, SIMD_FEATURE_BIT(SIMD_X86_SSE2) | SIMD_FEATURE_BIT(SIMD_X86_SSE3));
}

static simd_features arm(uint64_t pfr0, uint64_t isar0, uint64_t zfr0, uint32_t sve_bits) {
	const struct simd_registers_aarch64 registers = {pfr0, isar0, zfr0, sve_bits};
	return simd_features_decode_aarch64(&registers);
}

Test(features, aarch64_fields) {
	simd_features features = arm(0, 0, 0, 0);
	cr_expect_eq(features.present, SIMD_FEATURE_BIT(SIMD_ARM_ASIMD), "0 is Advanced SIMD without FP16");
	features = arm(UINT64_C(1) << 20, 0, 0, 0);
	cr_expect(simd_has(features, SIMD_ARM_ASIMD) && simd_has(features, SIMD_ARM_FP16));
	features = arm(UINT64_C(15) << 20, 0, 0, 0);
	cr_expect_eq(features.present, 0, "15 is no Advanced SIMD");
	features = arm(0,
		       UINT64_C(2) << 4 | UINT64_C(1) << 8 | UINT64_C(2) << 12 | UINT64_C(1) << 16 | UINT64_C(2) << 20 |
			       UINT64_C(1) << 44,
		       0, 0);
	const enum simd_feature all[] = {SIMD_ARM_AES,   SIMD_ARM_PMULL, SIMD_ARM_SHA1,   SIMD_ARM_SHA2,
					 SIMD_ARM_CRC32, SIMD_ARM_LSE,   SIMD_ARM_DOTPROD};
	for (unsigned i = 0; i < sizeof all / sizeof all[0]; i++)
		cr_expect(simd_has(features, all[i]), "%s", simd_feature_name(all[i]));
	features = arm(0, UINT64_C(1) << 4 | UINT64_C(1) << 20, 0, 0);
	cr_expect_not(simd_has(features, SIMD_ARM_PMULL), "PMULL begins at 2");
	cr_expect_not(simd_has(features, SIMD_ARM_LSE), "LSE begins at 2");
}

Test(features, sve_has_a_length_or_is_not_there) {
	simd_features features = arm(UINT64_C(1) << 32, 0, 1, 256);
	cr_expect(simd_has(features, SIMD_ARM_SVE) && simd_has(features, SIMD_ARM_SVE2));
	cr_expect_eq(features.sve_bits, 256);
	features = arm(0, 0, 1, 256);
	cr_expect_not(simd_has(features, SIMD_ARM_SVE) || simd_has(features, SIMD_ARM_SVE2));
	cr_expect_eq(features.sve_bits, 0);
}

Test(features, names_are_all_there) {
	for (unsigned i = 0; i < SIMD_FEATURE_COUNT; i++)
		cr_expect(simd_feature_name((enum simd_feature)i) != NULL, "feature %u has no name", i);
	cr_expect_str_eq(simd_feature_name(SIMD_X86_AVX512BW), "avx512bw");
	cr_expect_str_eq(simd_feature_name(SIMD_FEATURE_COUNT), "?");
}

Test(features, select_without_features_is_scalar) {
	struct simd_kernels kernels;
	simd_select((simd_features){0, 0}, NULL, &kernels);
	cr_expect_eq(kernels.selected, &simd_variants[0]);
	cr_expect_eq(kernels.copies.copy, simd_variants[0].copies->copy);
	cr_expect_eq(kernels.lanes.binary[SIMD_ADD][SIMD_U32], simd_variants[0].lanes->binary[SIMD_ADD][SIMD_U32]);
	cr_expect_null(simd_width_missing((simd_features){0, 0}, SIMD_WIDTH_SCALAR));
	for (unsigned width = SIMD_WIDTH_128; width < SIMD_WIDTH_COUNT; width++) {
		cr_expect_null(kernels.width[width]);
		const char *missing = simd_width_missing((simd_features){0, 0}, (enum simd_width)width);
		cr_assert_not_null(missing);
		cr_expect_gt(strlen(missing), 0);
	}
}

Test(features, select_takes_the_widest_that_needs_no_measurement) {
	struct simd_kernels kernels;
	simd_features features = {~UINT64_C(0), 512};
	simd_select(features, NULL, &kernels);
	for (unsigned width = 0; width < SIMD_WIDTH_COUNT; width++)
		if (kernels.width[width] != NULL) {
			cr_expect_eq(kernels.width[width]->width, width);
			cr_expect_null(simd_width_missing(features, (enum simd_width)width));
		}
	cr_expect_not_null(kernels.width[SIMD_WIDTH_512]);
	cr_expect(kernels.selected->unmeasured);
	for (unsigned width = kernels.selected->width + 1; width < SIMD_WIDTH_COUNT; width++)
		if (kernels.width[width] != NULL)
			cr_expect_not(kernels.width[width]->unmeasured, "%s is wider", kernels.width[width]->name);
}

Test(features, detected_ones_select_something_that_runs) {
	simd_features features = simd_features_detect();
	struct simd_kernels kernels;
	simd_select(features, NULL, &kernels);
	cr_expect_not_null(kernels.width[SIMD_WIDTH_128],
			   "every x86_64 has SSE2, every aarch64 under Linux Advanced SIMD");
	cr_expect(simd_variant_runs(kernels.selected, features));
}
