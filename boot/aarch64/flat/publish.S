/* SPDX-License-Identifier: Apache-2.0
 *
 * Source: Arm ARM (DDI 0487), B2.4 (caches and coherency), D13.2 (CTR_EL0).
 */
/* void flat_publish(x0 = start, x1 = end): what was written with the caches off is what is read with them on. */
	.section .text, "ax"
	.globl	flat_publish
flat_publish:
	mrs	x2, CTR_EL0
	ubfx	x2, x2, #16, #4		/* DminLine: log2 of the words in the smallest line */
	mov	x3, #4
	lsl	x2, x3, x2
	sub	x3, x2, #1
	bic	x0, x0, x3
0:	dc	civac, x0
	add	x0, x0, x2
	cmp	x0, x1
	b.lo	0b
	dsb	sy
	ic	iallu
	dsb	sy
	isb
	ret

	.section .note.GNU-stack, "", %progbits
