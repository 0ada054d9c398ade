/* SPDX-License-Identifier: Apache-2.0
 *
 * What the other core does to itself.
 */
#include "kernel/arch.h"
#include "kernel/x86_64/frame.h"
#include "kernel/x86_64/instructions.h"

static struct trap_place place __attribute__((aligned(16)));

struct arch_frame *arch_core_frame(void) {
	return &place.frame;
}

void arch_core_tlb_flush(void) {
	cr3_write(cr3_read()); /* nothing is global */
}

void arch_core_pause(void) {
	__asm__ volatile("pause");
}

/* INIT alone ends it. */
_Noreturn void arch_core_halt(void) {
	for (;;)
		__asm__ volatile("cli; hlt");
}
