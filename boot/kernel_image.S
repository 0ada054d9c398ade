/* SPDX-License-Identifier: Apache-2.0
 *
 * kernel.elf inside the loader: one file on a stick. Read-only data; the loader copies it out segment by segment.
 */
	.section .rdata, "dr"
	.balign 16
	.globl kernel_image_start
kernel_image_start:
	.incbin KERNEL_ELF
	.globl kernel_image_end
kernel_image_end:
	.byte 0 /* the end is an address inside the section */
