/* SPDX-License-Identifier: Apache-2.0
 *
 * The programme's side of the gate: what kernel/user/<arch>/ supplies to the shared part of kernel/user/.
 */
#pragma once

#include "kernel/gate.h"

#include <stdbool.h>
#include <stdint.h>

/* One call into the kernel: its result. `number` is an enum gate_call. */
int64_t gate_call(uint64_t number, uint64_t argument0, uint64_t argument1, uint64_t argument2);

/* The ticks of platform_info, read without a call. */
uint64_t gate_ticks(void);

/* Runs function(argument) on the stack that ends at `stack_top`, under the kernel's guard. 0: it returned; 1: it was
 * ended, resume->fault says how, and floating-point and vector state are as at program start; negative: the guard
 * could not be armed. */
int64_t gate_run_guarded(void (*function)(void *argument), void *argument, uint64_t stack_top,
			 struct gate_resume *resume, uint64_t timeout_ns, uint64_t total_ns);

/* Loads a byte at `address`, which faults, `rounds` times over, each of which the kernel tells in *resume; the loads
 * that did. Under a guard. */
uint64_t gate_catch_loads(const void *address, uint64_t rounds, struct gate_resume *resume);

/* Where another core begins: resets floating-point and vector state, goes on in run(task), which never returns. */
struct core_task {
	void (*run)(struct core_task *task); /* assembly reads it: the first member */
	void (*function)(void *argument);
	void *argument;
	bool ending;  /* stored by the other core, after all that the task does */
	bool started; /* the first core's own: and not joined; the rest is the other core's then */
};
void gate_core_main(struct core_task *task);

/* GATE_CORE_MOVE, and floating-point and vector state as at program start. */
int64_t gate_core_move(uint64_t cpu);

/* Called by _start (crt0.S) with zeroed memory zeroed and floating-point and vector state reset. */
_Noreturn void program_start(const struct gate_start *start);
