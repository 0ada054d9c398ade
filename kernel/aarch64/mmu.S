/* SPDX-License-Identifier: Apache-2.0
 *
 * Changes of the translation regime: with the MMU off, touching no memory, registers in and registers out. Other
 * table formats, other attributes and other page sizes meet here: what a walk would find in between is nobody's
 * business. The code itself is fetched with the MMU off; mmu.c cleans .text.mmu_off to memory before it is first used.
 * All of it is identity-mapped in both regimes.
 *
 *   x0 TTBR0_EL1   x1 TTBR1_EL1   x2 TCR_EL1   x3 MAIR_EL1   x4 SCTLR_EL1 to end with   x5 HCR_EL2
 *   x9 x10 scratch   x30 the caller's   SP the caller's: the same memory on both sides, whichever SP register it is in
 */
#include "kernel/aarch64/registers.h"

#define HCR_E2H_BIT 34

	.section .text.mmu_off, "ax"

/* void mmu_ascend_to_el2(x0 = HCR_EL2, x1 = SCTLR_EL2): at EL1; returns at EL2, by the HVC vector of vectors_el2.S. */
	.globl	mmu_ascend_to_el2
	.hidden	mmu_ascend_to_el2
	.type	mmu_ascend_to_el2, %function
mmu_ascend_to_el2:
	mov	x9, sp
	hvc	#0

/* void mmu_descend_to_el1(x0..x5): at EL2, the firmware's MMU on; returns at EL1 in the regime that x0..x4 say. EL2's
   own table registers stay as they are: only its MMU is switched off. */
	.globl	mmu_descend_to_el1
	.hidden	mmu_descend_to_el1
	.type	mmu_descend_to_el1, %function
mmu_descend_to_el1:
	mrs	x9, sctlr_el2
	bic	x9, x9, #SCTLR_M
	msr	sctlr_el2, x9
	isb
	msr	hcr_el2, x5
	isb
	/* SCTLR_EL1 may hold anything; with E2H its plain name would mean SCTLR_EL2. */
	movz	x10, #(SCTLR_RES1 & 0xffff)
	movk	x10, #(SCTLR_RES1 >> 16), lsl #16
	tbnz	x5, #HCR_E2H_BIT, 1f
	msr	sctlr_el1, x10
	b	2f
1:	msr	SCTLR_EL12, x10
2:	adr	x9, mmu_translation_set
	msr	elr_el2, x9
	mov	x9, #(SPSR_M_EL1H | SPSR_DAIF)
	msr	spsr_el2, x9
	mov	x9, sp
	msr	sp_el1, x9
	isb
	eret

/* void mmu_translation_set(x0..x4): at EL1; returns there. */
	.globl	mmu_translation_set
	.hidden	mmu_translation_set
	.type	mmu_translation_set, %function
mmu_translation_set:
	mrs	x9, sctlr_el1
	bic	x9, x9, #SCTLR_M
	msr	sctlr_el1, x9
	isb
	msr	ttbr0_el1, x0
	msr	ttbr1_el1, x1
	msr	tcr_el1, x2
	msr	mair_el1, x3
	isb
	tlbi	vmalle1
	dsb	nsh
	isb
	msr	sctlr_el1, x4
	isb
	ret

	.section .note.GNU-stack, "", %progbits
