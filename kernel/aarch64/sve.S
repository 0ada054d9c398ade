/* SPDX-License-Identifier: Apache-2.0
 *
 * The programme's SVE state, which the firmware does not know and loses: it writes V registers, and that zeroes the
 * rest of Z. Called in our regime, where SVE is switched on, on CPUs that have it.
 *
 *   area: Z0..Z31, a vector length each; then P0..P15 and FFR, an eighth of that each. 16-byte aligned.
 */
	.arch	armv8-a+sve

	.macro	at_predicates base, area
	addvl	\base, \area, #16
	addvl	\base, \base, #16
	.endm

/* void sve_save(x0 = area). Clobbers x1. */
	.section .text.sve, "ax"
	.globl	sve_save
	.hidden	sve_save
	.type	sve_save, %function
sve_save:
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	str	z\n, [x0, #\n, mul vl]
	.endr
	.irp	n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	str	z\n, [x0, #\n, mul vl]
	.endr
	at_predicates x1, x0
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	str	p\n, [x1, #\n, mul vl]
	.endr
	rdffr	p0.b
	str	p0, [x1, #16, mul vl]
	ret

/* void sve_load(x0 = area). Clobbers x1. */
	.globl	sve_load
	.hidden	sve_load
	.type	sve_load, %function
sve_load:
	at_predicates x1, x0
	ldr	p0, [x1, #16, mul vl]
	wrffr	p0.b
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	ldr	p\n, [x1, #\n, mul vl]
	.endr
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	ldr	z\n, [x0, #\n, mul vl]
	.endr
	.irp	n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	ldr	z\n, [x0, #\n, mul vl]
	.endr
	ret

	.section .note.GNU-stack, "", %progbits
