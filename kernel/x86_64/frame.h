/* SPDX-License-Identifier: Apache-2.0
 *
 * The programme's registers, as trap.S has them.
 */
#pragma once

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
