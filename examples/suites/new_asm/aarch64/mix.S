/* void run_mix(void *state, uint64_t iterations): x0, x1; overwrites x2, x3. The result goes to *state. */
	.text
	.globl	run_mix
	.balign	64
run_mix:
	mov	x2, #1
	ldr	x3, =0xff51afd7ed558ccd
	cbz	x1, 2f
1:	eor	x2, x2, x2, lsr #33
	mul	x2, x2, x3
	subs	x1, x1, #1
	b.ne	1b
2:	str	x2, [x0]
	ret
	.section .note.GNU-stack, "", %progbits
