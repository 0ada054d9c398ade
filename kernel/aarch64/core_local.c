/* SPDX-License-Identifier: Apache-2.0
 *
 * What another core does to itself. Source: PSCI (DEN 0022), 5.1.3 (CPU_OFF); Arm ARM (DDI 0487), D1.16.1 (WFE).
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

_Noreturn void core_run(unsigned cpu, void (*run)(unsigned cpu)) {
	register uint64_t x0 __asm__("x0") = cpu;
	register uint64_t x1 __asm__("x1") = core_area(cpu) + CORE_STACK_TOP;
	register void (*x2)(unsigned) __asm__("x2") = run;
	__asm__ volatile("mov sp, %0\n\t"
			 "mov x29, xzr\n\t"
			 "mov x30, xzr\n\t"
			 "br %1"
			 :
			 : "r"(x1), "r"(x2), "r"(x0)
			 : "memory");
	__builtin_unreachable();
}

/* Until arch_core_start wants it again. Taken in one step, so that who wants it later wants it once more; looked at by
 * loads alone, as each store may be the event that is waited for. */
static _Noreturn void wait_wanted(unsigned cpu) {
	struct core_arch *core = core_arch(cpu);
	do
		while (!__atomic_load_n(&core->wanted, __ATOMIC_ACQUIRE))
			__asm__ volatile("wfe");
	while (!__atomic_exchange_n(&core->wanted, false, __ATOMIC_ACQ_REL));
	gic_core_open(&core->gic);
	core_run(cpu, core->run);
}

_Noreturn void arch_core_halt(void) {
	unsigned cpu;
	gic_core_close();
	if (core_area_of(register_read(TPIDR_EL1), &cpu) && core_arch(cpu)->stays_on)
		wait_wanted(cpu);
	psci_cpu_off();
	for (;;)
		__asm__ volatile("wfi");
}

/* Whatever the word is by now: arch_core_wake starts it anew, and would wait in vain for one that goes on. */
void arch_core_sleep(const uint32_t *word, uint32_t value) {
	(void)word, (void)value;
	arch_core_halt();
}

_Noreturn void arch_core_leave(unsigned cpu) {
	(void)cpu;
	arch_core_halt();
}
