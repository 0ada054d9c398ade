/* SPDX-License-Identifier: Apache-2.0
 *
 * kernel.elf inside the loader, packed: one file on a stick, and half as much for slow media to read.
 */
	.section PACKED_SECTION
	.balign 16
	.globl kernel_packed_start
kernel_packed_start:
	.incbin KERNEL_PACKED
	.globl kernel_packed_end
kernel_packed_end:
	.byte 0 /* the end is an address inside the section */
