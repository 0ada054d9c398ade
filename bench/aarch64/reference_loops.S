/* SPDX-License-Identifier: Apache-2.0
 *
 * Loads alone and stores alone: reference_loop of bench/reference_loops.h, memory in X0, blocks in X1, passes in X2. X3
 * is where in memory, X4 the blocks that are left of this pass. V0 and V1 are written, and nothing else but flags.
 */

	.text

/* \block is one block's loads or stores at X3, which it moves on. Four blocks at a time, as a jump that is taken may
 * cost as much as loads do. */
.macro loop name, block
	.globl	\name
	.hidden	\name
	.type	\name, %function
	.p2align 6
\name:
	movi	v0.2d, #0
	movi	v1.2d, #0
1:	mov	x3, x0
	mov	x4, x1
	subs	x4, x4, #4
	b.lo	3f
	.p2align 5
2:	\block
	\block
	\block
	\block
	subs	x4, x4, #4
	b.hs	2b
3:	adds	x4, x4, #4
	b.eq	5f
4:	\block
	subs	x4, x4, #1
	b.ne	4b
5:	subs	x2, x2, #1
	b.ne	1b
	ret
	.size	\name, . - \name
.endm

.macro load_block
	ldp	q0, q1, [x3], #32
	ldp	q0, q1, [x3], #32
.endm

.macro store_block
	stp	q0, q1, [x3], #32
	stp	q0, q1, [x3], #32
.endm

	loop	reference_loads_128, load_block
	loop	reference_stores_128, store_block

	.section .note.GNU-stack, "", %progbits
