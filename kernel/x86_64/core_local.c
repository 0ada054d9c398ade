/* SPDX-License-Identifier: Apache-2.0
 *
 * What another core does to itself. Asleep it stands in HLT with interrupts masked, where the first core's NMI alone
 * reaches it; that NMI also ends a task. Source: Intel SDM volume 3A, 6.7 (NMI).
 */
#include "kernel/arch.h"
#include "kernel/x86_64/core.h"
#include "kernel/x86_64/instructions.h"
#include "kernel/x86_64/registers.h"

/* core_sleep.S */
extern const uint8_t core_sleep_end[];

struct arch_frame *arch_core_frame(unsigned cpu) {
	return &core_arch(cpu)->place.frame;
}

void arch_core_tlb_flush(void) {
	cr3_write(cr3_read()); /* nothing is global */
}

void arch_core_pause(void) {
	__asm__ volatile("pause");
}

/* INIT alone ends it. */
_Noreturn void arch_core_halt(void) {
	for (;;)
		__asm__ volatile("cli; hlt");
}

/* Whether there was something to forget: SDM volume 3A, 4.10.5 (a shootdown). */
static bool flush_asked(unsigned cpu) {
	struct core_arch *core = core_arch(cpu);
	uint32_t asked = __atomic_load_n(&core->flush.asked, __ATOMIC_ACQUIRE);
	if (asked == core->flush.done)
		return false;
	arch_tlb_flush(core->flush.address, core->flush.leaf_bytes, core->flush.count);
	__atomic_store_n(&core->flush.done, asked, __ATOMIC_RELEASE);
	return true;
}

/* On the trap stack, as NMI has one of its own. What is to be forgotten is, and a task goes on; else a task's registers
 * go to the frame, and it goes back to where the kernel entered it: a signal that meant that, too, is sent again. In
 * the kernel it says nothing but that HLT is not to be executed any more. */
void core_signalled(unsigned cpu, struct arch_frame *from) {
	const uint8_t *at = (const uint8_t *)(uintptr_t)from->rip;
	bool forgot = flush_asked(cpu);
	if (from->cs & 3) {
		if (forgot)
			return;
		struct core_arch *core = core_arch(cpu);
		core->place.frame = *from;
		*from = (struct arch_frame){
			.rip = core->trap_left,
			.cs = SELECTOR_KERNEL_CODE,
			.rflags = RFLAGS_RESERVED,
			.rsp = core->place.kernel_stack_pointer,
			.ss = SELECTOR_KERNEL_DATA,
		};
	} else if (at >= (const uint8_t *)(uintptr_t)arch_core_sleep && at < core_sleep_end) {
		from->rip = (uint64_t)(uintptr_t)core_sleep_end;
	}
}
