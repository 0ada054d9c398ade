/* SPDX-License-Identifier: Apache-2.0 */
#include "peers/pin.h"

#include <sched.h>
#include <stddef.h>

int peer_pin_to_last(void) {
	cpu_set_t set;
	if (sched_getaffinity(0, sizeof(set), &set) != 0)
		return -1;
	for (int cpu = CPU_SETSIZE - 1; cpu >= 0; cpu--) {
		if (!CPU_ISSET((size_t)cpu, &set))
			continue;
		CPU_ZERO(&set);
		CPU_SET((size_t)cpu, &set);
		return sched_setaffinity(0, sizeof(set), &set) == 0 ? cpu : -1;
	}
	return -1;
}
