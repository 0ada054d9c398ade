/* SPDX-License-Identifier: Apache-2.0
 *
 * What the other core does to itself. Source: PSCI (DEN 0022), 5.1.3 (CPU_OFF).
 */
#include "kernel/aarch64/aarch64.h"
#include "kernel/aarch64/frame.h"
#include "kernel/aarch64/registers.h"

static struct arch_frame core_frame;

struct arch_frame *arch_core_frame(void) {
	return &core_frame;
}

/* Invalidations are broadcast. */
void arch_core_tlb_flush(void) {
	barrier_instruction();
}

void arch_core_pause(void) {
	__asm__ volatile("yield");
}

_Noreturn void arch_core_halt(void) {
	psci_cpu_off();
	for (;;)
		__asm__ volatile("wfi");
}
