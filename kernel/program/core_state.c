/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/program/core_state.h"

#include "kernel/arch.h"
#include "kernel/core_list.h"
#include "kernel/memory/core_area.h"

#include <stddef.h>

_Static_assert(sizeof(struct core) <= CORE_AREA_END - CORE_SHARED, "core_area.h");

unsigned core_tasks;

struct core *core_of(unsigned cpu) {
	return core_area_is_made(cpu) ? (struct core *)(uintptr_t)(core_area(cpu) + CORE_SHARED) : NULL;
}

bool core_runs(void) {
	for (unsigned cpu = 0; core_tasks != 0 && cpu < core_list.count; cpu++) {
		const struct core *core = core_of(cpu);
		if (core != NULL && core->started && core_state_read(core) == CORE_GIVEN)
			return true;
	}
	return false;
}

enum core_state core_state_read(const struct core *core) {
	return (enum core_state)__atomic_load_n(&core->state, __ATOMIC_ACQUIRE);
}

void core_state_write(struct core *core, enum core_state state) {
	__atomic_store_n(&core->state, (uint32_t)state, __ATOMIC_RELEASE);
}

bool core_state_change(struct core *core, enum core_state from, enum core_state to) {
	uint32_t found = from;
	return __atomic_compare_exchange_n(&core->state, &found, (uint32_t)to, false, __ATOMIC_ACQ_REL,
					   __ATOMIC_ACQUIRE);
}

bool core_stop_read(const struct core *core) {
	return __atomic_load_n(&core->stop, __ATOMIC_ACQUIRE);
}

void core_stop_write(struct core *core, bool stop) {
	__atomic_store_n(&core->stop, stop, __ATOMIC_RELEASE);
}

_Noreturn void core_broken(unsigned cpu, const struct platform_fault *fault) {
	struct core *core = core_of(cpu);
	core->fault = *fault;
	core_state_write(core, CORE_OFF);
	arch_core_halt();
}
