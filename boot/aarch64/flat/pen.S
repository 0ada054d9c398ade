/* SPDX-License-Identifier: Apache-2.0
 *
 * What cores do that a spin table held: a page, copied to where it stays, with struct boot_core_pen at its begin. They
 * come with the MMU off, at the exception level of the first core, and go where that one says, the one that it names.
 * Source: Linux, Documentation/arm64/booting.rst, section 4; Arm ARM (DDI 0487), D13.2 (MPIDR_EL1).
 *
 *   X9 its affinity   X10 struct boot_core_pen *
 */
#define PEN_ENTRY 8		/* main.c asserts them */
#define PEN_CONTEXT 16
#define PEN_CODE 64

	.section .text.pen, "ax"
	.globl	flat_pen
	.balign	64
flat_pen:
	.quad	-1			/* BOOT_CORE_PEN_NONE */
	.balign	PEN_CODE
	msr	daifset, #0xf
	mrs	x9, MPIDR_EL1
	mov	x10, #0x00ffffff
	movk	x10, #0xff, lsl #32
	and	x9, x9, x10
	adr	x10, flat_pen
0:	wfe
	ldar	x11, [x10]
	cmp	x11, x9
	b.ne	0b
	ldr	x12, [x10, #PEN_ENTRY]
	ldr	x0, [x10, #PEN_CONTEXT]
	ic	iallu
	dsb	sy
	isb
	br	x12
	.globl	flat_pen_end
flat_pen_end:

	.section .note.GNU-stack, "", %progbits
