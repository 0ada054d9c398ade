/* SPDX-License-Identifier: Apache-2.0
 *
 * platform_core_* through the gate. A task says itself, in memory, that it is about to end: the join waits for that
 * here, where the watchdog reaches it and where looking costs nothing, and asks the kernel only then, or now and then
 * for a task that will never say so.
 */
#include "platform.h"

#include "kernel/gate.h"
#include "kernel/user/gate_call.h"
#include "kernel/user/start.h"
#include "lib/units.h"

#include <stddef.h>

enum { STACK_BYTES = 64 * 1024, CORES_MAX = 512 };

/* Between two questions to the kernel. */
static const uint64_t ASK_NS = NS_PER_MS;

/* Each on a page of its own behind the stack of its core. */
static struct core_task *tasks[CORES_MAX]; /* NULL: never started */

static uint64_t address_of(const volatile void *pointer) {
	return (uint64_t)(uintptr_t)pointer;
}

static _Noreturn void core_task_run(struct core_task *task) {
	task->function(task->argument);
	__atomic_store_n(&task->ending, true, __ATOMIC_RELEASE);
	for (;;)
		gate_call(GATE_CORE_END, 0, 0, 0);
}

static int task_make(unsigned core) {
	void *stack;
	if (tasks[core])
		return 0;
	int error = platform_memory_map(STACK_BYTES + PAGE_BYTES, PAGE_BYTES,
					PLATFORM_MEMORY_READ | PLATFORM_MEMORY_WRITE, &stack);
	if (error == 0)
		tasks[core] = (struct core_task *)((uint8_t *)stack + STACK_BYTES);
	return error;
}

int platform_core_start(unsigned core, void (*function)(void *argument), void *argument) {
	if (core == 0 || core >= CORES_MAX || core >= platform_describe()->cores || !function)
		return PLATFORM_EINVAL;
	int error = task_make(core);
	if (error != 0)
		return error;
	struct core_task *task = tasks[core];
	if (task->started)
		return PLATFORM_EBUSY;
	task->run = core_task_run;
	task->function = function;
	task->argument = argument;
	task->ending = false;
	/* Volatile: the kernel reads it while the compiler believes that nobody does. */
	volatile struct gate_task first = {
		.instruction = (uint64_t)(uintptr_t)gate_core_main,
		.stack = address_of(task),
		.argument = address_of(task),
	};
	task->started = true;
	int64_t result = gate_call(GATE_CORE_START, core, address_of(&first), 0);
	task->started = result == 0;
	return (int)result;
}

static void wait_until_ending(const struct core_task *task, uint64_t ticks) {
	uint64_t since = gate_ticks();
	while (!__atomic_load_n(&task->ending, __ATOMIC_ACQUIRE) && gate_ticks() - since < ticks)
		;
}

static struct core_task *started(unsigned core) {
	return core < CORES_MAX && tasks[core] && tasks[core]->started ? tasks[core] : NULL;
}

int platform_core_join(unsigned core, uint64_t timeout_ns) {
	uint64_t since = gate_ticks(), limit = platform_ticks_of(timeout_ns), ask = platform_ticks_of(ASK_NS);
	struct core_task *task = started(core);
	if (!task)
		return PLATFORM_EINVAL;
	for (;;) {
		uint64_t spent = gate_ticks() - since;
		wait_until_ending(task,
				  timeout_ns != 0 && spent + ask > limit ? limit > spent ? limit - spent : 0 : ask);
		int result = (int)gate_call(GATE_CORE_JOIN, core, 0, 0);
		task->started = result == PLATFORM_EBUSY || result == PLATFORM_EINVAL;
		if (result == PLATFORM_EFAULT)
			return (int)gate_call(GATE_CORE_RAISE, core, 0, 0);
		if (result != PLATFORM_EBUSY)
			return result;
		if (timeout_ns != 0 && gate_ticks() - since >= limit &&
		    !__atomic_load_n(&task->ending, __ATOMIC_ACQUIRE))
			return PLATFORM_EBUSY;
	}
}

int platform_core_stop(unsigned core) {
	struct core_task *task = started(core);
	if (!task)
		return PLATFORM_EINVAL;
	int64_t result = gate_call(GATE_CORE_STOP, core, 0, 0);
	if (result != 0)
		return (int)result;
	gate_call(GATE_CORE_JOIN, core, 0, 0);
	task->started = false;
	return 0;
}

int platform_core_find(enum platform_relation relation, unsigned index) {
	return (int)gate_call(GATE_CORE_FIND, relation, index, 0);
}

int platform_core_find_kind(unsigned index) {
	(void)index;
	return PLATFORM_EUNSUPPORTED;
}

int platform_core_describe(unsigned core, struct platform_core *description) {
	return (int)gate_call(GATE_CORE_DESCRIBE, core, address_of(description), 0);
}

int platform_core_stay(uint64_t cpu) {
	int error = (int)gate_core_move(cpu);
	if (error == 0)
		platform_stays_on(cpu);
	return error;
}
