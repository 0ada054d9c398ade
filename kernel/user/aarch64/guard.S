/* SPDX-License-Identifier: Apache-2.0
 *
 * A function on a stack of its own, under the kernel's guard.
 *
 * int64_t gate_run_guarded(void (*function)(void *), void *argument, uint64_t stack_top, struct gate_resume *resume,
 * uint64_t timeout_ns, uint64_t total_ns)
 *
 *   X0 function   X1 argument   X2 stack_top, 16-byte aligned   X3 resume   X4 timeout_ns   X5 total_ns
 *
 * Returns 0 after the function returned, 1 after it was ended (resume->fault says how), negative where the guard
 * could not be armed.
 *
 * What a C function keeps (X19..X30, D8..D15) lies on the caller's stack while the function runs. The kernel resumes
 * at `resumed` with SP as it was when the guard was armed and X0 = resume, all other general registers 0.
 */
#include "kernel/gate.h"
#include "kernel/user/offsets.h"
#include "lib/aarch64/kept.inc"

	.text
	.globl	gate_run_guarded
	.type	gate_run_guarded, %function
gate_run_guarded:
	sub	sp, sp, #KEPT_BYTES
	kept_store sp
	mov	x19, x0
	mov	x20, x1
	mov	x21, x2
	adr	x9, resumed
	mov	x10, sp
	str	x9, [x3, #GATE_RESUME_INSTRUCTION]
	str	x10, [x3, #GATE_RESUME_STACK]

	mov	x0, #GATE_GUARD_ARM
	mov	x1, x3
	mov	x2, x4
	mov	x3, x5
	bl	gate_call
	tbnz	x0, #63, leave

	mov	x22, sp
	mov	sp, x21
	mov	x0, x20
	blr	x19
	mov	sp, x22

	mov	x0, #GATE_GUARD_DISARM
	bl	gate_call
	mov	x0, xzr
leave:
	kept_load sp
	add	sp, sp, #KEPT_BYTES
	ret

resumed:
	bl	gate_reset_state
	mov	x0, #1
	b	leave

/* void gate_reset_state(void): floating-point and vector state as at program start: FPCR and FPSR 0 (AAPCS64, 6.1.2),
   V0..V31 0. Predicates are dead across every call.
   Clobbers V0..V31, callers restore D8..D15. */
	.globl	gate_reset_state
	.type	gate_reset_state, %function
gate_reset_state:
	msr	fpcr, xzr
	msr	fpsr, xzr
	vectors_clear
	ret

	.section .note.GNU-stack, "", %progbits
