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

/* What is measured with prefetchers on would pass for what is measured with them off. */
void guard_slice_end(void) {
	firmware_request(KERNEL_REQUEST_CHECKPOINT, NULL, 0, 0);
	if (arch_prefetchers_lost())
		panic("a prefetcher does not go off again");
}

static void contain(struct arch_frame *frame, const struct platform_fault *fault) {
	guard_disarm();
	page_exchange_settle();
	arch_prefetchers_put_back();
	pmu_lose();
	machine.counters.faults_contained++;
	if (!space_user_may(machine.guard_resume, sizeof(struct gate_resume), PAGE_WRITE))
		panic("the memory that a fault would be told in is gone");
	struct platform_fault told = *fault;
	uint64_t offset = 0;
	const char *symbol = elf_symbol_at(&machine.program, fault->instruction, &offset);
	if (symbol != NULL)
		format_text(told.symbol, sizeof(told.symbol), "%s+0x%lx", symbol, offset);
	else
		told.symbol[0] = '\0';
	((struct gate_resume *)(uintptr_t)machine.guard_resume)->fault = told;
	arch_frame_resume(frame, machine.guard_instruction, machine.guard_stack, machine.guard_resume);
}

void guard_fault(struct arch_frame *frame, const struct platform_fault *fault) {
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
