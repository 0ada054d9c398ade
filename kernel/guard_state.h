/* SPDX-License-Identifier: Apache-2.0
 *
 * The guard that is armed: where the programme would go on, what it stands on, its two ends and the watchdog. What
 * happens at an end is guard.c's. The state is in `machine`; times are ns of the programme's, 0: no limit.
 */
#pragma once

#include "kernel/gate.h"

#include <stdbool.h>
#include <stdint.h>

/* As guard_arm, with all of it checked. */
void guard_set(uint64_t resume, const struct gate_resume *from, uint64_t timeout_ns, uint64_t total_ns);

/* Nothing is caught any more, either. */
void guard_disarm(void);

/* As guard_catch, with all of it checked. */
void guard_catch_set(uint64_t resume, const struct gate_resume *from);
void guard_catch_end(void);

/* Puts the deadline of an armed guard off. */
void guard_timeout_set(uint64_t timeout_ns);

/* Whether one of the ends has come. */
bool guard_is_over(void);

/* The watchdog for the rest of an armed guard's time, or to the end of the slice. */
void guard_go_on(void);

/* Whether an armed guard, or what is caught under it, needs something of this memory. */
bool guard_stands_on(uint64_t address, uint64_t bytes);
