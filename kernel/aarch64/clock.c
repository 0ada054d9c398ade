/* SPDX-License-Identifier: Apache-2.0
 *
 * The virtual counter: the programme reads the same one. Its frequency is what the firmware wrote to CNTFRQ_EL0; the
 * architecture promises a constant rate (Arm ARM, D11.1.2). There is no second source: ACPI has no PM timer on
 * hardware-reduced platforms, the counter of the memory-mapped timer is this one, and a real-time clock is reachable
 * through AML only.
 */
#include "kernel/aarch64/registers.h"
#include "kernel/arch.h"

uint64_t arch_ticks(void) {
	barrier_instruction();
	return register_read(CNTVCT_EL0);
}

uint64_t arch_clock_stated_hz(const char **name, const char **counter, bool *invariant) {
	*name = "CNTFRQ";
	*counter = "CNTVCT";
	*invariant = true;
	return register_read(CNTFRQ_EL0);
}

bool arch_clock_reference(unsigned index, void (*begin)(unsigned kind), struct arch_reference *reference) {
	(void)index;
	(void)begin;
	(void)reference;
	return false;
}
