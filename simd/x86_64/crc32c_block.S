/* SPDX-License-Identifier: Apache-2.0
 *
 * The loop of simd_crc32c_gfni over one block, whose strategy crc32c_avx512.c has. By hand, since a compiler spills
 * what goes on at once. Assumes SSE4.2, AVX-512 F, VPCLMULQDQ and GFNI.
 *
 *     void simd_crc32c_block(uint32_t crc, const void *block, size_t chain_bytes, const uint64_t constants[6],
 *                            void *vectors, uint64_t chains[5]);
 *
 * In: EDI crc without its inversions; RSI block; RDX bytes of a chain, a multiple of 64; RCX constants: low and high
 * half's of a fold over 1024 bits, then the matrices for one to four vectors; R8 where six vectors go (the last four
 * of the second stretch, the two of the third); R9 where the chains' CRCs go. Clobbers RAX, RCX, RDX, RSI, RDI, R10,
 * R11, ZMM16 to ZMM29, flags.
 *
 * In the loop: RAX counts a chain's bytes up to 0, RSI, RDI, RDX, RCX, R15 point behind the chains, R12 behind the
 * second stretch, R13 behind the third; R10, R11, RBX, R14, RBP the chains' CRCs; ZMM16 to 19 the second stretch's
 * last four vectors; ZMM20, 21 the third's sums; ZMM22 to 25 the matrices, ZMM26 the fold.
 */
#include "simd/x86_64/assembly.h"

	.text

	/* Step n of a turn of four. ZMM\oldest, the vector of four steps ago, becomes the next one. */
	.macro	STEP n, oldest, older, newer, newest
	vpclmulqdq $0x00, %zmm26, %zmm20, %zmm27
	vpclmulqdq $0x11, %zmm26, %zmm20, %zmm20
	crc32q	16*\n(%rsi, %rax), %r10
	vgf2p8affineqb $0, %zmm25, %zmm\oldest, %zmm\oldest
	vgf2p8affineqb $0, %zmm24, %zmm\older, %zmm28
	crc32q	16*\n(%rdi, %rax), %r11
	vpternlogq $0x96, 128*\n(%r13, %rax, 8), %zmm27, %zmm20
	crc32q	16*\n(%rdx, %rax), %rbx
	vpternlogq $0x96, 64*\n(%r12, %rax, 4), %zmm28, %zmm\oldest
	crc32q	16*\n(%rcx, %rax), %r14
	crc32q	16*\n(%r15, %rax), %rbp
	vpclmulqdq $0x00, %zmm26, %zmm21, %zmm27
	vpclmulqdq $0x11, %zmm26, %zmm21, %zmm21
	crc32q	16*\n+8(%rsi, %rax), %r10
	vgf2p8affineqb $0, %zmm23, %zmm\newer, %zmm28
	vgf2p8affineqb $0, %zmm22, %zmm\newest, %zmm29
	crc32q	16*\n+8(%rdi, %rax), %r11
	vpternlogq $0x96, 128*\n+64(%r13, %rax, 8), %zmm27, %zmm21
	crc32q	16*\n+8(%rdx, %rax), %rbx
	vpternlogq $0x96, %zmm28, %zmm29, %zmm\oldest
	crc32q	16*\n+8(%rcx, %rax), %r14
	crc32q	16*\n+8(%r15, %rax), %rbp
	.endm

FUNCTION(simd_crc32c_block)
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	pushq	%rbp
	vbroadcasti64x2 (%rcx), %zmm26
	vpbroadcastq 16(%rcx), %zmm22
	vpbroadcastq 24(%rcx), %zmm23
	vpbroadcastq 32(%rcx), %zmm24
	vpbroadcastq 40(%rcx), %zmm25
	movl	%edi, %r10d
	xorl	%r11d, %r11d
	xorl	%ebx, %ebx
	xorl	%r14d, %r14d
	xorl	%ebp, %ebp
	movq	%rdx, %rax
	addq	%rdx, %rsi
	leaq	(%rsi, %rax), %rdi
	leaq	(%rsi, %rax, 2), %rdx
	leaq	(%rdi, %rax, 2), %rcx
	leaq	(%rcx, %rax), %r15
	leaq	(%r15, %rax, 4), %r12
	leaq	(%r12, %rax, 8), %r13
	negq	%rax
	/* Nothing stays nothing, whatever it is multiplied with. */
	vpxorq	%zmm16, %zmm16, %zmm16
	vpxorq	%zmm17, %zmm17, %zmm17
	vpxorq	%zmm18, %zmm18, %zmm18
	vpxorq	%zmm19, %zmm19, %zmm19
	vpxorq	%zmm20, %zmm20, %zmm20
	vpxorq	%zmm21, %zmm21, %zmm21
	.p2align 6
.Lturn:
	STEP	0, 16, 17, 18, 19
	STEP	1, 17, 18, 19, 16
	STEP	2, 18, 19, 16, 17
	STEP	3, 19, 16, 17, 18
	addq	$64, %rax
	jnz	.Lturn
	vmovdqu64 %zmm16, (%r8)
	vmovdqu64 %zmm17, 64(%r8)
	vmovdqu64 %zmm18, 128(%r8)
	vmovdqu64 %zmm19, 192(%r8)
	vmovdqu64 %zmm20, 256(%r8)
	vmovdqu64 %zmm21, 320(%r8)
	movq	%r10, (%r9)
	movq	%r11, 8(%r9)
	movq	%rbx, 16(%r9)
	movq	%r14, 24(%r9)
	movq	%rbp, 32(%r9)
	popq	%rbp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	ret

FUNCTION_END(simd_crc32c_block)
