/* SPDX-License-Identifier: Apache-2.0
 *
 * The PVH way in (Xen's "x86/HVM direct boot ABI"): from 32-bit protected mode without paging to 64-bit mode on
 * static tables that identity-map 4 GiB, then pvh_start(RDI = start info, RSI = ticks) on the kernel's own stack.
 *
 *   EBX  physical address of struct hvm_start_info; kept throughout, in EDI while CPUID is asked
 *   EBP:ESI  TSC at entry, high and low
 *
 * Linked at a fixed address only: the 32-bit part names its tables absolutely. The tables are writable and
 * executable; kernel_main leaves them for its own.
 */
#include "kernel/x86_64/registers.h"

#define START_INFO_COMMAND_LINE 24 /* struct hvm_start_info, cmdline_paddr: pvh.c asserts it */
#define COM1 0x3f8
#define COM1_LSR (COM1 + 5)
#define COM1_POLLS 1000000
#define LSR_THRE 0x20
#define EXIT_PORT 0xf4
#define EXIT_REFUSED 0x12

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
	mov %ebx, %edi
	mov $0x80000000, %eax
	cpuid
	cmp $0x80000001, %eax
	jb pvh_refuse
	mov $0x80000001, %eax
	cpuid
	test $CPUID_80000001_EDX_LM, %edx
	jz pvh_refuse
	mov $1, %eax
	cpuid
	not %edx
	test $(CPUID_1_EDX_MSR | CPUID_1_EDX_PAE), %edx
	jnz pvh_refuse
	mov %edi, %ebx
	mov %cr4, %eax
	or $CR4_PAE, %eax
	mov %eax, %cr4
	mov $pvh_pml4, %eax
	mov %eax, %cr3
	mov $MSR_IA32_EFER, %ecx
	rdmsr
	or $EFER_LME, %eax /* NXE: cpu.c, once it knows that there is NX */
	wrmsr
	mov %cr0, %eax
	or $(CR0_PG | CR0_PE), %eax
	mov %eax, %cr0
	lgdt pvh_gdtr
	ljmp $0x08, $pvh_long

/* EDI = start info. No stack, no 64-bit mode, so none of the kernel's own consoles: COM1, as it was found, a bounded
   wait for each byte; then QEMU's exit port with status 2 (exit.c) where the command line names it. */
pvh_refuse:
	mov %edi, %ebx
	mov $pvh_refusal, %esi
	cld
1:	lodsb
	test %al, %al
	jz 4f
	mov %al, %ah
	mov $COM1_LSR, %edx
	mov $COM1_POLLS, %ecx
2:	in (%dx), %al
	test $LSR_THRE, %al
	loopz 2b
	mov %ah, %al
	mov $COM1, %edx
	out %al, (%dx)
	jmp 1b
4:	mov START_INFO_COMMAND_LINE(%ebx), %esi
	test %esi, %esi
	jz 8f
5:	xor %ecx, %ecx
6:	mov pvh_exit_word(%ecx), %al
	test %al, %al
	jz 7f
	cmp %al, (%esi, %ecx)
	lea 1(%ecx), %ecx
	je 6b
	cmpb $0, (%esi)
	lea 1(%esi), %esi
	jne 5b
	jmp 8f
7:	mov $EXIT_REFUSED, %al
	out %al, $EXIT_PORT
8:	cli
	hlt
	jmp 8b

	.code64
pvh_long:
	xor %eax, %eax
	mov %eax, %ds
	mov %eax, %es
	mov $0x10, %eax
	mov %eax, %ss
	lea arch_stacks + MAIN_STACK_TOP(%rip), %rsp
	mov %ebx, %edi
	mov %esi, %esi
	shl $32, %rbp
	or %rbp, %rsi
	xor %ebp, %ebp
	call pvh_start
	ud2

	.section .rodata.pvh, "a"
pvh_refusal:
	.asciz "anechoic: refused: this processor lacks 64-bit mode (LM), PAE or MSRs\r\n"
pvh_exit_word:
	.asciz "--exit=isa-debug-exit"

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
