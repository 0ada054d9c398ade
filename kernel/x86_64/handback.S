/* SPDX-License-Identifier: Apache-2.0
 *
 * Handback's two stacks. The loader calls kernel_entry on the firmware's, the kernel runs on its own; each switch
 * leaves the callee-saved registers and RFLAGS of one on its stack and takes up the other's. All other state is
 * handback.c's.
 *
 *   phase                     stack      page tables, descriptor tables, controllers
 *   handback_enter            firmware   firmware
 *   entry.S, then C           ours       firmware, then ours: first call; goes on in kernel_main
 *   handback_switch           ours, then firmware, and with the loader's next call ours again: firmware throughout
 */

/* From kernel_entry: RDX = where the first call goes on, still on the firmware's stack, with RDI and RSI kept. A later
   one goes on where handback_switch was called. */
	.text
	.globl handback_enter
handback_enter:
	pushfq
	cli
	push %rbx
	push %rbp
	push %r12
	push %r13
	push %r14
	push %r15
	mov %rsp, firmware_stack_pointer(%rip)
	mov kernel_stack_pointer(%rip), %rax
	test %rax, %rax
	jnz take_up
	jmp *%rdx

/* void handback_switch(void): returns from kernel_entry to the loader; comes back with the loader's next call. */
	.globl handback_switch
handback_switch:
	pushfq
	push %rbx
	push %rbp
	push %r12
	push %r13
	push %r14
	push %r15
	mov %rsp, kernel_stack_pointer(%rip)
	mov firmware_stack_pointer(%rip), %rax
take_up:
	mov %rax, %rsp
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %rbp
	pop %rbx
	popfq
	ret

	.bss
	.balign 8
firmware_stack_pointer:
	.quad 0
kernel_stack_pointer: /* 0: kernel_main has not begun */
	.quad 0

	.section .note.GNU-stack, "", @progbits
