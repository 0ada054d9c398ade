/* SPDX-License-Identifier: Apache-2.0
 *
 * The gate: the one way from the programme into the kernel (kernel/gate.h).
 */

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
