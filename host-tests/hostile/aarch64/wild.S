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
	svc	#0
	ldr	x0, [sp]
	udf	#0

	.globl	wild_stack_wait
	.type	wild_stack_wait, %function
wild_stack_wait:
	mov	sp, x0
1:	b	1b

	.section .note.GNU-stack, "", %progbits
