/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads the ID registers. At EL0 each MRS traps and is answered by the system, which shows only what it lets a
 * programme use: that is aarch64's XCR0.
 */
#include "simd/features.h"
#include "simd/profile.h"

#define PFR0_SVE_SHIFT 32

static uint64_t read_id_aa64pfr0(void) {
	uint64_t value;
	__asm__ volatile("mrs %0, ID_AA64PFR0_EL1" : "=r"(value));
	return value;
}

static uint64_t read_id_aa64isar0(void) {
	uint64_t value;
	__asm__ volatile("mrs %0, ID_AA64ISAR0_EL1" : "=r"(value));
	return value;
}

/* ID_AA64ZFR0_EL1 by its encoding: assemblers know the name only with SVE switched on. */
static uint64_t read_id_aa64zfr0(void) {
	uint64_t value;
	__asm__ volatile("mrs %0, S3_0_C0_C4_4" : "=r"(value));
	return value;
}

/* RDVL X0, #8: eight times the vector length in bytes, which is its length in bits. As a word, so that the rest of this
 * file stays free of SVE: 0x04bf5000 | imm6 << 5 | Rd. */
static uint32_t read_vector_bits(void) {
	register uint64_t bits __asm__("x0");
	__asm__ volatile(".inst 0x04bf5100" : "=r"(bits));
	return (uint32_t)bits;
}

simd_features simd_features_detect(void) {
	struct simd_registers_aarch64 registers = {
		.id_aa64pfr0 = read_id_aa64pfr0(),
		.id_aa64isar0 = read_id_aa64isar0(),
	};
	if (((registers.id_aa64pfr0 >> PFR0_SVE_SHIFT) & 15) != 0) {
		registers.id_aa64zfr0 = read_id_aa64zfr0();
		registers.sve_bits = read_vector_bits();
	}
	return simd_features_decode_aarch64(&registers);
}

struct simd_cpu simd_cpu_detect(void) {
	uint64_t midr;
	__asm__ volatile("mrs %0, MIDR_EL1" : "=r"(midr));
	return simd_cpu_decode_aarch64(midr);
}
