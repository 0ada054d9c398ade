/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/user/pmu.h"

#include "kernel/gate.h"

/* A counter's number is part of the instruction: selecting one first would cost a barrier each. */
#define READ(n)                                                               \
	case n:                                                               \
		__asm__ volatile("mrs %0, pmevcntr" #n "_el0" : "=r"(count)); \
		break;

/* The barrier: not before what comes before it, and what is read after the last is not read before it. */
uint64_t pmu_slot_read(uint64_t slot) {
	uint64_t count = 0;
	__asm__ volatile("isb" : : : "memory");
	switch (slot) {
		READ(0)
		READ(1)
		READ(2)
		READ(3)
		READ(4)
		READ(5)
		READ(6)
		READ(7)
	case GATE_PMU_CYCLES:
		__asm__ volatile("mrs %0, pmccntr_el0" : "=r"(count));
		break;
	default:
		break;
	}
	return count;
}
