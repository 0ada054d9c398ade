/* SPDX-License-Identifier: Apache-2.0
 *
 * The state of a core that the firmware lends: taken as its call comes, put back before it returns. In between the core
 * is in our tables all the time, asleep while the firmware has the machine; of its local APIC nothing is changed.
 */
#include "kernel/machine.h"
#include "kernel/x86_64/core.h"
#include "kernel/x86_64/instructions.h"
#include "kernel/x86_64/nx.h"
#include "kernel/x86_64/registers.h"
#include "kernel/x86_64/x86_64.h"

/* core_lent.S */
_Noreturn void core_lent_return(struct core_arch *core, void (*leave)(const struct core_arch *core));

/* On the firmware's stack: from its tables to ours. */
void core_lent_enter(struct core_arch *core) {
	processor_save(&core->firmware);
	if (nx_was_hidden()) {
		core->misc_enable = msr_read(MSR_IA32_MISC_ENABLE);
		msr_write(MSR_IA32_MISC_ENABLE, core->misc_enable & ~((uint64_t)MISC_ENABLE_XD_DISABLE_HIGH << 32));
	}
	msr_write(MSR_IA32_EFER, (msr_read(MSR_IA32_EFER) & ~(uint64_t)EFER_SCE) | EFER_NXE);
	cr3_write(machine.pages.root.value);
}

/* On it again: back. */
static void core_lent_leave(const struct core_arch *core) {
	processor_load(&core->firmware, false);
	if (nx_was_hidden())
		msr_write(MSR_IA32_MISC_ENABLE, core->misc_enable);
}

_Noreturn void arch_core_leave(unsigned cpu) {
	arch_witness_close(cpu);
	core_lent_return((struct core_arch *)(uintptr_t)core_area_physical(cpu, CORE_ARCH), core_lent_leave);
}
