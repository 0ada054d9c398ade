# SPDX-License-Identifier: Apache-2.0
#
# The best sequences known for lanes of 8 and 16 bits and products of 64, one vector without a loop around it: what
# tools/mca.py puts beside the kernels' loops. Never assembled but by llvm-mca.
#
#   == operation, instruction sets: source
# begins one; of several with the same name, the one that is fastest on a core counts there. %v is a vector's register,
# of the width of the instruction set's. x is at (%rsi), y at (%rdx), constants lie in %v8 and up, and in %k1.
#
# Sources: Fog, Vector Class Library 2.01, vectori128.h and vectori256.h (products of even and odd bytes apart; products
# of 64 bits by VPMULLD); LLVM, X86ISelLowering.cpp (products of 64 bits by VPMULUDQ, shifts of 16 bits as halves of 32,
# shifts by one count as wider ones, bytes bit by bit of the count, VPMADDUBSW); Intel 64 and IA-32 Architectures
# Optimization Reference Manual, "Galois Field New Instructions" (bytes by one count). "Ports": found by counting what
# each port has to do, from the above.

== mul_u8, sse2: Fog
movdqu (%rsi), %v0
movdqu (%rdx), %v1
movdqa %v0, %v2
pmullw %v1, %v0
pand %v8, %v0
psrlw $8, %v2
pand %v9, %v1
pmullw %v1, %v2
por %v2, %v0
movdqu %v0, (%rdi)

== mul_u8, avx2: Fog
vmovdqu (%rsi), %v0
vmovdqu (%rdx), %v1
vpmullw %v1, %v0, %v2
vpand %v9, %v2, %v2
vpsrlw $8, %v0, %v3
vpand %v8, %v1, %v4
vpmullw %v3, %v4, %v4
vpor %v4, %v2, %v2
vmovdqu %v2, (%rdi)

== mul_u8, avx2: ports
vmovdqu (%rsi), %v0
vmovdqu (%rdx), %v1
vpmullw %v1, %v0, %v2
vpand %v9, %v2, %v2
vpshufb %v10, %v0, %v3
vpand %v8, %v1, %v4
vpmullw %v3, %v4, %v4
vpor %v4, %v2, %v2
vmovdqu %v2, (%rdi)

== mul_u8, evex avx512: ports
vmovdqu (%rsi), %v0
vmovdqu (%rdx), %v1
vpand %v1, %v8, %v3
vpmaddubsw %v0, %v3, %v3
vpmullw %v1, %v0, %v2
vpshufb %v9, %v3, %v2{%k1}
vmovdqu %v2, (%rdi)

== shl_u8, sse2: LLVM
movdqu (%rsi), %v0
movdqu (%rdx), %v1
psllw $5, %v1
pxor %v2, %v2
pcmpgtb %v1, %v2
movdqa %v0, %v3
psllw $4, %v3
pand %v8, %v3
pxor %v0, %v3
pand %v2, %v3
pxor %v3, %v0
paddb %v1, %v1
pxor %v2, %v2
pcmpgtb %v1, %v2
movdqa %v0, %v3
psllw $2, %v3
pand %v9, %v3
pxor %v0, %v3
pand %v2, %v3
pxor %v3, %v0
paddb %v1, %v1
pxor %v2, %v2
pcmpgtb %v1, %v2
pand %v0, %v2
paddb %v2, %v0
movdqu %v0, (%rdi)

== shl_u8, avx2: ports
vmovdqu (%rsi), %v0
vpand (%rdx), %v11, %v1
vpshufb %v1, %v12, %v1
vpmullw %v1, %v0, %v2
vpand %v9, %v2, %v2
vpshufb %v10, %v0, %v3
vpand %v8, %v1, %v4
vpmullw %v3, %v4, %v4
vpor %v4, %v2, %v2
vmovdqu %v2, (%rdi)

== shl_u8, evex avx512: ports
vmovdqu (%rsi), %v0
vpand (%rdx), %v10, %v1
vpshufb %v1, %v11, %v1
vpand %v1, %v8, %v3
vpmaddubsw %v0, %v3, %v3
vpmullw %v1, %v0, %v2
vpshufb %v9, %v3, %v2{%k1}
vmovdqu %v2, (%rdi)

== shl_u8, vbmi: ports
vmovdqu (%rdx), %v1
vpermb %v8, %v1, %v2
vpand %v1, %v9, %v1
vpsubb %v1, %v10, %v1
vpmultishiftqb (%rsi), %v1, %v1
vpand %v1, %v2, %v2
vmovdqu %v2, (%rdi)

== shl_u8, vbmi: ports, with GFNI
vmovdqu (%rdx), %v1
vpermb %v8, %v1, %v2
vpand (%rsi), %v2, %v2
vpermb %v9, %v1, %v1
vgf2p8mulb %v1, %v2, %v2
vmovdqu %v2, (%rdi)

== srl_u8, sse2: LLVM
movdqu (%rsi), %v0
movdqu (%rdx), %v1
psllw $5, %v1
pxor %v2, %v2
pcmpgtb %v1, %v2
movdqa %v0, %v3
psrlw $4, %v3
pand %v8, %v3
pxor %v0, %v3
pand %v2, %v3
pxor %v3, %v0
paddb %v1, %v1
pxor %v2, %v2
pcmpgtb %v1, %v2
movdqa %v0, %v3
psrlw $2, %v3
pand %v9, %v3
pxor %v0, %v3
pand %v2, %v3
pxor %v3, %v0
paddb %v1, %v1
pxor %v2, %v2
pcmpgtb %v1, %v2
movdqa %v0, %v3
psrlw $1, %v3
pand %v10, %v3
pxor %v0, %v3
pand %v2, %v3
pxor %v3, %v0
movdqu %v0, (%rdi)

== srl_u8, avx2: ports
vmovdqu (%rsi), %v0
vpand (%rdx), %v11, %v1
vpshufb %v1, %v12, %v1
vpand %v9, %v1, %v2
vpand %v8, %v1, %v3
vpmaddubsw %v2, %v0, %v2
vpmaddubsw %v3, %v0, %v3
vpmulhw %v13, %v2, %v2
vpmullw %v14, %v3, %v3
vpblendvb %v8, %v3, %v2, %v2
vmovdqu %v2, (%rdi)

== srl_u8, avx2: ports
vmovdqu (%rsi), %v0
vpand (%rdx), %v11, %v1
vpshufb %v1, %v12, %v1
vpand %v9, %v1, %v2
vpand %v8, %v1, %v3
vpand %v9, %v0, %v4
vpmullw %v2, %v4, %v2
vpmulhuw %v3, %v0, %v3
vpsrlw $7, %v2, %v2
vpaddw %v3, %v3, %v3
vpand %v8, %v3, %v3
vpor %v3, %v2, %v2
vmovdqu %v2, (%rdi)

== srl_u8, evex avx512: ports
vmovdqu (%rsi), %v0
vmovdqu (%rdx), %v1
vpand %v0, %v8, %v3
vpand %v1, %v9, %v4
vpsrlvw %v4, %v3, %v3
vpand %v1, %v10, %v4
vpsrlw $8, %v4, %v4
vpsrlvw %v4, %v0, %v2
vpternlogq $0xea, %v3, %v8, %v2
vmovdqu %v2, (%rdi)

== srl_u8, evex avx512: ports
vmovdqu (%rsi), %v0
vmovdqu (%rdx), %v1
vpand %v0, %v8, %v3
vpand %v1, %v9, %v4
vpsrlvw %v4, %v3, %v3
vpand %v1, %v10, %v4
vpshufb %v11, %v4, %v4
vpsrlvw %v4, %v0, %v2
vpternlogq $0xea, %v3, %v8, %v2
vmovdqu %v2, (%rdi)

== srl_u8, vbmi: ports
vmovdqu (%rdx), %v1
vpermb %v8, %v1, %v2
vpternlogq $0xea, %v9, %v10, %v1
vpmultishiftqb (%rsi), %v1, %v1
vpand %v1, %v2, %v2
vmovdqu %v2, (%rdi)

== sra_u8, sse2: LLVM
movdqu (%rsi), %v0
movdqu (%rdx), %v1
pxor %v4, %v4
pcmpgtb %v0, %v4
pxor %v4, %v0
psllw $5, %v1
pxor %v2, %v2
pcmpgtb %v1, %v2
movdqa %v0, %v3
psrlw $4, %v3
pand %v8, %v3
pxor %v0, %v3
pand %v2, %v3
pxor %v3, %v0
paddb %v1, %v1
pxor %v2, %v2
pcmpgtb %v1, %v2
movdqa %v0, %v3
psrlw $2, %v3
pand %v9, %v3
pxor %v0, %v3
pand %v2, %v3
pxor %v3, %v0
paddb %v1, %v1
pxor %v2, %v2
pcmpgtb %v1, %v2
movdqa %v0, %v3
psrlw $1, %v3
pand %v10, %v3
pxor %v0, %v3
pand %v2, %v3
pxor %v3, %v0
pxor %v4, %v0
movdqu %v0, (%rdi)

== sra_u8, avx2: ports
vmovdqu (%rsi), %v0
vpand (%rdx), %v11, %v1
vpshufb %v1, %v12, %v1
vpand %v9, %v1, %v2
vpand %v8, %v1, %v3
vpmaddubsw %v0, %v2, %v2
vpmaddubsw %v0, %v3, %v3
vpsrlw $7, %v2, %v2
vpaddw %v3, %v3, %v3
vpblendvb %v8, %v3, %v2, %v2
vmovdqu %v2, (%rdi)

== sra_u8, evex avx512: ports
vmovdqu (%rsi), %v0
vmovdqu (%rdx), %v1
vpand %v1, %v10, %v4
vpshufb %v11, %v4, %v4
vpsravw %v4, %v0, %v4
vpshufb %v12, %v0, %v3
vpternlogq $0xea, %v9, %v8, %v1
vpsravw %v1, %v3, %v3
vpternlogq $0xe4, %v13, %v3, %v4
vmovdqu %v4, (%rdi)

== sra_u8, vbmi: ports
vmovdqu (%rsi), %v0
vmovdqu (%rdx), %v1
vpermb %v8, %v1, %v2
vpternlogq $0xea, %v9, %v10, %v1
vpmultishiftqb %v0, %v1, %v1
vpcmpgtb %v0, %v11, %v0
vpternlogq $0xe4, %v2, %v0, %v1
vmovdqu %v1, (%rdi)

== shl_u16, sse2: ports
movdqu (%rsi), %v0
movdqu (%rdx), %v1
movdqa %v8, %v2
pand %v1, %v2
pand %v9, %v1
pslld $23, %v2
pslld $7, %v1
paddd %v10, %v2
paddd %v11, %v1
cvttps2dq %v2, %v2
cvttps2dq %v1, %v1
por %v2, %v1
pmullw %v1, %v0
movdqu %v0, (%rdi)

== shl_u16, avx2: ports
vmovdqu (%rdx), %v1
vpshufb %v8, %v1, %v1
vpand %v9, %v1, %v1
vpaddb %v10, %v1, %v1
vpshufb %v1, %v11, %v1
vpmullw (%rsi), %v1, %v2
vmovdqu %v2, (%rdi)

== shl_u16, evex avx512: an instruction
vmovdqu (%rsi), %v0
vpand (%rdx), %v8, %v1
vpsllvw %v1, %v0, %v2
vmovdqu %v2, (%rdi)

== srl_u16, sse2: ports
movdqu (%rsi), %v0
movdqu (%rdx), %v1
movdqa %v8, %v2
pand %v1, %v2
pand %v9, %v1
pslld $23, %v2
pslld $7, %v1
movdqa %v10, %v3
psubd %v2, %v3
movdqa %v11, %v4
psubd %v1, %v4
cvttps2dq %v3, %v3
cvttps2dq %v4, %v4
por %v4, %v3
movdqa %v0, %v2
pmulhuw %v3, %v0
pmullw %v3, %v2
paddw %v0, %v0
psrlw $15, %v2
paddw %v2, %v0
movdqu %v0, (%rdi)

== srl_u16, avx2: LLVM
vmovdqu (%rsi), %v0
vmovdqu (%rdx), %v1
vpand %v8, %v0, %v2
vpand %v9, %v1, %v3
vpsrlvd %v3, %v2, %v2
vpsrld $16, %v1, %v1
vpand %v9, %v1, %v1
vpsrlvd %v1, %v0, %v0
vpblendw $0xaa, %v0, %v2, %v2
vmovdqu %v2, (%rdi)

== srl_u16, avx2: ports
vmovdqu (%rsi), %v0
vmovdqu (%rdx), %v1
vpshufb %v8, %v1, %v1
vpand %v9, %v1, %v1
vpsubb %v1, %v10, %v1
vpshufb %v1, %v11, %v1
vpmulhuw %v1, %v0, %v2
vpcmpeqw %v1, %v12, %v1
vpand %v0, %v1, %v1
vpor %v1, %v2, %v2
vmovdqu %v2, (%rdi)

== srl_u16, evex avx512: an instruction
vmovdqu (%rsi), %v0
vpand (%rdx), %v8, %v1
vpsrlvw %v1, %v0, %v2
vmovdqu %v2, (%rdi)

== sra_u16, sse2: ports
movdqu (%rsi), %v0
movdqu (%rdx), %v1
pxor %v5, %v5
pcmpgtw %v0, %v5
pxor %v5, %v0
movdqa %v8, %v2
pand %v1, %v2
pand %v9, %v1
pslld $23, %v2
pslld $7, %v1
movdqa %v10, %v3
psubd %v2, %v3
movdqa %v11, %v4
psubd %v1, %v4
cvttps2dq %v3, %v3
cvttps2dq %v4, %v4
por %v4, %v3
movdqa %v0, %v2
pmulhuw %v3, %v0
pmullw %v3, %v2
paddw %v0, %v0
psrlw $15, %v2
paddw %v2, %v0
pxor %v5, %v0
movdqu %v0, (%rdi)

== sra_u16, avx2: LLVM
vmovdqu (%rsi), %v0
vmovdqu (%rdx), %v1
vpslld $16, %v0, %v2
vpand %v9, %v1, %v3
vpor %v8, %v3, %v3
vpsravd %v3, %v2, %v2
vpsrld $16, %v1, %v1
vpand %v9, %v1, %v1
vpsravd %v1, %v0, %v0
vpblendw $0xaa, %v0, %v2, %v2
vmovdqu %v2, (%rdi)

== sra_u16, avx2: ports
vmovdqu (%rsi), %v0
vmovdqu (%rdx), %v1
vpshufb %v8, %v1, %v1
vpand %v9, %v1, %v1
vpsubb %v1, %v10, %v1
vpshufb %v1, %v11, %v1
vpmulhw %v1, %v0, %v2
vpcmpgtw %v1, %v12, %v1
vpand %v0, %v1, %v1
vpaddw %v1, %v2, %v2
vmovdqu %v2, (%rdi)

== sra_u16, evex avx512: an instruction
vmovdqu (%rsi), %v0
vpand (%rdx), %v8, %v1
vpsravw %v1, %v0, %v2
vmovdqu %v2, (%rdi)

== mul_u64, sse2: LLVM
movdqu (%rsi), %v0
movdqu (%rdx), %v1
pshufd $0xf5, %v0, %v2
pshufd $0xf5, %v1, %v3
pmuludq %v1, %v2
pmuludq %v0, %v3
paddq %v3, %v2
psllq $32, %v2
pmuludq %v1, %v0
paddq %v2, %v0
movdqu %v0, (%rdi)

== mul_u64, avx2: LLVM, with VPSHUFD
vmovdqu (%rsi), %v0
vmovdqu (%rdx), %v1
vpshufd $0xf5, %v0, %v2
vpshufd $0xf5, %v1, %v3
vpmuludq %v2, %v1, %v2
vpmuludq %v3, %v0, %v3
vpmuludq %v1, %v0, %v1
vpaddq %v2, %v3, %v3
vpsllq $32, %v3, %v3
vpaddq %v3, %v1, %v2
vmovdqu %v2, (%rdi)

== mul_u64, avx2: Fog
vmovdqu (%rsi), %v0
vmovdqu (%rdx), %v1
vpshufd $0xb1, %v1, %v2
vpmulld %v2, %v0, %v2
vpmuludq %v1, %v0, %v1
vpsllq $32, %v2, %v3
vpaddd %v2, %v3, %v3
vpand %v8, %v3, %v3
vpaddq %v3, %v1, %v2
vmovdqu %v2, (%rdi)

== mul_u64, avx2: ports, upper halves by loads
vmovdqu (%rsi), %v0
vmovdqu (%rdx), %v1
vmovshdup (%rsi), %v2
vmovshdup (%rdx), %v3
vpmuludq %v2, %v1, %v2
vpmuludq %v3, %v0, %v3
vpmuludq %v1, %v0, %v1
vpaddq %v2, %v3, %v3
vpshufb %v8, %v3, %v3
vpaddq %v3, %v1, %v2
vmovdqu %v2, (%rdi)

== mul_u64, avx2: ports, the one's upper halves by a load
vmovdqu (%rsi), %v0
vmovdqu (%rdx), %v1
vmovshdup (%rsi), %v2
vpshufd $0xf5, %v1, %v3
vpmuludq %v2, %v1, %v2
vpmuludq %v3, %v0, %v3
vpmuludq %v1, %v0, %v1
vpaddq %v2, %v3, %v3
vpshufb %v8, %v3, %v3
vpaddq %v3, %v1, %v2
vmovdqu %v2, (%rdi)

== mul_u64, evex avx512: an instruction
vmovdqu (%rsi), %v0
vpmullq (%rdx), %v0, %v2
vmovdqu %v2, (%rdi)

== mul_u64, evex avx512: LLVM, with VPSHUFD
vmovdqu (%rsi), %v0
vmovdqu (%rdx), %v1
vpshufd $0xf5, %v0, %v2
vpshufd $0xf5, %v1, %v3
vpmuludq %v2, %v1, %v2
vpmuludq %v3, %v0, %v3
vpmuludq %v1, %v0, %v1
vpaddq %v2, %v3, %v3
vpsllq $32, %v3, %v3
vpaddq %v3, %v1, %v2
vmovdqu %v2, (%rdi)

== shl_imm_u8, sse2: LLVM
movdqu (%rsi), %v0
psllw %xmm8, %v0
pand %v9, %v0
movdqu %v0, (%rdi)

== shl_imm_u8, avx2: LLVM
vmovdqu (%rsi), %v0
vpsllw %xmm8, %v0, %v0
vpand %v9, %v0, %v2
vmovdqu %v2, (%rdi)

== shl_imm_u8, avx2: ports, the count in each lane
vmovdqu (%rsi), %v0
vpsllvd %v8, %v0, %v0
vpand %v9, %v0, %v2
vmovdqu %v2, (%rdi)

== shl_imm_u8, evex avx512: ports
vmovdqu (%rsi), %v0
vpsllvw %v8, %v0, %v0
vpand %v9, %v0, %v2
vmovdqu %v2, (%rdi)

== shl_imm_u8, vbmi: Intel
vmovdqu (%rsi), %v0
vgf2p8affineqb $0, %v8, %v0, %v2
vmovdqu %v2, (%rdi)

== srl_imm_u8, sse2: LLVM
movdqu (%rsi), %v0
psrlw %xmm8, %v0
pand %v9, %v0
movdqu %v0, (%rdi)

== srl_imm_u8, avx2: LLVM
vmovdqu (%rsi), %v0
vpsrlw %xmm8, %v0, %v0
vpand %v9, %v0, %v2
vmovdqu %v2, (%rdi)

== srl_imm_u8, avx2: ports, the count in each lane
vmovdqu (%rsi), %v0
vpsrlvd %v8, %v0, %v0
vpand %v9, %v0, %v2
vmovdqu %v2, (%rdi)

== srl_imm_u8, evex avx512: ports
vmovdqu (%rsi), %v0
vpsrlvw %v8, %v0, %v0
vpand %v9, %v0, %v2
vmovdqu %v2, (%rdi)

== srl_imm_u8, vbmi: Intel
vmovdqu (%rsi), %v0
vgf2p8affineqb $0, %v8, %v0, %v2
vmovdqu %v2, (%rdi)

== sra_imm_u8, sse2: LLVM
movdqu (%rsi), %v0
psrlw %xmm8, %v0
pand %v9, %v0
pxor %v10, %v0
psubb %v10, %v0
movdqu %v0, (%rdi)

== sra_imm_u8, avx2: LLVM
vmovdqu (%rsi), %v0
vpsrlw %xmm8, %v0, %v0
vpand %v9, %v0, %v2
vpxor %v10, %v2, %v2
vpsubb %v10, %v2, %v2
vmovdqu %v2, (%rdi)

== sra_imm_u8, avx2: ports, the count in each lane
vmovdqu (%rsi), %v0
vpsrlvd %v8, %v0, %v0
vpand %v9, %v0, %v2
vpxor %v10, %v2, %v2
vpsubb %v10, %v2, %v2
vmovdqu %v2, (%rdi)

== sra_imm_u8, evex avx512: ports
vmovdqu (%rsi), %v0
vpsrlvw %v8, %v0, %v0
vpternlogq $0x6a, %v9, %v10, %v0
vpsubb %v10, %v0, %v2
vmovdqu %v2, (%rdi)

== sra_imm_u8, vbmi: Intel
vmovdqu (%rsi), %v0
vgf2p8affineqb $0, %v8, %v0, %v2
vmovdqu %v2, (%rdi)

== shl_imm_u16, sse2: an instruction
movdqu (%rsi), %v0
psllw %xmm8, %v0
movdqu %v0, (%rdi)

== shl_imm_u16, avx2 avx512: an instruction
vmovdqu (%rsi), %v0
vpsllw %xmm8, %v0, %v2
vmovdqu %v2, (%rdi)

== srl_imm_u16, sse2: an instruction
movdqu (%rsi), %v0
psrlw %xmm8, %v0
movdqu %v0, (%rdi)

== srl_imm_u16, avx2 avx512: an instruction
vmovdqu (%rsi), %v0
vpsrlw %xmm8, %v0, %v2
vmovdqu %v2, (%rdi)

== sra_imm_u16, sse2: an instruction
movdqu (%rsi), %v0
psraw %xmm8, %v0
movdqu %v0, (%rdi)

== sra_imm_u16, avx2 avx512: an instruction
vmovdqu (%rsi), %v0
vpsraw %xmm8, %v0, %v2
vmovdqu %v2, (%rdi)
