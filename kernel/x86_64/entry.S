/* SPDX-License-Identifier: Apache-2.0
 *
 * kernel_entry(RDI = struct boot_info *, RSI = struct kernel_call * or NULL), System V, ring 0, 64-bit mode,
 * identity-mapped, interrupts masked.
 *
 * takeover (RSI = 0): onto the kernel's own stack, kernel_main, which never returns. handback: handback.S keeps the
 * firmware's stack, and on the first call comes back to here, on every later one goes on where arch_handback left off.
 */
#include "kernel/x86_64/registers.h"

	.section .text.entry, "ax"
	.globl kernel_entry
kernel_entry:
	cld
	lea handback_first(%rip), %rdx
	test %rsi, %rsi
	jnz handback_enter
	cli
	lea arch_stacks(%rip), %rsp
	add $MAIN_STACK_TOP, %rsp
	xor %ebp, %ebp
	call kernel_main
	ud2

/* RBX and R12 keep the arguments. */
handback_first:
	lea arch_stacks(%rip), %rsp
	add $MAIN_STACK_TOP, %rsp
	xor %ebp, %ebp
	mov %rdi, %rbx
	mov %rsi, %r12
	call handback_firmware_save
	mov %rbx, %rdi
	mov %r12, %rsi
	call kernel_main
	ud2

	.section .note.GNU-stack, "", @progbits
