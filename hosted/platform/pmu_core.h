/* SPDX-License-Identifier: Apache-2.0
 *
 * Within hosted/platform/, and for tests: the PMU of one core, as Linux lists PMUs. On a machine with cores of several
 * kinds each kind has one of its own, with events of its own; where all are alike x86_64 has one that needs no name.
 * Source: Linux, Documentation/ABI/testing/sysfs-bus-event_source-devices-*, drivers/perf/arm_pmuv3.c.
 */
#pragma once

#include "hosted/platform/pmu.h"
#include "platform.h"

#include <stdbool.h>

struct pmu_core {
	uint32_t type;    /* perf_event_attr.type of its codes */
	char folder[256]; /* with a '/' at its end; "": it has no name */
	bool is_arm;
};

/* `root`: /sys/bus/event_source/devices, or a test's; `cpu` below 0: any. */
void pmu_core_find(const char *root, int cpu, struct pmu_core *core);

/* false: the core does not have that event, and Linux would count nothing by it. */
bool pmu_core_event(const struct pmu_core *core, const struct platform_pmu_event *event, struct pmu_event *as);
