/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/user/pmu.h"

/* LFENCE: RDPMC is not ordered by itself (Intel SDM volume 2B, RDPMC). */
uint64_t pmu_slot_read(uint64_t slot) {
	uint32_t low, high;
	__asm__ volatile("lfence\n\trdpmc" : "=a"(low), "=d"(high) : "c"((uint32_t)slot) : "memory");
	return (uint64_t)high << 32 | low;
}
