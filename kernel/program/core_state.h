/* SPDX-License-Identifier: Apache-2.0
 *
 * All that the two cores share of a task.
 *
 * Ordering: `state` says whose the rest is. OFF and DONE: the first core's; GIVEN: the other's. Each writes the rest
 * before it hands it over by a store of `state` that releases, and reads it after a load that acquires, so that also
 * the programme's memory is seen as it was left. DONE is the one state that both may change (to GIVEN, to OFF): by
 * compare and exchange.
 */
#pragma once

#include "kernel/gate.h"

#include <stdbool.h>
#include <stdint.h>

enum core_state { CORE_OFF, CORE_GIVEN, CORE_DONE };

struct core_shared {
	enum core_state state; /* through the functions below only */
	struct gate_task task;
	uint64_t wait_ticks;         /* how long the other looks for the next task */
	struct platform_fault fault; /* outcome of the last task */
};
extern struct core_shared core_shared;

/* With acquire; with release; by compare and exchange, false: it was another than `from`. */
enum core_state core_state_read(void);
void core_state_write(enum core_state state);
bool core_state_change(enum core_state from, enum core_state to);

/* On the other core: what becomes of it when the kernel itself fails there. */
_Noreturn void core_broken(const struct platform_fault *fault);
