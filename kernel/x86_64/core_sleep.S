/* SPDX-License-Identifier: Apache-2.0
 *
 * void arch_core_sleep(RDI = const uint32_t *word, ESI = value): HLT where *word is the value. An NMI that comes
 * between the look and the HLT would be slept through: core_signalled goes on at core_sleep_end for it. Clobbers flags.
 */
	.text
	.globl arch_core_sleep, core_sleep_end
arch_core_sleep:
	cmp %esi, (%rdi)
	jne core_sleep_end
	hlt
core_sleep_end:
	ret

	.section .note.GNU-stack, "", @progbits
