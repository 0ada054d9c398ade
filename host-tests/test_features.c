/* SPDX-License-Identifier: Apache-2.0
 *
 * Features from register values, for both architectures, and what simd_select makes of them on this one.
 */
#include "simd/simd.h"

#include <criterion/criterion.h>
#include <stddef.h>
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

/* CPUID's bits of Intel SDM volume 2A and, for CLZERO, AMD APM volume 3, appendix E; and what of XCR0 a feature
 * wants, if anything. */
static const struct {
	size_t word; /* offset into the registers */
	unsigned bit;
	enum simd_feature feature;
	uint64_t xcr0;
} single_bits[] = {
#define BIT(word, bit, feature, xcr0) \
	{ offsetof(struct simd_registers_x86_64, word), bit, SIMD_X86_##feature, xcr0 }
	BIT(leaf1_edx, 26, SSE2, 0),
	BIT(leaf1_ecx, 0, SSE3, 0),
	BIT(leaf1_ecx, 9, SSSE3, 0),
	BIT(leaf1_ecx, 19, SSE4_1, 0),
	BIT(leaf1_ecx, 20, SSE4_2, 0),
	BIT(leaf1_ecx, 23, POPCNT, 0),
	BIT(leaf1_ecx, 25, AES, 0),
	BIT(leaf1_ecx, 1, PCLMULQDQ, 0),
	BIT(leaf1_ecx, 28, AVX, XCR0_YMM),
	BIT(leaf1_ecx, 29, F16C, XCR0_YMM),
	BIT(leaf1_ecx, 12, FMA, XCR0_YMM),
	BIT(leaf7_ebx, 3, BMI1, 0),
	BIT(leaf7_ebx, 5, AVX2, XCR0_YMM),
	BIT(leaf7_ebx, 8, BMI2, 0),
	BIT(leaf7_ebx, 9, ERMS, 0),
	BIT(leaf7_ebx, 16, AVX512F, XCR0_ZMM),
	BIT(leaf7_ebx, 17, AVX512DQ, XCR0_ZMM),
	BIT(leaf7_ebx, 29, SHA, 0),
	BIT(leaf7_ebx, 30, AVX512BW, XCR0_ZMM),
	BIT(leaf7_ebx, 31, AVX512VL, XCR0_ZMM),
	BIT(leaf7_ecx, 1, AVX512_VBMI, XCR0_ZMM),
	BIT(leaf7_ecx, 8, GFNI, 0),
	BIT(leaf7_ecx, 10, VPCLMULQDQ, XCR0_YMM),
	BIT(leaf7_ecx, 11, AVX512_VNNI, XCR0_ZMM),
	BIT(leaf7_ecx, 14, AVX512_VPOPCNTDQ, XCR0_ZMM),
	BIT(leaf7_edx, 4, FSRM, 0),
	BIT(leaf80000008_ebx, 0, CLZERO, 0),
#undef BIT
};
enum { SINGLE_BITS = sizeof single_bits / sizeof single_bits[0] };

static uint64_t decoded(size_t word, uint32_t bits, uint32_t osxsave, uint64_t xcr0) {
	struct simd_registers_x86_64 registers = {.xcr0 = xcr0};
	memcpy((char *)&registers + word, &bits, sizeof bits);
	registers.leaf1_ecx |= osxsave;
	return simd_features_decode_x86_64(&registers).present;
}

Test(features, every_x86_bit_is_one_feature_with_its_state_saved) {
	static const uint64_t saved[] = {0, 3, XCR0_YMM, XCR0_ZMM & ~UINT64_C(4), XCR0_ZMM};
	for (size_t i = 0; i < SINGLE_BITS; i++) {
		size_t word = single_bits[i].word;
		uint32_t bit = 1u << single_bits[i].bit;
		uint64_t feature = SIMD_FEATURE_BIT(single_bits[i].feature), wants = single_bits[i].xcr0;
		const char *name = simd_feature_name(single_bits[i].feature);
		for (size_t j = 0; j < sizeof saved / sizeof saved[0]; j++)
			cr_expect_eq(decoded(word, bit, OSXSAVE, saved[j]), (saved[j] & wants) == wants ? feature : 0,
				     "%s alone, XCR0 %llx", name, (unsigned long long)saved[j]);
		cr_expect_eq(decoded(word, bit, 0, XCR0_ZMM), wants == 0 ? feature : 0, "%s, OSXSAVE is clear", name);
		cr_expect_eq(decoded(word, ~bit, OSXSAVE, XCR0_ZMM) & feature, 0, "all but %s", name);
	}
}

Test(features, the_table_above_leaves_no_x86_feature_out) {
	static const struct simd_registers_x86_64 all = {~0u, ~0u, ~0u, ~0u, ~0u, ~0u, ~UINT64_C(0)};
	uint64_t listed = 0;
	for (size_t i = 0; i < SINGLE_BITS; i++)
		listed |= SIMD_FEATURE_BIT(single_bits[i].feature);
	cr_expect_eq(simd_features_decode_x86_64(&all).present, listed);
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

static const char *missing(simd_features features, enum simd_family family, enum simd_width width) {
	static char text[96];
	return simd_width_missing(features, family, width, text, sizeof text) ? text : NULL;
}

#define EACH_FAMILY(family) (enum simd_family family = 0; family < SIMD_FAMILY_COUNT; family++)

Test(features, select_without_features_is_scalar) {
	struct simd_kernels kernels;
	const simd_features none = {0, 0};
	simd_select(none, NULL, &kernels);
	cr_expect_eq(kernels.copies.copy, simd_variants[0].copies->copy);
	cr_expect_eq(kernels.lanes.binary[SIMD_ADD][SIMD_U32], simd_variants[0].lanes->binary[SIMD_ADD][SIMD_U32]);
	cr_expect_eq(kernels.hashes.crc32c, simd_variants[0].hashes->crc32c);
	for
		EACH_FAMILY(family) {
			cr_expect_eq(kernels.from[family], &simd_variants[0]);
			cr_expect_null(missing(none, family, SIMD_WIDTH_SCALAR));
			for (unsigned width = SIMD_WIDTH_128; width < SIMD_WIDTH_COUNT; width++) {
				cr_expect_null(kernels.width[family][width]);
				const char *reason = missing(none, family, (enum simd_width)width);
				cr_assert_not_null(reason);
				cr_expect_eq(strncmp(reason, "no ", 3), 0, "%s", reason);
			}
		}
}

Test(features, select_takes_the_widest_that_needs_no_measurement) {
	struct simd_kernels kernels;
	simd_features features = {~UINT64_C(0), 512};
	simd_select(features, NULL, &kernels);
	for
		EACH_FAMILY(family) {
			const struct simd_variant **width = kernels.width[family], *from = kernels.from[family];
			for (unsigned i = 0; i < SIMD_WIDTH_COUNT; i++)
				if (width[i] != NULL) {
					cr_expect_eq(width[i]->width, i);
					cr_expect_null(missing(features, family, (enum simd_width)i));
				}
			cr_expect_not_null(width[SIMD_WIDTH_512]);
			cr_expect(from->unmeasured);
			for (unsigned i = from->width + 1; i < SIMD_WIDTH_COUNT; i++)
				if (width[i] != NULL)
					cr_expect_not(width[i]->unmeasured, "%s is wider", width[i]->name);
		}
}

Test(features, detected_ones_select_something_that_runs) {
	simd_features features = simd_features_detect();
	struct simd_kernels kernels;
	simd_select(features, NULL, &kernels);
	for
		EACH_FAMILY(family) {
			cr_expect_not_null(kernels.width[family][SIMD_WIDTH_128],
					   "every x86_64 has SSE2, every aarch64 under Linux Advanced SIMD");
			cr_expect(simd_family_runs(kernels.from[family], family, features));
		}
}

/* Each feature alone taken away from a CPU that has all: families that do not need it stay where they are. */
Test(features, each_family_falls_back_alone) {
	struct simd_kernels whole, kernels;
	simd_select((simd_features){~UINT64_C(0), 512}, NULL, &whole);
	for (unsigned feature = 0; feature < SIMD_FEATURE_COUNT; feature++) {
		const simd_features features = {~SIMD_FEATURE_BIT(feature), 512};
		simd_select(features, NULL, &kernels);
		for
			EACH_FAMILY(family) {
				const struct simd_variant *from = whole.from[family];
				bool needs = (from->needs[family] & SIMD_FEATURE_BIT(feature)) != 0;
				cr_expect_eq(kernels.from[family] == from, !needs, "without %s: family %u",
					     simd_feature_name((enum simd_feature)feature), family);
				cr_expect(simd_family_runs(kernels.from[family], family, features));
			}
	}
}

Test(features, the_reason_is_cut_off_and_terminated) {
	char whole[96], text[96];
	const simd_features none = {0, 0};
	cr_assert(simd_width_missing(none, SIMD_FAMILY_LANES, SIMD_WIDTH_512, whole, sizeof whole));
	cr_expect_lt(strlen(whole), sizeof whole - 1, "%s", whole);
	for (size_t bytes = 1; bytes <= strlen(whole); bytes++) {
		memset(text, '#', sizeof text);
		cr_expect(simd_width_missing(none, SIMD_FAMILY_LANES, SIMD_WIDTH_512, text, bytes));
		cr_expect_eq(strlen(text), bytes - 1);
		cr_expect_eq(strncmp(text, whole, bytes - 1), 0);
		cr_expect_eq(text[bytes], '#');
	}
}

/* ---- known CPUs -------------------------------------------------------------------------------------------------- */

#define SSE_TO_AVX (1u << 0 | 1u << 9 | 1u << 19 | 1u << 20 | 1u << 23 | 1u << 28 | OSXSAVE)
#define FMA_F16C   (1u << 12 | 1u << 29)
#define PCLMULQDQ  (1u << 1)
#define AES        (1u << 25)
#define BMI1       (1u << 3)
#define BMI2       (1u << 8)
#define AVX2       (1u << 5)
#define VBMI       (1u << 1)
#define GFNI       (1u << 8)
#define VPCLMUL    (1u << 10)
#define VNNI       (1u << 11)
#define VPOPCNTDQ  (1u << 14)
#define CLZERO     (1u << 0)

/* What simd_select makes of a CPU; a family's variant, and the extensions that came on top. */
static const struct cpu {
	const char *name;
	struct simd_registers_x86_64 registers;
	const char *copies, *scans, *page_hash, *crc32c, *lanes;
	const char *missing_256, *missing_512; /* of copies and lanes; NULL: nothing */
	bool evex, vbmi, popcount, crc32c_beside, clzero;
} cpus[] = {
	{.name = "Westmere",
	 .registers = {.leaf1_ecx = (SSE_TO_AVX & ~(OSXSAVE | 1u << 28)) | PCLMULQDQ | AES, .leaf1_edx = LEAF1_EDX},
	 .copies = "sse2",
	 .scans = "sse2",
	 .page_hash = "sse2",
	 .crc32c = "avx2",
	 .lanes = "sse2",
	 .missing_256 = "no AVX, or the system does not save YMM registers",
	 .missing_512 = "no BMI2, AVX2, AVX512F, AVX512BW, AVX512DQ, or the system does not save YMM registers"},
	{.name = "Haswell",
	 .registers = {.leaf1_ecx = SSE_TO_AVX | FMA_F16C | PCLMULQDQ | AES,
		       .leaf1_edx = LEAF1_EDX,
		       .leaf7_ebx = BMI1 | BMI2 | AVX2,
		       .xcr0 = XCR0_YMM},
	 .copies = "avx2",
	 .scans = "avx2",
	 .page_hash = "avx2",
	 .crc32c = "avx2",
	 .lanes = "avx2",
	 .missing_512 = "no AVX512F, AVX512BW, AVX512DQ, or the system does not save ZMM registers",
	 .crc32c_beside = true,
	 .popcount = true},
	{.name = "Hygon Dhyana",
	 .registers = {.leaf1_ecx = SSE_TO_AVX | FMA_F16C | AES,
		       .leaf1_edx = LEAF1_EDX,
		       .leaf7_ebx = BMI1 | BMI2 | AVX2,
		       .leaf80000008_ebx = CLZERO,
		       .xcr0 = XCR0_YMM},
	 .copies = "avx2",
	 .scans = "avx2",
	 .page_hash = "avx2",
	 .crc32c = "sse2",
	 .lanes = "avx2",
	 .missing_512 = "no AVX512F, AVX512BW, AVX512DQ, or the system does not save ZMM registers",
	 .clzero = true,
	 .popcount = true},
	{.name = "without BMI2",
	 .registers = {.leaf1_ecx = SSE_TO_AVX | FMA_F16C | PCLMULQDQ | AES,
		       .leaf1_edx = LEAF1_EDX,
		       .leaf7_ebx = BMI1 | AVX2,
		       .xcr0 = XCR0_YMM},
	 .copies = "avx2",
	 .scans = "sse2",
	 .page_hash = "avx2",
	 .crc32c = "avx2",
	 .lanes = "sse2",
	 .missing_512 = "no BMI2, AVX512F, AVX512BW, AVX512DQ, or the system does not save ZMM registers",
	 .popcount = true},
	{.name = "Skylake-X",
	 .registers = {.leaf1_ecx = SSE_TO_AVX | FMA_F16C | PCLMULQDQ | AES,
		       .leaf1_edx = LEAF1_EDX,
		       .leaf7_ebx = BMI1 | BMI2 | AVX2 | LEAF7_512,
		       .xcr0 = XCR0_ZMM},
	 .copies = "avx2",
	 .scans = "avx2",
	 .page_hash = "avx2",
	 .crc32c = "avx2",
	 .lanes = "avx2",
	 .evex = true,
	 .crc32c_beside = true,
	 .popcount = true},
	{.name = "Cascade Lake",
	 .registers = {.leaf1_ecx = SSE_TO_AVX | FMA_F16C | PCLMULQDQ | AES,
		       .leaf1_edx = LEAF1_EDX,
		       .leaf7_ebx = BMI1 | BMI2 | AVX2 | LEAF7_512,
		       .leaf7_ecx = VNNI,
		       .xcr0 = XCR0_ZMM},
	 .copies = "avx2",
	 .scans = "avx2",
	 .page_hash = "avx2",
	 .crc32c = "avx2",
	 .lanes = "avx2",
	 .evex = true,
	 .crc32c_beside = true,
	 .popcount = true},
	{.name = "Ice Lake",
	 .registers = {.leaf1_ecx = SSE_TO_AVX | FMA_F16C | PCLMULQDQ | AES,
		       .leaf1_edx = LEAF1_EDX,
		       .leaf7_ebx = BMI1 | BMI2 | AVX2 | LEAF7_512,
		       .xcr0 = XCR0_ZMM,
		       .leaf7_ecx = VBMI | GFNI | VPCLMUL | VNNI | VPOPCNTDQ},
	 .copies = "avx2",
	 .scans = "avx2",
	 .page_hash = "avx2",
	 .crc32c = "avx2",
	 .lanes = "avx2",
	 .evex = true,
	 .vbmi = true,
	 .crc32c_beside = true,
	 .popcount = true},
	{.name = "Zen 4 and 5",
	 .registers = {.leaf1_ecx = SSE_TO_AVX | FMA_F16C | PCLMULQDQ | AES,
		       .leaf1_edx = LEAF1_EDX,
		       .leaf7_ebx = BMI1 | BMI2 | AVX2 | LEAF7_512,
		       .xcr0 = XCR0_ZMM,
		       .leaf80000008_ebx = CLZERO,
		       .leaf7_ecx = VBMI | GFNI | VPCLMUL | VNNI | VPOPCNTDQ},
	 .copies = "avx2",
	 .scans = "avx2",
	 .page_hash = "avx2",
	 .crc32c = "avx2",
	 .lanes = "avx2",
	 .evex = true,
	 .vbmi = true,
	 .crc32c_beside = true,
	 .clzero = true,
	 .popcount = true},
	{.name = "Zen 4 under a system that saves no ZMM registers",
	 .registers = {.leaf1_ecx = SSE_TO_AVX | FMA_F16C | PCLMULQDQ | AES,
		       .leaf1_edx = LEAF1_EDX,
		       .leaf7_ebx = BMI1 | BMI2 | AVX2 | LEAF7_512,
		       .xcr0 = XCR0_YMM,
		       .leaf80000008_ebx = CLZERO,
		       .leaf7_ecx = VBMI | GFNI | VPCLMUL | VNNI | VPOPCNTDQ},
	 .copies = "avx2",
	 .scans = "avx2",
	 .page_hash = "avx2",
	 .crc32c = "avx2",
	 .lanes = "avx2",
	 .missing_512 = "no AVX512F, AVX512BW, AVX512DQ, or the system does not save ZMM registers",
	 .clzero = true,
	 .crc32c_beside = true,
	 .popcount = true},
};

static void expect_from(const struct cpu *cpu, const struct simd_kernels *kernels, enum simd_family family,
			const char *wanted) {
	cr_expect_str_eq(kernels->from[family]->name, wanted, "%s, family %u", cpu->name, family);
}

static void expect_missing(const struct cpu *cpu, simd_features features, enum simd_family family,
			   enum simd_width width, const char *wanted) {
	const char *reason = missing(features, family, width);
	cr_expect_eq(reason == NULL, wanted == NULL, "%s: %s", cpu->name, reason);
	if (reason != NULL && wanted != NULL)
		cr_expect_str_eq(reason, wanted, "%s: %s", cpu->name, reason);
}

/* Whether a kernel is another than its variant's own. */
static void expect_extensions(const struct cpu *cpu, simd_features features, const struct simd_kernels *kernels) {
	const struct simd_lanes *lanes = kernels->from[SIMD_FAMILY_LANES]->lanes;
	struct simd_kernels without_vbmi;
	features.present &= ~SIMD_FEATURE_BIT(SIMD_X86_AVX512_VBMI);
	simd_select(features, NULL, &without_vbmi);
	const struct {
		const char *what;
		bool is_another, wanted;
	} each[] = {
		{"copy", kernels->copies.copy != kernels->from[SIMD_FAMILY_COPIES]->copies->copy, cpu->evex},
		{"page hash", kernels->hashes.page_hash != kernels->from[SIMD_FAMILY_PAGE_HASH]->hashes->page_hash,
		 cpu->evex},
		{"VPMULLQ", kernels->lanes.binary[SIMD_MUL][SIMD_U64] != lanes->binary[SIMD_MUL][SIMD_U64], cpu->evex},
		{"VPSRAVQ", kernels->lanes.binary[SIMD_SRA][SIMD_U64] != lanes->binary[SIMD_SRA][SIMD_U64], cpu->evex},
		{"VPSLLVW", kernels->lanes.binary[SIMD_SHL][SIMD_U16] != lanes->binary[SIMD_SHL][SIMD_U16], cpu->evex},
		{"VPMADDUBSW", kernels->lanes.binary[SIMD_SHL][SIMD_U8] != lanes->binary[SIMD_SHL][SIMD_U8], cpu->evex},
		{"VPMULTISHIFTQB",
		 kernels->lanes.binary[SIMD_SHL][SIMD_U8] != without_vbmi.lanes.binary[SIMD_SHL][SIMD_U8], cpu->vbmi},
		{"GF2P8AFFINEQB",
		 kernels->lanes.shift[SIMD_SHIFT_SHL][SIMD_U8] != without_vbmi.lanes.shift[SIMD_SHIFT_SHL][SIMD_U8],
		 cpu->vbmi},
		{"popcount", kernels->sums.popcount != kernels->from[SIMD_FAMILY_POPCOUNT]->sums->popcount,
		 cpu->popcount},
		{"CRC32 and PCLMULQDQ", kernels->hashes.crc32c != kernels->from[SIMD_FAMILY_CRC32C]->hashes->crc32c,
		 cpu->crc32c_beside},
		{"CLZERO", kernels->fills.zero_stream != kernels->from[SIMD_FAMILY_FILLS]->fills->zero_stream,
		 cpu->clzero},
	};
	for (size_t i = 0; i < sizeof each / sizeof each[0]; i++)
		cr_expect_eq(each[i].is_another, each[i].wanted, "%s: %s", cpu->name, each[i].what);
}

Test(features, known_x86_64_cpus_get_what_they_have) {
	if (strcmp(simd_variants[1].name, "fma3") != 0)
		cr_skip_test("wants x86_64's variants");
	for (size_t i = 0; i < sizeof cpus / sizeof cpus[0]; i++) {
		const struct cpu *cpu = &cpus[i];
		struct simd_kernels kernels;
		simd_features features = simd_features_decode_x86_64(&cpu->registers);
		simd_select(features, NULL, &kernels);
		expect_from(cpu, &kernels, SIMD_FAMILY_COPIES, cpu->copies);
		expect_from(cpu, &kernels, SIMD_FAMILY_SCANS, cpu->scans);
		expect_from(cpu, &kernels, SIMD_FAMILY_PAGE_HASH, cpu->page_hash);
		expect_from(cpu, &kernels, SIMD_FAMILY_CRC32C, cpu->crc32c);
		expect_from(cpu, &kernels, SIMD_FAMILY_LANES, cpu->lanes);
		expect_missing(cpu, features, SIMD_FAMILY_COPIES, SIMD_WIDTH_256, cpu->missing_256);
		expect_missing(cpu, features, SIMD_FAMILY_LANES, SIMD_WIDTH_512, cpu->missing_512);
		expect_extensions(cpu, features, &kernels);
	}
}

static simd_features features_of(const char *name) {
	for (size_t i = 0; i < sizeof cpus / sizeof cpus[0]; i++)
		if (strcmp(cpus[i].name, name) == 0)
			return simd_features_decode_x86_64(&cpus[i].registers);
	return (simd_features){0};
}

static struct simd_kernels kernels_of(const char *name) {
	struct simd_kernels kernels;
	simd_select(features_of(name), NULL, &kernels);
	return kernels;
}

Test(features, each_generation_has_popcount_and_crc32c_of_its_own) {
	if (strcmp(simd_variants[1].name, "fma3") != 0)
		cr_skip_test("wants x86_64's variants");
	const struct simd_kernels by_age[] = {kernels_of("Westmere"), kernels_of("Haswell"), kernels_of("Cascade Lake"),
					      kernels_of("Ice Lake")};
	for (size_t i = 0; i < 4; i++)
		for (size_t older = 0; older < i; older++) {
			cr_expect_neq(by_age[i].sums.popcount, by_age[older].sums.popcount, "%zu, %zu", older, i);
			cr_expect_neq(by_age[i].hashes.crc32c, by_age[older].hashes.crc32c, "%zu, %zu", older, i);
		}
}

Test(features, crc32c_folds_as_much_as_pclmulqdq_starts) {
	if (strcmp(simd_variants[1].name, "fma3") != 0)
		cr_skip_test("wants x86_64's variants");
	simd_features two_cycles = features_of("Zen 4 and 5"), one_cycle = features_of("Ice Lake");
	two_cycles.present &= ~SIMD_FEATURE_BIT(SIMD_X86_VPCLMULQDQ);
	one_cycle.present &= ~SIMD_FEATURE_BIT(SIMD_X86_VPCLMULQDQ);
	cr_expect_str_eq(simd_method_built_in(two_cycles, SIMD_OPERATION_CRC32C), "avx");
	cr_expect_str_eq(simd_method_built_in(one_cycle, SIMD_OPERATION_CRC32C), "evex");
	struct simd_kernels kernels = {0};
	cr_expect(simd_method_use(two_cycles, SIMD_OPERATION_CRC32C, "evex", &kernels));
}

Test(features, the_reason_names_what_is_missing) {
	if (strcmp(simd_variants[1].name, "fma3") != 0)
		cr_skip_test("wants x86_64's variants");
	simd_features features = {~SIMD_FEATURE_BIT(SIMD_X86_PCLMULQDQ), 0};
	cr_expect_str_eq(missing(features, SIMD_FAMILY_CRC32C, SIMD_WIDTH_256), "no PCLMULQDQ");
	cr_expect_null(missing(features, SIMD_FAMILY_COPIES, SIMD_WIDTH_256));
	features.present = ~SIMD_FEATURE_BIT(SIMD_X86_BMI2);
	cr_expect_str_eq(missing(features, SIMD_FAMILY_SCANS, SIMD_WIDTH_256), "no BMI2");
}
