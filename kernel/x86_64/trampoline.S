/* SPDX-License-Identifier: Apache-2.0
 *
 * Where another core begins: real mode, at the start of a page below 1 MiB whose number the start-up interrupt names
 * (CS = page / 16, IP 0), interrupts masked by INIT. core.c copies these bytes there and fills in what is 0 at the
 * end. From real mode through 32-bit protected mode to 64-bit mode on the tables that trampoline_cr3 says; then onto
 * a stack, to the entry that trampoline_start's structure names. Source: Intel SDM volume 3A, 8.4.4 (start-up),
 * 9.8.5 (to 64-bit mode).
 *
 *   EBX  the page's address; kept throughout
 *
 * The page is not writable by then: the descriptors have their accessed bits set.
 */
#include "kernel/x86_64/core_start.h"
#include "kernel/x86_64/registers.h"

#define AT(label) (label - trampoline)
#define SELECTOR_CODE_32 0x18

	.section .rodata.trampoline, "a"
	.balign 16
	.globl trampoline
trampoline:
	.code16
	cli
	cld
	mov %cs, %ax
	mov %ax, %ds
	movzwl %ax, %ebx
	shl $4, %ebx
	lgdtl AT(trampoline_gdtr)
	mov $CR0_PE, %eax
	mov %eax, %cr0
	ljmpl *AT(trampoline_to_32)

	.code32
	.globl trampoline_32
trampoline_32:
	mov $SELECTOR_KERNEL_DATA, %eax
	mov %eax, %ds
	mov %eax, %ss
	mov AT(trampoline_cr4)(%ebx), %eax
	mov %eax, %cr4
	mov AT(trampoline_cr3)(%ebx), %eax
	mov %eax, %cr3
	cmpl $0, AT(trampoline_nx_hidden)(%ebx)
	je 1f
	mov $MSR_IA32_MISC_ENABLE, %ecx
	rdmsr
	and $~MISC_ENABLE_XD_DISABLE_HIGH, %edx
	wrmsr
1:	mov $MSR_IA32_EFER, %ecx
	mov $(EFER_LME | EFER_NXE), %eax
	xor %edx, %edx
	wrmsr
	mov AT(trampoline_cr0)(%ebx), %eax
	mov %eax, %cr0
	ljmpl *AT(trampoline_to_64)(%ebx)

	.code64
	.globl trampoline_64
trampoline_64:
	mov trampoline_start(%rip), %rax
	mov CORE_START_STACK(%rax), %rsp
	mov CORE_START_CPU(%rax), %rdi
	xor %ebp, %ebp
	call *CORE_START_ENTRY(%rax)
	ud2

	.balign 8
trampoline_gdt:
	.quad 0
	.quad 0x00af9b000000ffff /* SELECTOR_KERNEL_CODE: 64-bit */
	.quad 0x00cf93000000ffff /* SELECTOR_KERNEL_DATA */
	.quad 0x00cf9b000000ffff /* SELECTOR_CODE_32 */
trampoline_gdt_end:
	.globl trampoline_gdt
trampoline_gdtr:
	.word trampoline_gdt_end - trampoline_gdt - 1
	.globl trampoline_gdt_base
trampoline_gdt_base:
	.long 0
trampoline_to_32:
	.globl trampoline_to_32
	.long 0
	.word SELECTOR_CODE_32
trampoline_to_64:
	.globl trampoline_to_64
	.long 0
	.word SELECTOR_KERNEL_CODE
	.balign 8
	.globl trampoline_cr0, trampoline_cr3, trampoline_cr4, trampoline_nx_hidden, trampoline_start
trampoline_cr0:
	.long 0
trampoline_cr3:
	.long 0
trampoline_cr4:
	.long 0
trampoline_nx_hidden: /* nx.h */
	.long 0
	.balign 8
trampoline_start: /* struct core_start * */
	.quad 0
	.globl trampoline_end
trampoline_end:

	.section .note.GNU-stack, "", @progbits
