/* SPDX-License-Identifier: Apache-2.0
 *
 * Who has the hardware counters: the programme between a start and a stop, else whoever had them before. They are put
 * back when it says so, when a fault ends what it does, and before the firmware gets the machine; unasked it is told in
 * gate_start.pmu_losses. First core only.
 */
#pragma once

#include "kernel/gate.h"

/* As the gate's call: 0 or an enum platform_error. */
int64_t pmu_start(struct gate_pmu *pmu);
void pmu_stop(void);

/* Unasked. */
void pmu_lose(void);
