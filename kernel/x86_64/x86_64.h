/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of kernel/x86_64/ share, by the file that has it.
 */
#pragma once

#include "kernel/arch.h"
#include "kernel/image.h"
#include "kernel/x86_64/registers.h"
#include "lib/cpuid.h"
#include "lib/units.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- this processor's leaves (leaves.c) -------------------------------------------------------------------------- */

/* Of the processor that calls, now. */
struct cpuid cpu_leaf_read(uint32_t leaf, uint32_t subleaf);

/* Read once. */
const struct cpuid_leaves *cpu_leaves(void);

/* What follows from them: also what of the firmware's has to be saved. cpu.c takes out of it what is refused all the
 * same. */
struct cpuid_choice *cpu_choice(void);

/* ---- instructions that may be refused (guarded.S) ---------------------------------------------------------------- */

/* One that a processor or hypervisor may refuse whatever CPUID says: false, and nothing is
 * written. The IDT is loaded. */
bool guarded_msr_read(uint32_t msr, uint64_t *value);
bool guarded_msr_write(uint32_t msr, uint64_t value);
bool guarded_xcr0_write(uint64_t value);

/* Where the one instruction of each is, and where it goes on when that was refused (fault.c). */
extern const uint8_t guarded_msr_read_at[], guarded_msr_write_at[], guarded_xcr0_write_at[], guarded_refused[];

/* ---- traps (fault.c, trap.c, trap.S) ----------------------------------------------------------------------------- */

/* What kind of fault a frame tells of. */
void fault_describe(const struct arch_frame *from, struct platform_fault *fault);

/* Called by trap.S: a trap of the kernel's own. Returns where it was one of guarded_*, with the way back in the frame.
 */
void fault_of_kernel(struct arch_frame *frame);

/* Fills the IDT and loads it; loads it on another core. */
void trap_start(void);
void trap_table_load(void);

/* To ring 3 and back. */
void trap_return_and_wait(struct arch_frame *frame);
extern const uint8_t trap_stubs[];
extern const uint8_t trap_stub_timer[];
extern const uint8_t trap_stub_other[];
extern const uint8_t trap_left[]; /* in trap_return_and_wait, with the kernel's stack pointer of before */

/* ---- descriptor tables (cpu.c) ----------------------------------------------------------------------------------- */

/* Intel SDM volume 3A, 7.7. No I/O permission map: the programme does no port I/O. */
struct tss {
	uint32_t reserved0;
	uint64_t rsp[3];
	uint64_t reserved1;
	uint64_t ist[7];
	uint64_t reserved2;
	uint16_t reserved3;
	uint16_t io_map;
} __attribute__((packed));

/* SDM volume 3A, 3.4.5: code with L, data; DPL 0 and 3. The order is registers.h's. */
struct segments {
	uint64_t gdt[SELECTOR_TSS / 8 + 2];
	struct tss tss __attribute__((aligned(8)));
};

/* ---- a processor's state (handback.c) ---------------------------------------------------------------------------- */

enum { VECTORS_BYTES = PAGE_BYTES };

struct table_register {
	uint16_t limit;
	uint64_t base;
} __attribute__((packed));

/* What the kernel and its programme change of a processor, as it was. */
struct processor_state {
	uint8_t vectors[VECTORS_BYTES] __attribute__((aligned(64)));
	uint64_t cr0, cr3, cr4, efer, pat, xcr0, fs_base, gs_base;
	struct table_register gdtr, idtr;
	uint16_t cs, ss, ds, es, fs, gs, tr;
};

/* Of the processor that calls. Saving leaves CR0 and CR4 fit for XSAVE. Loading goes over to the tables that are noted:
 * whoever calls is identity-mapped in both; `hides_nx`: nx_leave in between. */
void processor_save(struct processor_state *state);
void processor_load(const struct processor_state *state, bool hides_nx);

/* ---- the local APIC (timer.c) ------------------------------------------------------------------------------------ */

void timer_start(bool takeover);
void timer_acknowledge(void);

/* On another core that becomes the first, after arch_timer_settle: its own local APIC, as timer_start leaves it. */
void timer_core_start(void);

/* This core's id; another's is sent an INIT or a start-up command (vector: page). false: it cannot be addressed, or
 * does not take it. */
uint32_t timer_apic_id(void);
bool timer_apic_command(uint32_t id, uint32_t command);

/* For handback.c. The firmware's APIC, noted; ours stopped with what was left of its time, and the firmware's put back;
 * ours again, with that time. */
void timer_firmware_save(void);
void timer_leave(void);
void timer_take_up(void);

/* ---- the references (clock.c) ------------------------------------------------------------------------------------ */

/* For handback.c, for good: the reference does not count on after it. The speaker's PIT channel and port 61h as the
 * firmware had them; the count is the one that it stood at, as the one that it began from cannot be read. */
void clock_leave(void);

/* ---- prefetchers (prefetchers.c) --------------------------------------------------------------------------------- */

/* For handback.c, while our IDT is there: as the firmware had them; off again those that were. */
void prefetchers_leave(void);
void prefetchers_take_up(void);

/* ---- what takes a core's time (witness.c) ------------------------------------------------------------------------ */

/* For handback.c, on the first core: nobody writes to memory of ours meanwhile. */
void witness_leave(void);
void witness_take_up(void);

/* One that is nobody's signal: the core that started has none. Others' are told as ARCH_TRAP_STOP. */
void witness_count_nmi(unsigned cpu);

/* ---- the firmware's state (handback.c, handback.S) --------------------------------------------------------------- */

/* From kernel_entry, before anything else, and each time that the loader calls again: what the firmware's registers
 * hold. */
void handback_firmware_save(void);

/* To the loader and, when it calls again, back to the caller, in the firmware's state throughout. */
void handback_switch(void);

/* ---- other cores (core_find.c, core_local.c, cpu.c) -------------------------------------------------------------- */

/* Fills core_list, while the firmware's tables can be read; `apic`: the local APIC is on. */
void cores_read(uint64_t rsdp, bool apic);

/* There, all that arch_cpu_start and arch_mmu_switch do to the processor itself. */
void cpu_core_start(unsigned cpu, paddr_t root);

/* The NMI of arch_core_signal: *from goes on where it is to. */
void core_signalled(unsigned cpu, struct arch_frame *from);

/* What MSR_KVM_SYSTEM_TIME_NEW has the host write: KVM's documentation, "msr" (struct pvclock_vcpu_time_info). */
struct kvmclock {
	uint32_t version, reserved0;
	uint64_t tsc_timestamp, system_time;
	uint32_t tsc_to_system_mul;
	int8_t tsc_shift;
	uint8_t flags, reserved1[2];
};

/* Its system_time, in nanoseconds, and its factors, now. The page is asked for, read and taken back: nobody writes to
 * memory of ours after it. Only where cpuid_has_kvmclock. */
void kvmclock_read(struct kvmclock *clock);

/* Stack n of arch_stacks, its end. */
static inline uint64_t stack_top(unsigned stack) {
	return (uint64_t)(uintptr_t)(arch_stacks[stack].bytes + KERNEL_STACK_BYTES);
}
