/* SPDX-License-Identifier: Apache-2.0
 *
 * Five functions that go wrong in a known way, as no compiler would write or keep them. All are benchmark
 * `run` functions (state in RDI, iterations in RSI, both unused) and none returns; their names are what a
 * contained fault must show.
 */

.macro function name
	.globl	\name
	.hidden	\name
	.type	\name, @function
\name:
.endm

	.text

/* #UD at its first byte; not the gate's UD2. */
function inject_illegal_instruction
	ud2
	.size	inject_illegal_instruction, . - inject_illegal_instruction

/* Reads page 0. */
function inject_null_read
	xorl	%eax, %eax
	movq	(%rax), %rax
	ret
	.size	inject_null_read, . - inject_null_read

/* Writes to its own first byte: code is not writable. */
function inject_code_write
	leaq	inject_code_write(%rip), %rax
	movb	$0xc3, (%rax)
	ret
	.size	inject_code_write, . - inject_code_write

/* Grows the stack by whole frames, each touched, until the guard page. */
function inject_stack_overflow
	subq	$1016, %rsp
	movq	%rax, (%rsp)
	call	inject_stack_overflow
	ret
	.size	inject_stack_overflow, . - inject_stack_overflow

/* Never ends, and makes no call that could be the end of it. */
function inject_endless_loop
1:	pause
	jmp	1b
	.size	inject_endless_loop, . - inject_endless_loop

	.section .note.GNU-stack, "", @progbits
