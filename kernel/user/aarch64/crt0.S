/* SPDX-License-Identifier: Apache-2.0
 *
 * The programme's first instructions, and the gate. What the kernel guarantees at _start: X0 = struct gate_start *,
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

/* gate_core_main(X0 = argument), as _start but on another core. */
	.text
	.globl	gate_core_main
	.type	gate_core_main, %function
gate_core_main:
	mov	x19, x0
	bl	gate_reset_state
	mov	x0, x19
	mov	x29, xzr
	bl	core_run
	udf	#0

/* int64_t gate_call(uint64_t number, uint64_t a0, uint64_t a1, uint64_t a2): from the AAPCS64 argument registers to
   the gate's (gate.h). Clobbers X8 and the arguments' registers only. */
	.text
	.globl	gate_call
	.type	gate_call, %function
gate_call:
	mov	x8, x0
	mov	x0, x1
	mov	x1, x2
	mov	x2, x3
	mov	x3, xzr
	svc	#0
	ret

	.section .note.GNU-stack, "", %progbits
