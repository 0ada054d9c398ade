/* SPDX-License-Identifier: Apache-2.0
 *
 * The programme's start: its file's pages shown in place, memory behind them where the file has none, stacks, and
 * struct gate_start. The kernel copies and zeroes nothing (linker/program.ld makes that possible, crt0 does the
 * rest).
 */
#include "kernel/program/program.h"

#include "kernel/console/console.h"
#include "kernel/end.h"
#include "kernel/format.h"
#include "kernel/image.h"
#include "kernel/machine.h"
#include "kernel/memory/space.h"
#include "lib/units.h"

#include <stddef.h>

static const uint64_t MAIN_STACK_TOP = GATE_STACK_BASE + PAGE_BYTES + GATE_MAIN_STACK_BYTES;

/* On pages of its own: the programme reads it. */
static union {
	struct gate_start start;
	uint8_t pages[(sizeof(struct gate_start) + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES];
} shown __attribute__((aligned(PAGE_BYTES)));

static void must(int error, const char *what) {
	if (error != 0)
		panic("cannot map %s: error %d", what, error);
}

static unsigned segment_rights(const struct elf_segment *segment) {
	unsigned rights = PAGE_READ;
	rights |= segment->flags & ELF_SEGMENT_WRITE ? PAGE_WRITE : 0;
	rights |= segment->flags & ELF_SEGMENT_EXECUTE ? PAGE_EXECUTE : 0;
	return rights;
}

static void segment_map(const struct elf_segment *segment) {
	uint64_t file = (uint64_t)(uintptr_t)segment->bytes;
	uint64_t file_size = (segment->file_size + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);
	unsigned rights = segment_rights(segment);
	/* What lies behind the last byte of a page in the file must not be the programme's zeroed memory. */
	bool in_place = ((file | segment->address) & (PAGE_BYTES - 1)) == 0 &&
			(segment->size == segment->file_size || file_size == segment->file_size);
	if (!in_place || (rights & PAGE_WRITE && rights & PAGE_EXECUTE))
		panic("the programme's segment at %lx is not laid out by linker/program.ld", segment->address);
	if (rights & PAGE_EXECUTE)
		arch_code_publish(segment->bytes, segment->file_size);
	if (file_size != 0)
		must(space_show(segment->address, file, file_size, rights), "the programme");
	if (segment->size > file_size)
		must(space_back(segment->address + file_size, segment->size - file_size, rights),
		     "the programme's memory");
}

/* Shows bytes of the loader's in the pages that they lie in; *at advances. */
static struct platform_text text_show(const struct boot_bytes *bytes, uint64_t *at) {
	struct platform_text text = {NULL, 0};
	if (bytes->length == 0)
		return text;
	uint64_t offset = bytes->address & (PAGE_BYTES - 1);
	uint64_t span = (offset + bytes->length + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);
	must(space_show(*at, bytes->address - offset, span, PAGE_READ), "the loader's text");
	text.bytes = (const char *)(uintptr_t)(*at + offset);
	text.length = bytes->length;
	*at += span;
	return text;
}

/* Whether the launcher's word for what it runs the machine on is one of those that let the processor do it; no word
 * says nothing. */
static bool runs_code_itself(const char *accelerator) {
	static const char *const names[] = {"", "kvm", "hvf", "whpx", "nvmm", "xen"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t at = 0;
		while (names[i][at] != '\0' && accelerator[at] == names[i][at])
			at++;
		if (accelerator[at] == names[i][at])
			return true;
	}
	return false;
}

static const char *way_name(uint32_t way) {
	return way == BOOT_WAY_PVH ? "pvh" : way == BOOT_WAY_FLAT ? "flat" : "uefi";
}

static void describe(struct platform_info *info) {
	const struct boot_info *boot = machine.info;
	const struct arch_cpu *cpu = &machine.cpu;
	format_copy(info->architecture, sizeof(info->architecture), arch_name);
	format_copy(info->way, sizeof(info->way), way_name(boot->way));
	format_copy(info->hold, sizeof(info->hold), machine.call != NULL ? "handback" : "takeover");
	format_copy(info->entry_level, sizeof(info->entry_level), cpu->entry_level);
	format_copy(info->cpu_model, sizeof(info->cpu_model), cpu->model);
	format_copy(info->firmware, sizeof(info->firmware), boot->firmware);
	format_copy(info->hypervisor, sizeof(info->hypervisor), cpu->hypervisor);
	if (cpu->emulated[0] != '\0')
		format_copy(info->emulated, sizeof(info->emulated), cpu->emulated);
	else if (!runs_code_itself(machine.accelerator))
		format_text(info->emulated, sizeof(info->emulated), "%s emulates the CPU", machine.accelerator);
	format_copy(machine.start->left_off, sizeof(machine.start->left_off), cpu->left_off);
	console_describe(info->console, sizeof(info->console));
	info->columns = console_columns();
	info->cores = info->cores_usable = cpu->cores;
	info->page_sizes = PLATFORM_PAGE_4KIB;
	if (!machine.pages_small)
		info->page_sizes |= PLATFORM_PAGE_2MIB | (cpu->pages_1gib ? PLATFORM_PAGE_1GIB : 0);
	info->start_ticks = machine.start_ticks;
	info->boot_ticks = boot->entry_ticks;
}

/* The firmware's word where there was one. */
static void date(struct platform_info *info) {
	const struct boot_info *boot = machine.info;
	const char *source = boot->utc_zone_known ? "EFI GetTime" : "EFI GetTime, taken for UTC";
	info->utc_seconds = boot->utc_seconds;
	info->utc_ticks = boot->entry_ticks;
	if (info->utc_seconds == 0) {
		info->utc_ticks = arch_ticks();
		if (!arch_utc(&info->utc_seconds, &source))
			source = "";
	}
	format_copy(info->utc_source, sizeof(info->utc_source), source);
}

static void stacks_map(void) {
	const uint64_t main_stack = MAIN_STACK_TOP - GATE_MAIN_STACK_BYTES;
	const uint64_t guard_stack = MAIN_STACK_TOP + PAGE_BYTES;
	must(space_back(main_stack, GATE_MAIN_STACK_BYTES, PAGE_READ | PAGE_WRITE), "main's stack");
	must(space_back(guard_stack, GATE_GUARD_STACK_BYTES, PAGE_READ | PAGE_WRITE), "the guarded stack");
	machine.start->guard_stack = guard_stack + GATE_GUARD_STACK_BYTES;
}

void program_load(void) {
	size_t length = (size_t)(kernel_program_end - kernel_program);
	int error = elf_open(&machine.program, kernel_program, length, (enum elf_machine)arch_elf_machine);
	if (error != 0)
		panic("the programme's ELF file: error %d", error);
	struct elf_segment segment;
	for (size_t i = 0; elf_segment_get(&machine.program, i, &segment); i++)
		segment_map(&segment);

	machine.start = &shown.start;
	stacks_map();
	uint64_t at = GATE_START_BASE;
	must(space_show(at, (uint64_t)(uintptr_t)&shown, sizeof(shown), PAGE_READ), "gate_start");
	at += sizeof(shown);
	machine.start->command_line = text_show(&machine.info->command_line, &at);
	machine.start->config = text_show(&machine.info->config, &at);
	machine.start->previous_log = text_show(&machine.info->previous_log, &at);
	machine.start->profile = text_show(&machine.info->profile, &at);
	describe(&machine.start->info);
	date(&machine.start->info);
	machine.start->info.memory_bytes = machine.memory.free_bytes;
}

void program_start(void) {
	machine.start->checkpoint_ticks = clock_scale(GATE_CHECKPOINT_NS, clock_hz(&machine.clock), NS_PER_SECOND);
	arch_program_start(arch_program_frame(), machine.program.entry, MAIN_STACK_TOP, GATE_START_BASE);
}
