/* SPDX-License-Identifier: Apache-2.0
 *
 * Within hosted/platform/, and for tests: a group of perf events of any type.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* perf_event_attr's members of that name. */
struct pmu_event {
	uint32_t type;
	uint64_t config;
};

/* As platform_pmu_start: how many count now, from the first on, or a negative errno. What was counted before is ended;
 * platform_pmu_read and platform_pmu_stop are about these then. */
int pmu_group_start(const struct pmu_event *events, unsigned count);

/* Why perf_event_open failed with `error` (an errno), and what would help. `paranoid`: what
 * kernel.perf_event_paranoid is; "": not known. */
void pmu_explain(int error, const char *paranoid, char *text, size_t capacity);
