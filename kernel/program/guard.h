/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the programme goes on after a fault or a time-out of a guarded function.
 */
#pragma once

#include "kernel/arch.h"
#include "kernel/gate.h"

#include <stdint.h>

/* `resume`: where the programme keeps `from`, which it may write to. Times as platform_run_guarded has them.
 * PLATFORM_EUNSUPPORTED: there is no watchdog; PLATFORM_EINVAL: the programme cannot go on there. */
int64_t guard_arm(uint64_t resume, const struct gate_resume *from, uint64_t timeout_ns, uint64_t total_ns);

/* As guard_arm, under a guard that is armed and stays: until guard_catch_end or the guard's end a fault is told there,
 * as often as there is one, without a symbol and with all that was switched and counted as it is. */
int64_t guard_catch(uint64_t resume, const struct gate_resume *from);

/* Under handback the firmware has the machine for a moment; then the programme's slice begins, as the last one was. */
void guard_slice_end(void);

/* A fault under an armed guard, and a shot of the watchdog, armed or not: *frame is where the programme goes on. */
void guard_fault(struct arch_frame *frame, const struct platform_fault *fault);
void guard_timer(struct arch_frame *frame, const struct platform_fault *fault);
