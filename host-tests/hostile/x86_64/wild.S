/* SPDX-License-Identifier: Apache-2.0
 *
 * See wild.h.
 */
#include "kernel/gate.h"
#include "kernel/x86_64/registers.h"

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

/* Another way into the kernel, or what belongs to it; and the gate with flags that the kernel does not expect: trap,
   direction, nested task, alignment check. */
	.section .rodata
	.balign 8
	.globl wild_instructions
wild_instructions:
	.text
	.macro WILD
	ud2
	.pushsection .rodata
	.quad 9f
	.popsection
9:
	.endm
	.macro FLAGS value
	WILD; push $(\value); popf; mov $GATE_MEMORY_FREE, %eax; call gate_stub
	.endm

	WILD; syscall
	WILD; sysenter
	WILD; int $3
	WILD; int $0x20
	WILD; int $0x80
	WILD; int $VECTOR_TIMER
	WILD; int3
	WILD; .byte 0xf1 /* INT1 */
	WILD; hlt
	WILD; cli
	WILD; sti
	WILD; clts
	WILD; swapgs
	WILD; wbinvd
	WILD; in %dx, %al
	WILD; out %al, %dx
	WILD; mov %cr0, %rax
	WILD; mov %rax, %cr3
	WILD; mov %rax, %dr7
	WILD; rdmsr
	WILD; wrmsr
	WILD; lgdt (%rsp)
	WILD; lidt (%rsp)
	WILD; ltr %ax
	WILD; invlpg (%rsp)
	WILD; mov $SELECTOR_KERNEL_DATA, %eax; mov %eax, %ds
	WILD; push $SELECTOR_KERNEL_CODE; push %rdi; lretq
	WILD; push $SELECTOR_KERNEL_DATA; push %rsp; push $2; push $SELECTOR_KERNEL_CODE; push %rdi; iretq
	FLAGS 0x102
	FLAGS 0x402
	FLAGS 0x4002
	FLAGS 0x40002
	FLAGS 0x44502
	ud2
	.section .rodata
	.quad 0

	.section .note.GNU-stack, "", @progbits
