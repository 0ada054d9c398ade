/* SPDX-License-Identifier: Apache-2.0
 *
 * Other cores: each runs one task of the programme's at a time, unprivileged, from its start to GATE_CORE_END. Anything
 * else that it traps with is its outcome, which a join on the first core tells. The kernel stays the first core's: what
 * runs on another is core_main, and all that it shares with the first is core_state.h's.
 *
 * A core is started when it is first asked for. A task that has ended leaves it looking for the next one for a moment,
 * so that samples need not wake it anew; then it is asleep, as an idle core that polls takes from its sibling and from
 * the memory under both. A task that does not end by itself is ended by an interrupt of the first core's.
 */
#include "kernel/program/core.h"

#include "kernel/compare.h"
#include "kernel/console/console.h"
#include "kernel/core_list.h"
#include "kernel/format.h"
#include "kernel/handback.h"
#include "kernel/machine.h"
#include "kernel/memory/core_area.h"
#include "kernel/memory/space.h"
#include "kernel/program/core_state.h"
#include "kernel/program/gate_name.h"
#include "kernel/program/gate_serve.h"
#include "kernel/program/guard.h"
#include "kernel/step.h"

#include <stddef.h>

/* How long it looks for the next task; how long the first waits for one that is to end, and between two signals: the
 * first may come before the task. */
static const uint64_t WAIT_MS = 5, STOP_WAIT_MS = 1000, SIGNAL_MS = 1;

void (*core_go_on)(void);

/* ---- on another core --------------------------------------------------------------------------------------------- */

static void outcome_of(const struct arch_trap *trap, struct platform_fault *fault) {
	if (trap->kind != ARCH_TRAP_GATE) {
		*fault = trap->fault;
		fault->outcome = PLATFORM_FAULTED;
		return;
	}
	*fault = (struct platform_fault){.outcome = PLATFORM_RETURNED};
	if (trap->number != GATE_CORE_END) {
		const char *name = gate_name(trap->number);
		fault->outcome = PLATFORM_FAULTED;
		fault->code = trap->number;
		format_text(fault->name, sizeof(fault->name), "gate call %s", name != NULL ? name : "unknown");
	}
}

/* A signal that comes between the question and the task is lost: the first core sends it again. */
static void task_run(struct core *core, struct arch_frame *frame) {
	struct arch_trap trap = {.kind = ARCH_TRAP_STOP};
	arch_core_tlb_flush();
	arch_frame_resume(frame, core->task.instruction, core->task.stack, core->task.argument);
	while (!core_stop_read(core)) {
		arch_program_run(frame, &trap);
		core->interrupts += trap.kind == ARCH_TRAP_TIMER || trap.kind == ARCH_TRAP_SPURIOUS;
		core->signals += trap.kind == ARCH_TRAP_STOP && !core_stop_read(core);
		if (trap.kind == ARCH_TRAP_GATE || trap.kind == ARCH_TRAP_FAULT || trap.kind == ARCH_TRAP_PANIC) {
			outcome_of(&trap, &core->fault);
			return;
		}
	}
	core->fault = trap.fault;
	core->fault.outcome = PLATFORM_TIMED_OUT;
	format_copy(core->fault.name, sizeof(core->fault.name), "stopped");
}

static void task_serve(struct core *core, unsigned cpu) {
	if (core->witnessed)
		arch_witness_open(cpu);
	task_run(core, arch_core_frame(cpu));
	if (core->witnessed)
		arch_witness_read(cpu, &core->witness);
}

/* What fell asleep by itself sleeps, whatever it is given meanwhile: who wakes it waits for it to wake. */
static void look_for_next(struct core *core) {
	uint64_t since = arch_ticks();
	while (core_state_read(core) == CORE_DONE) {
		if (arch_ticks() - since > core->wait_ticks && core_state_change(core, CORE_DONE, CORE_ASLEEP)) {
			arch_core_sleep(&core->state, CORE_ASLEEP);
			return;
		}
		arch_core_pause();
	}
}

static _Noreturn void core_main(unsigned cpu) {
	struct core *core = core_of(cpu);
	for (;;) {
		switch (core_state_read(core)) {
		case CORE_GIVEN:
			task_serve(core, cpu);
			core_state_write(core, CORE_DONE);
			break;
		case CORE_DONE:
			look_for_next(core);
			break;
		case CORE_ASLEEP:
			arch_core_sleep(&core->state, CORE_ASLEEP);
			break;
		case CORE_HOME:
			arch_core_become_first(cpu);
			core_go_on();
			arch_core_halt();
		case CORE_LEAVING:
			core_state_write(core, CORE_LEFT);
			arch_core_leave(cpu);
		case CORE_OFF: /* the first core has not waited so long */
			if (arch_core_is_firmwares())
				arch_core_leave(cpu);
			arch_core_halt();
		case CORE_LEFT:
			arch_core_halt();
		}
	}
}

/* ---- on the first core ------------------------------------------------------------------------------------------- */

static uint64_t ms_ticks(void) {
	return clock_hz(&machine.clock) / 1000;
}

/* The CPU; CORE_NONE: the programme has no such core. */
static unsigned cpu_of(uint64_t number) {
	return number < core_list.count ? core_list_nth(&core_list, (unsigned)number) : CORE_NONE;
}

/* The CPU's, where it was started once. */
static struct core *started_of(uint64_t number) {
	unsigned cpu = cpu_of(number);
	return cpu != CORE_NONE ? core_of(cpu) : NULL;
}

/* From OFF, to whatever `state` says that it shall find. */
static int start_as(unsigned cpu, enum core_state state) {
	if (!core_area_make(cpu))
		return PLATFORM_ENOMEM;
	handback_quiet = core_quiet;
	struct core *core = core_of(cpu);
	core->wait_ticks = WAIT_MS * ms_ticks();
	core_state_write(core, state);
	int error = arch_core_start(cpu, ms_ticks(), core_main);
	if (error != 0)
		core_state_write(core, CORE_OFF);
	return error;
}

/* Under handback: written down before and behind, when nothing runs that would have to wait for that. */
static int first_start(unsigned cpu) {
	step_begin(STEP_CORES);
	int error = arch_core_is_firmwares() ? core_start_all() : start_as(cpu, CORE_DONE);
	step_begin(STEP_STARTED);
	return error;
}

/* Where the firmware has to be asked for a core it is asked for all at once, while none has a task. */
static int give(unsigned cpu, const struct gate_task *task) {
	if (!core_area_make(cpu))
		return PLATFORM_ENOMEM;
	struct core *core = core_of(cpu);
	core->task = *task;
	core->witnessed = machine.witnessed;
	core_stop_write(core, false);
	if (core_state_change(core, CORE_DONE, CORE_GIVEN))
		return 0;
	if (core_state_change(core, CORE_ASLEEP, CORE_GIVEN)) {
		int error = arch_core_wake(cpu, ms_ticks(), core_main);
		if (error != 0)
			core_state_write(core, CORE_OFF);
		return error;
	}
	if (core_state_read(core) != CORE_OFF)
		return PLATFORM_EIO;
	bool first = machine.call != NULL && handback_quiet == NULL;
	if (!arch_core_is_firmwares() && !first)
		return start_as(cpu, CORE_GIVEN);
	if (core_runs())
		return PLATFORM_EIO;
	int error = first ? first_start(cpu) : core_start_all();
	return error != 0 ? error : core_state_read(core) != CORE_OFF ? give(cpu, task) : PLATFORM_EIO;
}

int64_t core_start(uint64_t number, const struct gate_task *task) {
	unsigned cpu = cpu_of(number);
	if (cpu == CORE_NONE)
		return PLATFORM_EINVAL;
	struct core *core = core_of(cpu);
	if (core != NULL && core->started)
		return PLATFORM_EBUSY;
	if ((task->stack & 15) != 0 || !space_user_may_go_on(task->instruction, task->stack - 1))
		return PLATFORM_EINVAL;
	int error = give(cpu, task);
	if (error == 0) {
		core_of(cpu)->started = true;
		core_tasks++;
	}
	return error;
}

int64_t core_join(uint64_t number) {
	struct core *core = started_of(number);
	if (core == NULL || !core->started)
		return PLATFORM_EINVAL;
	if (core_state_read(core) == CORE_GIVEN)
		return PLATFORM_EBUSY;
	core->started = false;
	core_tasks--;
	return core->fault.outcome == PLATFORM_RETURNED ? 0 : PLATFORM_EFAULT;
}

int64_t core_raise(uint64_t number) {
	const struct core *core = started_of(number);
	if (core == NULL || core->started || core->fault.outcome == PLATFORM_RETURNED)
		return PLATFORM_EINVAL;
	if (!machine.guard_armed)
		return PLATFORM_EFAULT;
	guard_fault(arch_program_frame(), &core->fault);
	return GATE_RESUMED;
}

static int stop(unsigned cpu) {
	struct core *core = core_of(cpu);
	uint64_t since = arch_ticks(), signalled = 0, ms = ms_ticks();
	core_stop_write(core, true);
	while (core_state_read(core) == CORE_GIVEN) {
		uint64_t spent = arch_ticks() - since;
		if (spent > STOP_WAIT_MS * ms)
			return PLATFORM_EIO;
		if (signalled == 0 || spent - signalled > SIGNAL_MS * ms) {
			arch_core_signal(cpu);
			signalled = spent | 1;
		}
		arch_core_pause();
	}
	return 0;
}

/* One that leaves its task meanwhile forgets all before the next. */
static bool flush_wait(unsigned cpu) {
	uint64_t since = arch_ticks(), signalled = 0, ms = ms_ticks();
	while (!arch_core_flush_is_done(cpu) && core_state_read(core_of(cpu)) == CORE_GIVEN) {
		uint64_t spent = arch_ticks() - since;
		if (spent > STOP_WAIT_MS * ms)
			return false;
		if (spent - signalled > SIGNAL_MS * ms) {
			arch_core_signal(cpu);
			signalled = spent;
		}
		arch_core_pause();
	}
	return true;
}

static bool has_task(unsigned cpu) {
	const struct core *core = core_of(cpu);
	return cpu != core_list.home && core != NULL && core->started && core_state_read(core) == CORE_GIVEN;
}

bool core_tlb_flush(vaddr_t address, uint64_t leaf_bytes, uint64_t count) {
	bool all = true;
	if (!core_runs())
		return true;
	for (unsigned cpu = 0; cpu < core_list.count; cpu++)
		if (has_task(cpu))
			arch_core_flush_ask(cpu, address, leaf_bytes, count);
	for (unsigned cpu = 0; cpu < core_list.count; cpu++)
		if (has_task(cpu))
			all &= flush_wait(cpu);
	return all;
}

int64_t core_stop(uint64_t number) {
	unsigned cpu = cpu_of(number);
	if (cpu == CORE_NONE)
		return PLATFORM_EINVAL;
	const struct core *core = core_of(cpu);
	return core != NULL && core->started ? stop(cpu) : 0;
}

/* Until it is the first no other kernel code runs than the way there: what follows its last store of `state` here
 * touches nothing but what is this core's own. */
static _Noreturn void hand_over(unsigned cpu) {
	unsigned here = core_list.home;
	struct core *there = core_of(cpu);
	arch_program_move(cpu);
	arch_frame_set_result(arch_program_frame(), 0);
	core_list.home = cpu;
	core_state_write(core_of(here), CORE_DONE);
	bool looks = core_state_change(there, CORE_DONE, CORE_HOME);
	if (!looks) {
		core_state_write(there, CORE_HOME);
		arch_core_wake(cpu, ms_ticks(), core_main);
	}
	arch_core_become_other(here, core_main);
}

int64_t core_move(uint64_t number) {
	unsigned cpu = (unsigned)number;
	if (number >= core_list.count)
		return PLATFORM_EINVAL;
	if (cpu == core_list.home)
		return 0;
	if (machine.call != NULL)
		return PLATFORM_EUNSUPPORTED;
	if (core_tasks != 0 || machine.guard_armed)
		return PLATFORM_EBUSY;
	arch_prefetchers_put_back();
	if (!core_area_make(core_list.home))
		return PLATFORM_ENOMEM;
	core_of(core_list.home)->wait_ticks = WAIT_MS * ms_ticks();
	const struct core *core = core_of(cpu);
	int error = core == NULL || core_state_read(core) == CORE_OFF ? start_as(cpu, CORE_DONE) : 0;
	if (error != 0)
		return error;
	hand_over(cpu);
}

/* ---- which they are ---------------------------------------------------------------------------------------------- */

static const uint8_t relations[] = {
	[PLATFORM_RELATION_SIBLING] = TOPOLOGY_SIBLING,
	[PLATFORM_RELATION_CLUSTER] = TOPOLOGY_CLUSTER,
	[PLATFORM_RELATION_OTHER_CORE] = TOPOLOGY_OTHER_CORE,
	[PLATFORM_RELATION_OTHER_PACKAGE] = TOPOLOGY_OTHER_PACKAGE,
};

int64_t core_find(uint64_t relation, uint64_t index) {
	if (relation >= sizeof(relations))
		return PLATFORM_EINVAL;
	if (index >= CORE_LIST_MAX)
		return PLATFORM_EUNSUPPORTED;
	unsigned found =
		relation != PLATFORM_RELATION_ANY
			? core_list_find(&core_list, (enum topology_relation)relations[relation], (unsigned)index)
		: cpu_of(index + 1) != CORE_NONE ? (unsigned)index + 1
						 : 0;
	return found != 0 ? (int64_t)found : PLATFORM_EUNSUPPORTED;
}

int64_t core_describe(uint64_t number, struct platform_core *description) {
	unsigned cpu = cpu_of(number);
	if (cpu == CORE_NONE)
		return PLATFORM_EINVAL;
	*description = (struct platform_core){.cpu = cpu};
	char id[32];
	arch_core_name(cpu, id, sizeof(id));
	format_text(description->text, sizeof(description->text), "core %u (%s), %s", cpu, id,
		    topology_relation_name(core_list_relation(&core_list, cpu)));
	return 0;
}

int64_t core_registers(uint64_t number, struct gate_registers *registers) {
	unsigned cpu = cpu_of(number);
	if (number == 0) {
		arch_registers_read(registers);
		return 0;
	}
	if (cpu == CORE_NONE)
		return PLATFORM_EINVAL;
	*registers = core_of(cpu) != NULL ? *arch_core_registers(cpu) : (struct gate_registers){0};
	return 0;
}

/* `signals`: of nobody of ours, by which arch_core_signal says something. */
static void count_traps(struct platform_witness *witness, uint64_t interrupts, uint64_t signals) {
	witness->counts[PLATFORM_COUNT_INTERRUPTS] = (struct platform_counted){interrupts, PLATFORM_COUNTING, ""};
	if (witness->counts[PLATFORM_COUNT_NMIS].counting == PLATFORM_COUNTING)
		witness->counts[PLATFORM_COUNT_NMIS].value += signals;
}

static void count_nothing(struct platform_witness *witness, const char *why) {
	*witness = (struct platform_witness){.elsewhere = 0};
	for (unsigned i = 0; i < PLATFORM_COUNTS; i++)
		format_copy(witness->counts[i].reason, sizeof(witness->counts[i].reason), why);
}

int64_t core_witness(uint64_t number, struct platform_witness *witness) {
	unsigned cpu = cpu_of(number);
	machine.witnessed = true;
	if (number == 0) {
		arch_witness_open(core_list.home);
		arch_witness_read(core_list.home, witness);
		count_traps(witness, machine.counters.interrupts, machine.signals);
		return 0;
	}
	if (cpu == CORE_NONE)
		return PLATFORM_EINVAL;
	const struct core *core = core_of(cpu);
	if (core == NULL || !core->witnessed || core_state_read(core) == CORE_GIVEN) {
		count_nothing(witness, "nothing has run there since it was asked for");
		return 0;
	}
	*witness = core->witness;
	count_traps(witness, core->interrupts, core->signals);
	return 0;
}

/* ---- all of them ------------------------------------------------------------------------------------------------- */

static void name_lost(unsigned cpu, const char *what) {
	char id[32];
	arch_core_name(cpu, id, sizeof(id));
	console_print("anechoic: core %u (%s) %s\n", cpu, id, what);
}

int core_start_all(void) {
	unsigned came = 0;
	for (unsigned cpu = 0; cpu < core_list.count; cpu++) {
		if (cpu == core_list.home)
			continue;
		const struct core *core = core_of(cpu);
		int error = core == NULL || core_state_read(core) == CORE_OFF ? start_as(cpu, CORE_DONE) : 0;
		if (error == PLATFORM_EUNSUPPORTED)
			return error;
		if (error != 0)
			name_lost(cpu, "did not come");
		came += error == 0;
	}
	if (word_is(machine.cores_word, "started"))
		console_print("anechoic: %u of %u other cores are started\n", came, core_list.count - 1);
	return 0;
}

/* Asleep, or back with the firmware; what was never started is the firmware's all along. */
static bool quiet(unsigned cpu, bool leave) {
	struct core *core = core_of(cpu);
	if (core_state_read(core) == CORE_GIVEN && stop(cpu) != 0)
		return false;
	core_state_change(core, CORE_DONE, CORE_ASLEEP);
	if (leave && arch_core_is_firmwares() && core_state_change(core, CORE_ASLEEP, CORE_LEAVING))
		arch_core_signal(cpu);
	uint64_t since = arch_ticks(), ms = ms_ticks();
	while (core_state_read(core) == CORE_LEAVING || !arch_core_is_quiet(cpu)) {
		if (arch_ticks() - since > STOP_WAIT_MS * ms)
			return false;
		arch_core_pause();
	}
	return true;
}

int64_t core_rest(uint64_t number) {
	unsigned cpu = cpu_of(number);
	const struct core *core = cpu != CORE_NONE ? core_of(cpu) : NULL;
	if (core == NULL || cpu == core_list.home)
		return PLATFORM_EINVAL;
	if (core->started)
		return PLATFORM_EBUSY;
	return quiet(cpu, false) ? 0 : PLATFORM_EIO;
}

bool core_quiet(bool leave) {
	bool all = true;
	for (unsigned cpu = 0; cpu < core_list.count; cpu++) {
		if (cpu == core_list.home || core_of(cpu) == NULL || quiet(cpu, leave))
			continue;
		name_lost(cpu, "does not answer");
		all = false;
	}
	return all;
}
