/* SPDX-License-Identifier: Apache-2.0
 *
 * Where another core begins, as crt0.S does on the first one: floating-point and vector state are whatever they were.
 */
#include "kernel/gate.h"

/* gate_core_main(RDI = struct core_task *): the task's first instructions, all other general registers 0. */
	.text
	.globl gate_core_main
gate_core_main:
	mov %rdi, %r12
	call gate_reset_state
	xor %ebp, %ebp
	mov %r12, %rdi
	call *(%r12)
	ud2

/* int64_t gate_core_move(RDI = cpu). */
	.globl gate_core_move
gate_core_move:
	push %rbx
	mov %rdi, %rsi
	mov $GATE_CORE_MOVE, %edi
	call gate_call
	push %rax
	call gate_reset_state
	pop %rax
	pop %rbx
	ret

	.section .note.GNU-stack, "", @progbits
