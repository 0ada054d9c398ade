/* SPDX-License-Identifier: Apache-2.0
 *
 * System registers: how they are read and written, and the names of their bits as the manual spells them. For C and
 * assembly; nothing here touches a register by itself.
 * Source: Arm Architecture Reference Manual for A-profile (DDI 0487), chapter D17; GIC architecture (IHI 0069),
 * chapter 12.
 */
#pragma once

/* Names that an assembler for plain Armv8.0 does not have. */
#define ZCR_EL1          S3_0_C1_C2_0
#define ZCR_EL2          S3_4_C1_C2_0
#define SCTLR_EL12       S3_5_C1_C0_0
#define PAN              S3_0_C4_C2_3
#define ID_AA64ZFR0_EL1  S3_0_C0_C4_4
#define ID_AA64ISAR2_EL1 S3_0_C0_C6_2
#define ID_AA64MMFR2_EL1 S3_0_C0_C7_2
#define ICC_PMR_EL1      S3_0_C4_C6_0
#define ICC_IAR1_EL1     S3_0_C12_C12_0
#define ICC_EOIR1_EL1    S3_0_C12_C12_1
#define ICC_CTLR_EL1     S3_0_C12_C12_4
#define ICC_SGI1R_EL1    S3_0_C12_C11_5
#define ICC_SRE_EL1      S3_0_C12_C12_5
#define ICC_IGRPEN1_EL1  S3_0_C12_C12_7
#define ICC_SRE_EL2      S3_4_C12_C9_5
#define ICH_HCR_EL2      S3_4_C12_C11_0

/* PSTATE, as SPSR_ELx and the DAIF register hold it */
#define SPSR_M_EL0T   0x0
#define SPSR_M_EL1H   0x5
#define SPSR_DAIF     (0xf << 6)

#define CURRENTEL_EL2 (2 << 2)

#define SCTLR_M       (1 << 0)
#define SCTLR_C       (1 << 2)
#define SCTLR_SA      (1 << 3)
#define SCTLR_SA0     (1 << 4)
#define SCTLR_I       (1 << 12)
#define SCTLR_DZE     (1 << 14)
#define SCTLR_UCT     (1 << 15)
#define SCTLR_NTWI    (1 << 16)
#define SCTLR_NTWE    (1 << 18)
#define SCTLR_WXN     (1 << 19)
#define SCTLR_UCI     (1 << 26)
/* EOS, TSCXT, EIS, SPAN, nTLSMD, LSMAOE: one where the feature that gives them a meaning is absent, and wanted so
 * where it is there */
#define SCTLR_RES1         (1 << 11 | 1 << 20 | 1 << 22 | 1 << 23 | 1 << 28 | 1 << 29)

#define ESR_EC_SHIFT_VALUE 26
#define ESR_EC_HVC64_VALUE 0x16

#ifndef __ASSEMBLER__

#include <stdint.h>

#define REGISTER_TEXT_(text) #text
#define REGISTER_TEXT(text)  REGISTER_TEXT_(text)

/* volatile: in program order with other such accesses; neither orders memory. */
#define register_read(name)                                                               \
	({                                                                                \
		uint64_t register_value_;                                                 \
		__asm__ volatile("mrs %0, " REGISTER_TEXT(name) : "=r"(register_value_)); \
		register_value_;                                                          \
	})
#define register_write(name, value) \
	__asm__ volatile("msr " REGISTER_TEXT(name) ", %0" : : "r"((uint64_t)(value)) : "memory")

/* What was written to system registers is in force for the instructions after it. */
static inline void barrier_instruction(void) {
	__asm__ volatile("isb" : : : "memory");
}

/* All memory accesses before it are complete, table walks see them. */
static inline void barrier_memory(void) {
	__asm__ volatile("dsb sy" : : : "memory");
}

/* A field of `width` bits at `shift`. */
static inline unsigned register_field(uint64_t value, unsigned shift, unsigned width) {
	return (unsigned)(value >> shift & ((UINT64_C(1) << width) - 1));
}

enum {
	MAIR_DEVICE_NGNRE = 0x04,
	MAIR_NORMAL_WB = 0xff, /* inner and outer write-back, read and write allocate */
	MAIR_NORMAL_NC = 0x44,
};

#define TCR_T0SZ(bits)   ((uint64_t)(64 - (bits)) << 0)
#define TCR_IRGN0_WBWA   (UINT64_C(1) << 8)
#define TCR_ORGN0_WBWA   (UINT64_C(1) << 10)
#define TCR_SH0_INNER    (UINT64_C(3) << 12)
#define TCR_TG0_4KIB     (UINT64_C(0) << 14)
#define TCR_T1SZ(bits)   ((uint64_t)(64 - (bits)) << 16)
#define TCR_EPD1         (UINT64_C(1) << 23)
#define TCR_TG1_4KIB     (UINT64_C(2) << 30)
#define TCR_IPS(parange) ((uint64_t)(parange) << 32)

#define CPACR_ZEN        (UINT64_C(3) << 16) /* SVE, EL0 and EL1 */
#define CPACR_FPEN       (UINT64_C(3) << 20)

#define CNTKCTL_EL0PCTEN (UINT64_C(1) << 0)
#define CNTKCTL_EL0VCTEN (UINT64_C(1) << 1)

#define CNT_CTL_ENABLE   (UINT64_C(1) << 0)
#define CNT_CTL_IMASK    (UINT64_C(1) << 1)

#define HCR_RW           (UINT64_C(1) << 31)
#define HCR_E2H          (UINT64_C(1) << 34)
#define HCR_APK          (UINT64_C(1) << 40)
#define HCR_API          (UINT64_C(1) << 41)
#define HCR_OURS         (HCR_RW | HCR_APK | HCR_API) /* and E2H as found */

/* CPTR_EL2 has two layouts. E2H clear: bits trap, some are RES1. E2H set: that of CPACR_EL1. */
#define CPTR_NVHE_RES1        UINT64_C(0x33ff)
#define CPTR_NVHE_TZ          (UINT64_C(1) << 8)

#define CNTHCTL_NVHE_EL1PCTEN (UINT64_C(1) << 0)
#define CNTHCTL_NVHE_EL1PCEN  (UINT64_C(1) << 1)
#define CNTHCTL_VHE_EL1PCTEN  (UINT64_C(1) << 10)
#define CNTHCTL_VHE_EL1PTEN   (UINT64_C(1) << 11)

#define MDCR_EL2_HPMN_MASK    UINT64_C(0x1f)

#define ZCR_LEN_MAX           UINT64_C(0xf)

#define ICC_SRE_SRE           (UINT64_C(1) << 0)
#define ICC_SRE_EL2_ENABLE    (UINT64_C(1) << 3)

/* Fields of the ID registers: shift; all are four bits wide */
enum {
	ID_AA64PFR0_GIC_SHIFT = 24,
	ID_AA64PFR0_SVE_SHIFT = 32,
	ID_AA64PFR1_SME_SHIFT = 24,
	ID_AA64MMFR0_PARANGE_SHIFT = 0,
	ID_AA64MMFR1_PAN_SHIFT = 20,
	ID_FIELD_BITS = 4,
};

enum {
	ESR_EC_SHIFT = ESR_EC_SHIFT_VALUE,
	ESR_EC_BITS = 6,
	ESR_EC_UNKNOWN = 0x00,
	ESR_EC_ILLEGAL_STATE = 0x0e,
	ESR_EC_SVC64 = 0x15,
	ESR_EC_HVC64 = ESR_EC_HVC64_VALUE,
	ESR_EC_SYS64 = 0x18, /* MSR, MRS, system instruction */
	ESR_EC_IABT_LOWER = 0x20,
	ESR_EC_PC_ALIGNMENT = 0x22,
	ESR_EC_DABT_LOWER = 0x24,
	ESR_EC_SP_ALIGNMENT = 0x26,
	ESR_EC_FP64 = 0x2c,
	ESR_EC_SERROR = 0x2f,
	ESR_EC_BRK64 = 0x3c,
	ESR_ISS_MASK = 0x1ffffff,
	ESR_ABORT_FNV = 1 << 10, /* FAR holds nothing */
	ESR_ABORT_WNR = 1 << 6,
	ESR_ABORT_CM = 1 << 8, /* cache maintenance: WnR is then always one */
	ESR_FSC_MASK = 0x3f,
};

#endif
