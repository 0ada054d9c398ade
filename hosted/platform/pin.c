/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/platform/pin.h"

#include <sched.h>
#include <stddef.h>

static int pinned = -1;

bool pin_to(int cpu) {
	cpu_set_t set;
	if (cpu < 0 || cpu >= CPU_SETSIZE)
		return false;
	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) != 0)
		return false;
	pinned = cpu;
	return true;
}

void pin_to_last(void) {
	cpu_set_t set;
	if (sched_getaffinity(0, sizeof(set), &set) != 0)
		return;
	for (int cpu = CPU_SETSIZE - 1; cpu >= 0; cpu--)
		if (CPU_ISSET((size_t)cpu, &set)) {
			pin_to(cpu);
			return;
		}
}

int pin_cpu(void) {
	return pinned;
}
