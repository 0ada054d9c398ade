/* SPDX-License-Identifier: Apache-2.0
 *
 * Loads alone and stores alone: reference_loop of bench/reference_loops.h, memory in RDI, blocks in RSI, passes in
 * RDX. RAX is where in memory, RCX the blocks that are left of this pass. Vector register 0 is written, and
 * nothing else but flags.
 */

	.text

/* \clear makes register 0 zero, \block is one block's loads or stores at RAX, \end leaves the upper halves
 * as the ABI has them. */
.macro loop name, clear, block, end
	.globl	\name
	.hidden	\name
	.type	\name, @function
	.p2align 6
\name:
	\clear
1:	movq	%rdi, %rax
	movq	%rsi, %rcx
	.p2align 5
2:	\block
	addq	$64, %rax
	decq	%rcx
	jnz	2b
	decq	%rdx
	jnz	1b
	\end
	ret
	.size	\name, . - \name
.endm

.macro load_128
	movdqa	(%rax), %xmm0
	movdqa	16(%rax), %xmm0
	movdqa	32(%rax), %xmm0
	movdqa	48(%rax), %xmm0
.endm

.macro load_256
	vmovdqa	(%rax), %ymm0
	vmovdqa	32(%rax), %ymm0
.endm

.macro load_512
	vmovdqa64 (%rax), %zmm0
.endm

.macro store_128
	movdqa	%xmm0, (%rax)
	movdqa	%xmm0, 16(%rax)
	movdqa	%xmm0, 32(%rax)
	movdqa	%xmm0, 48(%rax)
.endm

.macro store_256
	vmovdqa	%ymm0, (%rax)
	vmovdqa	%ymm0, 32(%rax)
.endm

.macro store_512
	vmovdqa64 %zmm0, (%rax)
.endm

	loop	reference_loads_128, "pxor %xmm0, %xmm0", load_128, ""
	loop	reference_loads_256, "vpxor %xmm0, %xmm0, %xmm0", load_256, vzeroupper
	loop	reference_loads_512, "vpxor %xmm0, %xmm0, %xmm0", load_512, vzeroupper
	loop	reference_stores_128, "pxor %xmm0, %xmm0", store_128, ""
	loop	reference_stores_256, "vpxor %xmm0, %xmm0, %xmm0", store_256, vzeroupper
	loop	reference_stores_512, "vpxor %xmm0, %xmm0, %xmm0", store_512, vzeroupper

	.section .note.GNU-stack, "", @progbits
