/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/program/core_state.h"

#include "kernel/arch.h"

struct core_shared core_shared;

enum core_state core_state_read(void) {
	return __atomic_load_n(&core_shared.state, __ATOMIC_ACQUIRE);
}

void core_state_write(enum core_state state) {
	__atomic_store_n(&core_shared.state, state, __ATOMIC_RELEASE);
}

bool core_state_change(enum core_state from, enum core_state to) {
	return __atomic_compare_exchange_n(&core_shared.state, &from, to, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

_Noreturn void core_broken(const struct platform_fault *fault) {
	core_shared.fault = *fault;
	core_state_write(CORE_OFF);
	arch_core_halt();
}
