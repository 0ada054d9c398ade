/* SPDX-License-Identifier: Apache-2.0
 *
 * The kernel's ELF entry point, in the firmware's regime.
 */
#include "kernel/aarch64/frame.h"

/* void kernel_entry(x0 = struct boot_info *, x1 = struct kernel_call *). Returns when the kernel has a request. */
	.section .text.entry, "ax"
	.globl	kernel_entry
	.type	kernel_entry, %function
kernel_entry:
	adr	x2, first
	b	handback_enter

/* X19 and X20 keep the arguments. */
first:
	adrp	x12, arch_stacks + MAIN_STACK_TOP
	add	x12, x12, :lo12:arch_stacks + MAIN_STACK_TOP
	mov	sp, x12
	mov	x19, x0
	mov	x20, x1
	adrp	x0, vectors_el1
	add	x0, x0, :lo12:vectors_el1
	adrp	x1, vectors_el2
	add	x1, x1, :lo12:vectors_el2
	bl	handback_begin
	mov	x0, x19
	mov	x1, x20
	mov	x29, xzr
	mov	x30, xzr
	b	kernel_main

	.section .note.GNU-stack, "", %progbits
