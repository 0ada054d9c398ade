/* SPDX-License-Identifier: Apache-2.0
 *
 * The IDT, and the programme's traps. Only trap.S touches the frame while the programme runs.
 */
#include "kernel/arch.h"
#include "kernel/format.h"
#include "kernel/gate.h"
#include "kernel/memory/page_work.h"
#include "kernel/x86_64/frame.h"
#include "kernel/x86_64/instructions.h"
#include "kernel/x86_64/registers.h"
#include "kernel/x86_64/x86_64.h"

#include <stddef.h>

enum { VECTORS = 256, EXCEPTIONS = 32, STUB_BYTES = 16, GATE_INTERRUPT = 0x8e };
static const uint64_t LOWER_HALF_END = UINT64_C(1) << 47; /* the programme's are all below it */

/* Intel SDM volume 3A, 6.14.1. */
struct idt_gate {
	uint16_t offset_low;
	uint16_t selector;
	uint8_t stack; /* IST, 0: none */
	uint8_t type;
	uint16_t offset_middle;
	uint32_t offset_high;
	uint32_t reserved;
};

static struct idt_gate idt[VECTORS] __attribute__((aligned(16)));
static struct trap_place place __attribute__((aligned(16)));

static struct idt_gate gate_to(const uint8_t *stub, uint8_t stack) {
	uint64_t offset = (uint64_t)(uintptr_t)stub;
	return (struct idt_gate){
		.offset_low = (uint16_t)offset,
		.selector = SELECTOR_KERNEL_CODE,
		.stack = stack,
		.type = GATE_INTERRUPT,
		.offset_middle = (uint16_t)(offset >> 16),
		.offset_high = (uint32_t)(offset >> 32),
	};
}

void trap_start(void) {
	/* No interrupt below the task priority arrives (timer.c), so no gate is there for it: filling them all would
	 * take a millisecond where this ring is emulated. */
	struct idt_gate other = gate_to(trap_stub_other, 0);
	for (unsigned vector = VECTOR_TIMER; vector < VECTORS; vector++)
		idt[vector] = other;
	for (unsigned vector = 0; vector < EXCEPTIONS; vector++)
		idt[vector] = gate_to(trap_stubs + vector * STUB_BYTES, 0);
	/* IST n is arch_stacks[n] (cpu.c). */
	idt[VECTOR_DOUBLE_FAULT].stack = STACK_DOUBLE_FAULT;
	idt[VECTOR_NMI].stack = STACK_NMI;
	idt[VECTOR_MACHINE_CHECK].stack = STACK_MACHINE_CHECK;
	idt[VECTOR_TIMER] = gate_to(trap_stub_timer, 0);
	trap_table_load();
}

void trap_table_load(void) {
	struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) idtr = {sizeof(idt) - 1, (uint64_t)(uintptr_t)idt};
	__asm__ volatile("lidt %0" : : "m"(idtr));
}

static struct arch_frame *program_frame = &place.frame;

struct arch_frame *arch_program_frame(void) {
	return program_frame;
}

void arch_program_move(unsigned cpu) {
	struct arch_frame *to = arch_core_frame(cpu);
	*to = *program_frame;
	program_frame = to;
}

void arch_program_start(struct arch_frame *to, uint64_t entry, uint64_t stack, uint64_t argument) {
	arch_frame_resume(to, entry, stack, argument);
}

void arch_frame_set_result(struct arch_frame *to, uint64_t result) {
	to->rax = result;
}

/* IF must be set on the first core: with IF clear no timer arrives on hosts that emulate ring 0. Another has a
 * firmware's local APIC under it, and its signal is an NMI. */
void arch_frame_resume(struct arch_frame *to, uint64_t instruction, uint64_t stack, uint64_t argument) {
	*to = (struct arch_frame){
		.rdi = argument,
		.rip = instruction,
		.cs = SELECTOR_USER_CODE,
		.rflags = RFLAGS_RESERVED | (to == program_frame ? RFLAGS_IF : 0),
		.rsp = stack,
		.ss = SELECTOR_USER_DATA,
	};
}

void arch_program_run(struct arch_frame *of, struct arch_trap *trap) {
	enum { UD2_BYTES = 2 };
	if ((of->rip | of->rsp) < LOWER_HALF_END) {
		trap_return_and_wait(of);
	} else {
		/* IRETQ to an address that is not canonical is the kernel's own fault: SDM volume 2A, IRET. */
		of->vector = VECTOR_GENERAL_PROTECTION;
		of->error = 0;
	}
	if (of->vector == VECTOR_TIMER)
		trap->ticks = tsc_read();
	if (of->vector == VECTOR_INVALID_OPCODE && of->rip == GATE_STUB) {
		trap->kind = ARCH_TRAP_GATE;
		trap->number = of->rax;
		trap->arguments[0] = of->rdi;
		trap->arguments[1] = of->rsi;
		trap->arguments[2] = of->rdx;
		trap->arguments[3] = of->r10;
		of->rip += UD2_BYTES;
		return;
	}
	/* Before a word is said about it, as it is timed. */
	if (of->vector == VECTOR_PAGE_FAULT && of == program_frame && page_work_give(cr2_read())) {
		trap->kind = ARCH_TRAP_EMULATED;
		return;
	}
	if (of->vector == VECTOR_OTHER) {
		trap->kind = ARCH_TRAP_SPURIOUS;
		timer_acknowledge();
		return;
	}
	fault_describe(of, &trap->fault);
	trap->kind = of->vector == VECTOR_NMI ? ARCH_TRAP_STOP : ARCH_TRAP_FAULT;
	if (of->vector == VECTOR_TIMER) {
		trap->kind = ARCH_TRAP_TIMER;
		trap->fault.outcome = PLATFORM_TIMED_OUT;
		format_text(trap->fault.name, sizeof(trap->fault.name), "time-out");
		timer_acknowledge();
	}
}
