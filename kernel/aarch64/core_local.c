/* SPDX-License-Identifier: Apache-2.0
 *
 * What another core does to itself. Source: PSCI (DEN 0022), 5.1.3 (CPU_OFF).
 */
#include "kernel/aarch64/core.h"
#include "kernel/aarch64/registers.h"

struct arch_frame *arch_core_frame(unsigned cpu) {
	return &core_arch(cpu)->frame;
}

/* Invalidations are broadcast. */
void arch_core_tlb_flush(void) {
	barrier_instruction();
}

void arch_core_pause(void) {
	__asm__ volatile("yield");
}

_Noreturn void arch_core_halt(void) {
	gic_core_close();
	psci_cpu_off();
	for (;;)
		__asm__ volatile("wfi");
}

void arch_core_sleep(const uint32_t *word, uint32_t value) {
	if (__atomic_load_n(word, __ATOMIC_ACQUIRE) == value)
		arch_core_halt();
}

_Noreturn void arch_core_leave(unsigned cpu) {
	(void)cpu;
	arch_core_halt();
}
