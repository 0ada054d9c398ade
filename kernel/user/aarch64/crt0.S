/* SPDX-License-Identifier: Apache-2.0
 *
 * The programme's first instructions. What the kernel guarantees at _start: X0 = struct gate_start *,
 * SP = top of main's stack, 16-byte aligned; all other general registers 0. Floating-point and vector state are
 * whatever the way in left.
 */

/* _start(X0 = struct gate_start *): zeroes what no file byte stands behind, then goes on in C. X19 keeps the
 * argument. */
	.section .text.start, "ax"
	.globl	_start
	.type	_start, %function
_start:
	mov	x19, x0
	adrp	x1, __bss_start		/* 16-byte aligned, both: linker/program.ld */
	add	x1, x1, :lo12:__bss_start
	adrp	x2, __bss_end
	add	x2, x2, :lo12:__bss_end
1:	cmp	x1, x2
	b.hs	2f
	stp	xzr, xzr, [x1], #16
	b	1b
2:	bl	gate_reset_state
	mov	x0, x19
	mov	x29, xzr
	bl	program_start
	udf	#0

	.section .note.GNU-stack, "", %progbits
