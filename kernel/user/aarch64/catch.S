/* SPDX-License-Identifier: Apache-2.0
 *
 * Faults that the programme is told of and goes on behind.
 *
 * uint64_t gate_catch_loads(X0 = address, X1 = rounds, X2 = struct gate_resume *)
 *
 * Returns how many loads faulted: all of them, or those before one that did not, or 0 where none may be caught.
 *
 * What a C function keeps of the general registers (X19..X30) lies on the stack while it loads, behind it from SP + 96
 * on: address, rounds that are left, all rounds. The kernel resumes at `caught` with SP as it was at GATE_CATCH and X0
 * the resume, all other general registers 0; floating-point and vector state is what it was.
 */
#include "kernel/gate.h"
#include "kernel/user/offsets.h"

#define SAVED_BYTES 128
#define ADDRESS     96
#define LEFT        104
#define ALL         112

	.text
	.globl	gate_catch_loads
	.type	gate_catch_loads, %function
gate_catch_loads:
	stp	x29, x30, [sp, #-SAVED_BYTES]!
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	stp	x25, x26, [sp, #64]
	stp	x27, x28, [sp, #80]
	stp	x0, x1, [sp, #ADDRESS]
	str	x1, [sp, #ALL]
	adr	x9, caught
	mov	x10, sp
	str	x9, [x2, #GATE_RESUME_INSTRUCTION]
	str	x10, [x2, #GATE_RESUME_STACK]
	mov	x0, #GATE_CATCH
	mov	x1, x2
	bl	gate_call
	cbnz	x0, end
	b	load

caught:
	ldr	x9, [sp, #LEFT]
	sub	x9, x9, #1
	str	x9, [sp, #LEFT]
load:
	ldr	x9, [sp, #LEFT]
	cbz	x9, end
	ldr	x10, [sp, #ADDRESS]
	ldrb	w10, [x10]
end:
	mov	x0, #GATE_CATCH_END
	bl	gate_call
	ldp	x19, x20, [sp, #16]
	ldp	x21, x22, [sp, #32]
	ldp	x23, x24, [sp, #48]
	ldp	x25, x26, [sp, #64]
	ldp	x27, x28, [sp, #80]
	ldr	x0, [sp, #ALL]
	ldr	x9, [sp, #LEFT]
	sub	x0, x0, x9
	ldp	x29, x30, [sp], #SAVED_BYTES
	ret

	.section .note.GNU-stack, "", %progbits
