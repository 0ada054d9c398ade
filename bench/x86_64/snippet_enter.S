/* SPDX-License-Identifier: Apache-2.0
 *
 * snippet_enter of bench/snippet/machine.h: code in RDI, memory in RSI, turns in RDX, what is to be cleared in ECX.
 * Keeps what the ABI has a callee keep. Between the two labels nothing of ours is in any register: the snippet may
 * change all of them but R15, and what is needed afterwards is found by an address.
 */
#include "bench/snippet/places.h"

	.text
	.globl	snippet_enter
	.hidden	snippet_enter
	.type	snippet_enter, @function
	.p2align 6
snippet_enter:
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	subq	$8, %rsp
	stmxcsr	(%rsp)
	fnstcw	4(%rsp)
	movq	%rsp, stack(%rip)
	movq	%rdi, code(%rip)
	movl	%ecx, clear(%rip)

	movq	%rdx, %r15
	leaq	SNIPPET_POINTER(SNIPPET_STACK)(%rsi), %rsp
	leaq	SNIPPET_POINTER(SNIPPET_TARGET)(%rsi), %rdi
	leaq	SNIPPET_POINTER(SNIPPET_MEMORY)(%rsi), %r14
	addq	$SNIPPET_POINTER(SNIPPET_SOURCE), %rsi
	testl	$SNIPPET_CLEAR_AVX512, %ecx
	jz	1f
	.irp	number, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	vpxord	%zmm\number, %zmm\number, %zmm\number
	.endr
	.irp	number, 0, 1, 2, 3, 4, 5, 6, 7
	kxorw	%k\number, %k\number, %k\number
	.endr
1:	testl	$SNIPPET_CLEAR_AVX, %ecx
	jz	2f
	vzeroall
	jmp	3f
2:	.irp	number, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	pxor	%xmm\number, %xmm\number
	.endr
3:	.irp	register, eax, ebx, ecx, edx, ebp, r8d, r9d, r10d, r11d, r12d, r13d
	xorl	%\register, %\register
	.endr
	jmp	*code(%rip)
	.size	snippet_enter, . - snippet_enter

	.globl	snippet_leave
	.hidden	snippet_leave
	.type	snippet_leave, @function
	.p2align 6
snippet_leave:
	movq	stack(%rip), %rsp
	pushq	$2		/* all flags off but the one that always is on: DF, AC and TF may be set */
	popfq
	testl	$SNIPPET_CLEAR_AVX, clear(%rip)
	jz	1f
	vzeroupper
1:	fninit
	fldcw	4(%rsp)
	ldmxcsr	(%rsp)
	addq	$8, %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	ret
	.size	snippet_leave, . - snippet_leave

	.local	stack, code, clear
	.comm	stack, 8, 8
	.comm	code, 8, 8
	.comm	clear, 4, 4

	.section .note.GNU-stack, "", @progbits
