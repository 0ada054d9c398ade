/* SPDX-License-Identifier: Apache-2.0
 *
 * The programme's ELF file inside the kernel's image, page-aligned: its pages are mapped for ring 3 or EL0 in place.
 * A section of its own behind read-only data, so that no page of it holds anything of the kernel's.
 */
	.section .program, "a"
	.balign 4096
	.globl kernel_program
	.globl kernel_program_end
	.hidden kernel_program
	.hidden kernel_program_end
kernel_program:
	.incbin PROGRAM_ELF
kernel_program_end:
	.balign 4096
