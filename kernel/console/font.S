/* SPDX-License-Identifier: Apache-2.0
 *
 * The console's font: a PSF1 file of 8x16 glyphs, taken from the build machine and unpacked by the Makefile.
 */
	.section .rodata.kernel_font, "a"
	.balign 8
	.globl	kernel_font
	.hidden	kernel_font
kernel_font:
	.incbin	CONSOLE_FONT
	.globl	kernel_font_end
	.hidden	kernel_font_end
kernel_font_end:
