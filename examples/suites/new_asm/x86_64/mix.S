/* void run_mix(void *state, uint64_t iterations): rdi, rsi; overwrites rax, rcx, rdx. The result goes to *state. */
	.text
	.globl	run_mix
	.balign	64
run_mix:
	mov	$1, %eax
	movabs	$0xff51afd7ed558ccd, %rdx
	test	%rsi, %rsi
	jz	2f
1:	mov	%rax, %rcx
	shr	$33, %rcx
	xor	%rcx, %rax
	imul	%rdx, %rax
	dec	%rsi
	jnz	1b
2:	mov	%rax, (%rdi)
	ret
	.section .note.GNU-stack, "", %progbits
