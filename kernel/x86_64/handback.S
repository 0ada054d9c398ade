/* SPDX-License-Identifier: Apache-2.0
 *
 * Handback, refused so far: handback_enter(RDI = struct boot_info *, RSI = struct kernel_call *) answers with KERNEL_REQUEST_EXIT and status 2.
 */
	.text
	.globl handback_enter
handback_enter:
	movl $4, (%rsi) /* request: KERNEL_REQUEST_EXIT */
	movl $2, 4(%rsi)
	ret

	.globl arch_handback
arch_handback:
	ud2

	.section .note.GNU-stack, "", @progbits
