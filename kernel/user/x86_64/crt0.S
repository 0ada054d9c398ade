/* SPDX-License-Identifier: Apache-2.0
 *
 * The programme's first instructions, and the gate. What the kernel guarantees at _start: RDI = struct gate_start *,
 * RSP = top of main's stack, 16-byte aligned; all other general registers 0, DF clear. x87 and vector state are
 * whatever the way in left.
 */

/* _start(RDI = struct gate_start *): zeroes what no file byte stands behind, then goes on in C. RBX keeps the
   argument. */
	.section .text.start, "ax"
	.globl _start
_start:
	mov %rdi, %rbx
	lea __bss_start(%rip), %rdi
	lea __bss_end(%rip), %rcx
	sub %rdi, %rcx
	xor %eax, %eax
	rep stosb
	mov %rbx, %r12
	call gate_reset_state
	mov %r12, %rdi
	xor %ebp, %ebp
	call program_start
	ud2

/* gate_core_main(RDI = argument), as _start but on another core. */
	.text
	.globl gate_core_main
gate_core_main:
	mov %rdi, %r12
	call gate_reset_state
	mov %r12, %rdi
	xor %ebp, %ebp
	call core_run
	ud2

/* The one UD2 that the kernel takes for a call (gate.h). */
	.section .text.gate, "ax"
	.globl gate_stub
gate_stub:
	ud2
	ret

/* int64_t gate_call(uint64_t number, uint64_t a0, uint64_t a1, uint64_t a2): from the System V argument registers to
   the gate's. Clobbers RAX only, beside the arguments' registers. */
	.text
	.globl gate_call
gate_call:
	mov %rdi, %rax
	mov %rsi, %rdi
	mov %rdx, %rsi
	mov %rcx, %rdx
	xor %r10d, %r10d
	jmp gate_stub

	.section .note.GNU-stack, "", @progbits
