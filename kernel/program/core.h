/* SPDX-License-Identifier: Apache-2.0
 *
 * Another core of the programme's, as gate calls of the first core's ask for it. `core` is the programme's number of
 * it; results are platform.h's errors.
 */
#pragma once

#include "kernel/gate.h"

#include <stdbool.h>
#include <stdint.h>

/* PLATFORM_EBUSY: a task has been started and not joined. The task is copied. */
int64_t core_start(uint64_t core, const struct gate_task *task);

/* PLATFORM_EBUSY: it runs still; PLATFORM_EFAULT: it faulted, see core_raise. */
int64_t core_join(uint64_t core);

/* Makes the fault that the last join told of the guarded function's: GATE_RESUMED. */
int64_t core_raise(uint64_t core);

/* Whether a task is on its way. */
bool core_runs(void);
