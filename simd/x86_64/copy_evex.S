/* SPDX-License-Identifier: Apache-2.0
 *
 * Copy and move, 256 bits a load, in the registers that only EVEX reaches: YMM16 to YMM31. They hold no state that
 * would slow SSE code down, so there is no VZEROUPPER, and 256-bit code does not lower the clock. Assumes AVX-512 VL.
 * By hand, since no compiler can be told to keep to those registers, and since for short copies the order of the
 * branches is what they cost.
 *
 *     void simd_copy_evex(void *destination, const void *source, size_t bytes);
 *
 * In: RDI destination, RSI source, RDX bytes. Clobbers RAX, RCX, RDX, RSI, RDI, R8, XMM16 to XMM31, flags. Any overlap.
 *
 * Strategy, as simd/vector_copy.h: up to 512 bytes all loads before all stores, from both ends; above, four vectors a
 * step, the destination aligned, in the direction that keeps loads from depending on stores alike modulo 4 KiB.
 */
#include "simd/x86_64/assembly.h"

	.text

FUNCTION(simd_copy_evex)
	cmpq	$32, %rdx
	jb	.Lbelow_32
	vmovdqu64 (%rsi), %ymm16
	vmovdqu64 -32(%rsi, %rdx), %ymm17
	cmpq	$64, %rdx
	ja	.Labove_64
	vmovdqu64 %ymm16, (%rdi)
	vmovdqu64 %ymm17, -32(%rdi, %rdx)
	ret

	.p2align 4
.Lbelow_32:
	cmpl	$16, %edx
	jae	.Lfrom_16
	cmpl	$8, %edx
	jae	.Lfrom_8
	cmpl	$4, %edx
	jae	.Lfrom_4
	cmpl	$1, %edx
	jb	.Ldone
	/* The first byte, and the last two where there are two: 2 and 3. */
	movzbl	(%rsi), %eax
	je	.Lone
	movzwl	-2(%rsi, %rdx), %ecx
	movw	%cx, -2(%rdi, %rdx)
.Lone:
	movb	%al, (%rdi)
.Ldone:
	ret

	.p2align 4
.Lfrom_4:
	movl	(%rsi), %eax
	movl	-4(%rsi, %rdx), %ecx
	movl	%eax, (%rdi)
	movl	%ecx, -4(%rdi, %rdx)
	ret

	.p2align 4
.Lfrom_8:
	movq	(%rsi), %rax
	movq	-8(%rsi, %rdx), %rcx
	movq	%rax, (%rdi)
	movq	%rcx, -8(%rdi, %rdx)
	ret

	.p2align 4
.Lfrom_16:
	vmovdqu64 (%rsi), %xmm16
	vmovdqu64 -16(%rsi, %rdx), %xmm17
	vmovdqu64 %xmm16, (%rdi)
	vmovdqu64 %xmm17, -16(%rdi, %rdx)
	ret

	.p2align 4
.Labove_64:
	vmovdqu64 32(%rsi), %ymm18
	vmovdqu64 -64(%rsi, %rdx), %ymm19
	cmpq	$128, %rdx
	jbe	.Lto_128
	vmovdqu64 64(%rsi), %ymm20
	vmovdqu64 -96(%rsi, %rdx), %ymm23
	cmpq	$192, %rdx
	jbe	.Lto_192
	vmovdqu64 96(%rsi), %ymm21
	vmovdqu64 -128(%rsi, %rdx), %ymm22
	cmpq	$256, %rdx
	ja	.Labove_256
	vmovdqu64 %ymm16, (%rdi)
	vmovdqu64 %ymm18, 32(%rdi)
	vmovdqu64 %ymm20, 64(%rdi)
	vmovdqu64 %ymm21, 96(%rdi)
	vmovdqu64 %ymm22, -128(%rdi, %rdx)
	vmovdqu64 %ymm23, -96(%rdi, %rdx)
	vmovdqu64 %ymm19, -64(%rdi, %rdx)
	vmovdqu64 %ymm17, -32(%rdi, %rdx)
	ret

	.p2align 4
.Lto_128:
	vmovdqu64 %ymm16, (%rdi)
	vmovdqu64 %ymm18, 32(%rdi)
	vmovdqu64 %ymm19, -64(%rdi, %rdx)
	vmovdqu64 %ymm17, -32(%rdi, %rdx)
	ret

	.p2align 4
.Lto_192:
	vmovdqu64 %ymm16, (%rdi)
	vmovdqu64 %ymm18, 32(%rdi)
	vmovdqu64 %ymm20, 64(%rdi)
	vmovdqu64 %ymm23, -96(%rdi, %rdx)
	vmovdqu64 %ymm19, -64(%rdi, %rdx)
	vmovdqu64 %ymm17, -32(%rdi, %rdx)
	ret

	.p2align 4
.Labove_256:
	cmpq	$512, %rdx
	ja	.Labove_512
	vmovdqu64 128(%rsi), %ymm24
	vmovdqu64 160(%rsi), %ymm25
	vmovdqu64 192(%rsi), %ymm26
	vmovdqu64 224(%rsi), %ymm27
	vmovdqu64 -256(%rsi, %rdx), %ymm28
	vmovdqu64 -224(%rsi, %rdx), %ymm29
	vmovdqu64 -192(%rsi, %rdx), %ymm30
	vmovdqu64 -160(%rsi, %rdx), %ymm31
	vmovdqu64 %ymm16, (%rdi)
	vmovdqu64 %ymm18, 32(%rdi)
	vmovdqu64 %ymm20, 64(%rdi)
	vmovdqu64 %ymm21, 96(%rdi)
	vmovdqu64 %ymm24, 128(%rdi)
	vmovdqu64 %ymm25, 160(%rdi)
	vmovdqu64 %ymm26, 192(%rdi)
	vmovdqu64 %ymm27, 224(%rdi)
	vmovdqu64 %ymm28, -256(%rdi, %rdx)
	vmovdqu64 %ymm29, -224(%rdi, %rdx)
	vmovdqu64 %ymm30, -192(%rdi, %rdx)
	vmovdqu64 %ymm31, -160(%rdi, %rdx)
	vmovdqu64 %ymm22, -128(%rdi, %rdx)
	vmovdqu64 %ymm23, -96(%rdi, %rdx)
	vmovdqu64 %ymm19, -64(%rdi, %rdx)
	vmovdqu64 %ymm17, -32(%rdi, %rdx)
	ret

	/* YMM16, 18, 20, 21: the first 128 bytes; YMM22, 23, 19, 17: the last 128. RCX: destination - source. */
	.p2align 4
.Labove_512:
	movq	%rdi, %rcx
	subq	%rsi, %rcx
	cmpq	%rdx, %rcx
	jb	.Ldownwards
	movq	%rcx, %rax
	negq	%rax
	cmpq	%rdx, %rax
	jb	.Lupwards
	andl	$4095, %ecx
	decl	%ecx
	cmpl	$2047, %ecx
	jb	.Ldownwards

	/* R8: destination. RDI: next aligned place to store, RSI + RDI: where to load from, RDX: end of the steps. */
.Lupwards:
	movq	%rdi, %r8
	leaq	-128(%rdi, %rdx), %rdx
	subq	%rdi, %rsi
	orq	$31, %rdi
	incq	%rdi
	.p2align 5
.Lup:
	vmovdqu64 (%rsi, %rdi), %ymm24
	vmovdqu64 32(%rsi, %rdi), %ymm25
	vmovdqu64 64(%rsi, %rdi), %ymm26
	vmovdqu64 96(%rsi, %rdi), %ymm27
	vmovdqa64 %ymm24, (%rdi)
	vmovdqa64 %ymm25, 32(%rdi)
	vmovdqa64 %ymm26, 64(%rdi)
	vmovdqa64 %ymm27, 96(%rdi)
	subq	$-128, %rdi
	cmpq	%rdx, %rdi
	jb	.Lup
	vmovdqu64 %ymm16, (%r8)
	vmovdqu64 %ymm22, (%rdx)
	vmovdqu64 %ymm23, 32(%rdx)
	vmovdqu64 %ymm19, 64(%rdx)
	vmovdqu64 %ymm17, 96(%rdx)
	ret

	/* R8: destination; RAX: end of the steps; RDX: the last 32 bytes. RDI: aligned end of what is to be stored,
	 * RSI + RDI: its source. The last stores are few: what is copied next may be loaded from places alike. */
	.p2align 4
.Ldownwards:
	movq	%rdi, %r8
	subq	%rdi, %rsi
	leaq	128(%rdi), %rax
	leaq	-1(%rdi, %rdx), %rdi
	leaq	-31(%rdi), %rdx
	andq	$-32, %rdi
	.p2align 5
.Ldown:
	vmovdqu64 -32(%rsi, %rdi), %ymm24
	vmovdqu64 -64(%rsi, %rdi), %ymm25
	vmovdqu64 -96(%rsi, %rdi), %ymm26
	vmovdqu64 -128(%rsi, %rdi), %ymm27
	vmovdqa64 %ymm24, -32(%rdi)
	vmovdqa64 %ymm25, -64(%rdi)
	vmovdqa64 %ymm26, -96(%rdi)
	vmovdqa64 %ymm27, -128(%rdi)
	addq	$-128, %rdi
	cmpq	%rax, %rdi
	ja	.Ldown
	vmovdqu64 %ymm21, 96(%r8)
	vmovdqu64 %ymm20, 64(%r8)
	vmovdqu64 %ymm18, 32(%r8)
	vmovdqu64 %ymm16, (%r8)
	vmovdqu64 %ymm17, (%rdx)
	ret

FUNCTION_END(simd_copy_evex)
