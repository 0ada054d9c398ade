/* SPDX-License-Identifier: Apache-2.0
 *
 * The firmware's regime and ours, and the way between them: in at the start, out and in again around every request to
 * the firmware. State: what the firmware's registers held when it last called us. What a C function need not keep is
 * not in it, nor is what EL1 has when the firmware is at EL2: nobody's. Floating-point, stacks and DAIF are
 * handback.S's, the interrupt controller is gic.c's.
 *
 * At EL2 with HCR_EL2.E2H set, the plain names of most EL1 registers mean EL2's. The lists below are read and written
 * in the firmware's regime, at its exception level: the names mean the firmware's registers either way. E2H stays as
 * found: some CPUs have it fixed.
 * Source: Arm ARM (DDI 0487), D1.3 (exception levels), D8.12 (VHE), D17.2 (registers).
 */
#include "kernel/aarch64/aarch64.h"
#include "kernel/aarch64/frame.h"
#include "kernel/aarch64/registers.h"
#include "kernel/console/uart.h"
#include "kernel/image.h"

enum { ADDRESS_BITS = 48 };

/* Restored in this order, saved in the same one. */
#define FIRMWARE_REGISTERS(X) \
	X(VBAR_EL1)           \
	X(CPACR_EL1)          \
	X(CNTKCTL_EL1)        \
	X(TPIDR_EL0)          \
	X(TPIDRRO_EL0)        \
	X(TPIDR_EL1)          \
	X(ELR_EL1)            \
	X(SPSR_EL1)           \
	X(ESR_EL1)            \
	X(FAR_EL1)            \
	X(CNTP_CVAL_EL0)      \
	X(CNTP_CTL_EL0)       \
	X(CNTV_CVAL_EL0)      \
	X(CNTV_CTL_EL0)
#define FIRMWARE_REGISTERS_EL2(X) \
	X(VBAR_EL2)               \
	X(TPIDR_EL2)              \
	X(CPTR_EL2)               \
	X(CNTHCTL_EL2)            \
	X(CNTVOFF_EL2)            \
	X(MDCR_EL2)               \
	X(HSTR_EL2)               \
	X(VTTBR_EL2)              \
	X(VPIDR_EL2)              \
	X(VMPIDR_EL2)             \
	X(ELR_EL2)                \
	X(SPSR_EL2)               \
	X(SP_EL1)
#define FIELD(name)   uint64_t name;
#define SAVE(name)    firmware.name = register_read(name);
#define RESTORE(name) register_write(name, firmware.name);

static struct {
	FIRMWARE_REGISTERS(FIELD)
	FIRMWARE_REGISTERS_EL2(FIELD)
	/* the translation regime: changed in mmu.S only */
	uint64_t TTBR0_EL1, TTBR1_EL1, TCR_EL1, MAIR_EL1, SCTLR_EL1;
	uint64_t HCR_EL2, SCTLR_EL2;
	/* readable only once ours allow it */
	uint64_t zcr, icc_sre_el2, ich_hcr_el2;
	bool at_el2;
} firmware;

static struct {
	const char *vectors_el1, *vectors_el2;
	bool in_force;
	uint64_t root;
	uint64_t watchdog_ticks; /* left when the firmware got the machine back */
} ours;

static bool has_sve(void) {
	return register_field(register_read(ID_AA64PFR0_EL1), ID_AA64PFR0_SVE_SHIFT, ID_FIELD_BITS) != 0;
}

bool handback_entered_at_el2(void) {
	return firmware.at_el2;
}

/* From here on what goes wrong in the firmware's regime is ours to tell: interrupts are masked, the firmware's vectors
 * not needed. */
static void vectors_open(void) {
	uint64_t trap_stack = (uint64_t)arch_stacks + TRAP_STACK_TOP;
	register_write(TPIDR_EL1, trap_stack);
	if (firmware.at_el2) {
		register_write(TPIDR_EL2, trap_stack);
		register_write(VBAR_EL2, (uint64_t)ours.vectors_el2);
	} else {
		register_write(VBAR_EL1, (uint64_t)ours.vectors_el1);
	}
	barrier_instruction();
}

/* The firmware's, where nothing else of it was changed. */
static void vectors_close(void) {
	register_write(TPIDR_EL1, firmware.TPIDR_EL1);
	if (firmware.at_el2) {
		register_write(TPIDR_EL2, firmware.TPIDR_EL2);
		register_write(VBAR_EL2, firmware.VBAR_EL2);
	} else {
		register_write(VBAR_EL1, firmware.VBAR_EL1);
	}
	barrier_instruction();
}

static void firmware_save(void) {
	firmware.at_el2 = register_read(CurrentEL) == CURRENTEL_EL2;
	FIRMWARE_REGISTERS(SAVE)
	SAVE(TTBR0_EL1)
	SAVE(TTBR1_EL1)
	SAVE(TCR_EL1)
	SAVE(MAIR_EL1)
	SAVE(SCTLR_EL1)
	if (firmware.at_el2) {
		FIRMWARE_REGISTERS_EL2(SAVE)
		SAVE(HCR_EL2)
		SAVE(SCTLR_EL2)
	}
	vectors_open();
}

void handback_begin(const char *el1, const char *el2) {
	ours.vectors_el1 = el1;
	ours.vectors_el2 = el2;
	firmware_save();
}

static void firmware_restore(void) {
	if (firmware.at_el2) {
		if (gic_has_registers()) {
			register_write(ICH_HCR_EL2, firmware.ich_hcr_el2);
			register_write(ICC_SRE_EL2, firmware.icc_sre_el2);
		}
		/* Before CPTR_EL2, which may forbid it; with E2H, CPACR_EL1 is that, too. */
		if (has_sve())
			register_write(ZCR_EL2, firmware.zcr);
		FIRMWARE_REGISTERS_EL2(RESTORE)
	}
	FIRMWARE_REGISTERS(RESTORE)
	barrier_instruction();
}

/* ---- ours -------------------------------------------------------------------------------------------------------- */

/* At EL2: nothing that EL1 or EL0 does is trapped, timers and counters read as they are. HCR_EL2 itself follows in
 * mmu.S. */
void handback_el2_open(bool vhe, bool gic, const char *vectors, struct el2_found *found) {
	if (vhe) {
		register_write(CPTR_EL2, CPACR_FPEN | (has_sve() ? CPACR_ZEN : 0));
		register_write(CNTHCTL_EL2, CNTHCTL_VHE_EL1PCTEN | CNTHCTL_VHE_EL1PTEN);
	} else {
		register_write(CPTR_EL2, CPTR_NVHE_RES1 & ~(has_sve() ? CPTR_NVHE_TZ : 0));
		register_write(CNTHCTL_EL2, CNTHCTL_NVHE_EL1PCTEN | CNTHCTL_NVHE_EL1PCEN);
	}
	barrier_instruction();
	if (has_sve()) {
		found->zcr = register_read(ZCR_EL2);
		register_write(ZCR_EL2, ZCR_LEN_MAX);
	}
	register_write(CNTVOFF_EL2, 0);
	register_write(MDCR_EL2, register_read(MDCR_EL2) & MDCR_EL2_HPMN_MASK);
	register_write(HSTR_EL2, 0);
	register_write(VTTBR_EL2, 0);
	register_write(VPIDR_EL2, register_read(MIDR_EL1));
	register_write(VMPIDR_EL2, register_read(MPIDR_EL1));
	register_write(VBAR_EL2, (uint64_t)vectors);
	if (gic) {
		found->icc_sre = register_read(ICC_SRE_EL2);
		register_write(ICC_SRE_EL2, found->icc_sre | ICC_SRE_SRE | ICC_SRE_EL2_ENABLE);
		barrier_instruction();
		found->ich_hcr = register_read(ICH_HCR_EL2);
		register_write(ICH_HCR_EL2, 0);
	}
	barrier_instruction();
}

static void el2_prepare(void) {
	struct el2_found found = {0};
	handback_el2_open((firmware.HCR_EL2 & HCR_E2H) != 0, gic_has_registers(), ours.vectors_el2, &found);
	if (has_sve())
		firmware.zcr = found.zcr;
	firmware.icc_sre_el2 = found.icc_sre;
	firmware.ich_hcr_el2 = found.ich_hcr;
}

void handback_el1_open(const char *vectors, uint64_t trap_stack) {
	register_write(VBAR_EL1, (uint64_t)vectors);
	register_write(TPIDR_EL1, trap_stack);
	register_write(CPACR_EL1, CPACR_FPEN | (has_sve() ? CPACR_ZEN : 0));
	barrier_instruction();
	if (has_sve())
		register_write(ZCR_EL1, ZCR_LEN_MAX);
	/* The kernel writes the programme's memory at the programme's addresses. */
	if (register_field(register_read(ID_AA64MMFR1_EL1), ID_AA64MMFR1_PAN_SHIFT, ID_FIELD_BITS) != 0)
		register_write(PAN, 0);
	register_write(CNTKCTL_EL1, CNTKCTL_EL0PCTEN | CNTKCTL_EL0VCTEN);
	register_write(CNTP_CTL_EL0, CNT_CTL_IMASK);
	register_write(CNTV_CTL_EL0, CNT_CTL_IMASK);
	barrier_instruction();
}

/* At EL1, in our translation regime. */
static void el1_prepare(void) {
	if (has_sve() && !firmware.at_el2) {
		register_write(CPACR_EL1, CPACR_FPEN | CPACR_ZEN);
		barrier_instruction();
		firmware.zcr = register_read(ZCR_EL1);
	}
	handback_el1_open(ours.vectors_el1, (uint64_t)arch_stacks + TRAP_STACK_TOP);
	gic_take();
	arch_timer_arm(ours.watchdog_ticks);
}

void handback_regime(uint64_t root, struct regime *regime) {
	unsigned parange = register_field(register_read(ID_AA64MMFR0_EL1), ID_AA64MMFR0_PARANGE_SHIFT, ID_FIELD_BITS);
	*regime = (struct regime){
		.ttbr0 = root,
		/* IPS has no value for more than 48 bits that a 4 KiB granule could use without FEAT_LPA2. */
		.tcr = TCR_T0SZ(ADDRESS_BITS) | TCR_IRGN0_WBWA | TCR_ORGN0_WBWA | TCR_SH0_INNER | TCR_TG0_4KIB |
		       TCR_T1SZ(ADDRESS_BITS) | TCR_EPD1 | TCR_TG1_4KIB | TCR_IPS(parange > 5 ? 5 : parange),
		.mair = MAIR_DEVICE_NGNRE | MAIR_NORMAL_WB << 8 | MAIR_NORMAL_NC << 16,
		.sctlr = SCTLR_RES1 | SCTLR_M | SCTLR_C | SCTLR_SA | SCTLR_SA0 | SCTLR_I | SCTLR_DZE | SCTLR_UCT |
			 SCTLR_NTWI | SCTLR_NTWE | SCTLR_WXN | SCTLR_UCI,
	};
}

static void regime_enter(void) {
	struct regime ours_is;
	handback_regime(ours.root, &ours_is);
	if (firmware.at_el2) {
		el2_prepare();
		mmu_descend_to_el1(ours_is.ttbr0, ours_is.ttbr1, ours_is.tcr, ours_is.mair, ours_is.sctlr,
				   (firmware.HCR_EL2 & HCR_E2H) | HCR_OURS);
	} else {
		mmu_translation_set(ours_is.ttbr0, ours_is.ttbr1, ours_is.tcr, ours_is.mair, ours_is.sctlr);
	}
	el1_prepare();
}

/* In our regime; returns in the firmware's. */
static void regime_leave(void) {
	ours.watchdog_ticks = timer_suspend();
	gic_release();
	if (firmware.at_el2) {
		mmu_ascend_to_el2(firmware.HCR_EL2, firmware.SCTLR_EL2);
		return;
	}
	if (has_sve())
		register_write(ZCR_EL1, firmware.zcr);
	mmu_translation_set(firmware.TTBR0_EL1, firmware.TTBR1_EL1, firmware.TCR_EL1, firmware.MAIR_EL1,
			    firmware.SCTLR_EL1);
}

void handback_regime_enter(uint64_t root) {
	ours.root = root;
	ours.in_force = true;
	regime_enter();
}

/* The programme may have been interrupted anywhere: all of its registers come back. */
void arch_handback(void) {
	static uint8_t sve_area[SVE_AREA_BYTES] __attribute__((aligned(16)));
	uart_leave();
	if (ours.in_force) {
		if (has_sve())
			sve_save(sve_area);
		regime_leave();
		firmware_restore();
	} else {
		vectors_close();
	}
	handback_switch();
	firmware_save();
	if (ours.in_force) {
		regime_enter();
		if (has_sve())
			sve_load(sve_area);
	}
	uart_take_up();
}
