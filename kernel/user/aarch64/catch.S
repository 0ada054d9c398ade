/* SPDX-License-Identifier: Apache-2.0
 *
 * Faults that the programme is told of and goes on behind.
 *
 * uint64_t gate_catch_loads(X0 = address, X1 = rounds, X2 = struct gate_resume *)
 *
 * Returns how many loads faulted: all of them, or those before one that did not, or 0 where none may be caught.
 *
 * What a C function keeps of the general registers (X19..X30) lies on the stack while it loads, behind it address,
 * rounds that are left, all rounds. The kernel resumes at `caught` with SP as it was at GATE_CATCH and X0
 * the resume, all other general registers 0; floating-point and vector state is what it was.
 */
#include "kernel/gate.h"
#include "kernel/user/offsets.h"
#include "lib/aarch64/kept.inc"

#define SAVED_BYTES 128
#define ADDRESS     KEPT_VECTORS
#define LEFT        (ADDRESS + 8)
#define ALL         (ADDRESS + 16)

	.text
	.globl	gate_catch_loads
	.type	gate_catch_loads, %function
gate_catch_loads:
	sub	sp, sp, #SAVED_BYTES
	kept_general stp, sp
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
	kept_general ldp, sp
	ldr	x0, [sp, #ALL]
	ldr	x9, [sp, #LEFT]
	sub	x0, x0, x9
	add	sp, sp, #SAVED_BYTES
	ret

	.section .note.GNU-stack, "", %progbits
