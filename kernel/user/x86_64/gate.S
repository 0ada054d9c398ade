/* SPDX-License-Identifier: Apache-2.0
 *
 * The gate: the one way from the programme into the kernel (kernel/gate.h).
 */

/* The one UD2 that the kernel takes for a call (gate.h). */
	.section .text.gate, "ax"
	.globl gate_stub
	.type gate_stub, @function
gate_stub:
	ud2
	ret
	.size gate_stub, . - gate_stub

/* int64_t gate_call(uint64_t number, uint64_t a0, uint64_t a1, uint64_t a2): from the System V argument registers to
   the gate's. Clobbers RAX only, beside the arguments' registers. */
	.text
	.globl gate_call
	.type gate_call, @function
gate_call:
	mov %rdi, %rax
	mov %rsi, %rdi
	mov %rdx, %rsi
	mov %rcx, %rdx
	xor %r10d, %r10d
	jmp gate_stub
	.size gate_call, . - gate_call

	.section .note.GNU-stack, "", @progbits
