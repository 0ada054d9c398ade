/* SPDX-License-Identifier: Apache-2.0
 *
 * Into the programme and out of it. TSS.RSP0 points behind the core's one frame, so the processor's own pushes of a
 * trap from ring 3 land in it and the stubs push the rest below: no stack is used and nothing is copied. The layout is
 * struct arch_frame (frame.h), upwards: R15 R14 R13 R12 R11 R10 R9 R8 RDI RSI RBP RBX RDX RCX RAX, vector, error code,
 * RIP CS RFLAGS RSP SS.
 */
#include "kernel/x86_64/registers.h"

#define KERNEL_STACK_POINTER -8 /* from the frame: struct trap_place */

.macro PUSH_REGISTERS
	push %rax
	push %rcx
	push %rdx
	push %rbx
	push %rbp
	push %rsi
	push %rdi
	push %r8
	push %r9
	push %r10
	push %r11
	push %r12
	push %r13
	push %r14
	push %r15
.endm

.macro POP_REGISTERS
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %r11
	pop %r10
	pop %r9
	pop %r8
	pop %rdi
	pop %rsi
	pop %rbp
	pop %rbx
	pop %rdx
	pop %rcx
	pop %rax
.endm

/* void trap_return_and_wait(RDI = struct arch_frame *): to ring 3; comes back with the next trap, as if the call had
   returned. */
	.text
	.globl trap_return_and_wait
trap_return_and_wait:
	push %r15
	push %r14
	push %r13
	push %r12
	push %rbp
	push %rbx
	mov %rsp, KERNEL_STACK_POINTER(%rdi)
	mov %rdi, %rsp
	POP_REGISTERS
	add $16, %rsp
	iretq

/* Vector and error code are pushed. From ring 3 on: RSP is in the core's frame. */
trap_common:
	testb $3, 24(%rsp)
	jz trap_fatal
	PUSH_REGISTERS
	mov KERNEL_STACK_POINTER(%rsp), %rsp
	cld
	.globl trap_left
trap_left:
	pop %rbx
	pop %rbp
	pop %r12
	pop %r13
	pop %r14
	pop %r15
	ret

/* From the kernel itself, or on a stack of its own: RSP is on that stack. There is a way back only for the instructions
   of guarded_*: fault_of_kernel has changed RIP then. */
trap_fatal:
	PUSH_REGISTERS
	cld
	mov %rsp, %rdi
	mov %rsp, %rbx
	and $-16, %rsp
	call fault_of_kernel
	mov %rbx, %rsp
	POP_REGISTERS
	add $16, %rsp
	iretq

/* A stub for each exception, 16 bytes apart: trap.c computes their addresses. Those without an error code of the
   processor's push a 0. Intel SDM volume 3A, table 6-1. */
	.balign 16
	.globl trap_stubs
trap_stubs:
	.set vector, 0
	.rept 32
	.balign 16
	.if vector != 8 && (vector < 10 || vector > 14) && vector != 17 && vector != 21 && vector != 29 && vector != 30
	push $0
	.endif
	push $vector
	.if vector == VECTOR_NMI || vector == VECTOR_DOUBLE_FAULT || vector == VECTOR_MACHINE_CHECK
	jmp trap_fatal
	.else
	jmp trap_common
	.endif
	.set vector, vector + 1
	.endr

	.globl trap_stub_timer
trap_stub_timer:
	push $0
	push $VECTOR_TIMER
	jmp trap_common

	.globl trap_stub_other
trap_stub_other:
	push $0
	push $VECTOR_OTHER
	jmp trap_common

	.section .note.GNU-stack, "", @progbits
