/* SPDX-License-Identifier: Apache-2.0
 *
 * Within kernel/user/: handed on at the start.
 */
#pragma once

#include "kernel/gate.h"

/* The platform's one piece of state. Before any function of platform.h. */
void platform_start(const struct gate_start *from_kernel);

/* The programme was moved to this CPU: a fact. */
void platform_stays_on(uint64_t cpu);

/* gate_start.pmu_losses, read anew. */
uint64_t platform_pmu_losses(void);

/* Ticks that a time takes, roughly: the clock's first estimate. */
uint64_t platform_ticks_of(uint64_t ns);
