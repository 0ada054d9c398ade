/* SPDX-License-Identifier: Apache-2.0
 *
 * Where another core begins: PSCI CPU_ON enters with the MMU and the data cache off, at EL1 or EL2 (DEN 0022, 5.4 and
 * 6.4), X0 = struct core_boot *. All that is fetched, read or written until the MMU is on has been cleaned to memory
 * by the first core (core.c); of what is written before that, nothing is read after.
 *
 *   X19  struct core_boot *, which names what is called in C
 */
#include "kernel/aarch64/frame.h"
#include "kernel/aarch64/registers.h"

	.macro	load_regime
	ldp	x0, x1, [x19, #CORE_BOOT_TTBR0]
	ldp	x2, x3, [x19, #CORE_BOOT_TCR]
	ldr	x4, [x19, #CORE_BOOT_SCTLR]
	.endm

	.text
	.globl	core_entry
	.hidden	core_entry
	.type	core_entry, %function
core_entry:
	msr	daifset, #0xf
	msr	spsel, #1
	mov	x19, x0
	ldr	x9, [x19, #CORE_BOOT_STACK_PHYSICAL]
	mov	sp, x9
	mov	x29, xzr
	mrs	x9, CurrentEL
	cmp	x9, #CURRENTEL_EL2
	b.ne	1f
	mov	x0, x19
	ldr	x9, [x19, #CORE_BOOT_OPEN_EL2]
	blr	x9
	mov	x5, x0
	load_regime
	ldr	x9, [x19, #CORE_BOOT_STACK]
	mov	sp, x9
	bl	mmu_descend_to_el1
	b	2f
1:	load_regime
	ldr	x9, [x19, #CORE_BOOT_STACK]
	mov	sp, x9
	bl	mmu_translation_set
2:	mov	x0, x19
	ldr	x9, [x19, #CORE_BOOT_ENTER]
	mov	x30, xzr
	br	x9

	.section .note.GNU-stack, "", %progbits
