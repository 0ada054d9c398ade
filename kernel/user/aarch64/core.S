/* SPDX-License-Identifier: Apache-2.0
 *
 * Where another core begins, as crt0.S does on the first one: floating-point and vector state are whatever they were.
 */
#include "kernel/gate.h"
#include "lib/aarch64/kept.inc"

#define SAVED_BYTES (KEPT_BYTES + 16) /* and the answer */

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

/* int64_t gate_core_move(X0 = cpu): D8 to D15 are the caller's. */
	.globl	gate_core_move
	.type	gate_core_move, %function
gate_core_move:
	sub	sp, sp, #SAVED_BYTES
	kept_store sp
	mov	x1, x0
	mov	x0, #GATE_CORE_MOVE
	bl	gate_call
	str	x0, [sp, #KEPT_BYTES]
	bl	gate_reset_state
	ldr	x0, [sp, #KEPT_BYTES]
	kept_load sp
	add	sp, sp, #SAVED_BYTES
	ret

	.section .note.GNU-stack, "", %progbits
