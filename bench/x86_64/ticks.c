/* SPDX-License-Identifier: Apache-2.0
 *
 * The TSC between two LFENCEs. RDTSCP would wait for earlier instructions by itself, but not every CPU has it;
 * LFENCE; RDTSC; LFENCE is the same order on all. Intel SDM volume 2B, RDTSC; AMD APM volume 2, 3.2.4 on LFENCE
 * dispatch serialisation.
 */
#include "bench/ticks.h"

static inline uint64_t tsc_fenced(void) {
	uint32_t low, high;
	__asm__ volatile("lfence\n\trdtsc\n\tlfence" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

uint64_t ticks_begin(void) {
	return tsc_fenced();
}

uint64_t ticks_end(void) {
	return tsc_fenced();
}

uint64_t ticks_look(void) {
	uint32_t low, high;
	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}
