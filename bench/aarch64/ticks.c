/* SPDX-License-Identifier: Apache-2.0
 *
 * The virtual counter between two ISBs: without the first it may be read early, without the second what follows may
 * start before it is read. Arm ARM (DDI 0487), D11.2.2 and the definition of CNTVCT_EL0.
 */
#include "bench/ticks.h"

static inline uint64_t cntvct_fenced(void) {
	uint64_t value;
	__asm__ volatile("isb\n\tmrs %0, cntvct_el0\n\tisb" : "=r"(value) : : "memory");
	return value;
}

uint64_t ticks_begin(void) {
	return cntvct_fenced();
}

uint64_t ticks_end(void) {
	return cntvct_fenced();
}

uint64_t ticks_look(void) {
	uint64_t value;
	__asm__ volatile("mrs %0, cntvct_el0" : "=r"(value));
	return value;
}
