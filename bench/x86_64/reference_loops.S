/* SPDX-License-Identifier: Apache-2.0
 *
 * Loads alone and stores alone: reference_loop of bench/reference_loops.h, memory in RDI, blocks in RSI, passes in
 * RDX. RAX is where in memory, RCX the blocks that are left of this pass. Vector register 0 is written, and
 * nothing else but flags.
 */

	.text

/* \clear makes register 0 zero, \block is one block's loads or stores at an offset of RAX, \end leaves the upper halves
 * as the ABI has them. Four blocks at a time, as a jump that is taken costs as much as two loads of 64 bytes. */
.macro loop name, clear, block, end
	.globl	\name
	.hidden	\name
	.type	\name, @function
	.p2align 6
\name:
	\clear
1:	movq	%rdi, %rax
	movq	%rsi, %rcx
	subq	$4, %rcx
	jb	3f
	.p2align 5
2:	\block	0
	\block	64
	\block	128
	\block	192
	addq	$256, %rax
	subq	$4, %rcx
	jae	2b
3:	addq	$4, %rcx
	jz	5f
4:	\block	0
	addq	$64, %rax
	decq	%rcx
	jnz	4b
5:	decq	%rdx
	jnz	1b
	\end
	ret
	.size	\name, . - \name
.endm

.macro load_128 at
	movdqa	\at(%rax), %xmm0
	movdqa	16+\at(%rax), %xmm0
	movdqa	32+\at(%rax), %xmm0
	movdqa	48+\at(%rax), %xmm0
.endm

.macro load_256 at
	vmovdqa	\at(%rax), %ymm0
	vmovdqa	32+\at(%rax), %ymm0
.endm

.macro load_512 at
	vmovdqa64 \at(%rax), %zmm0
.endm

.macro store_128 at
	movdqa	%xmm0, \at(%rax)
	movdqa	%xmm0, 16+\at(%rax)
	movdqa	%xmm0, 32+\at(%rax)
	movdqa	%xmm0, 48+\at(%rax)
.endm

.macro store_256 at
	vmovdqa	%ymm0, \at(%rax)
	vmovdqa	%ymm0, 32+\at(%rax)
.endm

.macro store_512 at
	vmovdqa64 %zmm0, \at(%rax)
.endm

	loop	reference_loads_128, "pxor %xmm0, %xmm0", load_128, ""
	loop	reference_loads_256, "vpxor %xmm0, %xmm0, %xmm0", load_256, vzeroupper
	loop	reference_loads_512, "vpxor %xmm0, %xmm0, %xmm0", load_512, vzeroupper
	loop	reference_stores_128, "pxor %xmm0, %xmm0", store_128, ""
	loop	reference_stores_256, "vpxor %xmm0, %xmm0, %xmm0", store_256, vzeroupper
	loop	reference_stores_512, "vpxor %xmm0, %xmm0, %xmm0", store_512, vzeroupper

	.section .note.GNU-stack, "", @progbits
