/* SPDX-License-Identifier: Apache-2.0
 *
 * See wild.h.
 */
#include "kernel/gate.h"

	.text
	.globl wild_jump
wild_jump:
	jmp *%rdi

	.globl wild_stack_call
wild_stack_call:
	mov %rdi, %rsp
	mov $GATE_MEMORY_FREE, %eax
	jmp gate_stub /* returns by that stack */

	.globl wild_stack_wait
wild_stack_wait:
	mov %rdi, %rsp
1:	jmp 1b

	.section .note.GNU-stack, "", @progbits
