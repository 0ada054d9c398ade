/* SPDX-License-Identifier: Apache-2.0
 *
 * Five functions that go wrong in a known way, as no compiler would write or keep them. All are benchmark
 * `run` functions (state in X0, iterations in X1, both unused) and none returns; their names are what a
 * contained fault must show.
 */

.macro function name
	.globl	\name
	.hidden	\name
	.type	\name, %function
	.balign	4
\name:
.endm

	.text

/* Permanently undefined: ESR_EL1.EC 0. */
function inject_illegal_instruction
	udf	#0
	.size	inject_illegal_instruction, . - inject_illegal_instruction

/* Reads page 0. */
function inject_null_read
	mov	x0, xzr
	ldr	x0, [x0]
	ret
	.size	inject_null_read, . - inject_null_read

/* Writes to its own first word: code is not writable. */
function inject_code_write
	adr	x0, inject_code_write
	str	wzr, [x0]
	ret
	.size	inject_code_write, . - inject_code_write

/* Grows the stack by whole frames, each touched, until the guard page. */
function inject_stack_overflow
	sub	sp, sp, #1024
	stp	x29, x30, [sp]
	bl	inject_stack_overflow
	ldp	x29, x30, [sp]
	add	sp, sp, #1024
	ret
	.size	inject_stack_overflow, . - inject_stack_overflow

/* Never ends, and makes no call that could be the end of it. No YIELD: an emulator may leave its loop at each,
 * and be slow about it. */
function inject_endless_loop
1:	b	1b
	.size	inject_endless_loop, . - inject_endless_loop

	.section .note.GNU-stack, "", %progbits
