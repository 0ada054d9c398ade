/* SPDX-License-Identifier: Apache-2.0
 *
 * Which field of which ID register says what: Arm ARM (DDI 0487), D23.2, and for the names Linux's
 * Documentation/arch/arm64/elf_hwcaps.rst. evtstrm and cpuid are words about the kernel and not here.
 */
#include "caps/arm/arm.h"

#include <string.h>

#define FIELD(name, which, shift, least, group) \
	{ #name, CAPS_##which, shift, 4, least, false, CAPS_FEATURES_##group }
#define SIGNED(name, which, shift, least, group) \
	{ #name, CAPS_##which, shift, 4, least, true, CAPS_FEATURES_##group }
#define BIT(name, which, shift, group) \
	{ #name, CAPS_##which, shift, 1, 1, false, CAPS_FEATURES_##group }

/* In the order of their bits in AT_HWCAP, then AT_HWCAP2. */
static const struct caps_arm_feature features[] = {
	SIGNED(fp, ID_AA64PFR0_EL1, 16, 0, SIMD),         SIGNED(asimd, ID_AA64PFR0_EL1, 20, 0, SIMD),
	FIELD(aes, ID_AA64ISAR0_EL1, 4, 1, CRYPTO),       FIELD(pmull, ID_AA64ISAR0_EL1, 4, 2, CRYPTO),
	FIELD(sha1, ID_AA64ISAR0_EL1, 8, 1, CRYPTO),      FIELD(sha2, ID_AA64ISAR0_EL1, 12, 1, CRYPTO),
	FIELD(crc32, ID_AA64ISAR0_EL1, 16, 1, OTHER),     FIELD(atomics, ID_AA64ISAR0_EL1, 20, 2, OTHER),
	SIGNED(fphp, ID_AA64PFR0_EL1, 16, 1, SIMD),       SIGNED(asimdhp, ID_AA64PFR0_EL1, 20, 1, SIMD),
	FIELD(asimdrdm, ID_AA64ISAR0_EL1, 28, 1, SIMD),   FIELD(jscvt, ID_AA64ISAR1_EL1, 12, 1, OTHER),
	FIELD(fcma, ID_AA64ISAR1_EL1, 16, 1, SIMD),       FIELD(lrcpc, ID_AA64ISAR1_EL1, 20, 1, OTHER),
	FIELD(dcpop, ID_AA64ISAR1_EL1, 0, 1, OTHER),      FIELD(sha3, ID_AA64ISAR0_EL1, 32, 1, CRYPTO),
	FIELD(sm3, ID_AA64ISAR0_EL1, 36, 1, CRYPTO),      FIELD(sm4, ID_AA64ISAR0_EL1, 40, 1, CRYPTO),
	FIELD(asimddp, ID_AA64ISAR0_EL1, 44, 1, SIMD),    FIELD(sha512, ID_AA64ISAR0_EL1, 12, 2, CRYPTO),
	FIELD(sve, ID_AA64PFR0_EL1, 32, 1, SIMD),         FIELD(asimdfhm, ID_AA64ISAR0_EL1, 48, 1, SIMD),
	FIELD(dit, ID_AA64PFR0_EL1, 48, 1, OTHER),        FIELD(uscat, ID_AA64MMFR2_EL1, 32, 1, OTHER),
	FIELD(ilrcpc, ID_AA64ISAR1_EL1, 20, 2, OTHER),    FIELD(flagm, ID_AA64ISAR0_EL1, 52, 1, OTHER),
	FIELD(ssbs, ID_AA64PFR1_EL1, 4, 2, OTHER),        FIELD(sb, ID_AA64ISAR1_EL1, 36, 1, OTHER),
	FIELD(paca, ID_AA64ISAR1_EL1, 4, 1, OTHER),       FIELD(pacg, ID_AA64ISAR1_EL1, 24, 1, OTHER),
	FIELD(dcpodp, ID_AA64ISAR1_EL1, 0, 2, OTHER),     FIELD(sve2, ID_AA64ZFR0_EL1, 0, 1, SIMD),
	FIELD(sveaes, ID_AA64ZFR0_EL1, 4, 1, CRYPTO),     FIELD(svepmull, ID_AA64ZFR0_EL1, 4, 2, CRYPTO),
	FIELD(svebitperm, ID_AA64ZFR0_EL1, 16, 1, SIMD),  FIELD(svesha3, ID_AA64ZFR0_EL1, 32, 1, CRYPTO),
	FIELD(svesm4, ID_AA64ZFR0_EL1, 40, 1, CRYPTO),    FIELD(flagm2, ID_AA64ISAR0_EL1, 52, 2, OTHER),
	FIELD(frint, ID_AA64ISAR1_EL1, 32, 1, OTHER),     FIELD(svei8mm, ID_AA64ZFR0_EL1, 44, 1, SIMD),
	FIELD(svef32mm, ID_AA64ZFR0_EL1, 52, 1, SIMD),    FIELD(svef64mm, ID_AA64ZFR0_EL1, 56, 1, SIMD),
	FIELD(svebf16, ID_AA64ZFR0_EL1, 20, 1, SIMD),     FIELD(i8mm, ID_AA64ISAR1_EL1, 52, 1, SIMD),
	FIELD(bf16, ID_AA64ISAR1_EL1, 44, 1, SIMD),       FIELD(dgh, ID_AA64ISAR1_EL1, 48, 1, OTHER),
	FIELD(rng, ID_AA64ISAR0_EL1, 60, 1, CRYPTO),      FIELD(bti, ID_AA64PFR1_EL1, 0, 1, OTHER),
	FIELD(mte, ID_AA64PFR1_EL1, 8, 2, OTHER),         FIELD(ecv, ID_AA64MMFR0_EL1, 60, 1, OTHER),
	FIELD(afp, ID_AA64MMFR1_EL1, 44, 1, SIMD),        FIELD(rpres, ID_AA64ISAR2_EL1, 4, 1, SIMD),
	FIELD(mte3, ID_AA64PFR1_EL1, 8, 3, OTHER),        FIELD(sme, ID_AA64PFR1_EL1, 24, 1, SIMD),
	FIELD(smei16i64, ID_AA64SMFR0_EL1, 52, 15, SIMD), BIT(smef64f64, ID_AA64SMFR0_EL1, 48, SIMD),
	FIELD(smei8i32, ID_AA64SMFR0_EL1, 36, 15, SIMD),  BIT(smef16f32, ID_AA64SMFR0_EL1, 35, SIMD),
	BIT(smeb16f32, ID_AA64SMFR0_EL1, 34, SIMD),       BIT(smef32f32, ID_AA64SMFR0_EL1, 32, SIMD),
	BIT(smefa64, ID_AA64SMFR0_EL1, 63, SIMD),         FIELD(wfxt, ID_AA64ISAR2_EL1, 0, 2, OTHER),
	FIELD(ebf16, ID_AA64ISAR1_EL1, 44, 2, SIMD),      FIELD(sveebf16, ID_AA64ZFR0_EL1, 20, 2, SIMD),
	FIELD(cssc, ID_AA64ISAR2_EL1, 52, 1, OTHER),      FIELD(rprfm, ID_AA64ISAR2_EL1, 48, 1, OTHER),
	FIELD(sve2p1, ID_AA64ZFR0_EL1, 0, 2, SIMD),       FIELD(sme2, ID_AA64SMFR0_EL1, 56, 1, SIMD),
	FIELD(sme2p1, ID_AA64SMFR0_EL1, 56, 2, SIMD),     FIELD(smei16i32, ID_AA64SMFR0_EL1, 44, 5, SIMD),
	BIT(smebi32i32, ID_AA64SMFR0_EL1, 33, SIMD),      BIT(smeb16b16, ID_AA64SMFR0_EL1, 43, SIMD),
	BIT(smef16f16, ID_AA64SMFR0_EL1, 42, SIMD),       FIELD(mops, ID_AA64ISAR2_EL1, 16, 1, OTHER),
	FIELD(hbc, ID_AA64ISAR2_EL1, 20, 1, OTHER),       FIELD(sveb16b16, ID_AA64ZFR0_EL1, 24, 1, SIMD),
	FIELD(lrcpc3, ID_AA64ISAR1_EL1, 20, 3, OTHER),    FIELD(lse128, ID_AA64ISAR0_EL1, 20, 3, OTHER),
	FIELD(lut, ID_AA64ISAR2_EL1, 56, 1, SIMD),
};
enum { FEATURES = sizeof(features) / sizeof(features[0]) };
_Static_assert((int)FEATURES <= (int)CAPS_FEATURES_MAX, "a bit each");

/* Fields that say the same as a line above: an algorithm is architected (QARMA5, QARMA3) or the implementation's. */
static const struct caps_arm_feature also[] = {
	FIELD(paca, ID_AA64ISAR1_EL1, 8, 1, OTHER),
	FIELD(paca, ID_AA64ISAR2_EL1, 12, 1, OTHER),
	FIELD(pacg, ID_AA64ISAR1_EL1, 28, 1, OTHER),
	FIELD(pacg, ID_AA64ISAR2_EL1, 8, 1, OTHER),
};

const struct caps_arm_feature *caps_arm_feature(size_t index) {
	return index < FEATURES ? &features[index] : NULL;
}

/* What a field of the vectors' own registers means is for a processor that has such vectors (ID_AA64PFR0_EL1.SVE,
 * ID_AA64PFR1_EL1.SME). */
static bool register_counts(const struct caps_cpu_raw *cpu, enum caps_register which) {
	if (!caps_arm_known(cpu, which))
		return false;
	if (which == CAPS_ID_AA64ZFR0_EL1)
		return caps_arm_known(cpu, CAPS_ID_AA64PFR0_EL1) &&
		       caps_arm_field(cpu->registers[CAPS_ID_AA64PFR0_EL1], 32, 4);
	if (which == CAPS_ID_AA64SMFR0_EL1)
		return caps_arm_known(cpu, CAPS_ID_AA64PFR1_EL1) &&
		       caps_arm_field(cpu->registers[CAPS_ID_AA64PFR1_EL1], 24, 4);
	return true;
}

static bool has(const struct caps_cpu_raw *cpu, const struct caps_arm_feature *feature) {
	if (!register_counts(cpu, feature->field_register))
		return false;
	unsigned value = caps_arm_field(cpu->registers[feature->field_register], feature->shift, feature->width);
	bool negative = feature->is_signed && value >> (feature->width - 1);
	return !negative && value >= feature->least;
}

static void set_named(const char *name, uint64_t bits[CAPS_FEATURES_MAX / 64]) {
	for (size_t i = 0; i < FEATURES; i++)
		if (strcmp(features[i].name, name) == 0)
			bits[i / 64] |= UINT64_C(1) << (i % 64);
}

void caps_arm_features_read(const struct caps_cpu_raw *cpu, uint64_t bits[CAPS_FEATURES_MAX / 64]) {
	for (size_t i = 0; i < FEATURES; i++)
		if (has(cpu, &features[i]))
			bits[i / 64] |= UINT64_C(1) << (i % 64);
	for (size_t i = 0; i < sizeof(also) / sizeof(also[0]); i++)
		if (has(cpu, &also[i]))
			set_named(also[i].name, bits);
}
