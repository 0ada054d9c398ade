/* SPDX-License-Identifier: Apache-2.0
 *
 * The gate: the one way from the programme into the kernel (kernel/gate.h).
 */

/* The one SVC that the kernel takes for a call (gate.h). */
	.section .text.gate, "ax"
	.globl	gate_stub
	.type	gate_stub, %function
gate_stub:
	svc	#0
	ret
	.size	gate_stub, . - gate_stub

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
	b	gate_stub

	.section .note.GNU-stack, "", %progbits
