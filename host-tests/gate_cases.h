/* SPDX-License-Identifier: Apache-2.0
 *
 * The gate's cases, the same for every architecture: the real gate, address space, guard, other core and handback on
 * the fake machine, asked by a programme that means no good. test_gate_<arch>.c includes this and is linked with that
 * architecture's page-table entries.
 */
#pragma once

#include "host-tests/fake_machine.h"
#include "host-tests/hostile/requests.h"
#include "host-tests/next_random.h"
#include "kernel/console/console.h"
#include "kernel/console/recorder.h"
#include "kernel/core_list.h"
#include "kernel/machine_clock.h"
#include "kernel/memory/page_work.h"
#include "kernel/program/core.h"
#include "kernel/program/core_state.h"
#include "kernel/program/gate_name.h"
#include "kernel/program/gate_serve.h"
#include "kernel/program/guard.h"

#include <criterion/criterion.h>
#include <setjmp.h>
#include <string.h>

/* ---- the machine ------------------------------------------------------------------------------------------------- */

static uint64_t now;
static uint64_t timer;
static unsigned core_starts;
static jmp_buf core_off;
static void (*core_run)(unsigned cpu);
static char console[4096];
static uint64_t console_bytes; /* ever written */
static struct { uint64_t instruction, stack, argument; } resumed, task_run;

enum { CORES = 4 };

struct arch_frame {
	bool other_core;
};
static struct arch_frame first_frame, other_frame = {true};
static bool core_hangs; /* until it is signalled */
static unsigned core_signals;
static bool core_answers; /* that its TLB has forgotten */
static unsigned core_tasks_run;
static unsigned core_to_give; /* what falls asleep there is given a task before it is; 0: none */

uint64_t arch_ticks(void) {
	return now += 1000;
}

void arch_timer_arm(uint64_t ticks) {
	timer = ticks;
}

void arch_handback(void) {
	cr_assert_fail("there is no firmware");
}

struct arch_frame *arch_program_frame(void) {
	return &first_frame;
}

void arch_frame_resume(struct arch_frame *frame, uint64_t instruction, uint64_t stack, uint64_t argument) {
	if (frame->other_core) {
		task_run.instruction = instruction, task_run.stack = stack, task_run.argument = argument;
	} else {
		resumed.instruction = instruction, resumed.stack = stack, resumed.argument = argument;
	}
}

/* The other core runs at once, to the end of its task and of its patience. */
int arch_core_start(unsigned cpu, uint64_t ms_ticks, void (*run)(unsigned cpu)) {
	(void)ms_ticks;
	core_starts++;
	core_run = run;
	if (setjmp(core_off) == 0)
		run(cpu);
	return 0;
}

int arch_core_wake(unsigned cpu, uint64_t ms_ticks, void (*run)(unsigned cpu)) {
	return arch_core_start(cpu, ms_ticks, run);
}

/* Takes one out of its task. */
void arch_core_signal(unsigned cpu) {
	core_signals++;
	if (core_hangs && setjmp(core_off) == 0)
		core_run(cpu);
	core_hangs = false;
}

static unsigned core_flushes;

void arch_core_flush_ask(unsigned cpu, vaddr_t address, uint64_t leaf_bytes, uint64_t count) {
	(void)address;
	cr_expect_eq(cpu, 1);
	cr_expect_eq(leaf_bytes, PAGE);
	core_flushes += (unsigned)count;
}

bool arch_core_flush_is_done(unsigned cpu) {
	(void)cpu;
	return core_answers;
}

bool arch_core_is_firmwares(void) {
	return false;
}

bool arch_core_is_quiet(unsigned cpu) {
	(void)cpu;
	return true;
}

void arch_registers_read(struct gate_registers *registers) {
	*registers = (struct gate_registers){.known = true, .values = {0x410fd0c0}};
}

const struct gate_registers *arch_core_registers(unsigned cpu) {
	static struct gate_registers registers;
	registers = (struct gate_registers){.known = true, .values = {cpu}};
	return &registers;
}

static bool pmu_counts;
static unsigned pmu_stops;

void arch_pmu_describe(struct platform_pmu *pmu) {
	cr_expect_not(pmu_counts);
	*pmu = (struct platform_pmu){.at_once = 4, .own = 2, .source = "fake"};
}

/* Three counters. */
int arch_pmu_start(struct gate_pmu *pmu) {
	unsigned count = pmu->count < 3 ? (unsigned)pmu->count : 3;
	cr_expect_not(pmu_counts);
	for (unsigned i = 0; i < count; i++)
		pmu->slots[i] = 40 + i;
	pmu_counts = count > 0;
	return (int)count;
}

void arch_pmu_stop(void) {
	cr_expect(pmu_counts);
	pmu_counts = false;
	pmu_stops++;
}

void arch_core_name(unsigned cpu, char *text, size_t size) {
	snprintf(text, size, "fake %u", cpu);
}

_Noreturn void arch_core_halt(void) {
	longjmp(core_off, 1);
}

void arch_program_move(unsigned cpu) {
	(void)cpu;
}

void arch_core_become_first(unsigned cpu) {
	(void)cpu;
}

/* Both go on in the test: on one core. */
static jmp_buf core_moved;

_Noreturn void arch_core_become_other(unsigned cpu, void (*run)(unsigned cpu)) {
	(void)cpu, (void)run;
	longjmp(core_moved, 1);
}

void arch_frame_set_result(struct arch_frame *frame, uint64_t result) {
	cr_expect_eq(frame, &first_frame);
	cr_expect_eq(result, 0);
}

static _Noreturn void go_on(void) {
	longjmp(core_off, 1);
}

void arch_core_sleep(const uint32_t *word, uint32_t value) {
	if (*word == value)
		arch_core_halt();
}

_Noreturn void arch_core_leave(unsigned cpu) {
	(void)cpu;
	arch_core_halt();
}

struct arch_frame *arch_core_frame(unsigned cpu) {
	cr_assert(cpu != 0 && cpu < CORES);
	return &other_frame;
}

void arch_core_tlb_flush(void) {
}

void arch_core_pause(void) {
	if (core_to_give && core_state_change(core_of(core_to_give), CORE_ASLEEP, CORE_GIVEN))
		core_to_give = 0;
}

void arch_program_run(struct arch_frame *frame, struct arch_trap *trap) {
	cr_assert(frame->other_core);
	if (core_hangs)
		longjmp(core_off, 1); /* as if it ran beside the first */
	core_tasks_run++;
	*trap = (struct arch_trap){.kind = ARCH_TRAP_GATE, .number = GATE_CORE_END};
}

static uint64_t prefetchers_off;

int arch_prefetchers_switch(uint64_t off, struct platform_prefetchers *prefetchers) {
	if (off > 1)
		return PLATFORM_EINVAL;
	prefetchers_off = off;
	*prefetchers = (struct platform_prefetchers){.count = 1, .off = off, .names = {"fake"}};
	return 0;
}

void arch_prefetchers_put_back(void) {
	prefetchers_off = 0;
}

static unsigned witnesses_open;

void arch_witness_open(unsigned cpu) {
	witnesses_open |= 1u << cpu;
}

void arch_witness_close(unsigned cpu) {
	witnesses_open &= ~(1u << cpu);
}

void arch_witness_read(unsigned cpu, struct platform_witness *witness) {
	cr_assert(witnesses_open >> cpu & 1);
	*witness = (struct platform_witness){.elsewhere = 0};
	witness->counts[PLATFORM_COUNT_STOLEN_NS] = (struct platform_counted){100 + cpu, PLATFORM_COUNTING, ""};
}

bool arch_prefetchers_lost(void) {
	return false;
}

_Noreturn void machine_end(int status) {
	exit(status);
}

void machine_clock_read(void) {
	clock_anchor_add(&machine.clock);
}

static bool has_screen;
static unsigned pictures;

bool console_picture_begin(void) {
	return has_screen;
}

void console_picture_end(void) {
	pictures++;
}

void console_picture_write(const char *text, uint64_t length) {
	console_write_text(text, length);
}

void console_write_text(const char *text, uint64_t length) {
	uint64_t where = (uint64_t)(uintptr_t)text;
	cr_assert(where < GATE_PROGRAM_BASE || where >= GATE_START_BASE, "what a console looks at twice is a copy");
	for (uint64_t i = 0; i < length; i++, console_bytes++)
		console[console_bytes % sizeof(console)] = text[i];
}

void console_print(const char *format, ...) {
	(void)format;
}

void console_write_record(const char *text, uint64_t length) {
	console_write_text(text, length);
}

bool recorder_present(void) {
	return false;
}

void recorder_write(uint64_t address, uint64_t length) {
	(void)address, (void)length;
}

/* ---- what another core does while the kernel looks --------------------------------------------------------------- */

/* After check number `change_at` of a request. */

static unsigned checks, change_at;
static uint64_t *changed;
static uint64_t changed_to;

bool __real_pagetable_allows(const struct pagetable *table, vaddr_t address, uint64_t length, unsigned rights);
bool __wrap_pagetable_allows(const struct pagetable *table, vaddr_t address, uint64_t length, unsigned rights);

bool __wrap_pagetable_allows(const struct pagetable *table, vaddr_t address, uint64_t length, unsigned rights) {
	bool allows = __real_pagetable_allows(table, address, length, rights);
	if (++checks == change_at)
		*changed = changed_to;
	return allows;
}

/* ---- the programme ----------------------------------------------------------------------------------------------- */

enum { MINE_PAGES = 4, DESCRIPTOR = HOSTILE_OFFSET, TEXT_BYTES = 64 };

static uint64_t mine;     /* RW- */
static uint64_t constant; /* R-- */
static uint64_t code;     /* R-X */

static int64_t call(uint64_t number, uint64_t a0, uint64_t a1, uint64_t a2) {
	const uint64_t arguments[4] = {a0, a1, a2, 0};
	checks = 0;
	return gate_serve(number, arguments);
}

static uint64_t map(unsigned flags) {
	int64_t address = call(GATE_MEMORY_MAP, MINE_PAGES * PAGE, PAGE, READ_WRITE);
	cr_assert_gt(address, 0);
	if (flags != READ_WRITE)
		cr_assert_eq(call(GATE_MEMORY_PROTECT, (uint64_t)address, MINE_PAGES * PAGE, flags), 0);
	return (uint64_t)address;
}

/* Whose symbols a fault is looked up in: an ELF file without any. */
static void program_open(void) {
	static const uint8_t file[64];
	machine.program.file = file;
	machine.program.length = sizeof(file);
}

static void start(void) {
	boot();
	pmu_counts = false;
	pmu_stops = 0;
	program_open();
	machine.cpu.timer = true;
	core_list.count = 0;
	core_list.home = 0;
	core_go_on = go_on;
	core_tasks = 0;
	for (unsigned cpu = 0; cpu < CORES; cpu++)
		core_list_add(&core_list, cpu);
	machine.cpu.cores = CORES;
	clock_start(&machine.clock, arch_ticks, NULL, 1000000, "stated", "TSC", true);
	mine = map(READ_WRITE);
	constant = map(PLATFORM_MEMORY_READ);
	code = map(PLATFORM_MEMORY_READ | PLATFORM_MEMORY_EXECUTE);
	change_at = 0;
	core_answers = true;
}

static void *at(uint64_t address) {
	return (void *)(uintptr_t)address;
}

/* ---- every call that names memory, with memory that it must not have --------------------------------------------- */

static size_t wrong_addresses(uint64_t bytes, uint64_t wrong[HOSTILE_WRONG_MAX]) {
	const uint64_t kernels[HOSTILE_KERNELS] = {image(kernel_image_start), image(kernel_rodata_end), ram};
	return hostile_addresses(mine, MINE_PAGES * PAGE, bytes, kernels, wrong);
}

static int64_t ask(const struct hostile_call *named, uint64_t address, uint64_t bytes) {
	uint64_t arguments[4];
	hostile_arguments(named, address, bytes, arguments);
	return gate_serve(named->number, arguments);
}

static void expect_nothing_done(const char *what, uint64_t address) {
	cr_expect_not(machine.guard_armed, "%s at %lx", what, address);
	cr_expect_eq(console_bytes, 0, "%s at %lx", what, address);
	cr_expect_eq(core_starts, 0, "%s at %lx", what, address);
}

static void refused(const struct hostile_call *named, uint64_t address, uint64_t bytes) {
	cr_expect_eq(ask(named, address, bytes), PLATFORM_EINVAL, "%s at %lx, %lx bytes", named->name, address, bytes);
	expect_nothing_done(named->name, address);
}

/* One that the kernel takes for a resume, a task, and for text; or for a request of that call's own. */
static void fill_in(uint64_t address) {
	const struct gate_task task = {.instruction = code, .stack = mine + 2 * PAGE};
	memcpy(at(address), &task, sizeof(task));
}

static struct platform_page_request pages_request(uint64_t work) {
	return (struct platform_page_request){
		.memory = at(mine), .bytes = MINE_PAGES * PAGE, .page_bytes = PAGE, .work = work, .rounds = 2};
}

static int64_t pages_call(const struct platform_page_request *request) {
	memcpy(at(mine + DESCRIPTOR), request, sizeof(*request));
	return call(GATE_PAGES_REPEAT, mine + DESCRIPTOR, 0, 0);
}

Test(gate, memory_that_is_not_the_programmes_is_refused, .init = start) {
	unsigned tried = 0;
	for (const struct hostile_call *named = hostile_calls; named < hostile_calls + HOSTILE_CALLS; named++) {
		if (named->memory == HOSTILE_NOTHING)
			continue;
		uint64_t wrong[HOSTILE_WRONG_MAX], bytes = named->bytes != 0 ? named->bytes : TEXT_BYTES;
		size_t count = wrong_addresses(bytes, wrong);
		for (size_t i = 0; i < count; i++)
			refused(named, wrong[i], bytes);
		if (named->memory == HOSTILE_WRITES) {
			refused(named, constant, bytes);
			refused(named, code, bytes);
		}
		if (named->bytes != 0)
			refused(named, mine + DESCRIPTOR + 4, bytes);
		tried++;
	}
	cr_assert_eq(tried, 15);
}

Test(gate, lengths_that_wrap_or_reach_too_far_are_refused, .init = start) {
	const struct hostile_call *named = &hostile_calls[GATE_WRITE];
	const uint64_t lengths[] = {
		0,
		MINE_PAGES * PAGE + 1,
		UINT64_C(1) << 47,
		UINT64_C(1) << 63,
		UINT64_MAX,
		UINT64_MAX - PAGE,
		UINT64_C(0) - mine,     /* wraps to 0 */
		UINT64_C(0) - mine + 1, /* and beyond */
	};
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		refused(named, mine, lengths[i]);
		refused(named, mine + PAGE + 3, lengths[i] - PAGE - 3);
	}
	refused(named, 0, 0);
	cr_expect_eq(ask(named, mine, MINE_PAGES * PAGE), 0, "all of it");
	cr_expect_eq(console_bytes, MINE_PAGES * PAGE);
}

Test(gate, memory_that_is_the_programmes_is_taken, .init = start) {
	for (const struct hostile_call *named = hostile_calls; named < hostile_calls + HOSTILE_CALLS; named++) {
		const struct platform_page_request pages = pages_request(PLATFORM_PAGES_NOTHING);
		fill_in(mine + DESCRIPTOR);
		if (named->number == GATE_PAGES_REPEAT)
			memcpy(at(mine + DESCRIPTOR), &pages, sizeof(pages));
		if (named->number == GATE_PMU_START)
			*(uint64_t *)at(mine + DESCRIPTOR) = 1;
		if (named->memory != HOSTILE_NOTHING && named->number != GATE_PLANT)
			cr_expect_eq(ask(named, mine + DESCRIPTOR, TEXT_BYTES), 0, "%s", named->name);
	}
	cr_expect_eq(call(GATE_PLANT, 0, 0, mine + DESCRIPTOR), 0);
	cr_expect(machine.guard_armed);
	cr_expect_eq(console_bytes, TEXT_BYTES);
	cr_expect_eq(core_starts, 1);
	cr_expect_eq(call(GATE_CORE_JOIN, 1, 0, 0), 0);
}

Test(gate, what_is_only_read_may_be_read_only, .init = start) {
	cr_expect_eq(call(GATE_WRITE, PLATFORM_STREAM_TEXT, constant, PAGE), 0);
	cr_expect_eq(call(GATE_WRITE, PLATFORM_STREAM_TEXT, code, PAGE), 0);
	cr_expect_eq(call(GATE_WRITE, PLATFORM_STREAM_PICTURE, constant, PAGE), PLATFORM_EUNSUPPORTED);
	has_screen = true;
	cr_expect_eq(call(GATE_WRITE, PLATFORM_STREAM_PICTURE, constant, PAGE), 0);
	cr_expect_eq(pictures, 1, "however many pieces it comes in");
	cr_expect_eq(call(GATE_MEMORY_PROTECT, mine, PAGE, PLATFORM_MEMORY_READ), 0);
	cr_expect_eq(call(GATE_CLOCK, mine, 0, 0), PLATFORM_EINVAL);
	cr_expect_eq(call(GATE_CLOCK, mine + PAGE - 8, 0, 0), PLATFORM_EINVAL, "begins in a page that is not writable");
	cr_expect_eq(call(GATE_CLOCK, mine + PAGE, 0, 0), 0);
}

/* ---- work on page tables ----------------------------------------------------------------------------------------- */

static pte_t entry_at(uint64_t address) {
	unsigned level;
	const pte_t *entry = pagetable_leaves(&machine.pages, (vaddr_t){address}, PAGE, &level);
	cr_assert_not_null(entry);
	return *entry;
}

Test(gate, work_on_pages_leaves_them_as_they_were, .init = start) {
	for (unsigned work = 0; work < PLATFORM_PAGES_WITHHOLD; work++) {
		const struct platform_page_request request = pages_request(work);
		pte_t before[MINE_PAGES];
		for (unsigned i = 0; i < MINE_PAGES; i++)
			before[i] = entry_at(mine + i * PAGE);
		flushes = flushes_of_all = 0;
		cr_assert_eq(pages_call(&request), 0, "%u", work);
		bool each = work == PLATFORM_PAGES_INVALIDATE || work == PLATFORM_PAGES_REMAP;
		cr_expect_eq(flushes,
			     2 * MINE_PAGES *
				     (each                             ? 1u
				      : work == PLATFORM_PAGES_PROTECT ? 2u
								       : 0),
			     "%u", work);
		cr_expect_eq(flushes_of_all, work == PLATFORM_PAGES_INVALIDATE_ALL ? 2 : 0, "%u", work);
		for (unsigned i = 0; i < MINE_PAGES; i++)
			cr_expect_eq(entry_at(mine + i * PAGE), before[i], "%u", work);
	}
}

static void pages_refused(const struct platform_page_request *request, const char *why) {
	flushes = flushes_of_all = 0;
	cr_expect_eq(pages_call(request), PLATFORM_EINVAL, "%s", why);
	cr_expect_eq(flushes + flushes_of_all, 0, "%s", why);
}

Test(gate, work_on_pages_that_cannot_be_is_refused, .init = start) {
	for (unsigned work = 0; work < PLATFORM_PAGE_WORKS; work++) {
		const struct platform_page_request good = pages_request(work);
		struct platform_page_request bad = good;
		uint64_t wrong[HOSTILE_WRONG_MAX];
		size_t count = wrong_addresses(good.bytes, wrong);
		for (size_t i = 0; i < count; i++) {
			bad.memory = at(wrong[i]);
			pages_refused(&bad, "an address");
		}
		bad.memory = at(constant), pages_refused(&bad, "read-only");
		bad.memory = at(code), pages_refused(&bad, "code");
		bad.memory = at(mine + PAGE / 2), bad.bytes = PAGE, pages_refused(&bad, "across a page's end");
		cr_assert_geq(space_heap_grow(PAGE), 0);
		bad.memory = at(GATE_HEAP_BASE), bad.bytes = PAGE, pages_refused(&bad, "the heap");
		bad = good, bad.bytes = 0, pages_refused(&bad, "no page");
		bad = good, bad.bytes -= 1, pages_refused(&bad, "no whole page");
		bad = good, bad.bytes += PAGE, pages_refused(&bad, "a page too many");
		bad = good, bad.bytes = UINT64_MAX, pages_refused(&bad, "all");
		bad = good, bad.page_bytes = 0, pages_refused(&bad, "pages of no size");
		bad = good, bad.page_bytes = 2 * MIB, pages_refused(&bad, "pages of another size");
		bad = good, bad.rounds = GATE_PAGES_MOST / MINE_PAGES + 1, pages_refused(&bad, "a round too many");
		bad = good, bad.rounds = UINT64_MAX, pages_refused(&bad, "rounds without end");
	}
	struct platform_page_request bad = pages_request(PLATFORM_PAGE_WORKS);
	pages_refused(&bad, "a work that there is not");
	bad.work = UINT64_C(1) << 32, pages_refused(&bad, "a work that there is not");
}

/* Two tables, as their pages are not neighbours in either. */
Test(gate, work_on_pages_stays_in_one_table, .init = start) {
	uint64_t many = (uint64_t)call(GATE_MEMORY_MAP, 4 * MIB, PAGE, READ_WRITE);
	struct platform_page_request request = pages_request(PLATFORM_PAGES_PROTECT);
	uint64_t end = (many + 2 * MIB - 1) & ~(2 * MIB - 1);
	request.rounds = 1;
	request.memory = at(end), request.bytes = 2 * MIB;
	cr_expect_eq(pages_call(&request), 0);
	request.memory = at(end - PAGE), request.bytes = 2 * PAGE;
	pages_refused(&request, "two tables");
}

Test(gate, a_withheld_large_page_comes_back_whole, .init = start) {
	const int64_t large = call(GATE_MEMORY_MAP, 2 * MIB, 2 * MIB, READ_WRITE);
	cr_assert_gt(large, 0);
	struct platform_page_request request = pages_request(PLATFORM_PAGES_WITHHOLD);
	request.memory = at((uint64_t)large), request.bytes = request.page_bytes = 2 * MIB, request.rounds = 1;
	cr_assert_eq(pages_call(&request), 0);
	cr_expect_eq(call(GATE_WRITE, PLATFORM_STREAM_TEXT, (uint64_t)large + MIB, 1), PLATFORM_EINVAL);
	cr_expect(page_work_give((uint64_t)large + MIB + 5));
	cr_expect_not(page_work_give((uint64_t)large), "once");
	cr_expect_eq(call(GATE_MEMORY_UNMAP, (uint64_t)large, 2 * MIB, 0), 0);
}

/* The kernel's too: what a call names must be there. */
Test(gate, a_withheld_page_is_nobodys_until_it_is_given_back, .init = start) {
	const pte_t before = entry_at(mine + 3 * PAGE);
	struct platform_page_request request = pages_request(PLATFORM_PAGES_WITHHOLD);
	request.memory = at(mine + 3 * PAGE), request.bytes = PAGE;
	flushes = 0;
	cr_assert_eq(pages_call(&request), 0);
	cr_expect_eq(flushes, 2);
	cr_expect_neq(entry_at(mine + 3 * PAGE), before);
	cr_expect_neq(entry_at(mine + 3 * PAGE), 0);
	cr_expect_eq(pages_call(&request), PLATFORM_EINVAL, "twice");
	cr_expect_eq(call(GATE_WRITE, PLATFORM_STREAM_TEXT, mine + 3 * PAGE, 1), PLATFORM_EINVAL);
	cr_expect_eq(call(GATE_CLOCK, mine + 3 * PAGE, 0, 0), PLATFORM_EINVAL);
	cr_expect_not(page_work_give(mine + 2 * PAGE), "it is there");
	cr_expect_not(page_work_give(mine + MINE_PAGES * PAGE), "a guard page");
	cr_expect_not(page_work_give(0));
	cr_expect_not(page_work_give(UINT64_MAX));
	cr_expect_not(page_work_give((mine + 3 * PAGE) ^ UINT64_C(1) << 47));
	cr_expect(page_work_give(mine + 3 * PAGE + 5));
	cr_expect_eq(entry_at(mine + 3 * PAGE), before);
	cr_expect_not(page_work_give(mine + 3 * PAGE + 5), "once");
	cr_assert_eq(pages_call(&request), 0);
	cr_expect_eq(call(GATE_MEMORY_PROTECT, mine, MINE_PAGES * PAGE, READ_WRITE), 0);
	cr_expect_eq(entry_at(mine + 3 * PAGE), before, "rights give it back");
	cr_assert_eq(pages_call(&request), 0);
	cr_expect_eq(call(GATE_MEMORY_UNMAP, mine, MINE_PAGES * PAGE, 0), 0);
}

Test(gate, entries_do_not_change_under_a_guard_nor_vanish_under_another_core, .init = start) {
	for (unsigned work = 0; work < PLATFORM_PAGE_WORKS; work++) {
		struct platform_page_request request = pages_request(work);
		request.bytes = PAGE; /* the guard's own */
		bool takes_away = work == PLATFORM_PAGES_REMAP || work == PLATFORM_PAGES_WITHHOLD,
		     changes = takes_away || work == PLATFORM_PAGES_PROTECT;
		fill_in(mine + DESCRIPTOR);
		cr_assert_eq(call(GATE_GUARD_ARM, mine + DESCRIPTOR, 0, 0), 0);
		cr_expect_eq(pages_call(&request), changes ? PLATFORM_EBUSY : 0, "%u", work);
		cr_assert_eq(call(GATE_GUARD_DISARM, 0, 0, 0), 0);
		fill_in(mine + DESCRIPTOR);
		core_hangs = true;
		cr_assert_eq(call(GATE_CORE_START, 1, mine + DESCRIPTOR, 0), 0);
		cr_expect_eq(pages_call(&request), takes_away ? PLATFORM_EBUSY : 0, "%u", work);
		cr_assert_eq(call(GATE_CORE_STOP, 1, 0, 0), 0);
		cr_assert_eq(call(GATE_CORE_JOIN, 1, 0, 0), PLATFORM_EFAULT);
	}
}

Test(gate, other_cores_forget_before_the_next_change, .init = start) {
	const struct platform_page_request request = pages_request(PLATFORM_PAGES_PROTECT);
	core_flushes = 0;
	cr_expect_eq(pages_call(&request), 0);
	cr_expect_eq(core_flushes, 0, "none runs");
	fill_in(mine + DESCRIPTOR);
	core_hangs = true;
	cr_assert_eq(call(GATE_CORE_START, 1, mine + DESCRIPTOR, 0), 0);
	cr_expect_eq(pages_call(&request), 0);
	cr_expect_eq(core_flushes, 2 * 2 * MINE_PAGES);
	cr_expect_eq(core_signals, 0);
	pte_t before = entry_at(mine);
	core_answers = false;
	cr_expect_eq(pages_call(&request), PLATFORM_EIO, "it does not answer");
	cr_expect_eq(entry_at(mine), before);
	core_hangs = true;
	cr_assert_eq(call(GATE_CORE_STOP, 1, 0, 0), 0);
	cr_assert_eq(call(GATE_CORE_JOIN, 1, 0, 0), PLATFORM_EFAULT);
}

/* ---- pages that exchange their frames ---------------------------------------------------------------------------- */

/* What an architecture that must break an entry before it makes another one answers. */
static int64_t unless_forbidden(int64_t answer) {
	return arch_pte_may_be_replaced ? answer : PLATFORM_EUNSUPPORTED;
}

Test(gate, pages_exchange_their_frames, .init = start) {
	pte_t first = entry_at(mine), second = entry_at(mine + 2 * PAGE);
	flushes = flushes_of_all = 0;
	cr_assert_eq(call(GATE_PAGE_EXCHANGE, mine, mine + 2 * PAGE, PLATFORM_EXCHANGE_UNTOLD), unless_forbidden(0));
	bool is_done = arch_pte_may_be_replaced;
	cr_expect_eq(entry_at(mine), is_done ? second : first);
	cr_expect_eq(entry_at(mine + 2 * PAGE), is_done ? first : second);
	cr_expect_eq(flushes + flushes_of_all, 0, "nobody is told");
	cr_assert_eq(call(GATE_PAGE_EXCHANGE, mine, mine + 2 * PAGE, PLATFORM_EXCHANGE_PAGES), unless_forbidden(0));
	cr_expect_eq(flushes, is_done ? 2 : 0);
	cr_expect_eq(entry_at(mine), first);
	cr_assert_eq(call(GATE_PAGE_EXCHANGE, mine, mine, PLATFORM_EXCHANGE_PAGES), unless_forbidden(0));
	cr_expect_eq(flushes, is_done ? 3 : 0);
	cr_assert_eq(call(GATE_PAGE_EXCHANGE, mine, mine, PLATFORM_EXCHANGE_ALL), unless_forbidden(0));
	cr_expect_eq(flushes_of_all, is_done);
	cr_expect_eq(entry_at(mine), first);
	cr_assert_eq(call(GATE_PAGE_EXCHANGE, code, code + PAGE, PLATFORM_EXCHANGE_ALL), unless_forbidden(0), "code");
}

/* Whatever comes next that is not one: by then all are told, once. */
Test(gate, an_exchange_is_told_before_anything_else, .init = start) {
	const uint64_t other_calls[] = {GATE_MEMORY_FREE, GATE_CHECKPOINT, GATE_GUARD_DISARM, GATE_CALL_COUNT};
	for (size_t i = 0; i < sizeof(other_calls) / sizeof(other_calls[0]); i++) {
		call(GATE_PAGE_EXCHANGE, mine, mine + PAGE, PLATFORM_EXCHANGE_UNTOLD);
		flushes_of_all = 0;
		(void)call(other_calls[i], 0, 0, 0);
		cr_expect_eq(flushes_of_all, arch_pte_may_be_replaced, "%lu", other_calls[i]);
		(void)call(other_calls[i], 0, 0, 0);
		cr_expect_eq(flushes_of_all, arch_pte_may_be_replaced, "%lu", other_calls[i]);
	}
}

/* As a programme leaves it that was ended meanwhile. */
Test(gate, what_was_exchanged_is_given_back_whole, .init = start) {
	uint64_t before = (uint64_t)call(GATE_MEMORY_FREE, 0, 0, 0);
	uint64_t one = map(READ_WRITE), other = map(READ_WRITE);
	for (unsigned i = 0; i < MINE_PAGES; i++)
		cr_assert_eq(call(GATE_PAGE_EXCHANGE, one + i * PAGE,
				  (i % 2 ? one : other) + (MINE_PAGES - 1 - i) * PAGE, PLATFORM_EXCHANGE_UNTOLD),
			     unless_forbidden(0));
	cr_assert_eq(call(GATE_MEMORY_UNMAP, one, MINE_PAGES * PAGE, 0), 0);
	cr_assert_eq(call(GATE_MEMORY_UNMAP, other, MINE_PAGES * PAGE, 0), 0);
	cr_expect_eq((uint64_t)call(GATE_MEMORY_FREE, 0, 0, 0), before);
	cr_expect_geq(call(GATE_MEMORY_MAP, 2 * MINE_PAGES * PAGE, PAGE, READ_WRITE), 0);
}

static void exchange_refused(uint64_t page, uint64_t other, uint64_t told, const char *why) {
	flushes = flushes_of_all = 0;
	cr_expect_eq(call(GATE_PAGE_EXCHANGE, page, other, told), unless_forbidden(PLATFORM_EINVAL), "%s, %lx", why,
		     page);
	cr_expect_eq(call(GATE_PAGE_EXCHANGE, other, page, told), unless_forbidden(PLATFORM_EINVAL), "%s, %lx", why,
		     page);
	cr_expect_eq(flushes + flushes_of_all, 0, "%s", why);
	cr_expect_not(machine.pages_untold, "%s", why);
}

Test(gate, an_exchange_that_cannot_be_is_refused, .init = start) {
	pte_t first = entry_at(mine);
	uint64_t wrong[HOSTILE_WRONG_MAX];
	size_t count = wrong_addresses(PAGE, wrong);
	for (size_t i = 0; i < count; i++)
		exchange_refused(wrong[i], mine, PLATFORM_EXCHANGE_UNTOLD, "an address");
	exchange_refused(mine, mine + PAGE, PLATFORM_EXCHANGES, "told what there is not");
	exchange_refused(mine, mine + PAGE, UINT64_C(1) << 32, "told what there is not");
	exchange_refused(mine, mine + PAGE + 8, PLATFORM_EXCHANGE_ALL, "within a page");
	exchange_refused(mine, constant, PLATFORM_EXCHANGE_ALL, "other rights");
	exchange_refused(mine, code, PLATFORM_EXCHANGE_ALL, "other rights");
	cr_assert_geq(space_heap_grow(PAGE), 0);
	exchange_refused(mine, GATE_HEAP_BASE, PLATFORM_EXCHANGE_ALL, "the heap");
	int64_t large = call(GATE_MEMORY_MAP, 2 * MIB, 2 * MIB, READ_WRITE);
	cr_assert_gt(large, 0);
	exchange_refused(mine, (uint64_t)large, PLATFORM_EXCHANGE_ALL, "another size");
	exchange_refused(mine, (uint64_t)large + PAGE, PLATFORM_EXCHANGE_ALL, "a part of a page");
	cr_expect_eq(entry_at(mine), first);
}

Test(gate, pages_are_not_exchanged_under_a_guard_or_another_core, .init = start) {
	pte_t first = entry_at(code);
	fill_in(mine + DESCRIPTOR);
	cr_assert_eq(call(GATE_GUARD_ARM, mine + DESCRIPTOR, 0, 0), 0);
	cr_expect_eq(call(GATE_PAGE_EXCHANGE, code, code + PAGE, 0), unless_forbidden(PLATFORM_EBUSY));
	cr_expect_eq(call(GATE_PAGE_EXCHANGE, code + PAGE, code, 0), unless_forbidden(PLATFORM_EBUSY));
	cr_assert_eq(call(GATE_GUARD_DISARM, 0, 0, 0), 0);
	core_hangs = true;
	cr_assert_eq(call(GATE_CORE_START, 1, mine + DESCRIPTOR, 0), 0);
	cr_expect_eq(call(GATE_PAGE_EXCHANGE, code, code + PAGE, 0), PLATFORM_EBUSY);
	cr_assert_eq(call(GATE_CORE_STOP, 1, 0, 0), 0);
	cr_assert_eq(call(GATE_CORE_JOIN, 1, 0, 0), PLATFORM_EFAULT);
	cr_expect_eq(entry_at(code), first);
}

Test(gate, structures_are_given, .init = start) {
	machine.counters.gate_calls = 4711;
	cr_assert_eq(call(GATE_COUNTERS, mine, 0, 0), 0);
	cr_expect_eq(((const struct platform_counters *)at(mine))->gate_calls, 4711);
	cr_assert_eq(call(GATE_CLOCK, mine + PAGE - 8, 0, 0), 0, "across a page's end");
	cr_expect_eq(((const struct platform_clock *)at(mine + PAGE - 8))->hz, 1000000);
}

Test(gate, text_is_written_whole_from_a_copy, .init = start) {
	char *text = at(mine + 100);
	for (unsigned i = 0; i < 2000; i++)
		text[i] = (char)(i * 7 >> 2);
	cr_assert_eq(call(GATE_WRITE, PLATFORM_STREAM_TEXT, mine + 100, 2000), 0);
	cr_assert_eq(console_bytes, 2000);
	cr_assert_eq(memcmp(console, text, 2000), 0);
	cr_assert_eq(call(GATE_WRITE, PLATFORM_STREAM_RECORD, mine + 100, 2000), 0);
	cr_assert_eq(console_bytes, 4000);
	cr_assert_eq(call(GATE_WRITE, PLATFORM_STREAM_RESULTS, mine + 100, 2000), PLATFORM_EUNSUPPORTED);
	cr_assert_eq(call(GATE_WRITE, 0, mine + 100, 2000), PLATFORM_EINVAL);
	cr_assert_eq(call(GATE_WRITE, PLATFORM_STREAM_TEXT | UINT64_C(1) << 32, mine + 100, 2000), PLATFORM_EINVAL);
	cr_assert_eq(console_bytes, 4000);
}

/* ---- hardware counters ------------------------------------------------------------------------------------------- */

Test(gate, counters_are_the_programmes_until_it_stops, .init = start) {
	struct gate_pmu *pmu = at(mine + DESCRIPTOR);
	*pmu = (struct gate_pmu){.count = 5};
	cr_assert_eq(call(GATE_PMU_START, mine + DESCRIPTOR, 0, 0), 0);
	cr_expect_eq(pmu->count, 3, "as many as fit");
	cr_expect_eq(pmu->slots[2], 42);
	cr_expect(machine.pmu_counts);
	pmu->count = 2;
	cr_assert_eq(call(GATE_PMU_START, mine + DESCRIPTOR, 0, 0), 0, "what counted before is put back first");
	cr_expect_eq(pmu_stops, 1);
	cr_assert_eq(call(GATE_PMU_DESCRIBE, mine + PAGE, 0, 0), 0);
	cr_expect_eq(((const struct platform_pmu *)at(mine + PAGE))->at_once, 4);
	cr_expect_eq(pmu_stops, 2);
	cr_assert_eq(call(GATE_PMU_STOP, 0, 0, 0), 0);
	cr_expect_eq(pmu_stops, 2, "there is nothing to put back");
	pmu->count = PLATFORM_PMU_EVENTS_MAX + 1;
	cr_expect_eq(call(GATE_PMU_START, mine + DESCRIPTOR, 0, 0), PLATFORM_EINVAL);
	pmu->count = UINT64_MAX;
	cr_expect_eq(call(GATE_PMU_START, mine + DESCRIPTOR, 0, 0), PLATFORM_EINVAL);
	cr_expect_not(machine.pmu_counts);
}

Test(gate, another_core_has_other_counters, .init = start) {
	static struct gate_start from_kernel;
	machine.start = &from_kernel;
	struct gate_pmu *pmu = at(mine + DESCRIPTOR);
	*pmu = (struct gate_pmu){.count = 1};
	cr_assert_eq(call(GATE_PMU_START, mine + DESCRIPTOR, 0, 0), 0);
	cr_expect_eq(call(GATE_CORE_MOVE, 4711, 0, 0), PLATFORM_EINVAL);
	cr_expect_eq(pmu_stops, 1);
	cr_expect_eq(from_kernel.pmu_losses, 1, "the programme is told");
}

/* ---- where the programme goes on --------------------------------------------------------------------------------- */

static int64_t arm(uint64_t instruction, uint64_t stack) {
	struct gate_resume *resume = at(mine + DESCRIPTOR);
	resume->instruction = instruction;
	resume->stack = stack;
	int64_t result = call(GATE_GUARD_ARM, mine + DESCRIPTOR, 1000000000, 0);
	cr_expect_eq(machine.guard_armed, result == 0);
	if (result == 0)
		call(GATE_GUARD_DISARM, 0, 0, 0);
	return result;
}

/* The guard stays behind what is caught, and has what comes after its end. */
Test(gate, faults_are_caught_under_a_guard_until_there_is_an_end, .init = start) {
	const struct platform_fault fault = {.outcome = PLATFORM_FAULTED, .vector = 14, .symbol = "somewhere"};
	struct gate_resume *guard = at(mine + DESCRIPTOR), *caught = at(mine + DESCRIPTOR + PAGE);
	*guard = (struct gate_resume){.instruction = code, .stack = mine + 2 * PAGE};
	*caught = (struct gate_resume){.instruction = code + 8, .stack = mine + 2 * PAGE};
	cr_expect_eq(call(GATE_CATCH, mine + DESCRIPTOR + PAGE, 0, 0), PLATFORM_EINVAL, "without a guard");
	cr_assert_eq(call(GATE_GUARD_ARM, mine + DESCRIPTOR, 0, 0), 0);
	caught->instruction = mine;
	cr_expect_eq(call(GATE_CATCH, mine + DESCRIPTOR + PAGE, 0, 0), PLATFORM_EINVAL, "no code");
	caught->instruction = code + 8;
	cr_assert_eq(call(GATE_CATCH, mine + DESCRIPTOR + PAGE, 0, 0), 0);
	cr_expect_eq(call(GATE_MEMORY_UNMAP, mine, MINE_PAGES * PAGE, 0), PLATFORM_EBUSY);
	for (unsigned round = 0; round < 2; round++) {
		caught->fault = (struct platform_fault){0};
		guard_fault(&first_frame, &fault);
		cr_expect_eq(resumed.instruction, code + 8, "round %u", round);
		cr_expect_eq(resumed.argument, mine + DESCRIPTOR + PAGE);
		cr_expect_eq(caught->fault.vector, 14);
		cr_expect_str_eq(caught->fault.symbol, "");
		cr_expect(machine.guard_armed);
	}
	cr_expect_eq(call(GATE_CATCH_END, 0, 0, 0), 0);
	guard_fault(&first_frame, &fault);
	cr_expect_eq(resumed.instruction, code, "the guard's");
	cr_expect_not(machine.guard_armed);
	cr_assert_eq(call(GATE_GUARD_ARM, mine + DESCRIPTOR, 0, 0), 0);
	cr_assert_eq(call(GATE_CATCH, mine + DESCRIPTOR + PAGE, 0, 0), 0);
	cr_assert_eq(call(GATE_GUARD_DISARM, 0, 0, 0), 0);
	cr_assert_eq(call(GATE_GUARD_ARM, mine + DESCRIPTOR, 0, 0), 0);
	guard_fault(&first_frame, &fault);
	cr_expect_eq(resumed.instruction, code, "ended with the guard before");
}

static int64_t task_start(uint64_t instruction, uint64_t stack) {
	struct gate_task *task = at(mine + DESCRIPTOR);
	*task = (struct gate_task){.instruction = instruction, .stack = stack, .argument = 42};
	int64_t result = call(GATE_CORE_START, 1, mine + DESCRIPTOR, 0);
	if (result == 0) {
		cr_expect_eq(task_run.instruction, instruction);
		cr_expect_eq(task_run.stack, stack);
		cr_expect_eq(task_run.argument, 42);
		cr_expect_eq(call(GATE_CORE_JOIN, 1, 0, 0), 0);
	}
	return result;
}

Test(gate, instructions_that_the_programme_may_not_execute_are_refused, .init = start) {
	uint64_t wrong[HOSTILE_WRONG_MAX], stack = mine + 2 * PAGE;
	size_t count = wrong_addresses(PAGE, wrong);
	for (unsigned bit = 47; bit < 64; bit++)
		wrong[count++] = code ^ UINT64_C(1) << bit;
	wrong[count++] = mine;
	wrong[count++] = constant;
	wrong[count++] = code - 1;
	wrong[count++] = code + MINE_PAGES * PAGE;
	for (size_t i = 0; i < count; i++) {
		cr_expect_eq(arm(wrong[i], stack), PLATFORM_EINVAL, "%lx", wrong[i]);
		cr_expect_eq(task_start(wrong[i], stack), PLATFORM_EINVAL, "%lx", wrong[i]);
	}
	cr_expect_eq(core_starts, 0);
	cr_expect_eq(arm(code, stack), 0);
	cr_expect_eq(task_start(code + MINE_PAGES * PAGE - 1, stack), 0);
}

Test(gate, stacks_that_the_programme_may_not_write_to_are_refused, .init = start) {
	uint64_t wrong[HOSTILE_WRONG_MAX];
	size_t count = wrong_addresses(16, wrong);
	wrong[count++] = code + 16;
	wrong[count++] = constant + 16;
	for (size_t i = 0; i < count; i++) {
		if (wrong[i] == mine + MINE_PAGES * PAGE - 8)
			continue;
		cr_expect_eq(arm(code, wrong[i]), PLATFORM_EINVAL, "%lx", wrong[i]);
		if (wrong[i] != mine + MINE_PAGES * PAGE)
			cr_expect_eq(task_start(code, wrong[i]), PLATFORM_EINVAL, "%lx", wrong[i]);
	}
	cr_expect_eq(task_start(code, mine + PAGE + 8), PLATFORM_EINVAL, "not aligned");
	cr_expect_eq(core_starts, 0);
	cr_expect_eq(arm(code, mine + MINE_PAGES * PAGE - 8), 0);
	cr_expect_eq(task_start(code, mine + MINE_PAGES * PAGE), 0, "a stack's top");
}

Test(gate, what_another_core_changes_after_the_check_is_not_used, .init = start) {
	struct gate_resume *resume = at(mine + DESCRIPTOR);
	struct gate_task *task = at(mine + DESCRIPTOR);
	uint64_t stack = mine + 2 * PAGE, wild = UINT64_C(1) << 63;
	uint64_t *const words[] = {&resume->instruction, &resume->stack};
	for (size_t word = 0; word < 2; word++) {
		for (unsigned check = 1; check <= 3; check++) {
			changed = words[word];
			changed_to = wild;
			change_at = check;
			resume->instruction = code;
			resume->stack = stack;
			if (call(GATE_GUARD_ARM, mine + DESCRIPTOR, 0, 0) == 0) {
				cr_expect_eq(machine.guard_instruction, code, "check %u", check);
				cr_expect_eq(machine.guard_stack, stack, "check %u", check);
			} else {
				cr_expect_eq(check, 1, "changed before it was read");
			}
			change_at = 0;
			call(GATE_GUARD_DISARM, 0, 0, 0);
			change_at = check;
			*task = (struct gate_task){.instruction = code, .stack = stack};
			if (call(GATE_CORE_START, 1, mine + DESCRIPTOR, 0) == 0) {
				cr_expect_eq(task_run.instruction, code, "check %u", check);
				cr_expect_eq(task_run.stack, stack, "check %u", check);
				cr_expect_eq(call(GATE_CORE_JOIN, 1, 0, 0), 0);
			} else {
				cr_expect_eq(check, 1, "changed before it was read");
			}
			change_at = 0;
		}
	}
}

/* ---- a fault after the guard was armed --------------------------------------------------------------------------- */

static const struct platform_fault fault = {.outcome = PLATFORM_FAULTED, .vector = 14, .name = "#PF read"};

Test(gate, what_an_armed_guard_stands_on_cannot_be_taken_away, .init = start) {
	uint64_t told = map(READ_WRITE), stack = map(READ_WRITE);
	uint64_t large = (uint64_t)call(GATE_MEMORY_MAP, 2 * MIB, 2 * MIB, READ_WRITE);
	const struct gate_resume from = {.instruction = code, .stack = stack + PAGE};
	for (unsigned i = 0; i < 2; i++) {
		uint64_t resume = i == 0 ? told : large + MIB;
		memcpy(at(resume), &from, sizeof(from));
		cr_assert_eq(call(GATE_GUARD_ARM, resume, 0, 0), 0);
		cr_expect_eq(call(GATE_MEMORY_UNMAP, code, MINE_PAGES * PAGE, 0), PLATFORM_EBUSY);
		cr_expect_eq(call(GATE_MEMORY_UNMAP, stack, MINE_PAGES * PAGE, 0), PLATFORM_EBUSY);
		cr_expect_eq(call(GATE_MEMORY_PROTECT, code, PAGE, PLATFORM_MEMORY_READ), PLATFORM_EBUSY);
		cr_expect_eq(call(GATE_MEMORY_PROTECT, stack + PAGE, 1, PLATFORM_MEMORY_READ), PLATFORM_EBUSY);
		cr_expect_eq(call(GATE_MEMORY_PROTECT, mine, PAGE, PLATFORM_MEMORY_READ), 0, "what it needs not");
		cr_expect_eq(call(GATE_MEMORY_UNMAP, i == 0 ? told : large, PAGE, 0), PLATFORM_EBUSY);
		cr_expect_eq(call(GATE_MEMORY_PROTECT, resume & ~(uint64_t)(PAGE - 1), PAGE, PLATFORM_MEMORY_READ),
			     PLATFORM_EBUSY);
		guard_fault(arch_program_frame(), &fault);
		cr_expect_eq(resumed.instruction, code);
		cr_expect_eq(resumed.stack, stack + PAGE);
		cr_expect_eq(resumed.argument, resume);
		cr_expect_eq(((const struct gate_resume *)at(resume))->fault.vector, 14);
		cr_expect_eq(call(GATE_MEMORY_UNMAP, i == 0 ? told : large, i == 0 ? MINE_PAGES * PAGE : 1, 0), 0,
			     "without a guard it can");
	}
}

/* ---- numbers that are odd ---------------------------------------------------------------------------------------- */

Test(gate, numbers_without_a_call_are_refused, .init = start) {
	const uint64_t numbers[] = {GATE_CALL_COUNT, GATE_CALL_COUNT + 1, UINT64_C(1) << 32, UINT64_C(1) << 63,
				    UINT64_MAX};
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		cr_expect_eq(call(numbers[i], 0, 0, 0), PLATFORM_EINVAL, "%lx", numbers[i]);
		cr_expect_null(gate_name(numbers[i]));
	}
}

Test(gate, every_number_has_its_name) {
	cr_assert_eq(HOSTILE_CALLS, GATE_CALL_COUNT);
	for (uint64_t number = 0; number < GATE_CALL_COUNT; number++) {
		cr_expect_eq(hostile_calls[number].number, number);
		cr_expect_str_eq(gate_name(number), hostile_calls[number].name);
	}
}

Test(gate, memory_calls_refuse_what_cannot_be, .init = start) {
	const uint64_t huge[] = {RAM_BYTES + 1,     UINT64_C(1) << 36, UINT64_C(1) << 47,
				 UINT64_C(1) << 63, UINT64_MAX - PAGE, UINT64_MAX};
	uint64_t free_bytes = machine.memory.free_bytes, space = machine.space.free_bytes, heap = machine.heap_end;
	for (size_t i = 0; i < sizeof(huge) / sizeof(huge[0]); i++) {
		cr_expect_eq(call(GATE_HEAP_GROW, huge[i], 0, 0), PLATFORM_ENOMEM, "%lx", huge[i]);
		cr_expect_eq(call(GATE_MEMORY_MAP, huge[i], PAGE, READ_WRITE), PLATFORM_ENOMEM, "%lx", huge[i]);
		cr_expect_eq(call(GATE_MEMORY_MAP, PAGE, huge[i], READ_WRITE), PLATFORM_EINVAL, "%lx", huge[i]);
		cr_expect_eq(call(GATE_MEMORY_MAP, PAGE, PAGE, huge[i]), PLATFORM_EINVAL, "%lx", huge[i]);
		cr_expect_eq(call(GATE_MEMORY_MAP, PAGE, PAGE, READ_WRITE | UINT64_C(1) << (32 + i)), PLATFORM_EINVAL);
		cr_expect_eq(call(GATE_MEMORY_MAP, PAGE, PAGE | UINT64_C(1) << (32 + i), READ_WRITE), PLATFORM_EINVAL);
		cr_expect_eq(call(GATE_MEMORY_PROTECT, mine, huge[i], READ_WRITE), PLATFORM_EINVAL, "%lx", huge[i]);
		cr_expect_eq(call(GATE_MEMORY_PROTECT, mine, PAGE, READ_WRITE | UINT64_C(1) << (4 + i)),
			     PLATFORM_EINVAL);
		cr_expect_eq(call(GATE_MEMORY_UNMAP, mine, huge[i], 0), PLATFORM_EINVAL, "%lx", huge[i]);
	}
	uint64_t wrong[HOSTILE_WRONG_MAX];
	size_t count = wrong_addresses(PAGE, wrong);
	for (size_t i = 0; i < count; i++) {
		cr_expect_eq(call(GATE_MEMORY_PROTECT, wrong[i], PAGE, READ_WRITE), PLATFORM_EINVAL, "%lx", wrong[i]);
		cr_expect_eq(call(GATE_MEMORY_UNMAP, wrong[i], PAGE, 0), PLATFORM_EINVAL, "%lx", wrong[i]);
	}
	cr_expect_eq(machine.memory.free_bytes, free_bytes);
	cr_expect_eq(machine.space.free_bytes, space);
	cr_expect_eq(machine.heap_end, heap);
	cr_expect(space_user_may(mine, MINE_PAGES * PAGE, PAGE_WRITE));
}

Test(gate, what_a_core_says_is_copied_out, .init = start) {
	const struct gate_registers *registers = at(mine);
	cr_assert_eq(call(GATE_REGISTERS, 0, mine, 0), 0);
	cr_expect(registers->known && registers->values[0] == 0x410fd0c0, "the first core's");
	cr_assert_eq(call(GATE_REGISTERS, 1, mine, 0), 0);
	cr_expect_not(registers->known, "it never came");
	fill_in(mine + DESCRIPTOR);
	cr_assert_eq(call(GATE_CORE_START, 1, mine + DESCRIPTOR, 0), 0);
	cr_assert_eq(call(GATE_CORE_JOIN, 1, 0, 0), 0);
	cr_assert_eq(call(GATE_REGISTERS, 1, mine, 0), 0);
	cr_expect(registers->known && registers->values[0] != 0 && registers->values[0] < CORES, "another's");
	cr_expect_eq(call(GATE_REGISTERS, CORES, mine, 0), PLATFORM_EINVAL);
	cr_expect_eq(call(GATE_REGISTERS, UINT64_MAX, mine, 0), PLATFORM_EINVAL);
}

static void run_a_task(void) {
	fill_in(mine + DESCRIPTOR);
	cr_assert_eq(call(GATE_CORE_START, 1, mine + DESCRIPTOR, 0), 0);
	cr_assert_eq(call(GATE_CORE_JOIN, 1, 0, 0), 0);
}

Test(gate, a_core_is_witnessed_from_its_first_task_on_after_somebody_asked, .init = start) {
	const struct platform_witness *witness = at(mine);
	const struct platform_counted *stolen = &witness->counts[PLATFORM_COUNT_STOLEN_NS];
	run_a_task();
	cr_expect_eq(witnesses_open, 0, "nobody asked");
	machine.counters.interrupts = 7;
	cr_assert_eq(call(GATE_WITNESS, 0, mine, 0), 0);
	cr_expect_eq(witness->counts[PLATFORM_COUNT_INTERRUPTS].value, 7);
	cr_expect(stolen->counting == PLATFORM_COUNTING && stolen->value == 100);
	cr_assert_eq(call(GATE_WITNESS, 1, mine, 0), 0);
	cr_expect(stolen->counting == PLATFORM_COUNTING_NOT && stolen->reason[0] != '\0', "no task since");
	run_a_task();
	cr_assert_eq(call(GATE_WITNESS, 1, mine, 0), 0);
	cr_expect(stolen->counting == PLATFORM_COUNTING && stolen->value > 100, "%lu", (unsigned long)stolen->value);
	cr_expect_eq(witness->counts[PLATFORM_COUNT_INTERRUPTS].counting, PLATFORM_COUNTING);
	cr_expect_eq(call(GATE_WITNESS, CORES, mine, 0), PLATFORM_EINVAL);
	cr_expect_eq(call(GATE_WITNESS, UINT64_MAX, mine, 0), PLATFORM_EINVAL);
}

Test(gate, prefetchers_are_back_after_a_fault, .init = start) {
	const struct platform_prefetchers *prefetchers = at(mine + DESCRIPTOR);
	const struct gate_resume from = {.instruction = code, .stack = mine + PAGE};
	memcpy(at(mine), &from, sizeof(from));
	cr_assert_eq(call(GATE_GUARD_ARM, mine, 0, 0), 0);
	cr_assert_eq(call(GATE_PREFETCHERS, 1, mine + DESCRIPTOR, 0), 0);
	cr_expect(prefetchers->count == 1 && prefetchers->off == 1);
	cr_expect_str_eq(prefetchers->names[0], "fake");
	cr_assert_eq(prefetchers_off, 1);
	static const struct platform_fault one = {.outcome = PLATFORM_FAULTED, .vector = 14, .name = "#PF read"};
	guard_fault(arch_program_frame(), &one);
	cr_expect_eq(prefetchers_off, 0);
	cr_expect_eq(call(GATE_PREFETCHERS, 2, mine + DESCRIPTOR, 0), PLATFORM_EINVAL);
}

Test(gate, tables_are_those_of_the_list, .init = start) {
	for (uint64_t number = 0; number < 6; number++)
		cr_expect_eq(call(GATE_TABLE, number, mine, PAGE), 0, "there are none on this machine");
	cr_expect_eq(call(GATE_TABLE, 6, mine, PAGE), PLATFORM_EINVAL);
	cr_expect_eq(call(GATE_TABLE, UINT64_MAX, mine, PAGE), PLATFORM_EINVAL);
}

Test(gate, other_cores_are_none, .init = start) {
	const uint64_t cores[] = {0, CORES, 1 | UINT64_C(1) << 32, UINT64_MAX};
	fill_in(mine + DESCRIPTOR);
	for (size_t i = 0; i < sizeof(cores) / sizeof(cores[0]); i++) {
		cr_expect_eq(call(GATE_CORE_START, cores[i], mine + DESCRIPTOR, 0), PLATFORM_EINVAL, "%lx", cores[i]);
		cr_expect_eq(call(GATE_CORE_JOIN, cores[i], 0, 0), PLATFORM_EINVAL, "%lx", cores[i]);
		cr_expect_eq(call(GATE_CORE_RAISE, cores[i], 0, 0), PLATFORM_EINVAL, "%lx", cores[i]);
	}
	cr_expect_eq(call(GATE_CORE_JOIN, 1, 0, 0), PLATFORM_EINVAL, "nothing was started");
	cr_expect_eq(call(GATE_CORE_RAISE, 1, 0, 0), PLATFORM_EINVAL, "nothing has faulted");
	cr_expect_eq(call(GATE_CORE_END, 0, 0, 0), PLATFORM_EINVAL, "not of the first core");
}

Test(gate, every_core_takes_tasks_at_the_same_time, .init = start) {
	fill_in(mine + DESCRIPTOR);
	for (uint64_t core = 1; core < CORES; core++) {
		cr_expect_eq(call(GATE_CORE_START, core, mine + DESCRIPTOR, 0), 0);
		cr_expect_eq(call(GATE_CORE_START, core, mine + DESCRIPTOR, 0), PLATFORM_EBUSY, "not joined");
	}
	cr_expect_eq(core_starts, CORES - 1);
	for (uint64_t core = 1; core < CORES; core++)
		cr_expect_eq(call(GATE_CORE_JOIN, core, 0, 0), 0);
	cr_expect_eq(call(GATE_CORE_JOIN, 1, 0, 0), PLATFORM_EINVAL, "joined");
}

Test(gate, a_task_that_hangs_is_stopped, .init = start) {
	struct platform_core description;
	fill_in(mine + DESCRIPTOR);
	core_hangs = true;
	cr_assert_eq(call(GATE_CORE_START, 2, mine + DESCRIPTOR, 0), 0);
	cr_expect_eq(call(GATE_CORE_JOIN, 2, 0, 0), PLATFORM_EBUSY);
	cr_expect_eq(call(GATE_MEMORY_UNMAP, constant, MINE_PAGES * PAGE, 0), PLATFORM_EBUSY);
	cr_expect_eq(call(GATE_CORE_STOP, 1, 0, 0), 0, "nothing runs there");
	cr_expect_eq(core_signals, 0);
	cr_expect_eq(call(GATE_CORE_STOP, 2, 0, 0), 0);
	cr_expect_eq(core_signals, 1);
	cr_expect_eq(call(GATE_CORE_JOIN, 2, 0, 0), PLATFORM_EFAULT, "it did not return");
	cr_expect_eq(call(GATE_CORE_RAISE, 2, 0, 0), PLATFORM_EFAULT, "without a guard");
	cr_expect_eq(call(GATE_MEMORY_UNMAP, constant, MINE_PAGES * PAGE, 0), 0);
	cr_assert_eq(call(GATE_CORE_DESCRIBE, 2, mine, 0), 0);
	memcpy(&description, at(mine), sizeof(description));
	cr_expect_eq(description.cpu, 2);
	cr_expect_str_eq(description.text, "core 2 (fake 2), unknown");
	cr_expect_eq(call(GATE_CORE_FIND, PLATFORM_RELATION_ANY, 1, 0), 2);
	cr_expect_eq(call(GATE_CORE_FIND, PLATFORM_RELATION_SIBLING, 0, 0), PLATFORM_EUNSUPPORTED);
}

Test(gate, a_core_without_a_task_is_asleep_when_it_is_asked_to, .init = start) {
	cr_expect_eq(call(GATE_CORE_REST, 0, 0, 0), PLATFORM_EINVAL, "the first one");
	cr_expect_eq(call(GATE_CORE_REST, 2, 0, 0), PLATFORM_EINVAL, "it was never started");
	cr_expect_eq(call(GATE_CORE_REST, UINT64_MAX, 0, 0), PLATFORM_EINVAL);
	fill_in(mine + DESCRIPTOR);
	cr_assert_eq(call(GATE_CORE_START, 2, mine + DESCRIPTOR, 0), 0);
	cr_expect_eq(call(GATE_CORE_REST, 2, 0, 0), PLATFORM_EBUSY, "its task is not joined");
	cr_assert_eq(call(GATE_CORE_JOIN, 2, 0, 0), 0);
	core_state_write(core_of(2), CORE_DONE);
	cr_expect_eq(call(GATE_CORE_REST, 2, 0, 0), 0);
	cr_expect_eq(core_state_read(core_of(2)), CORE_ASLEEP);
	cr_expect_eq(call(GATE_CORE_REST, 2, 0, 0), 0, "it is");
}

Test(gate, a_core_that_falls_asleep_runs_nothing_before_it_is_woken, .init = start) {
	fill_in(mine + DESCRIPTOR);
	core_to_give = 2;
	cr_assert_eq(call(GATE_CORE_START, 2, mine + DESCRIPTOR, 0), 0);
	cr_expect_eq(core_tasks_run, 1);
	cr_expect_eq(core_state_read(core_of(2)), CORE_ASLEEP);
	cr_assert_eq(call(GATE_CORE_JOIN, 2, 0, 0), 0);
	cr_assert_eq(call(GATE_CORE_START, 2, mine + DESCRIPTOR, 0), 0);
	cr_expect_eq(core_tasks_run, 2);
}

Test(gate, the_programme_moves_to_another_core, .init = start) {
	cr_expect_eq(call(GATE_CORE_MOVE, CORES, 0, 0), PLATFORM_EINVAL);
	cr_expect_eq(call(GATE_CORE_MOVE, 0, 0, 0), 0, "it is there");
	fill_in(mine + DESCRIPTOR);
	cr_assert_eq(call(GATE_CORE_START, 1, mine + DESCRIPTOR, 0), 0);
	cr_expect_eq(call(GATE_CORE_MOVE, 2, 0, 0), PLATFORM_EBUSY, "a task is not joined");
	cr_assert_eq(call(GATE_CORE_JOIN, 1, 0, 0), 0);
	if (setjmp(core_moved) == 0) {
		call(GATE_CORE_MOVE, 2, 0, 0);
		cr_assert_fail("it goes on elsewhere");
	}
	cr_expect_eq(core_list.home, 2);
	cr_expect_eq(core_state_read(core_of(0)), CORE_DONE, "the one before is another core");
	cr_expect_eq(core_state_read(core_of(2)), CORE_HOME);
	cr_expect_eq(core_list_nth(&core_list, 1), 0);
	cr_expect_eq(call(GATE_CORE_START, 1, mine + DESCRIPTOR, 0), 0);
}

Test(gate, exit_ends_the_machine, .init = start, .exit_code = 7) {
	call(GATE_EXIT, 7, 0, 0);
}

/* ---- anything ---------------------------------------------------------------------------------------------------- */

static uint64_t some_argument(uint64_t *random) {
	static const uint64_t offsets[] = {0,      1, 4, 8, PAGE - 8, PAGE, MINE_PAGES * PAGE - 8, MINE_PAGES * PAGE,
					   2 << 20};
	const uint64_t bases[] = {0,
				  1,
				  mine,
				  constant,
				  code,
				  ram,
				  PAGE,
				  GATE_PROGRAM_END,
				  UINT64_MAX,
				  GATE_HEAP_BASE,
				  image(kernel_image_start),
				  0};
	uint64_t choice = next_random(random);
	uint64_t value = bases[choice % 12] + offsets[choice / 16 % 9];
	return choice >> 60 == 0 ? value ^ UINT64_C(1) << (choice / 256 % 64) : value;
}

Test(gate, a_hundred_thousand_requests_do_no_harm, .init = start) {
	static uint64_t random = 1, served;
	static unsigned i; /* static, as moves to another core come back by longjmp */
	for (; i < 100000; i++) {
		if (space_user_may(mine, PAGE, PAGE_WRITE) && i % 8 == 0) {
			struct gate_task *task = at(mine);
			*task = (struct gate_task){some_argument(&random), some_argument(&random) & ~UINT64_C(15), 0};
		}
		uint64_t number = 1 + next_random(&random) % (GATE_CALL_COUNT + 1);
		if (setjmp(core_moved) == 0)
			served += call(number, some_argument(&random), some_argument(&random),
				       some_argument(&random)) >= 0;
		if (machine.guard_armed && i % 16 == 0)
			guard_fault(arch_program_frame(), &fault);
		if (i % 2000 == 1999)
			start();
	}
	cr_expect_gt(served, 10000);
}
