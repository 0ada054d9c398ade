/* SPDX-License-Identifier: Apache-2.0
 *
 * A core that the firmware lends, from its call to its return; the state but for stacks and callee-saved
 * registers is core_lent.c's. Microsoft's convention: RBX, RBP, RDI, RSI, R12 to R15 and XMM6 to XMM15 are the
 * caller's; the last are in the vectors that C saves. The firmware's stack is identity-mapped in both tables, the
 * core's own in ours alone.
 */
#include "kernel/x86_64/core_start.h"

/* void core_lent(RCX = struct core_arch *, its physical address): interrupts masked throughout. */
	.text
	.globl core_lent
core_lent:
	pushfq
	cli
	cld
	push %rbx
	push %rbp
	push %rdi
	push %rsi
	push %r12
	push %r13
	push %r14
	push %r15
	mov %rcx, %rbx
	mov %rcx, %rdi
	mov %rsp, CORE_START_FIRMWARE_STACK(%rcx)
	and $-16, %rsp
	call *CORE_START_LENT_ENTER(%rbx)
	mov CORE_START_STACK(%rbx), %rsp
	mov CORE_START_CPU(%rbx), %rdi
	xor %ebp, %ebp
	call *CORE_START_ENTRY(%rbx)
	ud2

/* void core_lent_return(RDI = struct core_arch *, its physical address, RSI = core_lent_leave): does not return;
   core_lent does. */
	.globl core_lent_return
core_lent_return:
	mov %rdi, %rbx
	mov CORE_START_FIRMWARE_STACK(%rbx), %rsp
	and $-16, %rsp
	call *%rsi
	mov CORE_START_FIRMWARE_STACK(%rbx), %rsp
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %rsi
	pop %rdi
	pop %rbp
	pop %rbx
	popfq
	ret

	.section .note.GNU-stack, "", @progbits
