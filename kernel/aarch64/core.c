/* SPDX-License-Identifier: Apache-2.0
 *
 * Another core, the one that core_find.c has chosen, by PSCI. It comes at the exception level that the first one was
 * entered at, and goes down to EL1 like it. Its interrupt controller's interface stays as reset leaves it, with every
 * group off.
 *
 * Source: PSCI (DEN 0022), 5.1.4 (CPU_ON).
 */
#include "kernel/aarch64/aarch64.h"
#include "kernel/aarch64/frame.h"
#include "kernel/aarch64/registers.h"
#include "kernel/image.h"

#include <stddef.h>

enum { ARRIVAL_WAIT_MS = 1000, LINE_BYTES_MAX = 2048 };

/* What it finds in X0. Alone in its lines: it is read past the caches. */
static struct core_boot {
	struct regime regime;
	uint64_t stack;
	/* What core_entry.S calls: the first at EL2 without the MMU, for HCR_EL2; the other at EL1 with it. */
	uint64_t (*open_el2)(const struct core_boot *boot);
	void (*enter)(const struct core_boot *boot);
	void (*run)(void);
	uint64_t gic_registers; /* gic_has_registers, whose own memory is in the caches */
} core_boot __attribute__((aligned(LINE_BYTES_MAX)));
_Static_assert(offsetof(struct core_boot, regime.ttbr0) == CORE_BOOT_TTBR0, "frame.h");
_Static_assert(offsetof(struct core_boot, regime.tcr) == CORE_BOOT_TCR, "frame.h");
_Static_assert(offsetof(struct core_boot, regime.sctlr) == CORE_BOOT_SCTLR, "frame.h");
_Static_assert(offsetof(struct core_boot, stack) == CORE_BOOT_STACK, "frame.h");
_Static_assert(offsetof(struct core_boot, open_el2) == CORE_BOOT_OPEN_EL2, "frame.h");
_Static_assert(offsetof(struct core_boot, enter) == CORE_BOOT_ENTER, "frame.h");

/* Stored by the other core as it enters C in our regime, with release. */
static bool arrived;

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
	handback_el1_open(vectors_el1, (uint64_t)arch_stacks + CORE_TRAP_STACK_TOP);
	__atomic_store_n(&arrived, true, __ATOMIC_RELEASE);
	boot->run();
	arch_core_halt();
}

static bool wait_arrival(uint64_t ticks) {
	uint64_t since = arch_ticks();
	while (!__atomic_load_n(&arrived, __ATOMIC_ACQUIRE)) {
		if (arch_ticks() - since > ticks)
			return false;
		arch_core_pause();
	}
	return true;
}

int arch_core_start(const struct boot_info *info, paddr_t root, uint64_t ms_ticks, void (*run)(void)) {
	const struct topology_pick *other = core_found();
	if (info->hold != BOOT_HOLD_TAKEOVER || !other->found)
		return PLATFORM_EUNSUPPORTED;
	handback_regime(root.value, &core_boot.regime);
	core_boot.stack = (uint64_t)arch_stacks + CORE_STACK_TOP;
	core_boot.open_el2 = open_el2;
	core_boot.enter = enter;
	core_boot.run = run;
	core_boot.gic_registers = gic_has_registers();
	arrived = false;
	cache_clean(&core_boot, &core_boot + 1);
	cache_clean(kernel_image_start, kernel_rodata_end);
	const struct kernel_stack *stack = &arch_stacks[2];
	cache_clean_and_invalidate(stack->bytes, stack->bytes + KERNEL_STACK_BYTES);

	/* One that has just been switched off may be on its way still. */
	uint64_t since = arch_ticks();
	enum psci_result result;
	do
		result = psci_cpu_on(other->id, (uint64_t)core_entry, (uint64_t)&core_boot);
	while ((result == PSCI_ALREADY_ON || result == PSCI_ON_PENDING) &&
	       arch_ticks() - since < ARRIVAL_WAIT_MS * ms_ticks);
	if (result == PSCI_NOT_SUPPORTED)
		return PLATFORM_EUNSUPPORTED;
	return result == PSCI_SUCCESS && wait_arrival(ARRIVAL_WAIT_MS * ms_ticks) ? 0 : PLATFORM_EIO;
}
