/* SPDX-License-Identifier: Apache-2.0
 *
 * The guard is taken off before the programme goes on: what faults while it picks itself up is not contained again.
 */
#include "kernel/program/guard.h"

#include "kernel/end.h"
#include "kernel/format.h"
#include "kernel/guard_state.h"
#include "kernel/handback.h"
#include "kernel/machine.h"
#include "kernel/memory/page_exchange.h"
#include "kernel/memory/space.h"
#include "kernel/pmu.h"
#include "kernel/program/core_state.h"

#include <stddef.h>

int64_t guard_arm(uint64_t resume, const struct gate_resume *from, uint64_t timeout_ns, uint64_t total_ns) {
	if ((timeout_ns != 0 || total_ns != 0) && !machine.cpu.timer)
		return PLATFORM_EUNSUPPORTED;
	if (!space_user_may_go_on(from->instruction, from->stack))
		return PLATFORM_EINVAL;
	guard_set(resume, from, timeout_ns, total_ns);
	return 0;
}

int64_t guard_catch(uint64_t resume, const struct gate_resume *from) {
	if (!machine.guard_armed || !space_user_may_go_on(from->instruction, from->stack))
		return PLATFORM_EINVAL;
	guard_catch_set(resume, from);
	return 0;
}

/* What is measured with prefetchers on would pass for what is measured with them off. */
void guard_slice_end(void) {
	firmware_request(KERNEL_REQUEST_CHECKPOINT, NULL, 0, 0);
	if (arch_prefetchers_lost())
		panic("a prefetcher does not go off again");
}

static struct gate_resume *resume_at(uint64_t address) {
	if (!space_user_may(address, sizeof(struct gate_resume), PAGE_WRITE))
		panic("the memory that a fault would be told in is gone");
	return (struct gate_resume *)(uintptr_t)address;
}

static void contain(struct arch_frame *frame, const struct platform_fault *fault) {
	guard_disarm();
	page_exchange_settle();
	arch_prefetchers_put_back();
	pmu_lose();
	machine.counters.faults_contained++;
	struct gate_resume *resume = resume_at(machine.guard_resume);
	struct platform_fault told = *fault;
	uint64_t offset = 0;
	const char *symbol = elf_symbol_at(&machine.program, fault->instruction, &offset);
	if (symbol != NULL)
		format_text(told.symbol, sizeof(told.symbol), "%s+0x%lx", symbol, offset);
	else
		told.symbol[0] = '\0';
	resume->fault = told;
	arch_frame_resume(frame, machine.guard_instruction, machine.guard_stack, machine.guard_resume);
}

/* No symbol: whoever catches faults takes many of them. */
static void tell(struct arch_frame *frame, const struct platform_fault *fault) {
	page_exchange_settle();
	struct gate_resume *resume = resume_at(machine.catch_resume);
	resume->fault = *fault;
	resume->fault.symbol[0] = '\0';
	arch_frame_resume(frame, machine.catch_instruction, machine.catch_stack, machine.catch_resume);
}

void guard_fault(struct arch_frame *frame, const struct platform_fault *fault) {
	if (machine.catch_resume != 0)
		tell(frame, fault);
	else
		contain(frame, fault);
}

/* One that comes after the guard was taken off, or its time put off, was on its way already: it is counted, and that
 * is all. */
void guard_timer(struct arch_frame *frame, const struct platform_fault *fault) {
	if (!machine.guard_armed)
		return;
	if (guard_is_over()) {
		contain(frame, fault);
		return;
	}
	if (!core_runs())
		guard_slice_end();
	guard_go_on();
}
