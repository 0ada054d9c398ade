/* SPDX-License-Identifier: Apache-2.0
 *
 * Exceptions at EL1, and the way to EL0 and back. The kernel enters the programme by a call that returns at the next
 * exception: SP_EL1 stays where the call left it, with the frame's address on top, so that a vector finds all it
 * needs there.
 */
#include "kernel/aarch64/frame.h"

#define SAVED_BYTES 112 /* frame, unused, x19..x30 */

/* enum vector vectors_enter_program(x0 = struct arch_frame *frame) Keeps x19..x30 and SP as a C function does; all
   other general registers are lost. Floating-point and vector registers are not touched. */
	.section .text.vectors, "ax"
	.globl	vectors_enter_program
	.hidden	vectors_enter_program
	.type	vectors_enter_program, %function
vectors_enter_program:
	sub	sp, sp, #SAVED_BYTES
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	stp	x25, x26, [sp, #64]
	stp	x27, x28, [sp, #80]
	stp	x29, x30, [sp, #96]
	str	x0, [sp]

	ldr	x1, [x0, #FRAME_SP]
	ldr	x2, [x0, #FRAME_PC]
	ldr	x3, [x0, #FRAME_SPSR]
	msr	sp_el0, x1
	msr	elr_el1, x2
	msr	spsr_el1, x3
	ldp	x2, x3, [x0, #16]
	ldp	x4, x5, [x0, #32]
	ldp	x6, x7, [x0, #48]
	ldp	x8, x9, [x0, #64]
	ldp	x10, x11, [x0, #80]
	ldp	x12, x13, [x0, #96]
	ldp	x14, x15, [x0, #112]
	ldp	x16, x17, [x0, #128]
	ldp	x18, x19, [x0, #144]
	ldp	x20, x21, [x0, #160]
	ldp	x22, x23, [x0, #176]
	ldp	x24, x25, [x0, #192]
	ldp	x26, x27, [x0, #208]
	ldp	x28, x29, [x0, #224]
	ldr	x30, [x0, #240]
	ldp	x0, x1, [x0]
	eret

/* From EL0: x1 = enum vector; on the stack x0 and x1 as they were, then what vectors_enter_program left there. */
program_left:
	ldr	x0, [sp, #16]
	stp	x2, x3, [x0, #16]
	stp	x4, x5, [x0, #32]
	stp	x6, x7, [x0, #48]
	stp	x8, x9, [x0, #64]
	stp	x10, x11, [x0, #80]
	stp	x12, x13, [x0, #96]
	stp	x14, x15, [x0, #112]
	stp	x16, x17, [x0, #128]
	stp	x18, x19, [x0, #144]
	stp	x20, x21, [x0, #160]
	stp	x22, x23, [x0, #176]
	stp	x24, x25, [x0, #192]
	stp	x26, x27, [x0, #208]
	stp	x28, x29, [x0, #224]
	str	x30, [x0, #240]
	ldp	x2, x3, [sp], #16
	stp	x2, x3, [x0]
	mrs	x2, sp_el0
	mrs	x3, elr_el1
	mrs	x4, spsr_el1
	str	x2, [x0, #FRAME_SP]
	str	x3, [x0, #FRAME_PC]
	str	x4, [x0, #FRAME_SPSR]

	ldp	x19, x20, [sp, #16]
	ldp	x21, x22, [sp, #32]
	ldp	x23, x24, [sp, #48]
	ldp	x25, x26, [sp, #64]
	ldp	x27, x28, [sp, #80]
	ldp	x29, x30, [sp, #96]
	add	sp, sp, #SAVED_BYTES
	mov	w0, w1
	ret

/* From the kernel itself: its stack may be what broke, so it goes on at the top of another. Never returns. */
kernel_broken:
	mov	x0, sp
	mrs	x1, tpidr_el1		/* handback_el1_open */
	mov	sp, x1
	mov	x29, xzr
	mov	x30, xzr
	b	fault_of_kernel		/* (stack) */

	.macro	vector_kernel
	.balign	128
	b	kernel_broken
	.endm

	.macro	vector_program kind
	.balign	128
	stp	x0, x1, [sp, #-16]!
	mov	w1, #\kind
	b	program_left
	.endm

/* Arm ARM D1.3.1: four quarters of four: from EL1 on SP_EL0, from EL1 on SP_EL1, from AArch64 EL0, from AArch32 EL0. */
	.balign	2048
	.globl	vectors_el1
	.hidden	vectors_el1
vectors_el1:
	.rept	8
	vector_kernel
	.endr
	vector_program 0
	vector_program 1
	vector_program 2
	vector_program 3
	.rept	4
	vector_kernel
	.endr
	.balign	128

	.section .note.GNU-stack, "", %progbits
