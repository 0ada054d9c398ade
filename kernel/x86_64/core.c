/* SPDX-License-Identifier: Apache-2.0
 *
 * Other cores, started by INIT and a start-up interrupt, one at a time. Two pages below 1 MiB, where the rest of the
 * kernel leaves memory alone, carry the trampoline and a copy of our root table: the 32-bit part of the way cannot
 * name one above 4 GiB. Its own local APIC stays as INIT leaves it, off: nothing reaches it but INIT and NMI, which
 * wakes it and ends its tasks.
 *
 * Source: Intel SDM volume 3A, 8.4.4 and 10.6 (interrupt command register).
 */
#include "kernel/x86_64/core.h"
#include "kernel/arch.h"
#include "kernel/core_list.h"
#include "kernel/handback.h"
#include "kernel/machine.h"
#include "kernel/memory/device.h"
#include "kernel/memory/space.h"
#include "kernel/x86_64/apic_icr.h"
#include "kernel/x86_64/core_start.h"
#include "kernel/x86_64/instructions.h"
#include "kernel/x86_64/nx.h"
#include "kernel/x86_64/registers.h"
#include "kernel/x86_64/x86_64.h"
#include "lib/units.h"

#include <stddef.h>
#include <string.h>

enum {
	INIT_WAIT_MS = 10,
	START_UPS = 5,
	START_UP_WAIT_MS = 20,
	LENT_WAIT_MS = 5000,
	CODE_BYTES = PAGE_BYTES,
	LOW_BYTES = 2 * PAGE_BYTES,
};
static const uint64_t LOW_END = UINT64_C(0xa0000); /* above: the VGA's and the firmware's */

/* trampoline.S */
extern const uint8_t trampoline[], trampoline_end[], trampoline_32[], trampoline_64[], trampoline_gdt[];
extern const uint8_t trampoline_gdt_base[], trampoline_to_32[], trampoline_to_64[];
extern const uint8_t trampoline_cr0[], trampoline_cr3[], trampoline_cr4[], trampoline_nx_hidden[];
extern const uint8_t trampoline_start[];

static uint64_t low;            /* the two pages; 0: not looked for yet */
static struct core_start start; /* read by the one that comes */

void core_lent(void); /* core_lent.S: the firmware calls it, in its own convention */

static void (*run)(unsigned cpu);

static _Noreturn void core_enter(uint64_t cpu) {
	cpu_core_start((unsigned)cpu, machine.pages.root);
	__atomic_store_n(&core_arch((unsigned)cpu)->arrived, true, __ATOMIC_RELEASE);
	run((unsigned)cpu);
	arch_core_halt();
}

/* The highest two pages of RAM below 1 MiB that nobody has. */
static uint64_t low_pages_find(const struct boot_info *info) {
	const struct boot_range *range = (const struct boot_range *)(uintptr_t)info->ranges;
	uint64_t found = 0;
	for (uint64_t i = 0; i < info->range_count; i++, range++) {
		uint64_t base = range->base != 0 ? range->base : CODE_BYTES;
		uint64_t end = range->base + range->length;
		end = end < LOW_END ? end : LOW_END;
		bool ours = range->kind == BOOT_RANGE_USABLE || range->kind == BOOT_RANGE_RECLAIMABLE;
		if (ours && base < end && end - base >= LOW_BYTES)
			found = end - LOW_BYTES;
	}
	return found;
}

static void put(const uint8_t *where, uint64_t value, size_t bytes) {
	memcpy((void *)(uintptr_t)(low + (uint64_t)(where - trampoline)), &value, bytes);
}

static uint64_t low_address(const uint8_t *where) {
	return low + (uint64_t)(where - trampoline);
}

/* Written once, and executable from then on; the copy of the root is taken anew each time. */
static bool low_pages_fill(const struct boot_info *info) {
	static const unsigned writable = PAGE_READ | PAGE_WRITE;
	if (low == 0) {
		low = low_pages_find(info);
		if (low == 0)
			return false;
		if (!device_map((paddr_t){low}, LOW_BYTES, writable))
			return false;
		memcpy((void *)(uintptr_t)low, trampoline, (size_t)(trampoline_end - trampoline));
		put(trampoline_gdt_base, low_address(trampoline_gdt), 4);
		put(trampoline_to_32, low_address(trampoline_32), 4);
		put(trampoline_to_64, low_address(trampoline_64), 4);
		put(trampoline_cr0, cr0_read(), 4);
		put(trampoline_cr3, low + CODE_BYTES, 4);
		put(trampoline_cr4, cr4_read() & (CR4_PAE | CR4_LA57), 4);
		put(trampoline_nx_hidden, nx_was_hidden(), 4);
		put(trampoline_start, (uint64_t)(uintptr_t)&start, 8);
		space_kernel_protect((paddr_t){low}, CODE_BYTES, PAGE_READ | PAGE_EXECUTE);
	}
	memcpy((void *)(uintptr_t)(low + CODE_BYTES), (const void *)(uintptr_t)machine.pages.root.value, CODE_BYTES);
	return true;
}

static bool wait_arrival(unsigned cpu, uint64_t ticks) {
	uint64_t since = tsc_read();
	while (!__atomic_load_n(&core_arch(cpu)->arrived, __ATOMIC_ACQUIRE)) {
		if (tsc_read() - since > ticks)
			return false;
		arch_core_pause();
	}
	return true;
}

/* A start-up that comes to a core that is under way already does nothing. */
static int start_by_init(unsigned cpu, uint64_t ms_ticks) {
	uint32_t id = (uint32_t)core_list.cores[cpu].id;
	if (!timer_apic_command(id, ICR_INIT))
		return PLATFORM_EIO;
	wait_arrival(cpu, INIT_WAIT_MS * ms_ticks);
	for (unsigned i = 0; i < START_UPS; i++) {
		if (!timer_apic_command(id, ICR_START_UP | (uint32_t)(low >> 12)))
			return PLATFORM_EIO;
		if (wait_arrival(cpu, START_UP_WAIT_MS * ms_ticks))
			return 0;
	}
	/* It must not come later, when nobody waits. */
	timer_apic_command(id, ICR_INIT);
	return PLATFORM_EIO;
}

static int start_by_firmware(unsigned cpu, uint64_t ms_ticks) {
	uint64_t physical = core_area_physical(cpu, CORE_ARCH);
	core_arch(cpu)->start = start;
	core_arch(cpu)->start.lent_enter = (uint64_t)(uintptr_t)core_lent_enter;
	const struct kernel_core_start lend = {
		.id = core_list.cores[cpu].id,
		.entry = (uint64_t)(uintptr_t)core_lent,
		.argument = physical,
	};
	int error = firmware_request(KERNEL_REQUEST_CORE_START, &lend, sizeof(lend), 0);
	if (error != 0)
		return error;
	return wait_arrival(cpu, LENT_WAIT_MS * ms_ticks) ? 0 : PLATFORM_EIO;
}

int arch_core_start(unsigned cpu, uint64_t ms_ticks, void (*run_there)(unsigned cpu)) {
	run = run_there;
	start = (struct core_start){
		.stack = core_area(cpu) + CORE_STACK_TOP, .entry = (uint64_t)(uintptr_t)core_enter, .cpu = cpu};
	core_arch(cpu)->arrived = false;
	if (arch_core_is_firmwares())
		return start_by_firmware(cpu, ms_ticks);
	if (!machine.cpu.timer || !low_pages_fill(machine.info))
		return PLATFORM_EUNSUPPORTED;
	return start_by_init(cpu, ms_ticks);
}

bool arch_core_is_firmwares(void) {
	return machine.call != NULL;
}

int arch_core_wake(unsigned cpu, uint64_t ms_ticks, void (*run_there)(unsigned cpu)) {
	(void)ms_ticks, (void)run_there;
	arch_core_signal(cpu);
	return 0;
}

void arch_core_signal(unsigned cpu) {
	timer_apic_command((uint32_t)core_list.cores[cpu].id, ICR_NMI);
}

void arch_core_flush_ask(unsigned cpu, vaddr_t address, uint64_t leaf_bytes, uint64_t count) {
	struct core_arch *core = core_arch(cpu);
	core->flush.address = address;
	core->flush.leaf_bytes = leaf_bytes;
	core->flush.count = count;
	__atomic_store_n(&core->flush.asked, core->flush.asked + 1, __ATOMIC_RELEASE);
	arch_core_signal(cpu);
}

bool arch_core_flush_is_done(unsigned cpu) {
	const struct core_arch *core = core_arch(cpu);
	return __atomic_load_n(&core->flush.done, __ATOMIC_ACQUIRE) == core->flush.asked;
}

/* On its way into HLT it executes what is ours and is mapped in nobody's tables but ours. */
bool arch_core_is_quiet(unsigned cpu) {
	(void)cpu;
	return true;
}

void arch_core_become_first(unsigned cpu) {
	(void)cpu;
	timer_core_start();
}

/* Its local APIC stays on, with everything masked. */
_Noreturn void arch_core_become_other(unsigned cpu, void (*run_there)(unsigned cpu)) {
	arch_timer_arm(0);
	cpu_core_start(cpu, machine.pages.root);
	__asm__ volatile("mov %0, %%rsp\n\t"
			 "xor %%ebp, %%ebp\n\t"
			 "call *%1\n\t"
			 "ud2"
			 :
			 : "a"(core_area(cpu) + CORE_STACK_TOP), "c"(run_there), "D"((uint64_t)cpu)
			 : "memory");
	__builtin_unreachable();
}
