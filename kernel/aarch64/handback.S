/* SPDX-License-Identifier: Apache-2.0
 *
 * The way in from whoever calls the kernel, and the way back to it. Runs in the firmware's regime: its page tables, at
 * EL1 or EL2. Stacks, callee-saved and floating-point registers and the interrupt masks are dealt with here, all other
 * registers in handback.c. UEFI 2.10, 2.3.6.4 has floating-point and vector registers usable at the call.
 */
#include "lib/aarch64/kept.inc"

/* The caller's registers, while it waits: offsets in `caller`, behind those that a function keeps. */
#define CALLER_SP    KEPT_BYTES		/* SP_ELx, SP_EL0 */
#define CALLER_STATE (KEPT_BYTES + 16)	/* DAIF, SPSel */
#define CALLER_FP    (KEPT_BYTES + 32)	/* FPCR, FPSR */
#define CALLER_BYTES (KEPT_BYTES + 48)

/* The kernel's, while the caller runs: pushed on the kernel's stack. */
#define KERNEL_FP    KEPT_VECTORS	/* behind X19 to X30 */
#define KERNEL_Q0    112
#define KERNEL_BYTES 624

/* From kernel_entry, X30 its caller's: X2 = where the first call goes on, without a stack, with X0 and X1 kept. A later
   one goes on where handback_switch was called. */
	.text
	.globl	handback_enter
	.hidden	handback_enter
	.type	handback_enter, %function
handback_enter:
	mrs	x9, daif
	msr	daifset, #0xf
	adrp	x10, caller
	add	x10, x10, :lo12:caller
	kept_store x10
	mrs	x11, spsel
	stp	x9, x11, [x10, #CALLER_STATE]
	msr	spsel, #1
	mov	x11, sp
	mrs	x12, sp_el0
	stp	x11, x12, [x10, #CALLER_SP]
	mrs	x11, fpcr
	mrs	x12, fpsr
	stp	x11, x12, [x10, #CALLER_FP]

	adrp	x11, kernel_sp
	ldr	x12, [x11, :lo12:kernel_sp]
	cbnz	x12, resume
	br	x2

resume:
	mov	sp, x12
	ldp	x11, x12, [sp, #KERNEL_FP]
	msr	fpcr, x11
	msr	fpsr, x12
	add	x9, sp, #KERNEL_Q0
	ldp	q0, q1, [x9]
	ldp	q2, q3, [x9, #32]
	ldp	q4, q5, [x9, #64]
	ldp	q6, q7, [x9, #96]
	ldp	q8, q9, [x9, #128]
	ldp	q10, q11, [x9, #160]
	ldp	q12, q13, [x9, #192]
	ldp	q14, q15, [x9, #224]
	ldp	q16, q17, [x9, #256]
	ldp	q18, q19, [x9, #288]
	ldp	q20, q21, [x9, #320]
	ldp	q22, q23, [x9, #352]
	ldp	q24, q25, [x9, #384]
	ldp	q26, q27, [x9, #416]
	ldp	q28, q29, [x9, #448]
	ldp	q30, q31, [x9, #480]
	kept_general ldp, sp
	add	sp, sp, #KERNEL_BYTES
	ret

/* void handback_switch(void): returns when the loader calls kernel_entry again. */
	.globl	handback_switch
	.hidden	handback_switch
	.type	handback_switch, %function
handback_switch:
	sub	sp, sp, #KERNEL_BYTES
	kept_general stp, sp
	mrs	x11, fpcr
	mrs	x12, fpsr
	stp	x11, x12, [sp, #KERNEL_FP]
	add	x9, sp, #KERNEL_Q0
	stp	q0, q1, [x9]
	stp	q2, q3, [x9, #32]
	stp	q4, q5, [x9, #64]
	stp	q6, q7, [x9, #96]
	stp	q8, q9, [x9, #128]
	stp	q10, q11, [x9, #160]
	stp	q12, q13, [x9, #192]
	stp	q14, q15, [x9, #224]
	stp	q16, q17, [x9, #256]
	stp	q18, q19, [x9, #288]
	stp	q20, q21, [x9, #320]
	stp	q22, q23, [x9, #352]
	stp	q24, q25, [x9, #384]
	stp	q26, q27, [x9, #416]
	stp	q28, q29, [x9, #448]
	stp	q30, q31, [x9, #480]
	adrp	x11, kernel_sp
	mov	x12, sp
	str	x12, [x11, :lo12:kernel_sp]

	adrp	x10, caller
	add	x10, x10, :lo12:caller
	ldp	x11, x12, [x10, #CALLER_FP]
	msr	fpcr, x11
	msr	fpsr, x12
	kept_load x10
	ldp	x11, x12, [x10, #CALLER_SP]
	msr	sp_el0, x12
	mov	sp, x11
	ldp	x9, x11, [x10, #CALLER_STATE]
	msr	spsel, x11
	msr	daif, x9
	ret

	.section .bss.handback, "aw", %nobits
	.balign	16
caller:
	.zero	CALLER_BYTES
kernel_sp:
	.zero	8

	.section .note.GNU-stack, "", %progbits
