/* SPDX-License-Identifier: Apache-2.0
 *
 * Other cores, by PSCI or out of the loader's pen. One comes at the exception level that the first one was entered at,
 * and goes down to EL1 like it. At the interrupt controller it lets the first core's signal through and nothing else.
 * Asleep it is off, and begins anew each time that it is woken; one out of the pen, which nobody can switch off, waits
 * for an event. A machine may have cores of either kind. One that the firmware has in use is left to it.
 *
 * Source: PSCI (DEN 0022), 5.1.4 (CPU_ON), 5.1.5 (AFFINITY_INFO).
 */
#include "kernel/aarch64/core.h"
#include "kernel/aarch64/registers.h"
#include "kernel/core_list.h"
#include "kernel/image.h"
#include "kernel/machine.h"
#include "kernel/memory/device.h"

#include <stddef.h>

enum { ARRIVAL_WAIT_MS = 1000 };

static void (*run)(unsigned cpu);

/* Of those that the loader took out of a spin table; where PSCI is missing, the one that the kernel was entered on is
 * as they are. */
static bool stays_on(unsigned cpu) {
	return machine.info->core_pen != 0 && (core_list.cores[cpu].in_pen || !psci_is_there());
}

/* core_entry.S */
void core_entry(void);

/* Without E2H where that can be had: PSCI says nothing of it. */
static uint64_t open_el2(const struct core_boot *boot) {
	struct el2_found found;
	register_write(HCR_EL2, HCR_OURS);
	barrier_instruction();
	uint64_t fixed = register_read(HCR_EL2) & HCR_E2H;
	register_write(TPIDR_EL2, 0);
	handback_el2_open(fixed != 0, boot->gic_registers != 0, vectors_el2, &found);
	return fixed | HCR_OURS;
}

static _Noreturn void enter(const struct core_boot *boot) {
	unsigned cpu = (unsigned)boot->cpu;
	handback_el1_open(vectors_el1, core_area(cpu) + CORE_TRAP_TOP);
	gic_core_open(&core_arch(cpu)->gic);
	arch_registers_read(&core_arch(cpu)->registers);
	__atomic_store_n(&core_arch(cpu)->arrived, true, __ATOMIC_RELEASE);
	run(cpu);
	arch_core_halt();
}

static bool wait_arrival(const struct core_arch *core, uint64_t ticks) {
	uint64_t since = arch_ticks();
	while (!__atomic_load_n(&core->arrived, __ATOMIC_ACQUIRE)) {
		if (arch_ticks() - since > ticks)
			return false;
		arch_core_pause();
	}
	return true;
}

/* What is fetched, read or written there before the caches are on is in memory. */
static void publish(unsigned cpu, const struct core_boot *boot) {
	static bool image_is;
	if (!image_is)
		cache_clean(kernel_image_start, kernel_rodata_end);
	image_is = true;
	cache_clean(boot, boot + 1);
	const uint8_t *stack = (const uint8_t *)core_area_physical(cpu, CORE_STACK);
	cache_clean_and_invalidate(stack, stack + (CORE_STACK_TOP - CORE_STACK));
}

static struct core_boot *boot_fill(unsigned cpu) {
	struct core_boot *boot = (struct core_boot *)core_area_physical(cpu, CORE_ARCH);
	handback_regime(machine.pages.root.value, &boot->regime);
	boot->stack = core_area(cpu) + CORE_STACK_TOP;
	boot->stack_physical = core_area_physical(cpu, CORE_STACK) + (CORE_STACK_TOP - CORE_STACK);
	boot->open_el2 = open_el2;
	boot->enter = enter;
	boot->gic_registers = gic_has_registers();
	boot->cpu = cpu;
	return boot;
}

/* Behind all that was stored. */
static void event_send(void) {
	barrier_memory();
	__asm__ volatile("sev" : : : "memory");
}

static void pen_call(struct boot_core_pen *pen, uint64_t id) {
	__atomic_store_n(&pen->id, id, __ATOMIC_RELEASE);
	cache_clean(pen, pen + 1);
	event_send();
}

/* One that came later than it was waited for waits to be wanted, too. */
static int start_from_pen(unsigned cpu, uint64_t ms_ticks) {
	struct core_arch *core = core_arch(cpu);
	struct boot_core_pen *pen = (struct boot_core_pen *)machine.info->core_pen;
	core->run = run;
	core->started = core->started || wait_arrival(core, 0);
	if (core->started) {
		__atomic_store_n(&core->wanted, true, __ATOMIC_RELEASE);
		event_send();
		return 0;
	}
	if (!device_map((paddr_t){machine.info->core_pen}, sizeof(*pen), PAGE_READ | PAGE_WRITE))
		return PLATFORM_ENOMEM;
	const struct core_boot *boot = boot_fill(cpu);
	publish(cpu, boot);
	pen->entry = (uint64_t)core_entry;
	pen->context = (uint64_t)boot;
	pen_call(pen, core_list.cores[cpu].id);
	core->started = wait_arrival(core, ARRIVAL_WAIT_MS * ms_ticks);
	pen_call(pen, BOOT_CORE_PEN_NONE);
	return core->started ? 0 : PLATFORM_EIO;
}

int arch_core_start(unsigned cpu, uint64_t ms_ticks, void (*run_there)(unsigned cpu)) {
	struct core_arch *core = core_arch(cpu);
	uint64_t id = core_list.cores[cpu].id;
	run = run_there;
	core->stays_on = stays_on(cpu);
	if (!core->stays_on && !core->started && psci_affinity_info(id) == PSCI_AFFINITY_ON)
		return PLATFORM_EUNSUPPORTED;
	gic_core_find(cpu, id, &core->gic);
	if (core->stays_on)
		return start_from_pen(cpu, ms_ticks);
	core->arrived = false;
	const struct core_boot *boot = boot_fill(cpu);
	publish(cpu, boot);

	/* One that has just been switched off may be on its way still; one that came too late the last
	 * time comes now. */
	uint64_t since = arch_ticks();
	enum psci_result result;
	do
		result = psci_cpu_on(id, (uint64_t)core_entry, (uint64_t)boot);
	while ((result == PSCI_ALREADY_ON || result == PSCI_ON_PENDING) && !wait_arrival(core, 0) &&
	       arch_ticks() - since < ARRIVAL_WAIT_MS * ms_ticks);
	if (result == PSCI_NOT_SUPPORTED)
		return PLATFORM_EUNSUPPORTED;
	core->started = core->started || result == PSCI_SUCCESS;
	return wait_arrival(core, result == PSCI_SUCCESS ? ARRIVAL_WAIT_MS * ms_ticks : 0) ? 0 : PLATFORM_EIO;
}

bool arch_core_is_firmwares(void) {
	return false;
}

int arch_core_wake(unsigned cpu, uint64_t ms_ticks, void (*run_there)(unsigned cpu)) {
	return arch_core_start(cpu, ms_ticks, run_there);
}

void arch_core_signal(unsigned cpu) {
	gic_core_signal(core_list.cores[cpu].id, &core_arch(cpu)->gic);
}

/* Invalidations are broadcast, and the DSB behind them has waited for all cores (mmu.c). */
void arch_core_flush_ask(unsigned cpu, vaddr_t address, uint64_t leaf_bytes, uint64_t count) {
	(void)cpu, (void)address, (void)leaf_bytes, (void)count;
}

bool arch_core_flush_is_done(unsigned cpu) {
	(void)cpu;
	return true;
}

bool arch_core_is_quiet(unsigned cpu) {
	return !core_arch(cpu)->started || stays_on(cpu) ||
	       psci_affinity_info(core_list.cores[cpu].id) != PSCI_AFFINITY_ON;
}

/* Any core can run the one frame. What has to be mapped for this core to be another one is, while it is the first. */
void arch_program_move(unsigned cpu) {
	unsigned here = core_list.home;
	(void)cpu;
	gic_core_find(here, core_list.cores[here].id, &core_arch(here)->gic);
}

void arch_core_become_first(unsigned cpu) {
	gic_core_become_first(&core_arch(cpu)->gic);
}

/* It is on, and ours; the next time it is started it is as any other. */
_Noreturn void arch_core_become_other(unsigned cpu, void (*run_there)(unsigned cpu)) {
	struct core_arch *core = core_arch(cpu);
	arch_timer_arm(0);
	core->run = run_there;
	core->stays_on = stays_on(cpu);
	core->started = true;
	handback_el1_open(vectors_el1, core_area(cpu) + CORE_TRAP_TOP);
	gic_core_open(&core->gic);
	core_run(cpu, run_there);
}
