/* SPDX-License-Identifier: Apache-2.0
 *
 * snippet_enter of bench/snippet/machine.h: code in X0, memory in X1, turns in X2; X3, what is to be cleared, says
 * nothing here: the vector registers that every CPU has are, and with them what SVE has of these beyond 128 bits. Keeps
 * what the ABI has a callee keep. Between the two labels nothing of ours is in any register but X28, the turns, and
 * X30, the code: the snippet may change all others, and what is needed afterwards is found by an address.
 */
#include "bench/snippet/places.h"
#include "lib/aarch64/kept.inc"

#define SAVED_BYTES (KEPT_BYTES + 16) /* and FPCR */

	.text
	.globl	snippet_enter
	.hidden	snippet_enter
	.type	snippet_enter, %function
	.p2align 6
snippet_enter:
	sub	sp, sp, #SAVED_BYTES
	kept_store sp
	mrs	x4, fpcr
	str	x4, [sp, #KEPT_BYTES]
	adrp	x4, stack
	mov	x5, sp
	str	x5, [x4, #:lo12:stack]

	mov	x30, x0
	mov	x28, x2
	mov	x4, #SNIPPET_POINTER(SNIPPET_STACK)
	add	x4, x1, x4
	mov	sp, x4
	ldr	x4, =SNIPPET_POINTER(SNIPPET_TARGET)
	add	x0, x1, x4
	ldr	x4, =SNIPPET_POINTER(SNIPPET_MEMORY)
	add	x27, x1, x4
	ldr	x4, =SNIPPET_POINTER(SNIPPET_SOURCE)
	add	x1, x1, x4
	.irp	number, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 29
	mov	x\number, #0
	.endr
	vectors_clear
	br	x30
	.size	snippet_enter, . - snippet_enter

	.globl	snippet_leave
	.hidden	snippet_leave
	.type	snippet_leave, %function
	.p2align 6
snippet_leave:
	adrp	x4, stack
	ldr	x4, [x4, #:lo12:stack]
	mov	sp, x4
	ldr	x4, [sp, #KEPT_BYTES]
	msr	fpcr, x4
	kept_load sp
	add	sp, sp, #SAVED_BYTES
	ret
	.size	snippet_leave, . - snippet_leave
	.ltorg

	.local	stack
	.comm	stack, 8, 8

	.section .note.GNU-stack, "", %progbits
