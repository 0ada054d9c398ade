/* SPDX-License-Identifier: Apache-2.0
 *
 * Copy and move in the registers that only EVEX reaches: in 256-bit vectors, YMM16 to YMM31, which do not lower the
 * clock, and in 512-bit ones, ZMM16 to ZMM31. They hold no state that would slow SSE code down, so there is no
 * VZEROUPPER. Both assume AVX-512 F and VL. By hand, since no compiler can be told to keep to those registers, and
 * since for short copies the order of the branches is what they cost.
 *
 *     void simd_copy_evex(void *destination, const void *source, size_t bytes);
 *     void simd_copy_evex512(void *destination, const void *source, size_t bytes);
 *
 * In: RDI destination, RSI source, RDX bytes. Clobbers RAX, RCX, RDX, RSI, RDI, R8, XMM16 to XMM31, flags. Any overlap.
 *
 * Strategy, as simd/vector_copy.h: up to 512 bytes all loads before all stores, from both ends; above, four vectors a
 * step, the destination aligned, in the direction that keeps loads from depending on stores alike modulo 4 KiB.
 *
 * Branches. A size that was not foreseen costs more than any copy of up to 512 bytes. So there are few classes of
 * sizes, told apart in ascending order: what is left in the end, half of all sizes where they are evenly spread, is not
 * mistaken for anything. Foreseen sizes cost as many jumps as are taken, call and return among them.
 *
 * No masked moves, although one would do for all sizes up to a vector: what is loaded from there next waits until the
 * store has left the queue, and a mask that hides bytes of a page that faults costs hundreds of cycles.
 *
 * No jump crosses a line of 32 bytes or ends with it: Intel's CPUs before Ice Lake decode all of such a line anew each
 * time (Intel, "Mitigations for Jump Conditional Code Erratum", 2019).
 */
#include "simd/x86_64/assembly.h"

/* Vectors from the start, 0 the first, and from the end, 1 the last. */
#define SOURCE(n)          (n * \bytes)(%rsi)
#define SOURCE_END(n)      (-n * \bytes)(%rsi, %rdx)
#define DESTINATION(n)     (n * \bytes)(%rdi)
#define DESTINATION_END(n) (-n * \bytes)(%rdi, %rdx)

	.text

	/* Two vectors of a step, of so many bytes, from RSI + RDI to RDI, which is aligned. */
	.macro	MOVE_2 bytes, v, i, j
	vmovdqu64 (\i * \bytes)(%rsi, %rdi), %\v\()24
	.if \bytes == 32
	vmovdqa64 %\v\()24, DESTINATION(\i)
	vmovdqu64 (\j * \bytes)(%rsi, %rdi), %\v\()25
	.else
	vmovdqu64 (\j * \bytes)(%rsi, %rdi), %\v\()25
	vmovdqa64 %\v\()24, DESTINATION(\i)
	.endif
	vmovdqa64 %\v\()25, DESTINATION(\j)
	.endm

	/* A copy in vectors of so many bytes, in registers called so. */
	.macro	COPY bytes, v
	cmpq	$\bytes, %rdx
	jb	.Lbelow_1\@
	vmovdqu64 SOURCE(0), %\v\()16
	cmpq	$(2 * \bytes), %rdx
	ja	.Labove_2\@
	vmovdqu64 SOURCE_END(1), %\v\()17
	vmovdqu64 %\v\()16, DESTINATION(0)
	vmovdqu64 %\v\()17, DESTINATION_END(1)
	ret

	.p2align 6
.Lbelow_1\@:
	.if \bytes > 32
	cmpl	$32, %edx
	jae	.Lfrom_32\@
	.endif
	cmpl	$16, %edx
	jae	.Lfrom_16\@
	cmpl	$8, %edx
	jae	.Lfrom_8\@
	cmpl	$4, %edx
	jae	.Lfrom_4\@
	cmpl	$1, %edx
	jb	.Ldone\@
	/* The first byte, and the last two where there are two: 2 and 3. */
	movzbl	(%rsi), %eax
	je	.Lone\@
	movzwl	-2(%rsi, %rdx), %ecx
	movw	%cx, -2(%rdi, %rdx)
.Lone\@:
	movb	%al, (%rdi)
.Ldone\@:
	ret

	.p2align 4
.Lfrom_4\@:
	movl	(%rsi), %eax
	movl	-4(%rsi, %rdx), %ecx
	movl	%eax, (%rdi)
	movl	%ecx, -4(%rdi, %rdx)
	ret

	.p2align 5
.Lfrom_8\@:
	movq	(%rsi), %rax
	movq	-8(%rsi, %rdx), %rcx
	movq	%rax, (%rdi)
	movq	%rcx, -8(%rdi, %rdx)
	ret

	.p2align 5
.Lfrom_16\@:
	vmovdqu64 (%rsi), %xmm16
	vmovdqu64 -16(%rsi, %rdx), %xmm17
	vmovdqu64 %xmm16, (%rdi)
	vmovdqu64 %xmm17, -16(%rdi, %rdx)
	ret

	.if \bytes > 32
	.p2align 5
.Lfrom_32\@:
	vmovdqu64 (%rsi), %ymm16
	vmovdqu64 -32(%rsi, %rdx), %ymm17
	vmovdqu64 %ymm16, (%rdi)
	vmovdqu64 %ymm17, -32(%rdi, %rdx)
	ret
	.endif

	/* Vector 16 from here on: the first vector. */
	.p2align 6
.Labove_2\@:
	cmpq	$512, %rdx
	ja	.Labove_512\@
	cmpq	$(4 * \bytes), %rdx
	ja	.Labove_4\@
	vmovdqu64 SOURCE(1), %\v\()17
	vmovdqu64 SOURCE_END(2), %\v\()18
	vmovdqu64 SOURCE_END(1), %\v\()19
	vmovdqu64 %\v\()16, DESTINATION(0)
	vmovdqu64 %\v\()17, DESTINATION(1)
	vmovdqu64 %\v\()18, DESTINATION_END(2)
	vmovdqu64 %\v\()19, DESTINATION_END(1)
	ret

	.p2align 6
.Labove_4\@:
	.if \bytes == 32
	cmpq	$(6 * \bytes), %rdx
	jbe	.Lto_6\@
	cmpq	$(8 * \bytes), %rdx
	ja	.Labove_8\@
	.endif
	vmovdqu64 SOURCE(1), %\v\()17
	vmovdqu64 SOURCE(2), %\v\()18
	vmovdqu64 SOURCE(3), %\v\()19
	vmovdqu64 SOURCE_END(4), %\v\()20
	vmovdqu64 SOURCE_END(3), %\v\()21
	vmovdqu64 SOURCE_END(2), %\v\()22
	vmovdqu64 SOURCE_END(1), %\v\()23
	vmovdqu64 %\v\()16, DESTINATION(0)
	vmovdqu64 %\v\()17, DESTINATION(1)
	vmovdqu64 %\v\()18, DESTINATION(2)
	vmovdqu64 %\v\()19, DESTINATION(3)
	vmovdqu64 %\v\()20, DESTINATION_END(4)
	vmovdqu64 %\v\()21, DESTINATION_END(3)
	vmovdqu64 %\v\()22, DESTINATION_END(2)
	vmovdqu64 %\v\()23, DESTINATION_END(1)
	ret

	.if \bytes == 32
	.p2align 5
.Lto_6\@:
	vmovdqu64 SOURCE(1), %\v\()17
	vmovdqu64 SOURCE(2), %\v\()18
	vmovdqu64 SOURCE_END(3), %\v\()19
	vmovdqu64 SOURCE_END(2), %\v\()20
	vmovdqu64 SOURCE_END(1), %\v\()21
	vmovdqu64 %\v\()16, DESTINATION(0)
	vmovdqu64 %\v\()17, DESTINATION(1)
	vmovdqu64 %\v\()18, DESTINATION(2)
	vmovdqu64 %\v\()19, DESTINATION_END(3)
	vmovdqu64 %\v\()20, DESTINATION_END(2)
	vmovdqu64 %\v\()21, DESTINATION_END(1)
	ret

	.p2align 6
.Labove_8\@:
	vmovdqu64 SOURCE(1), %\v\()17
	vmovdqu64 SOURCE(2), %\v\()18
	vmovdqu64 SOURCE(3), %\v\()19
	vmovdqu64 SOURCE(4), %\v\()20
	vmovdqu64 SOURCE(5), %\v\()21
	vmovdqu64 SOURCE(6), %\v\()22
	vmovdqu64 SOURCE(7), %\v\()23
	vmovdqu64 SOURCE_END(8), %\v\()24
	vmovdqu64 SOURCE_END(7), %\v\()25
	vmovdqu64 SOURCE_END(6), %\v\()26
	vmovdqu64 SOURCE_END(5), %\v\()27
	vmovdqu64 SOURCE_END(4), %\v\()28
	vmovdqu64 SOURCE_END(3), %\v\()29
	vmovdqu64 SOURCE_END(2), %\v\()30
	vmovdqu64 SOURCE_END(1), %\v\()31
	vmovdqu64 %\v\()16, DESTINATION(0)
	vmovdqu64 %\v\()17, DESTINATION(1)
	vmovdqu64 %\v\()18, DESTINATION(2)
	vmovdqu64 %\v\()19, DESTINATION(3)
	vmovdqu64 %\v\()20, DESTINATION(4)
	vmovdqu64 %\v\()21, DESTINATION(5)
	vmovdqu64 %\v\()22, DESTINATION(6)
	vmovdqu64 %\v\()23, DESTINATION(7)
	vmovdqu64 %\v\()24, DESTINATION_END(8)
	vmovdqu64 %\v\()25, DESTINATION_END(7)
	vmovdqu64 %\v\()26, DESTINATION_END(6)
	vmovdqu64 %\v\()27, DESTINATION_END(5)
	vmovdqu64 %\v\()28, DESTINATION_END(4)
	vmovdqu64 %\v\()29, DESTINATION_END(3)
	vmovdqu64 %\v\()30, DESTINATION_END(2)
	vmovdqu64 %\v\()31, DESTINATION_END(1)
	ret
	.endif

	/* The destination is shortly past the source modulo 4 KiB, by RAX + 1. Upwards still, where it ends within the
	 * source, where most of the loads have no store alike before them, or in areas that no first-level cache holds,
	 * unless it is past by less than 256 bytes. */
	.p2align 5
.Lbehind\@:
	cmpq	$16384, %rdx
	jbe	.Lnear\@
	cmpl	$255, %eax
	jae	.Lupwards\@
.Lnear\@:
	addl	%eax, %eax
	cmpq	%rdx, %rax
	jae	.Lupwards\@
	negq	%rcx
	cmpq	%rdx, %rcx
	jb	.Lupwards\@
	.p2align 5
	jmp	.Ldownwards\@

	/* RCX: destination - source. */
	.p2align 6
.Labove_512\@:
	movq	%rdi, %rcx
	subq	%rsi, %rcx
	leal	-1(%rcx), %eax
	andl	$4095, %eax
	cmpq	%rdx, %rcx
	jb	.Ldownwards\@
	cmpl	$2047, %eax
	jb	.Lbehind\@

	/* 20 to 23: the last four vectors. R8: destination; RDX: end of the steps. RDI: next aligned place to store,
	 * RSI + RDI: where to load from. */
.Lupwards\@:
	vmovdqu64 SOURCE_END(4), %\v\()20
	vmovdqu64 SOURCE_END(3), %\v\()21
	vmovdqu64 SOURCE_END(2), %\v\()22
	vmovdqu64 SOURCE_END(1), %\v\()23
	movq	%rdi, %r8
	leaq	DESTINATION_END(4), %rdx
	subq	%rdi, %rsi
	orq	$(\bytes - 1), %rdi
	incq	%rdi
	.p2align 5
.Lup\@:
	MOVE_2	\bytes, \v, 0, 1
	MOVE_2	\bytes, \v, 2, 3
	leaq	DESTINATION(4), %rdi
	cmpq	%rdx, %rdi
	jb	.Lup\@
	vmovdqu64 %\v\()23, (3 * \bytes)(%rdx)
	vmovdqu64 %\v\()22, (2 * \bytes)(%rdx)
	vmovdqu64 %\v\()21, (1 * \bytes)(%rdx)
	vmovdqu64 %\v\()20, (%rdx)
	vmovdqu64 %\v\()16, (%r8)
	ret

	/* 17 to 19: the vectors behind the first; 23: the last. R8: destination; RAX: end of the steps; RDX: where the
	 * last vector goes. RDI: aligned end of what is to be stored, RSI + RDI: its source. The last stores are few:
	 * what is copied next may be loaded from places alike. */
	.p2align 6
.Ldownwards\@:
	vmovdqu64 SOURCE(1), %\v\()17
	vmovdqu64 SOURCE(2), %\v\()18
	vmovdqu64 SOURCE(3), %\v\()19
	vmovdqu64 SOURCE_END(1), %\v\()23
	movq	%rdi, %r8
	subq	%rdi, %rsi
	leaq	DESTINATION(4), %rax
	leaq	-1(%rdi, %rdx), %rdi
	leaq	(1 - \bytes)(%rdi), %rdx
	andq	$-\bytes, %rdi
	.p2align 6
.Ldown\@:
	MOVE_2	\bytes, \v, -1, -2
	MOVE_2	\bytes, \v, -3, -4
	leaq	DESTINATION(-4), %rdi
	cmpq	%rax, %rdi
	ja	.Ldown\@
	vmovdqu64 %\v\()19, (3 * \bytes)(%r8)
	vmovdqu64 %\v\()18, (2 * \bytes)(%r8)
	vmovdqu64 %\v\()17, (1 * \bytes)(%r8)
	vmovdqu64 %\v\()16, (%r8)
	vmovdqu64 %\v\()23, (%rdx)
	ret
	.endm

FUNCTION(simd_copy_evex)
	COPY	32, ymm
FUNCTION_END(simd_copy_evex)

	.text
FUNCTION(simd_copy_evex512)
	COPY	64, zmm
FUNCTION_END(simd_copy_evex512)
