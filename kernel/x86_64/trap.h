/* SPDX-License-Identifier: Apache-2.0
 *
 * Within kernel/x86_64/: the programme's registers, and what trap.S and trap.c have of each other.
 */
#pragma once

#include "kernel/arch.h"

#include <stdint.h>

/* trap.S pushes and pops in this order; the processor pushes from `rip` on (Intel SDM volume 3A, figure 6-9). */
struct arch_frame {
	uint64_t r15, r14, r13, r12, r11, r10, r9, r8, rdi, rsi, rbp, rbx, rdx, rcx, rax;
	uint64_t vector, error;
	uint64_t rip, cs, rflags, rsp, ss;
};
_Static_assert(sizeof(struct arch_frame) == 22 * 8 && sizeof(struct arch_frame) % 16 == 0,
	       "the processor aligns the stack pointer before it pushes: the frame's end must be where RSP0 says");

/* trap.S */
void trap_return_and_wait(struct arch_frame *frame);
extern const uint8_t trap_stubs[];
extern const uint8_t trap_stub_timer[];
extern const uint8_t trap_stub_other[];

/* trap.c: fills the IDT and loads it. */
void trap_start(void);

/* Called by trap.S: a trap that there is no way back from. */
_Noreturn void trap_kernel(const struct arch_frame *frame);

/* timer.c */
bool timer_start(bool takeover);
void timer_acknowledge(void);

/* timer.c, for handback.c. The firmware's APIC, noted; ours stopped with what was left of its time, and the
 * firmware's put back; ours again, with that time. */
void timer_firmware_save(void);
void timer_leave(void);
void timer_take_up(void);
