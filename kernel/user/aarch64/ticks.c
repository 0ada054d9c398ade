/* SPDX-License-Identifier: Apache-2.0
 *
 * The virtual counter, unordered: for decisions of milliseconds, not for measuring.
 */
#include "kernel/user/gate_call.h"

uint64_t gate_ticks(void) {
	uint64_t ticks;
	__asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
	return ticks;
}
