/* SPDX-License-Identifier: Apache-2.0
 *
 * The kernel's start and its one loop. One core, one address space, one programme: the kernel runs only when the
 * programme traps, serves the trap and goes back.
 */
#include "kernel/kernel.h"

#include "kernel/compare.h"
#include "kernel/console/console.h"
#include "kernel/console/recorder.h"
#include "kernel/core_list.h"
#include "kernel/end.h"
#include "kernel/format.h"
#include "kernel/guard_state.h"
#include "kernel/machine.h"
#include "kernel/machine_clock.h"
#include "kernel/memory/space.h"
#include "kernel/plant.h"
#include "kernel/program/core.h"
#include "kernel/program/gate_serve.h"
#include "kernel/program/guard.h"
#include "kernel/program/program.h"
#include "kernel/reset.h"
#include "kernel/step.h"
#include "lib/conf.h"

#include <stddef.h>
#include <string.h>

static const uint64_t MIB = UINT64_C(1) << 20;

/* What a machine of 64 MiB has after firmware and PC left their holes in it. */
enum { LEAST_MIB = 64, LEAST_HOLES_MIB = 3 };

static const char *bytes_at(const struct boot_bytes *bytes) {
	return (const char *)(uintptr_t)bytes->address;
}

static void word_copy(char word[MACHINE_WORD_BYTES], struct conf_span value) {
	size_t length = value.bytes != NULL && value.length < MACHINE_WORD_BYTES ? value.length : 0;
	for (size_t i = 0; i < length; i++)
		word[i] = value.bytes[i];
	word[length] = '\0';
}

/* The keys that are the kernel's own. */
static void words_find(const struct boot_info *info, char record_port[MACHINE_WORD_BYTES]) {
	enum { WORDS = 5 };
	struct conf_key keys[WORDS + ESCAPE_COUNT] = {
		{.key = "record-port"}, {.key = "exit"}, {.key = "accelerator"}, {.key = "cores"}, {.key = "stop-at"}};
	escapes_ask(keys + WORDS);
	conf_find_all(bytes_at(&info->config), info->config.length, bytes_at(&info->command_line),
		      info->command_line.length, keys, sizeof(keys) / sizeof(keys[0]));
	word_copy(record_port, keys[0].value);
	word_copy(machine.exit_way, keys[1].value);
	word_copy(machine.accelerator, keys[2].value);
	word_copy(machine.cores_word, keys[3].value);
	word_copy(machine.stop_at, keys[4].value);
	machine.escapes = escapes_read(keys + WORDS);
}

static bool left_out(enum escape escape, unsigned value) {
	return machine.escapes.value[escape] == value;
}

/* What is left out because a key says so, behind what the processor itself does not allow. */
static void left_off_add(void) {
	char *text = machine.cpu.left_off;
	size_t used = 0;
	while (text[used] != '\0')
		used++;
	for (unsigned i = 0; i < ESCAPE_COUNT; i++) {
		if (machine.escapes.value[i] == 0)
			continue;
		struct conf_span word = escape_word((enum escape)i, machine.escapes.value[i]);
		char value[MACHINE_WORD_BYTES];
		word_copy(value, word);
		used += format_text(text + used, sizeof(machine.cpu.left_off) - used, "%s%s = %s", used > 0 ? ", " : "",
				    escape_name((enum escape)i), value);
	}
	if (text[0] != '\0')
		console_print("anechoic: left off: %s\n", text);
}

static void consoles_start(const struct boot_info *info) {
	unsigned wanted = machine.escapes.value[ESCAPE_CONSOLE];
	if (wanted == CONSOLE_AUTO || wanted == CONSOLE_SERIAL)
		console_serial_start(info);
	if (wanted == CONSOLE_AUTO || wanted == CONSOLE_SCREEN) {
		step_begin(STEP_SCREEN);
		console_screen_start(info);
	}
}

/* The processor, all that it has but for what is left out. */
static void processor_start(const struct boot_info *info) {
	arch_cpu_start(info, &machine.cpu);
	machine.cpu.timer = machine.cpu.timer && !left_out(ESCAPE_WATCHDOG, SWITCH_OFF);
	if (left_out(ESCAPE_SMP, SWITCH_OFF))
		core_list.count = 1; /* the one that this is; that there are more is said already */
	machine.pages_small = left_out(ESCAPE_PAGES, PAGES_4K);
	left_off_add();
}

static bool info_sound(const struct boot_info *info) {
	return info->magic == BOOT_INFO_MAGIC && info->version == BOOT_INFO_VERSION && info->size == sizeof(*info);
}

static void least_memory_check(void) {
	const struct boot_range *range = (const struct boot_range *)(uintptr_t)machine.info->ranges;
	uint64_t bytes = 0;
	for (uint64_t i = 0; i < machine.info->range_count; i++)
		bytes += range[i].kind != BOOT_RANGE_MMIO ? range[i].length : 0;
	if (bytes >= (LEAST_MIB - LEAST_HOLES_MIB) * MIB)
		return;
	console_print("anechoic: this machine has %lu MiB of memory; at least %d MiB are needed\n", bytes / MIB,
		      LEAST_MIB);
	machine_end(STATUS_REFUSED);
}

/* What was begun earlier in the start, and went on beside the rest of it. A stated frequency will do until
 * the programme asks. */
static void measures_end(void) {
	machine.cpu.timer = machine.cpu.timer && arch_timer_settle();
	if (machine.clock.stated_hz == 0)
		machine_clock_read();
}

static void serve_fault(struct arch_frame *frame, const struct arch_trap *trap) {
	if (trap->kind == ARCH_TRAP_FAULT && machine.guard_armed) {
		guard_fault(frame, &trap->fault);
		return;
	}
	uint64_t offset = 0;
	const char *symbol = elf_symbol_at(&machine.program, trap->fault.instruction, &offset);
	console_print("anechoic: %s in the programme%s: vector %u, code %lx, address %lx, instruction %lx (%s+0x%lx), "
		      "stack %lx\n",
		      trap->fault.name, machine.guard_armed ? "" : ", outside a guard", trap->fault.vector,
		      trap->fault.code, trap->fault.address, trap->fault.instruction,
		      symbol != NULL ? symbol : "unknown", offset, trap->fault.stack);
	machine_end(STATUS_FAILED);
}

static void serve_gate(struct arch_frame *frame, const struct arch_trap *trap) {
	machine.counters.gate_calls++;
	int64_t result = gate_serve(trap->number, trap->arguments);
	if (result != GATE_RESUMED)
		arch_frame_set_result(frame, (uint64_t)result);
}

static void serve_timer(struct arch_frame *frame, const struct arch_trap *trap) {
	machine.counters.interrupts++;
	if (!plant_is_due(trap->ticks)) {
		guard_timer(frame, &trap->fault);
		return;
	}
	guard_go_on();
	plant_stay(trap->ticks);
}

/* On whichever core the programme is. */
static _Noreturn void run(void) {
	struct arch_frame *frame = arch_program_frame();
	for (;;) {
		struct arch_trap trap;
		arch_program_run(frame, &trap);
		switch (trap.kind) {
		case ARCH_TRAP_GATE:
			serve_gate(frame, &trap);
			break;
		case ARCH_TRAP_TIMER:
			serve_timer(frame, &trap);
			break;
		case ARCH_TRAP_SPURIOUS:
			machine.counters.interrupts++;
			break;
		case ARCH_TRAP_STOP: /* what woke this core before it became the first, or a stranger's */
			machine.signals++;
			break;
		case ARCH_TRAP_EMULATED:
			break;
		case ARCH_TRAP_FAULT:
		case ARCH_TRAP_PANIC:
			serve_fault(frame, &trap);
			break;
		}
	}
}

__attribute__((noinline)) void start_phase_end(enum platform_phase phase) {
	machine.phase_ticks[phase] = arch_ticks();
}

_Noreturn void kernel_main(struct boot_info *info, struct kernel_call *call) {
	machine.start_ticks = arch_ticks();
	if (!info_sound(info))
		arch_exit(STATUS_REFUSED, NULL);
	machine.info = info;
	machine.call = call;
	machine.slice_start = machine.start_ticks;
	machine.counters.interrupts_known = true;
	char record_port[MACHINE_WORD_BYTES];
	words_find(info, record_port);
	consoles_start(info);
	if (word_is(machine.exit_way, "reset"))
		reset_find(info->acpi_rsdp);
	least_memory_check();
	start_phase_end(PLATFORM_PHASE_CONSOLE);
	step_begin(STEP_PROCESSOR);
	processor_start(info);
	start_phase_end(PLATFORM_PHASE_PROCESSOR);
	/* The last that reads ACPI tables: our page tables know no table that lies outside of the memory
	 * named for it. */
	machine_clock_begin();
	start_phase_end(PLATFORM_PHASE_CLOCK);
	step_begin(STEP_PAGES);
	space_start();
	space_reclaim();
	start_phase_end(PLATFORM_PHASE_MEMORY);
	recorder_start(record_port);
	start_phase_end(PLATFORM_PHASE_RECORDER);
	if (call == NULL && !console_present() && !recorder_present())
		machine_end(STATUS_REFUSED); /* a run that nobody would ever hear of */
	step_begin(STEP_PROGRAMME);
	program_load();
	measures_end();
	program_start();
	start_phase_end(PLATFORM_PHASE_PROGRAMME);
	memcpy(machine.start->info.phase_ticks, machine.phase_ticks, sizeof(machine.phase_ticks));
	core_go_on = run;
	if (word_is(machine.cores_word, "started") && core_start_all() != 0)
		console_print("anechoic: there is nothing to start cores with\n");
	run();
}
