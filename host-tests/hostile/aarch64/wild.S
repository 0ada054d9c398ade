/* SPDX-License-Identifier: Apache-2.0
 *
 * See wild.h.
 */
#include "kernel/gate.h"

	.text
	.globl	wild_jump
	.type	wild_jump, %function
wild_jump:
	br	x0

	.globl	wild_stack_call
	.type	wild_stack_call, %function
wild_stack_call:
	mov	sp, x0
	mov	x8, #GATE_MEMORY_FREE
	bl	gate_stub
	ldr	x0, [sp]
	udf	#0

	.globl	wild_stack_wait
	.type	wild_stack_wait, %function
wild_stack_wait:
	mov	sp, x0
1:	b	1b

/* Another way into the kernel, or what belongs to it. */
	.section .rodata
	.balign	8
	.globl	wild_instructions
wild_instructions:
	.text
	.macro	WILD
	udf	#0
	.pushsection .rodata
	.quad	9f
	.popsection
9:
	.endm

	WILD; mov x8, #GATE_MEMORY_FREE; svc #0
	WILD; svc #1
	WILD; svc #0xffff
	WILD; hvc #0
	WILD; smc #0
	WILD; brk #0
	WILD; hlt #0
	WILD; eret
	WILD; msr daifset, #2
	WILD; mrs x0, sctlr_el1
	WILD; msr sctlr_el1, x0
	WILD; msr ttbr0_el1, x0
	WILD; msr vbar_el1, x0
	WILD; mrs x0, far_el1
	WILD; tlbi vmalle1
	WILD; ic iallu
	WILD; dc isw, x0
	WILD; at s1e1r, x0
	udf	#0
	.section .rodata
	.quad	0

	.section .note.GNU-stack, "", %progbits
