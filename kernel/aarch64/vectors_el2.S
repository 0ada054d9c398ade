/* SPDX-License-Identifier: Apache-2.0
 *
 * Exceptions at EL2 while ours run: the way up that mmu.S asks for, and what is broken, which goes on in C to be told.
 * With the MMU off, and so in memory as mmu.S is.
 */
#include "kernel/aarch64/registers.h"

	.section .text.mmu_off, "ax"

/* Of sixteen vectors one is in use: HVC from EL1, which mmu_ascend_to_el2 (mmu.S) alone issues, with EL2's MMU off. Any
   other exception is the end, and is told: one of EL2 itself with the firmware's MMU on, one from below at EL1. */
	.balign	2048
	.globl	vectors_el2
	.hidden	vectors_el2
vectors_el2:
	.rept	8
	.balign	128
	b	el2_broken
	.endr
	.balign	128
	mrs	x10, esr_el2
	lsr	x10, x10, #ESR_EC_SHIFT_VALUE
	cmp	x10, #ESR_EC_HVC64_VALUE
	b.ne	el2_taken
	msr	hcr_el2, x0
	isb
	msr	sctlr_el2, x1		/* the firmware's MMU is on again */
	isb
	mov	sp, x9
	br	x30
	.rept	7
	.balign	128
	b	el2_taken
	.endr
	.balign	128

	.macro	syndrome_read
	mrs	x0, esr_el2
	mrs	x1, elr_el2
	mrs	x2, far_el2
	.endm

/* The firmware's tables are as it left them as long as code of ours runs at EL2: they are given up only from EL1.
   TPIDR_EL2 is 0 on another core, which has no tables and is missed by the first one. */
el2_broken:
	syndrome_read
	mrs	x9, tpidr_el2
	cbz	x9, .
	mrs	x10, sctlr_el2
	orr	x10, x10, #SCTLR_M
	msr	sctlr_el2, x10
	isb
	mov	sp, x9
	mov	x29, xzr
	mov	x30, xzr
	b	fault_at_el2

el2_taken:
	syndrome_read
	adrp	x9, el2_told
	add	x9, x9, :lo12:el2_told
	msr	elr_el2, x9
	mov	x9, #(SPSR_M_EL1H | SPSR_DAIF)
	msr	spsr_el2, x9
	eret
el2_told:
	mrs	x9, tpidr_el1		/* handback_el1_open */
	mov	sp, x9
	mov	x29, xzr
	mov	x30, xzr
	b	fault_at_el2

	.section .note.GNU-stack, "", %progbits
