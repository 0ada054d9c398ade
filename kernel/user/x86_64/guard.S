/* SPDX-License-Identifier: Apache-2.0
 *
 * A function on a stack of its own, under the kernel's guard.
 *
 * int64_t gate_run_guarded(void (*function)(void *), void *argument, uint64_t stack_top, struct gate_resume *resume,
 * uint64_t timeout_ns, uint64_t total_ns)
 *
 *   RDI function   RSI argument   RDX stack_top, 16-byte aligned   RCX resume   R8 timeout_ns   R9 total_ns
 *
 * Returns 0 after the function returned, 1 after it was ended (resume->fault says how), negative where the guard
 * could not be armed.
 *
 * Stack of the caller while the function runs, from RSP: function, argument, stack_top (then unused), RBX, RBP,
 * R12..R15, return address. The kernel resumes at `resumed` with RSP as it was when the guard was armed and RDI =
 * resume, all other general registers 0.
 */
#include "kernel/gate.h"
#include "kernel/user/offsets.h"

	.text
	.globl gate_run_guarded
gate_run_guarded:
	push %r15
	push %r14
	push %r13
	push %r12
	push %rbp
	push %rbx
	mov %rdi, %rbx
	mov %rsi, %r12
	mov %rdx, %r13
	lea resumed(%rip), %rax
	mov %rax, GATE_RESUME_INSTRUCTION(%rcx)
	mov %rsp, GATE_RESUME_STACK(%rcx)

	mov $GATE_GUARD_ARM, %edi
	mov %rcx, %rsi
	mov %r8, %rdx
	mov %r9, %rcx
	call gate_call
	test %rax, %rax
	js leave

	mov %rsp, %rbp
	mov %r13, %rsp
	mov %r12, %rdi
	call *%rbx
	mov %rbp, %rsp

	mov $GATE_GUARD_DISARM, %edi
	call gate_call
	xor %eax, %eax
leave:
	pop %rbx
	pop %rbp
	pop %r12
	pop %r13
	pop %r14
	pop %r15
	ret

resumed:
	call gate_reset_state
	mov $1, %eax
	jmp leave

/* void gate_reset_state(void): floating-point and vector state as at program start. XRSTOR of an area whose XSTATE_BV
   is 0 puts every component that XCR0 has into its initial state (Intel SDM volume 1, 13.8; MXCSR comes from the
   area), the upper parts of the vector registers with the rest; a CPU without XSAVE has no such parts. Clobbers RAX,
   RBX, RCX, RDX. */
	.globl gate_reset_state
gate_reset_state:
	mov $1, %eax
	xor %ecx, %ecx
	cpuid
	test $(1 << 27), %ecx /* OSXSAVE */
	jz 1f
	mov $-1, %eax
	mov $-1, %edx
	xrstor64 initial_state(%rip)
	ret
1:	fxrstor64 initial_state(%rip)
	ret

/* XSAVE area, Intel SDM volume 1, 13.4: legacy region of 512 bytes (FCW at 0, MXCSR at 24), header of 64 bytes. */
	.section .rodata
	.balign 64
initial_state:
	.word 0x037f
	.zero 22
	.long 0x1f80
	.zero 512 + 64 - 28

	.section .note.GNU-stack, "", @progbits
