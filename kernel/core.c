/* SPDX-License-Identifier: Apache-2.0
 *
 * Another core: runs one task of the programme's unprivileged, from its start to GATE_CORE_END. Anything else that
 * it traps with is its outcome, which a join on the first core tells. The kernel stays one core's: what runs there is
 * core_main, and all that it shares with the first core is `core`.
 *
 * Ordering: `state` says whose the rest of `core` is. OFF and DONE: the first core's; GIVEN: the other's. Each writes
 * the rest before it hands it over by a store of `state` that releases, and reads it after a load that acquires, so
 * that also the programme's memory is seen as it was left. DONE is the one state that both may change (to GIVEN, to
 * OFF): by compare and exchange.
 *
 * A task that has ended leaves the core waiting for the next one for a moment, so that samples need not start it
 * anew; then it is switched off, as an idle core that polls takes from its sibling. A task that does not end is never
 * stopped: its core is busy until the machine ends.
 */
#include "kernel/format.h"
#include "kernel/kernel.h"
#include "kernel/machine.h"

#include <stddef.h>

enum core_state { CORE_OFF, CORE_GIVEN, CORE_DONE };
enum { OTHER_CORE = 1 };

/* How long it waits for the next task. */
static const uint64_t WAIT_MS = 5;

static struct {
	enum core_state state;
	struct gate_task task;
	uint64_t wait_ticks;
	struct platform_fault fault; /* outcome of the last task */
} core;

/* The first core's own. */
static bool started; /* and not joined */

static enum core_state state_read(void) {
	return __atomic_load_n(&core.state, __ATOMIC_ACQUIRE);
}

static void state_write(enum core_state state) {
	__atomic_store_n(&core.state, state, __ATOMIC_RELEASE);
}

static bool state_change(enum core_state from, enum core_state to) {
	return __atomic_compare_exchange_n(&core.state, &from, to, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

/* ---- on the first core ------------------------------------------------------------------------------------------- */

int64_t core_start(uint64_t number, const struct gate_task *task) {
	if (number != OTHER_CORE || number >= machine.cpu.cores)
		return PLATFORM_EINVAL;
	if (machine.call != NULL)
		return PLATFORM_EUNSUPPORTED;
	if (started)
		return PLATFORM_EBUSY;
	if ((task->stack & 15) != 0 || !space_user_may_go_on(task->instruction, task->stack - 1))
		return PLATFORM_EINVAL;
	core.task = *task;
	if (!state_change(CORE_DONE, CORE_GIVEN)) {
		uint64_t ms_ticks = clock_hz(&machine.clock) / 1000;
		core.wait_ticks = WAIT_MS * ms_ticks;
		state_write(CORE_GIVEN);
		int error = arch_core_start(machine.info, machine.pages.root, ms_ticks);
		if (error != 0) {
			state_write(CORE_OFF);
			return error;
		}
	}
	started = true;
	return 0;
}

bool core_runs(void) {
	return started && state_read() == CORE_GIVEN;
}

int64_t core_join(uint64_t number) {
	if (number != OTHER_CORE || !started)
		return PLATFORM_EINVAL;
	if (state_read() == CORE_GIVEN)
		return PLATFORM_EBUSY;
	started = false;
	return core.fault.outcome == PLATFORM_RETURNED ? 0 : PLATFORM_EFAULT;
}

int64_t core_raise(uint64_t number) {
	if (number != OTHER_CORE || started || core.fault.outcome == PLATFORM_RETURNED)
		return PLATFORM_EINVAL;
	if (!machine.guard_armed)
		return PLATFORM_EFAULT;
	guard_fault(arch_program_frame(), &core.fault);
	return GATE_RESUMED;
}

/* ---- on the other ------------------------------------------------------------------------------------------------ */

static void task_run(struct arch_frame *frame) {
	struct arch_trap trap;
	arch_core_tlb_flush();
	arch_frame_resume(frame, core.task.instruction, core.task.stack, core.task.argument);
	do
		arch_program_run(frame, &trap);
	while (trap.kind == ARCH_TRAP_EMULATED || trap.kind == ARCH_TRAP_SPURIOUS);
	if (trap.kind != ARCH_TRAP_GATE) {
		core.fault = trap.fault;
		core.fault.outcome = PLATFORM_FAULTED;
		return;
	}
	core.fault = (struct platform_fault){.outcome = PLATFORM_RETURNED};
	if (trap.number != GATE_CORE_END) {
		const char *name = gate_name(trap.number);
		core.fault.outcome = PLATFORM_FAULTED;
		core.fault.code = trap.number;
		format_text(core.fault.name, sizeof(core.fault.name), "gate call %s", name != NULL ? name : "unknown");
	}
}

_Noreturn void core_main(void) {
	for (;;) {
		task_run(arch_core_frame());
		state_write(CORE_DONE);
		uint64_t since = arch_ticks();
		while (state_read() == CORE_DONE) {
			if (arch_ticks() - since > core.wait_ticks && state_change(CORE_DONE, CORE_OFF))
				arch_core_halt();
			arch_core_pause();
		}
	}
}

_Noreturn void core_broken(const struct platform_fault *fault) {
	core.fault = *fault;
	state_write(CORE_OFF);
	arch_core_halt();
}
