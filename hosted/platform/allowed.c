/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted/platform/allowed.h"

static cpu_set_t at_start;

__attribute__((constructor)) static void remember(void) {
	if (sched_getaffinity(0, sizeof(at_start), &at_start) != 0)
		CPU_ZERO(&at_start);
}

void cores_allowed(cpu_set_t *allowed) {
	*allowed = at_start;
}

unsigned cores_usable(void) {
	int count = CPU_COUNT(&at_start);
	return count > 0 ? (unsigned)count : 1;
}
