/* SPDX-License-Identifier: Apache-2.0
 *
 * The report's style sheet and script inside the programme, so that it is one file and finds them from any directory.
 */
	.macro asset name, file
	.globl \name
	.globl \name\()_bytes
\name:
	.incbin "\file"
1:
	.balign 8
\name\()_bytes:
	.quad 1b - \name
	.endm

	.section .rodata
	.balign 8
	asset report_style, "charts/report.css"
	asset report_script, REPORT_SCRIPT

	.section .note.GNU-stack, "", %progbits
