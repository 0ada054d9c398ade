/* SPDX-License-Identifier: Apache-2.0
 *
 * Within kernel/x86_64/: the programme's registers, and what trap.S and trap.c have of each other.
 */
#pragma once

#include "kernel/arch.h"
#include "lib/cpuid.h"

#include <stddef.h>
#include <stdint.h>

/* trap.S pushes and pops in this order; the processor pushes from `rip` on (Intel SDM volume 3A, figure 6-9). */
struct arch_frame {
	uint64_t r15, r14, r13, r12, r11, r10, r9, r8, rdi, rsi, rbp, rbx, rdx, rcx, rax;
	uint64_t vector, error;
	uint64_t rip, cs, rflags, rsp, ss;
};
/* A core's frame, and below it the kernel's stack pointer while the programme runs: a trap finds it there, whichever
 * core it is on. */
struct trap_place {
	uint64_t unused;
	uint64_t kernel_stack_pointer;
	struct arch_frame frame;
};
_Static_assert(sizeof(struct trap_place) == sizeof(struct arch_frame) + 16, "trap.S: KERNEL_STACK_POINTER");
_Static_assert(sizeof(struct arch_frame) == 22 * 8 && sizeof(struct arch_frame) % 16 == 0,
	       "the processor aligns the stack pointer before it pushes: the frame's end must be where RSP0 says");

/* trap.S */
void trap_return_and_wait(struct arch_frame *frame);
extern const uint8_t trap_stubs[];
extern const uint8_t trap_stub_timer[];
extern const uint8_t trap_stub_other[];

/* trap.c: fills the IDT and loads it; loads it on another core. */
void trap_start(void);
void trap_table_load(void);

/* Called by trap.S: a trap of the kernel's own. Returns where it was one of guarded_*, with the way back in the frame.
 */
void trap_kernel(struct arch_frame *frame);

/* trap.S: an instruction that a processor or hypervisor may refuse whatever CPUID says: false, and nothing is written.
 * The IDT is loaded. */
bool guarded_msr_read(uint32_t msr, uint64_t *value);
bool guarded_msr_write(uint32_t msr, uint64_t value);
bool guarded_xcr0_write(uint64_t value);
extern const uint8_t guarded_msr_read_at[], guarded_msr_write_at[], guarded_xcr0_write_at[], guarded_refused[];

/* timer.c */
void timer_start(bool takeover);
void timer_acknowledge(void);

/* timer.c: this core's local APIC has an id; another's is sent an INIT or a start-up command (vector: page). false: it
 * cannot be addressed, or does not take it. */
uint32_t timer_apic_id(void);
bool timer_apic_command(uint32_t id, uint32_t command);

/* core.c: looks for another core among `cores`, while the firmware's tables can be read; the local APIC is on. Then:
 * which it is, and where, in words; nothing where there is none. */
void core_find(uint64_t rsdp, unsigned cores);
void core_describe(char *text, size_t size);

/* cpu.c: this processor's leaves, read once, and what follows from them: also what of the firmware's has to be saved.
 */
const struct cpuid_leaves *cpu_leaves(void);
const struct cpuid_choice *cpu_choice(void);

/* cpu.c: on another core, all that arch_cpu_start and arch_mmu_switch do to the processor itself. */
void cpu_core_start(paddr_t root);

/* cpu.c: stack n of arch_stacks, its end. */
uint64_t cpu_stack_top(unsigned stack);

/* clock.c, for handback.c, for good: the reference does not count on after it. The speaker's PIT channel and port 61h
 * as the firmware had them; the count is the one that it stood at, as the one that it began from cannot be read. */
void clock_leave(void);

/* timer.c, for handback.c. The firmware's APIC, noted; ours stopped with what was left of its time, and the
 * firmware's put back; ours again, with that time. */
void timer_firmware_save(void);
void timer_leave(void);
void timer_take_up(void);
