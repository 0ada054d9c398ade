/* SPDX-License-Identifier: Apache-2.0
 *
 * aarch64's registers that say what a core is, of those that every assembler in use can name. Arm ARM (DDI 0487), D23.
 */
#pragma once

#define ID_REGISTERS(R)     \
	R(MIDR_EL1)         \
	R(MPIDR_EL1)        \
	R(REVIDR_EL1)       \
	R(CTR_EL0)          \
	R(DCZID_EL0)        \
	R(CLIDR_EL1)        \
	R(ID_AA64PFR0_EL1)  \
	R(ID_AA64PFR1_EL1)  \
	R(ID_AA64ZFR0_EL1)  \
	R(ID_AA64DFR0_EL1)  \
	R(ID_AA64ISAR0_EL1) \
	R(ID_AA64ISAR1_EL1) \
	R(ID_AA64ISAR2_EL1) \
	R(ID_AA64MMFR0_EL1) \
	R(ID_AA64MMFR1_EL1) \
	R(ID_AA64MMFR2_EL1) \
	R(CNTFRQ_EL0)

#define ID_REGISTER_ENUM(name) ID_REGISTER_##name,
enum id_register { ID_REGISTERS(ID_REGISTER_ENUM) ID_REGISTER_COUNT };
#undef ID_REGISTER_ENUM

/* CSSELR_EL1: level - 1 and, in bit 0, instruction. */
enum { ID_CACHES = 14 };
