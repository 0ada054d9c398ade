/* SPDX-License-Identifier: Apache-2.0
 *
 * Instructions that a processor or hypervisor may refuse whatever CPUID says. fault.c knows each by its label, and goes
 * on at guarded_refused then.
 */

/* bool guarded_msr_read(EDI = MSR, RSI = uint64_t *value), bool guarded_msr_write(EDI = MSR, RSI = value),
   bool guarded_xcr0_write(RDI = value): EAX 1, or 0 where the one instruction that its label names got #GP or #UD. The
   stack is as the call left it throughout. */
	.text
	.globl guarded_msr_read, guarded_msr_read_at
guarded_msr_read:
	mov %edi, %ecx
guarded_msr_read_at:
	rdmsr
	shl $32, %rdx
	mov %eax, %eax
	or %rdx, %rax
	mov %rax, (%rsi)
	mov $1, %eax
	ret

	.globl guarded_msr_write, guarded_msr_write_at
guarded_msr_write:
	mov %edi, %ecx
	mov %esi, %eax
	mov %rsi, %rdx
	shr $32, %rdx
guarded_msr_write_at:
	wrmsr
	mov $1, %eax
	ret

	.globl guarded_xcr0_write, guarded_xcr0_write_at
guarded_xcr0_write:
	xor %ecx, %ecx
	mov %edi, %eax
	mov %rdi, %rdx
	shr $32, %rdx
guarded_xcr0_write_at:
	xsetbv
	mov $1, %eax
	ret

	.globl guarded_refused
guarded_refused:
	xor %eax, %eax
	ret

	.section .note.GNU-stack, "", @progbits
