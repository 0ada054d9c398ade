/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of kernel/aarch64/ share: who finds what, and what is in force when.
 *
 * Two regimes. The firmware's: its page tables, its exception level (EL1 or EL2), its registers. Ours: EL1, our page
 * tables, VBAR_EL1, interrupt controller and timer. The kernel starts in the firmware's, arch_mmu_switch enters ours,
 * arch_handback leaves it and enters it again. All memory is identity-mapped in both: C code and its stack go through
 * the change unharmed.
 */
#pragma once

#include "boot_info.h"
#include "kernel/arch.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- firmware calls (psci.c) ------------------------------------------------------------------------------------- */

/* Learns the conduit from the FADT. */
void psci_find(const struct boot_info *info, bool entered_at_el2);
bool psci_is_there(void);
bool psci_says_kvm(void);

/* Where this core's record of stolen time is (lib/witness.h), by DEN0057's PV_TIME_ST; 0: there is none. */
uint64_t psci_stolen_time(void);
void psci_system_off(void);   /* returns where it cannot */
void psci_system_reset(void); /* returns where it cannot */

/* DEN 0022, 5.2.2: those that matter here. */
enum psci_result { PSCI_SUCCESS = 0, PSCI_NOT_SUPPORTED = -1, PSCI_ALREADY_ON = -4, PSCI_ON_PENDING = -5 };
enum psci_result psci_cpu_on(uint64_t affinity, uint64_t entry, uint64_t context);
void psci_cpu_off(void); /* of this core; returns where it cannot */

/* 5.1.5; UNKNOWN: the firmware does not say. */
enum psci_affinity {
	PSCI_AFFINITY_UNKNOWN = -1,
	PSCI_AFFINITY_ON = 0,
	PSCI_AFFINITY_OFF = 1,
	PSCI_AFFINITY_PENDING = 2
};
enum psci_affinity psci_affinity_info(uint64_t affinity);

/* ---- interrupt controller (gic.c) -------------------------------------------------------------------------------- */

/* Finds the controller and the timer's interrupt in the ACPI tables. false: none that this code drives; interrupts
 * stay masked. */
bool gic_find(const struct boot_info *info);

/* Remembers which sources were enabled, masks them all, lets the timer's through. At EL1. */
void gic_take(void);

/* Puts back what gic_take found. At EL1. */
void gic_release(void);

/* Whether this CPU and this machine both have GICv3's registers. A CPU alone may claim them where a GICv2 is wired to
 * it. */
bool gic_has_registers(void);

/* Acknowledges and ends the pending interrupt: what it was. */
enum gic_interrupt { GIC_NONE, GIC_TIMER, GIC_SIGNAL, GIC_OTHER };
enum gic_interrupt gic_acknowledge(void);

/* How another core is reached: its redistributor, 0 where there is none (GICv3); its bit among the targets, as it reads
 * it (GICv2). */
struct gic_core {
	uint64_t redistributor;
	uint32_t target;
};

/* On the first core, before that one is started. There: the signal is let through, and nothing else; nothing any more.
 * On the first core: a signal to it. */
void gic_core_find(unsigned cpu, uint64_t affinity, struct gic_core *core);
void gic_core_open(struct gic_core *core);
void gic_core_become_first(const struct gic_core *core); /* there, open: the timer in the signal's place */
void gic_core_close(void);
void gic_core_signal(uint64_t affinity, const struct gic_core *core);

/* ---- timer (timer.c) --------------------------------------------------------------------------------------------- */

/* Chooses between the virtual and the physical timer. 0: there is none; else the interrupt's INTID. */
uint32_t timer_find(const struct boot_info *info);

/* Disarms the watchdog. Ticks that it had left, for arch_timer_arm later; 0: it was not armed. */
uint64_t timer_suspend(void);

/* ---- ours and the firmware's registers (handback.c, mmu.S) ------------------------------------------------------- */

/* From kernel_entry, before anything else: notes what the firmware's registers hold. From here on exceptions at EL1 and
 * EL2 go to these vectors, which are not named here: they lead to a panic, and that to arch_handback. */
void handback_begin(const char *el1, const char *el2);

/* Enters our regime with this root table. */
void handback_regime_enter(uint64_t root);

bool handback_entered_at_el2(void);

/* What every core of ours has in its registers, on this one: at EL2 whatever EL1 and EL0 do is let through (`vhe`:
 * HCR_EL2.E2H; `gic`: gic_has_registers), and what of the firmware's could not be read before is told; at EL1, floating
 * point, counters and traps (`trap_stack`: where one of the kernel's own goes on). `vectors`: the level's, in VBAR. */
struct el2_found {
	uint64_t zcr, icc_sre, ich_hcr;
};
void handback_el2_open(bool vhe, bool gic, const char *vectors, struct el2_found *found);
void handback_el1_open(const char *vectors, uint64_t trap_stack);

/* The translation registers of our regime. */
struct regime {
	uint64_t ttbr0, ttbr1, tcr, mair, sctlr;
};
void handback_regime(uint64_t root, struct regime *regime);

/* core_find.c: fills core_list, while the firmware's tables can be read. */
void cores_read(const struct boot_info *info);

/* mmu.c: what this core has written there is in memory, for one that runs without its caches; `invalidate`: and no
 * longer in ours. */
void cache_clean(const void *start, const void *end);
void cache_clean_and_invalidate(const void *start, const void *end);

/* mmu.S. Each changes the translation regime and nothing else, and returns to its caller in the new one; between the
 * two no memory is touched. Only the second and third change the exception level. */
void mmu_translation_set(uint64_t ttbr0, uint64_t ttbr1, uint64_t tcr, uint64_t mair, uint64_t sctlr);
void mmu_descend_to_el1(uint64_t ttbr0, uint64_t ttbr1, uint64_t tcr, uint64_t mair, uint64_t sctlr, uint64_t hcr_el2);
void mmu_ascend_to_el2(uint64_t hcr_el2, uint64_t sctlr_el2);

/* linker/kernel-aarch64.ld: the code that runs with the MMU off, and so must be in memory, not only in a cache. */
extern const char mmu_off_start[];
extern const char mmu_off_end[];

/* To the loader and, when it calls again, back to the caller (handback.S). In the firmware's regime; the programme's V0
 * to V31, FPCR and FPSR come back as they were. */
void handback_switch(void);

/* sve.S: what SVE adds to those, in our regime. `area` holds Z0 to Z31, P0 to P15 and FFR of the longest vectors. */
enum { SVE_VECTOR_BYTES_MAX = 256, SVE_AREA_BYTES = 32 * SVE_VECTOR_BYTES_MAX + 17 * SVE_VECTOR_BYTES_MAX / 8 };
void sve_save(uint8_t area[SVE_AREA_BYTES]);
void sve_load(const uint8_t area[SVE_AREA_BYTES]);

/* ---- traps (vectors.S, vectors_el2.S, fault.c) ------------------------------------------------------------------- */

extern const char vectors_el1[];

/* An exception of the kernel's own at EL2 goes on in fault_at_el2 on the stack that TPIDR_EL2 names, one that EL1 or
 * EL0 took to EL2 there at EL1. */
extern const char vectors_el2[];

/* Puts the name of the fault with this ESR; its vector is there. */
void fault_name(struct platform_fault *fault, uint64_t esr);

/* What ends a stay at EL0; also the order of the vector table's quarters. */
enum vector { VECTOR_SYNCHRONOUS = 0, VECTOR_IRQ = 1, VECTOR_FIQ = 2, VECTOR_SERROR = 3 };

/* ERET to EL0 with the registers of *frame; returns with the frame updated at the next exception. */
enum vector vectors_enter_program(struct arch_frame *frame);
