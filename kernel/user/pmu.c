/* SPDX-License-Identifier: Apache-2.0
 *
 * Counters through the gate: set up there, read here.
 */
#include "kernel/user/pmu.h"

#include "kernel/gate.h"
#include "kernel/user/gate_call.h"
#include "kernel/user/start.h"
#include "platform.h"

#include <string.h>

/* What the last start left. */
static struct {
	struct gate_pmu pmu;
	uint64_t losses; /* of gate_start, before it */
} counting;

static uint64_t address_of(const volatile void *pointer) {
	return (uint64_t)(uintptr_t)pointer;
}

void platform_pmu_describe(struct platform_pmu *pmu) {
	memset(pmu, 0, sizeof(*pmu));
	counting.pmu.count = 0;
	gate_call(GATE_PMU_DESCRIBE, address_of(pmu), 0, 0);
}

int platform_pmu_start(const struct platform_pmu_event *events, unsigned count) {
	/* Volatile: the kernel writes it while the compiler believes that nobody does. */
	static volatile struct gate_pmu asked;
	counting.pmu.count = 0;
	if (count > PLATFORM_PMU_EVENTS_MAX)
		return PLATFORM_EINVAL;
	asked = (struct gate_pmu){.count = count};
	for (unsigned i = 0; i < count; i++)
		asked.events[i] = events[i];
	counting.losses = platform_pmu_losses();
	int64_t result = gate_call(GATE_PMU_START, address_of(&asked), 0, 0);
	if (result < 0)
		return (int)result;
	counting.pmu = asked;
	return counting.pmu.count == 0 ? PLATFORM_EUNSUPPORTED : (int)counting.pmu.count;
}

int platform_pmu_read(uint64_t *counts) {
	for (uint64_t i = 0; i < counting.pmu.count; i++) {
		/* Where they were put back, reading one may be a fault. */
		if (platform_pmu_losses() != counting.losses)
			return PLATFORM_EBUSY;
		counts[i] = pmu_slot_read(counting.pmu.slots[i]);
	}
	return counting.pmu.count == 0 || platform_pmu_losses() != counting.losses ? PLATFORM_EBUSY : 0;
}

void platform_pmu_stop(void) {
	counting.pmu.count = 0;
	gate_call(GATE_PMU_STOP, 0, 0, 0);
}
