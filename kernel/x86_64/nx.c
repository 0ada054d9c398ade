/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/x86_64/nx.h"

#include "kernel/x86_64/registers.h"
#include "kernel/x86_64/x86_64.h"

static const uint64_t XD_DISABLE = (uint64_t)MISC_ENABLE_XD_DISABLE_HIGH << 32;

/* As the firmware has it, where that hides NX. */
static struct {
	bool hidden;
	uint64_t value;
} firmware;

static bool unhide(void) {
	uint64_t value;
	if (!guarded_msr_read(MSR_IA32_MISC_ENABLE, &value) || !(value & XD_DISABLE) ||
	    !guarded_msr_write(MSR_IA32_MISC_ENABLE, value & ~XD_DISABLE))
		return false;
	firmware.value = value;
	firmware.hidden = true;
	return true;
}

/* Without NX the bit is reserved: refused, or under some emulators not kept. SYSCALL, which would enter this ring
 * wherever the firmware left LSTAR, goes off in the same write: each may be an exit to a hypervisor. */
static bool switch_on(void) {
	uint64_t efer;
	return guarded_msr_read(MSR_IA32_EFER, &efer) &&
	       guarded_msr_write(MSR_IA32_EFER, (efer & ~(uint64_t)EFER_SCE) | EFER_NXE) &&
	       guarded_msr_read(MSR_IA32_EFER, &efer) && efer & EFER_NXE;
}

bool nx_start(const struct cpuid_leaves *leaves) {
	bool absent = cpuid_nx_absent(leaves);
	if (absent && !(cpuid_nx_may_be_hidden(leaves) && unhide()))
		return false;
	if (switch_on())
		return true;
	nx_leave();
	firmware.hidden = false;
	return false;
}

bool nx_was_hidden(void) {
	return firmware.hidden;
}

void nx_leave(void) {
	if (firmware.hidden)
		guarded_msr_write(MSR_IA32_MISC_ENABLE, firmware.value);
}

/* The firmware may have changed the MSR's other bits. */
void nx_take_up(void) {
	if (!firmware.hidden || !guarded_msr_read(MSR_IA32_MISC_ENABLE, &firmware.value))
		return;
	guarded_msr_write(MSR_IA32_MISC_ENABLE, firmware.value & ~XD_DISABLE);
}
