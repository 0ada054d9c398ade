/* SPDX-License-Identifier: Apache-2.0
 *
 * The TSC, unordered: for decisions of milliseconds, not for measuring.
 */
#include "kernel/user/gate_call.h"

uint64_t gate_ticks(void) {
	uint32_t low, high;
	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}
