/* SPDX-License-Identifier: Apache-2.0
 *
 * Another core: runs one task of the programme's unprivileged, from its start to GATE_CORE_END. Anything else that
 * it traps with is its outcome, which a join on the first core tells. The kernel stays one core's: what runs there is
 * core_main, and all that it shares with the first core is core_state.h's.
 *
 * A task that has ended leaves the core waiting for the next one for a moment, so that samples need not start it
 * anew; then it is switched off, as an idle core that polls takes from its sibling. A task that does not end is never
 * stopped: its core is busy until the machine ends.
 */
#include "kernel/program/core.h"

#include "kernel/format.h"
#include "kernel/machine.h"
#include "kernel/memory/space.h"
#include "kernel/program/core_state.h"
#include "kernel/program/gate_name.h"
#include "kernel/program/gate_serve.h"
#include "kernel/program/guard.h"

#include <stddef.h>

enum { OTHER_CORE = 1 };

/* How long it waits for the next task. */
static const uint64_t WAIT_MS = 5;

/* The first core's own. */
static bool started; /* and not joined */

/* ---- on the other core ------------------------------------------------------------------------------------------- */

static void task_run(struct arch_frame *frame) {
	struct arch_trap trap;
	arch_core_tlb_flush();
	arch_frame_resume(frame, core_shared.task.instruction, core_shared.task.stack, core_shared.task.argument);
	do
		arch_program_run(frame, &trap);
	while (trap.kind == ARCH_TRAP_EMULATED || trap.kind == ARCH_TRAP_SPURIOUS);
	if (trap.kind != ARCH_TRAP_GATE) {
		core_shared.fault = trap.fault;
		core_shared.fault.outcome = PLATFORM_FAULTED;
		return;
	}
	core_shared.fault = (struct platform_fault){.outcome = PLATFORM_RETURNED};
	if (trap.number != GATE_CORE_END) {
		const char *name = gate_name(trap.number);
		core_shared.fault.outcome = PLATFORM_FAULTED;
		core_shared.fault.code = trap.number;
		format_text(core_shared.fault.name, sizeof(core_shared.fault.name), "gate call %s",
			    name != NULL ? name : "unknown");
	}
}

static _Noreturn void core_main(void) {
	for (;;) {
		task_run(arch_core_frame());
		core_state_write(CORE_DONE);
		uint64_t since = arch_ticks();
		while (core_state_read() == CORE_DONE) {
			if (arch_ticks() - since > core_shared.wait_ticks && core_state_change(CORE_DONE, CORE_OFF))
				arch_core_halt();
			arch_core_pause();
		}
	}
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
	core_shared.task = *task;
	if (!core_state_change(CORE_DONE, CORE_GIVEN)) {
		uint64_t ms_ticks = clock_hz(&machine.clock) / 1000;
		core_shared.wait_ticks = WAIT_MS * ms_ticks;
		core_state_write(CORE_GIVEN);
		int error = arch_core_start(machine.info, machine.pages.root, ms_ticks, core_main);
		if (error != 0) {
			core_state_write(CORE_OFF);
			return error;
		}
	}
	started = true;
	return 0;
}

bool core_runs(void) {
	return started && core_state_read() == CORE_GIVEN;
}

int64_t core_join(uint64_t number) {
	if (number != OTHER_CORE || !started)
		return PLATFORM_EINVAL;
	if (core_state_read() == CORE_GIVEN)
		return PLATFORM_EBUSY;
	started = false;
	return core_shared.fault.outcome == PLATFORM_RETURNED ? 0 : PLATFORM_EFAULT;
}

int64_t core_raise(uint64_t number) {
	if (number != OTHER_CORE || started || core_shared.fault.outcome == PLATFORM_RETURNED)
		return PLATFORM_EINVAL;
	if (!machine.guard_armed)
		return PLATFORM_EFAULT;
	guard_fault(arch_program_frame(), &core_shared.fault);
	return GATE_RESUMED;
}
