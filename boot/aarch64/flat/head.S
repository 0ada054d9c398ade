/* SPDX-License-Identifier: Apache-2.0
 *
 * The first bytes of the flat image, by which loaders know an arm64 one, and its entry.
 * Source: Linux, Documentation/arm64/booting.rst, sections 4 and 5: at entry X0 has the device tree's address, EL1 or
 * EL2, MMU and data cache off, interrupts masked, the image at any multiple of 2 MiB with all of its size free RAM.
 */
#define CURRENTEL_EL2 (2 << 2)
#define HCR_E2H_BIT   34
#define CPTR_TFP      (1 << 10)
#define CPACR_FPEN    (3 << 20)

	.section .text.head, "ax"
	.globl	flat_start
flat_start:
	b	entry
	.long	0
	.quad	0			/* from a multiple of 2 MiB */
	.long	flat_bytes_low		/* with all that is zero at the start (linker/flat-aarch64.ld) */
	.long	0
	.quad	0xa			/* little-endian, pages of 4 KiB, anywhere in memory */
	.quad	0, 0, 0
	.ascii	"ARM\x64"
	.long	0

/* Nothing is kept of the caller's: X0 is the only argument. */
entry:
	isb
	mrs	x1, CNTVCT_EL0
	adrp	x2, flat_zeroed_start
	add	x2, x2, :lo12:flat_zeroed_start
	adrp	x3, flat_zeroed_end
	add	x3, x3, :lo12:flat_zeroed_end
0:	stp	xzr, xzr, [x2], #16
	cmp	x2, x3
	b.lo	0b
	/* Elf64_Rela: offset, R_AARCH64_RELATIVE (-z text lets no other be), addend. */
	adrp	x2, flat_relocations_start
	add	x2, x2, :lo12:flat_relocations_start
	adrp	x3, flat_relocations_end
	add	x3, x3, :lo12:flat_relocations_end
	adrp	x4, flat_start
	add	x4, x4, :lo12:flat_start
	b	3f
2:	ldr	x5, [x2]
	ldr	x6, [x2, #16]
	add	x6, x6, x4
	str	x6, [x4, x5]
	add	x2, x2, #24
3:	cmp	x2, x3
	b.lo	2b
	/* The kernel saves its caller's vector registers: to be allowed by CPTR_EL2.TFP at EL2, by CPACR_EL1.FPEN else;
	   with HCR_EL2.E2H that name means EL2's register of the same form. */
	mrs	x2, CurrentEL
	cmp	x2, #CURRENTEL_EL2
	b.ne	4f
	mrs	x2, HCR_EL2
	tbnz	x2, #HCR_E2H_BIT, 4f
	mrs	x2, CPTR_EL2
	bic	x2, x2, #CPTR_TFP
	msr	CPTR_EL2, x2
	b	5f
4:	mrs	x2, CPACR_EL1
	orr	x2, x2, #CPACR_FPEN
	msr	CPACR_EL1, x2
5:	isb
	adrp	x2, flat_stack_end
	add	x2, x2, :lo12:flat_stack_end
	mov	sp, x2
	mov	x29, xzr
	mov	x30, xzr
	adrp	x2, flat_start
	add	x2, x2, :lo12:flat_start
	bl	flat_main
1:	wfi
	b	1b

	.bss
	.balign	16
	.skip	16384
flat_stack_end:

	.section .note.GNU-stack, "", %progbits
