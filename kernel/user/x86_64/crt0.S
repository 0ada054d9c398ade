/* SPDX-License-Identifier: Apache-2.0
 *
 * The programme's first instructions. What the kernel guarantees at _start: RDI = struct gate_start *,
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

	.section .note.GNU-stack, "", @progbits
