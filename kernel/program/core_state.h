/* SPDX-License-Identifier: Apache-2.0
 *
 * All that the first core and another share of a task: one structure a core, in its area, and nothing beside it.
 *
 * Ordering: `state` says whose the rest is. Each side writes the rest before it hands it over by a store of `state`
 * that releases, and reads it after a load that acquires, so that also the programme's memory is seen as it was left.
 * Who may change it from what is said below; DONE may be changed by both, so everybody changes it by compare and
 * exchange. `stop` is the one member that is written while the other has the rest.
 */
#pragma once

#include "kernel/gate.h"

#include <stdbool.h>
#include <stdint.h>

enum core_state {
	CORE_OFF,     /* the first's: to be started. Not come yet, broken, or never asked for */
	CORE_GIVEN,   /* the other's: the task */
	CORE_DONE,    /* the other looks for the next task: the first makes it GIVEN, either ASLEEP */
	CORE_ASLEEP,  /* the first's: to be woken */
	CORE_HOME,    /* the other's: it is the first from now on, and this structure nobody's */
	CORE_LEAVING, /* the other's: back to the firmware, which is its for good */
	CORE_LEFT,    /* nobody's */
};

struct core {
	uint32_t state; /* enum core_state, through the functions below only */
	bool stop;      /* the task is to end: set and cleared by the first, atomically */
	struct gate_task task;
	struct platform_fault fault; /* outcome of the last task */
	bool witnessed;              /* the last task was to be: `witness` is as of its end */
	struct platform_witness witness;
	uint64_t interrupts, signals; /* in all tasks; signals that nobody of ours sent */
	uint64_t wait_ticks;          /* how long the other looks for the next task */

	/* The first core's own. */
	bool started; /* a task, and not joined */
};

/* Of a CPU (core_list.h); NULL: it was never started. */
struct core *core_of(unsigned cpu);

/* With acquire; with release; by compare and exchange, false: it was another than `from`. */
enum core_state core_state_read(const struct core *core);
void core_state_write(struct core *core, enum core_state state);
bool core_state_change(struct core *core, enum core_state from, enum core_state to);

/* The first core's own: tasks that were started and not joined; whether one of them is on its way. */
extern unsigned core_tasks;
bool core_runs(void);

bool core_stop_read(const struct core *core);
void core_stop_write(struct core *core, bool stop);

/* On the other core: what becomes of it when the kernel itself fails there. */
_Noreturn void core_broken(unsigned cpu, const struct platform_fault *fault);
