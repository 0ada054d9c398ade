/* SPDX-License-Identifier: Apache-2.0
 *
 * Where another core begins, as crt0.S does on the first one: floating-point and vector state are whatever they were.
 */

/* gate_core_main(X0 = struct core_task *): the task's first instructions, all other general registers 0. */
	.text
	.globl	gate_core_main
	.type	gate_core_main, %function
gate_core_main:
	mov	x19, x0
	bl	gate_reset_state
	mov	x29, xzr
	mov	x0, x19
	ldr	x9, [x19]
	blr	x9
	udf	#0

	.section .note.GNU-stack, "", %progbits
