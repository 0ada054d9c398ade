/* SPDX-License-Identifier: Apache-2.0
 *
 * The report's style sheet and script inside the programme, so that it is one file and finds them from any directory.
 */
#include "lib/asset.inc"

	.section .rodata
	.balign 8
	asset report_style, "charts/report.css"
	asset report_script, REPORT_SCRIPT

	.section .note.GNU-stack, "", %progbits
