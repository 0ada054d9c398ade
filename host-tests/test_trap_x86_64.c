/* SPDX-License-Identifier: Apache-2.0
 *
 * What x86_64 makes of the programme's frame: the real trap.c and fault.c, and a processor that comes back with the
 * trap that the test wants.
 */
#include "kernel/arch.h"
#include "kernel/console/console.h"
#include "kernel/core_list.h"
#include "kernel/end.h"
#include "kernel/gate.h"
#include "kernel/image.h"
#include "kernel/memory/core_area.h"
#include "kernel/memory/page_work.h"
#include "kernel/program/core_state.h"
#include "kernel/x86_64/frame.h"
#include "kernel/x86_64/registers.h"
#include "kernel/x86_64/x86_64.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>

/* ---- the machine ------------------------------------------------------------------------------------------------- */

const uint8_t trap_stubs[1], trap_stub_timer[1], trap_stub_other[1];
const uint8_t guarded_msr_read_at[1], guarded_msr_write_at[1], guarded_xcr0_write_at[1], guarded_refused[1];
uint8_t kernel_image_start[1];
struct kernel_stack arch_stacks[1];

static unsigned returns; /* to ring 3 */
static uint64_t next_vector, next_rip;

void trap_return_and_wait(struct arch_frame *frame) {
	returns++;
	frame->vector = next_vector;
	frame->rip = next_rip;
}

void timer_acknowledge(void) {
}

void console_print(const char *format, ...) {
	(void)format;
}

_Noreturn void core_broken(unsigned cpu, const struct platform_fault *fault) {
	(void)cpu, (void)fault;
	abort();
}

bool page_work_give(uint64_t address) {
	(void)address;
	return false;
}

static uint64_t core_stack; /* what is there is on another core */
static unsigned signalled;

bool core_area_of(uint64_t address, unsigned *cpu) {
	*cpu = 5;
	return address == core_stack;
}

struct arch_frame *arch_core_frame(unsigned cpu) {
	static struct arch_frame frame;
	cr_assert_eq(cpu, 5);
	return &frame;
}

void core_signalled(unsigned cpu, struct arch_frame *from) {
	cr_expect_eq(cpu, 5);
	cr_expect_eq((uint64_t)(uintptr_t)from, core_stack);
	signalled++;
}

_Noreturn void panic(const char *format, ...) {
	(void)format;
	abort();
}

static unsigned nmis;

void witness_count_nmi(unsigned cpu) {
	cr_expect_eq(cpu, core_list.home);
	nmis++;
}

static uint8_t port_b;

static uint8_t read8(uint16_t port) {
	return port == 0x61 ? port_b : 0;
}

const struct port_io arch_port_io = {.read8 = read8};

/* ---- cases ------------------------------------------------------------------------------------------------------- */

static const uint64_t CODE = GATE_PROGRAM_BASE + 0x1000, STACK = GATE_STACK_BASE + 0x8000;

Test(trap, a_frame_that_iretq_would_fault_on_is_the_programmes_fault) {
	const struct {
		uint64_t rip, rsp;
	} wild[] = {
		{CODE | UINT64_C(1) << 48, STACK},
		{CODE | UINT64_C(1) << 63, STACK},
		{UINT64_C(1) << 47, STACK},
		{UINT64_C(0xffff800000000000), STACK},
		{CODE, STACK | UINT64_C(1) << 48},
		{CODE, UINT64_C(1) << 47},
		{CODE, UINT64_MAX - 7},
	};
	for (size_t i = 0; i < sizeof(wild) / sizeof(wild[0]); i++) {
		struct arch_trap trap;
		struct arch_frame *frame = arch_program_frame();
		arch_frame_resume(frame, wild[i].rip, wild[i].rsp, 0);
		arch_program_run(frame, &trap);
		cr_expect_eq(returns, 0, "case %zu", i);
		cr_expect_eq(trap.kind, ARCH_TRAP_FAULT);
		cr_expect_eq(trap.fault.outcome, PLATFORM_FAULTED);
		cr_expect_eq(trap.fault.vector, VECTOR_GENERAL_PROTECTION);
		cr_expect_eq(trap.fault.instruction, wild[i].rip);
		cr_expect_eq(trap.fault.stack, wild[i].rsp);
		cr_expect_str_eq(trap.fault.name, "#GP");
	}
}

Test(trap, the_stub_alone_is_the_gate) {
	struct arch_trap trap;
	struct arch_frame *frame = arch_program_frame();
	arch_frame_resume(frame, CODE, STACK, 7);
	next_vector = VECTOR_INVALID_OPCODE;
	next_rip = GATE_STUB;
	arch_program_run(frame, &trap);
	cr_expect_eq(returns, 1);
	cr_expect_eq(trap.kind, ARCH_TRAP_GATE);
	cr_expect_eq(trap.arguments[0], 7);
	cr_expect_eq(frame->rip, GATE_STUB + 2);
	next_rip = CODE;
	arch_program_run(frame, &trap);
	cr_expect_eq(trap.kind, ARCH_TRAP_FAULT);
	cr_expect_eq(trap.fault.vector, VECTOR_INVALID_OPCODE);
}

Test(trap, an_nmi_stops_a_task_and_is_no_fault_on_another_core) {
	struct arch_trap trap;
	struct arch_frame frame = {.vector = VECTOR_NMI, .rip = CODE}, *task = arch_program_frame();
	arch_frame_resume(task, CODE, STACK, 0);
	next_vector = VECTOR_NMI;
	next_rip = CODE + 5;
	arch_program_run(task, &trap);
	cr_expect_eq(trap.kind, ARCH_TRAP_STOP);
	cr_expect_eq(trap.fault.instruction, CODE + 5);
	core_stack = (uint64_t)(uintptr_t)&frame;
	fault_of_kernel(&frame);
	cr_expect_eq(signalled, 1);
}

Test(trap, an_nmi_on_the_first_core_is_counted) {
	struct arch_frame frame = {.vector = VECTOR_NMI, .rip = CODE, .cs = SELECTOR_USER_CODE};
	static const uint8_t quiet[] = {0x20, 0x30, 0xff};
	for (size_t i = 0; i < sizeof(quiet); i++) {
		port_b = quiet[i];
		fault_of_kernel(&frame);
		cr_expect_eq(nmis, i + 1, "port 61h says %x", port_b);
	}
}

/* CR0 is among what is printed before the end, and a process may not read it. */
Test(trap, an_nmi_that_tells_of_an_error_is_the_end, .signal = SIGSEGV) {
	struct arch_frame frame = {.vector = VECTOR_NMI, .rip = CODE, .cs = SELECTOR_USER_CODE};
	port_b = 0x80;
	signal(SIGSEGV, SIG_DFL); /* a sanitizer's handler would make an exit status of it */
	fault_of_kernel(&frame);
}

Test(trap, the_programme_is_on_another_core_after_a_move) {
	struct arch_frame *before = arch_program_frame();
	arch_frame_resume(before, CODE, STACK, 7);
	cr_expect(before->rflags & RFLAGS_IF, "the watchdog is to come");
	arch_program_move(5);
	cr_expect_eq(arch_program_frame(), arch_core_frame(5));
	cr_expect_eq(arch_program_frame()->rip, CODE);
	cr_expect_eq(arch_program_frame()->rdi, 7);
	arch_frame_resume(before, CODE, STACK, 7);
	cr_expect_not(before->rflags & RFLAGS_IF, "another core has no watchdog");
}
