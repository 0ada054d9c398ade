/* SPDX-License-Identifier: Apache-2.0
 *
 * The ROM of a machine without PSCI, for QEMU's `virt,secure=on`: all cores begin here at EL3. The first goes to the
 * flat image, the others to a spin table, as Linux's binding has it: each reads its own word until that is no longer 0,
 * and goes there with X0 to X3 zero. All leave EL3 for EL2, or EL1 where there is no EL2; SMC is undefined from there.
 * Source: Linux, Documentation/arm64/booting.rst; Arm ARM (DDI 0487), D13.2; GIC (IHI 0048), 4.3.4 and 4.4.2.
 *
 *   X20 the core's number   X21 the table, and the loop behind it (tools/spin_table.py)
 */
#include "kernel/aarch64/registers.h"

#define TABLE         0x47ff0000
#define LOOP          0x800	/* behind the table */
#define TREE          0x48000000
#define IMAGE         0x50000000
#define GICD          0x08000000
#define GICD_IGROUPR  0x80
#define GICC_PMR      0x08010004
#define SPI_GROUPS    8		/* words of GICD_IGROUPR that QEMU's virt may have */
#define SCR_EL3_OURS  0x0c0305b1 /* NS, RES1, SMD, HCE, RW, APK, API, ATA, FGTEn */
#define CPTR_EL3_OURS 0x1100	/* EZ, ESM */
#define ZCR_EL3       S3_6_C1_C2_0
#define ZCR_LEN       0xf
#define SCTLR_EL2_RES1 0x30c50830
#define SPSR_EL1H     0x3c5
#define SPSR_EL2H     0x3c9

	.text
	.globl	_start
_start:
	mrs	x20, MPIDR_EL1
	and	x20, x20, #0xff
	/* Without this the other side sees no interrupt, and sets no priority. */
	ldr	x1, =GICD + GICD_IGROUPR
	mov	w2, #-1
	str	w2, [x1]
	cbnz	x20, 1f
	mov	x3, #1
0:	str	w2, [x1, x3, lsl #2]
	add	x3, x3, #1
	cmp	x3, #SPI_GROUPS
	b.lo	0b
1:	ldr	x1, =GICC_PMR
	mov	w2, #0xff
	str	w2, [x1]
	/* Each core writes the same loop to its place. */
	ldr	x21, =TABLE
	adr	x1, loop
	add	x2, x21, #LOOP
	adr	x3, loop_end
2:	ldr	w4, [x1], #4
	str	w4, [x2], #4
	cmp	x1, x3
	b.lo	2b
	dsb	sy
	ic	iallu
	isb
	ldr	x1, =SCR_EL3_OURS
	msr	SCR_EL3, x1
	mov	x1, #CPTR_EL3_OURS
	msr	CPTR_EL3, x1
	isb
	mrs	x1, ID_AA64PFR0_EL1
	tst	x1, #0xf00000000	/* SVE */
	b.eq	3f
	mov	x1, #ZCR_LEN
	msr	ZCR_EL3, x1
3:	ldr	x1, =SCTLR_RES1
	msr	SCTLR_EL1, x1
	mov	x2, #SPSR_EL1H
	mrs	x1, ID_AA64PFR0_EL1
	tst	x1, #0xf00		/* EL2 */
	b.eq	4f
	ldr	x1, =SCTLR_EL2_RES1
	msr	SCTLR_EL2, x1
	mov	x2, #SPSR_EL2H
4:	msr	SPSR_EL3, x2
	add	x1, x21, #LOOP
	cbnz	x20, 5f
	ldr	x1, =IMAGE
5:	msr	ELR_EL3, x1
	ldr	x0, =TREE
	mov	x1, xzr
	mov	x2, xzr
	mov	x3, xzr
	isb
	eret

loop:
	wfe
	ldr	x4, [x21, x20, lsl #3]
	cbz	x4, loop
	mov	x0, xzr
	br	x4
loop_end:

	.section .note.GNU-stack, "", %progbits
