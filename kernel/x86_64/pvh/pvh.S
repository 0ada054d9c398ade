/* SPDX-License-Identifier: Apache-2.0
 *
 * The PVH way in (Xen's "x86/HVM direct boot ABI"): from 32-bit protected mode without paging to 64-bit mode on
 * static tables that identity-map 4 GiB, then pvh_start(RDI = start info, RSI = ticks) on the kernel's own stack.
 *
 *   EBX  physical address of struct hvm_start_info; kept throughout
 *   EBP:ESI  TSC at entry, high and low
 *
 * Linked at a fixed address only: the 32-bit part names its tables absolutely. The tables are writable and
 * executable; kernel_main leaves them for its own.
 */
#include "kernel/x86_64/registers.h"

/* ELF note: Xen, type 18 (XEN_ELFNOTE_PHYS32_ENTRY). */
	.section .note.pvh, "a", @note
	.balign 4
	.long 4
	.long 4
	.long 18
	.asciz "Xen"
	.long pvh_entry

	.section .text.pvh, "ax"
	.code32
	.globl pvh_entry
pvh_entry:
	cli
	rdtsc
	mov %eax, %esi
	mov %edx, %ebp
	mov %cr4, %eax
	or $CR4_PAE, %eax
	mov %eax, %cr4
	mov $pvh_pml4, %eax
	mov %eax, %cr3
	mov $MSR_IA32_EFER, %ecx
	rdmsr
	or $(EFER_LME | EFER_NXE), %eax
	wrmsr
	mov %cr0, %eax
	or $(CR0_PG | CR0_PE), %eax
	mov %eax, %cr0
	lgdt pvh_gdtr
	ljmp $0x08, $pvh_long

	.code64
pvh_long:
	xor %eax, %eax
	mov %eax, %ds
	mov %eax, %es
	mov $0x10, %eax
	mov %eax, %ss
	lea arch_stacks + 4096 + 16384(%rip), %rsp /* struct kernel_stack; cpu.c asserts it */
	mov %ebx, %edi
	mov %esi, %esi
	shl $32, %rbp
	or %rbp, %rsi
	xor %ebp, %ebp
	call pvh_start
	ud2

	.section .data.pvh, "aw"
	.balign 8
pvh_gdt:
	.quad 0
	.quad 0x00af9b000000ffff /* 64-bit code */
	.quad 0x00cf93000000ffff /* data */
pvh_gdtr:
	.word . - pvh_gdt - 1
	.long pvh_gdt

/* SDM volume 3A, 4.5: 0x3 = present, writable; 0x83 = that and a 2 MiB leaf. */
	.balign 4096
pvh_pml4:
	.quad pvh_pdpt + 0x3
	.zero 4096 - 8
pvh_pdpt:
	.quad pvh_pd + 0x3, pvh_pd + 0x1003, pvh_pd + 0x2003, pvh_pd + 0x3003
	.zero 4096 - 32
pvh_pd:
	.set page, 0
	.rept 4 * 512
	.quad (page << 21) + 0x83
	.set page, page + 1
	.endr

	.section .note.GNU-stack, "", @progbits
