/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/pmu.h"

#include "kernel/machine.h"

#include <stddef.h>

int64_t pmu_start(struct gate_pmu *pmu) {
	pmu_stop();
	if (pmu->count > PLATFORM_PMU_EVENTS_MAX)
		return PLATFORM_EINVAL;
	int started = arch_pmu_start(pmu);
	if (started < 0)
		return started;
	machine.pmu_counts = started > 0;
	pmu->count = (uint64_t)started;
	return 0;
}

void pmu_stop(void) {
	if (machine.pmu_counts)
		arch_pmu_stop();
	machine.pmu_counts = false;
}

void pmu_lose(void) {
	if (machine.pmu_counts && machine.start != NULL)
		machine.start->pmu_losses++;
	pmu_stop();
}
