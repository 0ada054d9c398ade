/* SPDX-License-Identifier: Apache-2.0
 *
 * platform_core_* through the gate: one task at a time, as the kernel has one other core. A task says itself, in
 * memory, that it is about to end: the join waits for that here, where the watchdog reaches it and where looking costs
 * nothing, and asks the kernel only then, or now and then for a task that will never say so.
 */
#include "platform.h"

#include "kernel/gate.h"
#include "kernel/user/gate_call.h"
#include "kernel/user/start.h"
#include "lib/units.h"

#include <stddef.h>

enum { STACK_BYTES = 64 * 1024 };

/* Between two questions to the kernel. */
static const uint64_t ASK_NS = NS_PER_MS;

static struct {
	uint8_t *stack;
	void (*function)(void *argument);
	void *argument;
	bool started; /* and not joined; the rest is the other core's then */
	bool ending;  /* stored by the other core, after all that the task does */
} task;

static _Noreturn void task_run(void) {
	task.function(task.argument);
	__atomic_store_n(&task.ending, true, __ATOMIC_RELEASE);
	for (;;)
		gate_call(GATE_CORE_END, 0, 0, 0);
}

int platform_core_start(unsigned core, void (*function)(void *argument), void *argument) {
	if (core == 0 || core >= platform_describe()->cores || !function)
		return PLATFORM_EINVAL;
	if (task.started)
		return PLATFORM_EBUSY;
	if (!task.stack) {
		void *stack;
		int error = platform_memory_map(STACK_BYTES, PAGE_BYTES, PLATFORM_MEMORY_READ | PLATFORM_MEMORY_WRITE,
						&stack);
		if (error != 0)
			return error;
		task.stack = stack;
	}
	task.function = function;
	task.argument = argument;
	task.ending = false;
	/* Volatile: the kernel reads it while the compiler believes that nobody does. */
	volatile struct gate_task first = {
		.instruction = (uint64_t)(uintptr_t)gate_core_main,
		.stack = (uint64_t)(uintptr_t)(task.stack + STACK_BYTES),
		.argument = (uint64_t)(uintptr_t)task_run,
	};
	task.started = true;
	int64_t result = gate_call(GATE_CORE_START, core, (uint64_t)(uintptr_t)&first, 0);
	task.started = result == 0;
	return (int)result;
}

static void wait_until_ending(uint64_t ticks) {
	uint64_t since = gate_ticks();
	while (!__atomic_load_n(&task.ending, __ATOMIC_ACQUIRE) && gate_ticks() - since < ticks)
		;
}

int platform_core_join(unsigned core, uint64_t timeout_ns) {
	uint64_t since = gate_ticks(), limit = platform_ticks_of(timeout_ns), ask = platform_ticks_of(ASK_NS);
	if (!task.started)
		return PLATFORM_EINVAL;
	for (;;) {
		uint64_t spent = gate_ticks() - since;
		wait_until_ending(timeout_ns != 0 && spent + ask > limit ? limit > spent ? limit - spent : 0 : ask);
		int result = (int)gate_call(GATE_CORE_JOIN, core, 0, 0);
		task.started = result == PLATFORM_EBUSY || result == PLATFORM_EINVAL;
		if (result == PLATFORM_EFAULT)
			return (int)gate_call(GATE_CORE_RAISE, core, 0, 0);
		if (result != PLATFORM_EBUSY)
			return result;
		if (timeout_ns != 0 && gate_ticks() - since >= limit &&
		    !__atomic_load_n(&task.ending, __ATOMIC_ACQUIRE))
			return PLATFORM_EBUSY;
	}
}
