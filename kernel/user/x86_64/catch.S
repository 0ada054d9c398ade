/* SPDX-License-Identifier: Apache-2.0
 *
 * Faults that the programme is told of and goes on behind.
 *
 * uint64_t gate_catch_loads(RDI = address, RSI = rounds, RDX = struct gate_resume *)
 *
 * Returns how many loads faulted: all of them, or those before one that did not, or 0 where none may be caught.
 *
 * Stack while it loads, from RSP: address, rounds that are left, all rounds, RBX, RBP, R12..R15, return address. The
 * kernel resumes at `caught` with RSP as it was at GATE_CATCH and RDI = resume, all other general registers 0;
 * floating-point and vector state is what it was.
 */
#include "kernel/gate.h"
#include "kernel/user/offsets.h"

	.text
	.globl gate_catch_loads
gate_catch_loads:
	push %r15
	push %r14
	push %r13
	push %r12
	push %rbp
	push %rbx
	push %rsi
	push %rsi
	push %rdi
	lea caught(%rip), %rax
	mov %rax, GATE_RESUME_INSTRUCTION(%rdx)
	mov %rsp, GATE_RESUME_STACK(%rdx)
	mov $GATE_CATCH, %edi
	mov %rdx, %rsi
	call gate_call
	test %rax, %rax
	jz load
	jmp end

caught:
	decq 8(%rsp)
load:
	cmpq $0, 8(%rsp)
	je end
	mov (%rsp), %rax
	movb (%rax), %al
end:
	mov $GATE_CATCH_END, %edi
	call gate_call
	mov 16(%rsp), %rax
	sub 8(%rsp), %rax
	add $24, %rsp
	pop %rbx
	pop %rbp
	pop %r12
	pop %r13
	pop %r14
	pop %r15
	ret

	.section .note.GNU-stack, "", @progbits
